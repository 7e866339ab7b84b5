// How every change ends: what was started and, with `--wait`, what became of it.

import { type Context, sayDone } from '../context.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import type { WantedApp } from '../progress.ts'
import { type WaitOptions, waitFor } from '../wait.ts'

export type Next = readonly (readonly [why: string, command: string])[]

export interface Started {
  readonly deploymentId: string | undefined
  /** The apps that shall be there or gone; without any, the end of the deployment is what is waited for. */
  readonly apps?: readonly WantedApp[]
  /** What is under way now: `Scaling /web to 3 instances`. */
  readonly started: string
  /** What is true at the end: `/web has 3 instances`. */
  readonly done: string
  /** Where to look how far it is: `app show /web`. */
  readonly look: string
  readonly next: Next
}

export async function conclude(context: Context, change: Started, options: WaitOptions): Promise<ExitCode> {
  const { deploymentId, apps = [] } = change
  if (options.wait !== true) {
    const deployment = deploymentId === undefined ? '' : ` (deployment ${deploymentId})`
    sayDone(context, `${change.started}${deployment}`, [['See how far it is', change.look], ...change.next])
    return exitCodes.ok
  }
  const code = await waitFor(context, { deploymentId, apps }, options)
  sayDone(context, change.done, change.next)
  return code
}
