// How many tasks of an app are in which state: over its instances that were launched, by their first task
// (app-definition 2).

import { standingOf } from '../../core/health/verdict.ts'
import { isScheduled } from '../../core/instances/condition.ts'
import type { Instance } from '../../core/instances/instance.ts'
import type { HealthView } from './task.ts'

export interface TaskCounts {
  readonly staged: number
  readonly running: number
  readonly healthy: number
  readonly unhealthy: number
}

/** Over first tasks of instances that are more than scheduled. What has no results of checks is of neither health. */
export function countTasks(view: HealthView, instances: readonly Instance[]): TaskCounts {
  let staged = 0
  let running = 0
  let healthy = 0
  let unhealthy = 0
  for (const instance of instances) {
    const task = instance.tasks[0]
    if (task === undefined || isScheduled(instance)) continue
    if (task.state === undefined || task.state === 'TASK_STAGING') staged++
    else if (task.state === 'TASK_RUNNING') running++
    const standing = standingOf(instance, view.healthOf(instance))
    if (standing === 'healthy') healthy++
    else if (standing === 'unhealthy') unhealthy++
  }
  return { staged, running, healthy, unhealthy }
}

export const countsJson = (counts: TaskCounts): string =>
  `"tasksStaged":${counts.staged},"tasksRunning":${counts.running},` +
  `"tasksHealthy":${counts.healthy},"tasksUnhealthy":${counts.unhealthy}`
