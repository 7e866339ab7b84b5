// What every change of definitions can be told: to wait for its end, to make way for itself, or to show only what it
// would do.

import type { Command } from 'commander'
import { withForce, withWait } from '../command.ts'
import type { WaitOptions } from '../wait.ts'

export interface ChangeOptions extends WaitOptions {
  readonly dryRun?: boolean
  readonly force?: boolean
}

export const changing = (command: Command): Command =>
  withWait(withForce(command).option('--dry-run', 'change nothing, and show what would be done'))
