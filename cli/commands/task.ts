// The noun `task` and its verbs.

import type { Command } from 'commander'
import type { Runner } from '../command.ts'
import { registerTaskKill } from './task/kill.ts'
import { registerTaskList } from './task/list.ts'
import { registerTaskLogs } from './task/logs.ts'

export function registerTask(root: Command, run: Runner): void {
  const task = root.command('task').description('Tasks: the running instances of apps')
  registerTaskList(task, run)
  registerTaskKill(task, run)
  registerTaskLogs(task, run)
}
