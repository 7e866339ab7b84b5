// The noun `app` and its verbs.

import type { Command } from 'commander'
import type { Runner } from '../command.ts'
import { registerAppChanges } from './app/change.ts'
import { registerAppList } from './app/list.ts'
import { registerAppShow } from './app/show.ts'

export function registerApp(root: Command, run: Runner): void {
  const app = root.command('app').description('Services: what runs, how many, which version')
  registerAppList(app, run)
  registerAppShow(app, run)
  registerAppChanges(app, run)
}
