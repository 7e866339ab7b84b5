// Ending tasks: which kills are asked for, which are due now, when they are sent again (runtime 7). The number of
// kills in flight is the caller's to limit, and so is the memory of when each was last sent: a new leader has none
// and sends all of them again.

import { after, type Instant } from '../../lib/instant.ts'
import type { TaskId } from '../mesos.ts'
import { conditions, hasEnded, haveAllTasksEnded, isTerminalGoal } from './condition.ts'
import { changeGoal, type InstanceUpdate } from './goal.ts'
import type { Instance, KillCause, KillTimes, Task } from './instance.ts'

/**
 * Asks for the end of what runs while the goal stays, so that the instance is launched again in place. In a condition
 * where no kill can be answered the instance is given up instead, and a new one takes its place.
 */
export function requestKill(instance: Instance, cause: KillCause, now: Instant): InstanceUpdate {
  if (instance.goal === 'Running' && conditions[instance.condition].isUnkillable) {
    return changeGoal(instance, 'Decommissioned', cause, now)
  }
  if (instance.kill !== undefined || haveAllTasksEnded(instance)) return { kind: 'updated', instance }
  return { kind: 'updated', instance: { ...instance, kill: { cause, requestedAt: now } } }
}

export type KillDecision =
  | { readonly kind: 'none' }
  | { readonly kind: 'wait'; readonly until: Instant }
  | { readonly kind: 'send'; readonly taskIds: readonly TaskId[]; readonly cause: KillCause }

/** Whether kills for this instance go out now. `lastSentAt`: when this leader last sent them. */
export function decideKill(
  instance: Instance,
  lastSentAt: Instant | undefined,
  { retryAfter, now }: KillTimes & { readonly now: Instant },
): KillDecision {
  const tasks = tasksToKill(instance)
  if (tasks.length === 0) return { kind: 'none' }
  const due = lastSentAt === undefined ? now : after(lastSentAt, retryAfter)
  if (now < due) return { kind: 'wait', until: due }
  return {
    kind: 'send',
    taskIds: tasks.map((task) => task.id),
    cause: instance.kill?.cause ?? 'goal-not-running',
  }
}

/** Whether anything of this instance is to be ended and can be told so. */
export const needsKill = (instance: Instance): boolean => tasksToKill(instance).length > 0

/** Unreachable tasks are not sent kills: should they come back, their status makes the kill due. */
function tasksToKill(instance: Instance): readonly Task[] {
  if (instance.kill === undefined && !isTerminalGoal(instance.goal)) return []
  return instance.tasks.filter((task) => !hasEnded(task) && task.condition !== 'Unreachable')
}
