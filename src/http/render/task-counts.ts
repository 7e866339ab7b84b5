// How many tasks of an app are in which state: over its instances that were launched, by their first task
// (app-definition 2).

import { isScheduled } from '../../core/instances/condition.ts'
import type { Instance } from '../../core/instances/instance.ts'

export interface TaskCounts {
  readonly staged: number
  readonly running: number
  readonly healthy: number
  readonly unhealthy: number
}

/**
 * Over first tasks of instances that are more than scheduled (app-definition 2). Health comes from checks the server
 * runs; without results both of its counts are 0.
 */
export function countTasks(instances: readonly Instance[]): TaskCounts {
  let staged = 0
  let running = 0
  for (const instance of instances) {
    const task = instance.tasks[0]
    if (task === undefined || isScheduled(instance)) continue
    if (task.state === undefined || task.state === 'TASK_STAGING') staged++
    else if (task.state === 'TASK_RUNNING') running++
  }
  return { staged, running, healthy: 0, unhealthy: 0 }
}

export const countsJson = (counts: TaskCounts): string =>
  `"tasksStaged":${counts.staged},"tasksRunning":${counts.running},` +
  `"tasksHealthy":${counts.healthy},"tasksUnhealthy":${counts.unhealthy}`
