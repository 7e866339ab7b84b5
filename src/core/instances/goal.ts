// What becomes of an instance when something else is wanted of it (runtime 3, goal change).

import type { Instant } from '../../lib/instant.ts'
import { haveAllTasksEnded, isScheduled, isTerminalGoal } from './condition.ts'
import type { Goal, Instance, KillCause } from './instance.ts'

export type InstanceUpdate =
  /** Also when nothing is new: `instance` is then the very record that was given. */
  | { readonly kind: 'updated'; readonly instance: Instance }
  /** Gone at once; `instance` is its last form, for events. */
  | { readonly kind: 'expunged'; readonly instance: Instance }

/**
 * Gives the instance another goal. With a terminal one, what runs is asked to end (kill.ts sends it), and an instance
 * that is to be decommissioned and has nothing running is gone at once, unless something is reserved for it: that is
 * taken back first. Its condition stays what it was.
 */
export function changeGoal(instance: Instance, goal: Goal, cause: KillCause, now: Instant): InstanceUpdate {
  if (goal === instance.goal) return { kind: 'updated', instance }
  const ended = haveAllTasksEnded(instance)
  const changed: Instance = { ...instance, goal }
  if (goal === 'Decommissioned' && ended && instance.reservation === undefined) {
    return { kind: 'expunged', instance: changed }
  }
  const next: Instance = {
    ...changed,
    ...(isTerminalGoal(goal) && !ended && instance.kill === undefined
      ? { kill: { cause, requestedAt: now } }
      : {}),
    ...(isScheduled(changed) && !isScheduled(instance) ? { scheduledAt: now } : {}),
  }
  return { kind: 'updated', instance: next }
}
