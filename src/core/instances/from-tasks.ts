// How the tasks of an instance make up its condition, its health and its times (runtime 3), and the one way to
// give an instance changed tasks. Pods have several tasks; an app's single task is the simple case.

import { type Instant, seconds } from '../../lib/instant.ts'
import type { Writable } from '../../lib/writable.ts'
import type { UnreachableStrategy } from '../../spec/app.ts'
import { conditions, hasEnded, isScheduled } from './condition.ts'
import type { Condition, Instance, KillRequest, Task } from './instance.ts'
import { suspended } from './resident.ts'

/**
 * The lowest ranking condition of the tasks; without tasks Unknown. A pod with a container nobody hears of has not
 * ended, whatever became of the others: so it is given up like any other that is cut off.
 */
export function combinedCondition(tasks: readonly Task[]): Condition {
  let lowest: Condition | undefined
  let isCutOff = false
  for (const { condition } of tasks) {
    if (lowest === undefined || conditions[condition].rank < conditions[lowest].rank) lowest = condition
    isCutOff ||= condition === 'Unreachable'
  }
  if (lowest === undefined) return 'Unknown'
  return isCutOff && conditions[lowest].isTerminal ? 'Unreachable' : lowest
}

/**
 * What the engine's own checks say of all tasks together: the first task that decides does. Running and unhealthy is
 * false; not yet or no longer running (but finished well) is unknown; all through, one healthy task is enough.
 */
export function combinedHealth(tasks: readonly Task[]): boolean | undefined {
  let found: true | undefined
  for (const task of tasks) {
    if (task.condition === 'Running') {
      if (task.healthy === false) return false
      if (task.healthy === true) found = true
    } else if (task.condition !== 'Finished') return undefined
  }
  return found
}

/** The earliest start of any task. */
export function earliestStart(tasks: readonly Task[]): Instant | undefined {
  let earliest: Instant | undefined
  for (const { startedAt } of tasks) {
    if (startedAt !== undefined && (earliest === undefined || startedAt < earliest)) earliest = startedAt
  }
  return earliest
}

/** Since when the first of the unreachable tasks has been so; undefined when none is. */
export function unreachableSince(tasks: readonly Task[]): Instant | undefined {
  let earliest: Instant | undefined
  for (const task of tasks) {
    if (task.condition !== 'Unreachable') continue
    const since = task.unreachableSince ?? task.stagedAt
    if (earliest === undefined || since < earliest) earliest = since
  }
  return earliest
}

/**
 * Whether an instance unreachable since then has been so for the time its strategy gives, inclusive: a time of 0
 * is over at once (runtime 8).
 */
export function hasBeenUnreachableFor(
  tasks: readonly Task[],
  strategy: UnreachableStrategy,
  threshold: 'inactiveAfterSeconds' | 'expungeAfterSeconds',
  now: Instant,
): boolean {
  const since = unreachableSince(tasks)
  return since !== undefined && strategy !== 'disabled' && now - since >= seconds(strategy[threshold])
}

/**
 * The instance with these tasks and what follows from them. An unreachable one whose time is over is inactive, and one
 * that is inactive stays so until its task is heard of again.
 */
export function withTasks(
  instance: Instance,
  tasks: readonly Task[],
  strategy: UnreachableStrategy,
  now: Instant,
): Instance {
  let condition = combinedCondition(tasks)
  if (
    condition === 'Unreachable' &&
    (instance.condition === 'UnreachableInactive' ||
      hasBeenUnreachableFor(tasks, strategy, 'inactiveAfterSeconds', now))
  ) {
    condition = 'UnreachableInactive'
  }
  const health = combinedHealth(tasks)
  const isSame = condition === instance.condition && health === instance.healthy
  const kill = killOf(instance, tasks, condition, now)
  const kept: Writable<Instance> = { ...(kill === undefined ? withoutKill(instance) : instance), tasks }
  if (kill !== undefined) kept.kill = kill
  const next = suspended(isSame ? kept : withState(kept, condition, health, now))
  return isScheduled(next) && !isScheduled(instance) ? { ...next, scheduledAt: now } : next
}

/**
 * A kill lasts until the last task has ended. When a container has failed the pod is done with: the engine ends the
 * others by itself, and should it not, they are told to.
 */
function killOf(
  { kill }: Instance,
  tasks: readonly Task[],
  condition: Condition,
  now: Instant,
): KillRequest | undefined {
  if (tasks.every(hasEnded)) return undefined
  return (
    kill ?? (conditions[condition].isTerminal ? { cause: 'container-ended', requestedAt: now } : undefined)
  )
}

/** The same instance when nothing of it is to be killed. */
export function withoutKill(instance: Instance): Instance {
  if (instance.kill === undefined) return instance
  const { kill: _kill, ...rest } = instance
  return rest
}

function withState(
  instance: Instance,
  condition: Condition,
  health: boolean | undefined,
  now: Instant,
): Instance {
  const activeSince = earliestStart(instance.tasks)
  const isUnsaid =
    (health === undefined && instance.healthy !== undefined) ||
    (activeSince === undefined && instance.activeSince !== undefined)
  const next: Writable<Instance> = {
    ...(isUnsaid ? withoutState(instance) : instance),
    condition,
    since: now,
  }
  if (activeSince !== undefined) next.activeSince = activeSince
  if (health !== undefined) next.healthy = health
  return next
}

/** Leaving members out is dear, and only for an instance that had them. */
function withoutState({ healthy: _healthy, activeSince: _activeSince, ...rest }: Instance): Instance {
  return rest
}
