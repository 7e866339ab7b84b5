// Ending tasks: which kills are asked for, and which tasks they are for (runtime 7). How many are in flight and when
// one is sent again is kills-in-flight.ts's business.

import type { Instant } from '../../lib/instant.ts'
import type { TaskId } from '../mesos.ts'
import { conditions, hasEnded, haveAllTasksEnded, isTerminalGoal } from './condition.ts'
import { changeGoal, type InstanceUpdate } from './goal.ts'
import type { Instance, KillCause, Task } from './instance.ts'

/**
 * Asks for the end of what runs while the goal stays, so that the instance is launched again in place. In a condition
 * where no kill can be answered the instance is given up instead, and a new one takes its place; but not one whose
 * data would be given up with it.
 */
export function requestKill(instance: Instance, cause: KillCause, now: Instant): InstanceUpdate {
  if (instance.goal === 'Running' && conditions[instance.condition].isUnkillable) {
    if (instance.reservation !== undefined) return { kind: 'updated', instance }
    return changeGoal(instance, 'Decommissioned', cause, now)
  }
  if (instance.kill !== undefined || haveAllTasksEnded(instance)) return { kind: 'updated', instance }
  return { kind: 'updated', instance: { ...instance, kill: { cause, requestedAt: now } } }
}

/** Tasks that are to be ended, and why. */
export interface DueKill {
  readonly taskIds: readonly TaskId[]
  readonly cause: KillCause
}

/** What of this instance is to be ended and can be told so; undefined when nothing is. */
export function dueKill(instance: Instance): DueKill | undefined {
  const tasks = tasksToKill(instance)
  if (tasks.length === 0) return undefined
  return { taskIds: tasks.map((task) => task.id), cause: instance.kill?.cause ?? 'goal-not-running' }
}

/** Unreachable tasks are not sent kills: should they come back, their status makes the kill due. */
function tasksToKill(instance: Instance): readonly Task[] {
  if (instance.kill === undefined && !isTerminalGoal(instance.goal)) return []
  return instance.tasks.filter((task) => !hasEnded(task) && task.condition !== 'Unreachable')
}
