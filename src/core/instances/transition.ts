// What a task status does to the instance it is about: one table from (condition of the task, condition reported) to
// a move, and the moves. Nothing is done here; the caller stores the result, releases its events and acknowledges the
// status, whatever the outcome (runtime 3).

import { assert } from '../../lib/assert.ts'
import type { Instant } from '../../lib/instant.ts'
import type { Writable } from '../../lib/writable.ts'
import type { UnreachableStrategy } from '../../spec/app.ts'
import type { RunSpec } from '../../spec/run-spec.ts'
import { sameValue } from '../../spec/same-value.ts'
import type { TaskStatus } from '../mesos.ts'
import { conditionOf, haveAllTasksEnded, isTerminalGoal } from './condition.ts'
import { hasBeenUnreachableFor, withTasks } from './from-tasks.ts'
import type { Condition, Instance, Task } from './instance.ts'
import { hasLostReservation, withoutReservation } from './resident.ts'

export type Transition =
  /** Nothing new: acknowledge, store and tell nothing. */
  | { readonly kind: 'unchanged' }
  /**
   * Store; a status_update_event is due, then whatever else differs from before. `shown`: as events show it, when that
   * is not what it becomes.
   */
  | { readonly kind: 'updated'; readonly instance: Instance; readonly shown?: Instance }
  /** Remove; `instance` is its last form, for the same events. */
  | { readonly kind: 'expunged'; readonly instance: Instance }

/** The conditions a status can report. */
type Reported = Exclude<Condition, 'Scheduled' | 'Provisioned' | 'UnreachableInactive'>

/**
 * - take: the task is now in the reported state; its addresses are refreshed.
 * - same: taken only when the state, the health flag or the check differs, unlike the repeats of reconciliation.
 * - lose: taken, and the time of unreachability begins.
 * - still-lost: only the strategy's times are looked at again.
 * - end: the task has ended; its addresses stay for those who look at it afterwards.
 * - ignore: what ended stays ended, and a late copy of an earlier state does not turn a task back.
 */
type Move = 'take' | 'same' | 'lose' | 'still-lost' | 'end' | 'ignore'

type Row = readonly [
  staging: Move,
  starting: Move,
  running: Move,
  killing: Move,
  unreachable: Move,
  ended: Move,
]

const ignored: Row = ['ignore', 'ignore', 'ignore', 'ignore', 'ignore', 'ignore']

const moves: Readonly<Record<Condition, Row>> = {
  // reported: Staging, Starting, Running, Killing, Unreachable, ended
  Provisioned: ['take', 'take', 'take', 'take', 'lose', 'end'],
  Staging: ['same', 'take', 'take', 'take', 'lose', 'end'],
  Starting: ['ignore', 'same', 'take', 'take', 'lose', 'end'],
  Running: ['ignore', 'ignore', 'same', 'take', 'lose', 'end'],
  Killing: ['ignore', 'ignore', 'ignore', 'same', 'lose', 'end'],
  Unreachable: ['take', 'take', 'take', 'take', 'still-lost', 'end'],
  Finished: ignored,
  Killed: ignored,
  Error: ignored,
  Failed: ignored,
  Gone: ignored,
  Dropped: ignored,
  Unknown: ignored,
  // Conditions of instances only: no task is ever in them.
  Scheduled: ignored,
  UnreachableInactive: ignored,
}

const column: Readonly<Record<Reported, number>> = {
  Staging: 0,
  Starting: 1,
  Running: 2,
  Killing: 3,
  Unreachable: 4,
  Finished: 5,
  Killed: 5,
  Error: 5,
  Failed: 5,
  Gone: 5,
  Dropped: 5,
  Unknown: 5,
}

/** Without a definition nobody can say how long to wait: as the default of ephemeral apps, not at all (runtime 8). */
export const defaultUnreachableStrategy: UnreachableStrategy = {
  inactiveAfterSeconds: 0,
  expungeAfterSeconds: 0,
}

/**
 * What this status does to the instance whose task it is about (any other status: unknown-status.ts). `runSpec` is the
 * definition of the instance's own version, for its unreachable strategy; undefined when it is gone.
 */
export function applyStatus(
  instance: Instance,
  status: TaskStatus,
  runSpec: Pick<RunSpec, 'unreachableStrategy'> | undefined,
  now: Instant,
): Transition {
  const task = instance.tasks.find((candidate) => candidate.id === status.taskId)
  assert(task !== undefined, `instance ${instance.id} has the task ${status.taskId} its status is about`)
  const strategy = runSpec?.unreachableStrategy ?? defaultUnreachableStrategy
  const reported = conditionOf(status) as Reported
  const move = moves[task.condition][column[reported]]!

  const moved = movedTask(task, status, { move, reported, now })
  if (moved === undefined) return { kind: 'unchanged' }
  const tasks = instance.tasks.map((candidate) => (candidate === task ? moved : candidate))
  const next = withTasks(instance, tasks, strategy, now)
  if (shouldBeExpunged(next, strategy, now)) return { kind: 'expunged', instance: next }
  if (hasLostReservation(next)) {
    return { kind: 'updated', instance: withoutReservation(next, now), shown: next }
  }
  if (move === 'still-lost' && next.condition === instance.condition) return { kind: 'unchanged' }
  return { kind: 'updated', instance: next }
}

/** The task after the move, itself when only the time has passed, undefined when there is nothing to take. */
function movedTask(
  task: Task,
  status: TaskStatus,
  { move, reported, now }: { move: Move; reported: Reported; now: Instant },
): Task | undefined {
  if (move === 'ignore') return undefined
  if (move === 'still-lost') return task
  if (move === 'same' && tellsNothingNew(task, status)) return undefined

  const moved: Writable<Task> = { ...withoutLastWord(task), condition: reported, state: status.state }
  if (status.reason !== undefined) moved.reason = status.reason
  if (status.healthy !== undefined) moved.healthy = status.healthy
  if (status.check !== undefined) moved.check = status.check
  if (reported === 'Running' && task.startedAt === undefined) moved.startedAt = now
  const hasAddresses = move !== 'end' && status.ipAddresses !== undefined && status.ipAddresses.length > 0
  if (hasAddresses) moved.ipAddresses = status.ipAddresses
  if (move === 'lose') moved.unreachableSince = lostSince(status, now)
  return moved
}

/** Without what only its last status said. Most said nothing of the kind, and leaving members out is dear. */
function withoutLastWord(task: Task): Task {
  const saidMore =
    task.healthy !== undefined ||
    task.check !== undefined ||
    task.reason !== undefined ||
    task.unreachableSince !== undefined
  return saidMore ? withoutAnyWord(task) : task
}

function withoutAnyWord({
  healthy: _healthy,
  check: _check,
  reason: _reason,
  unreachableSince: _unreachableSince,
  ...rest
}: Task): Task {
  return rest
}

const tellsNothingNew = (task: Task, { state, healthy, check }: TaskStatus): boolean =>
  state === task.state && healthy === task.healthy && sameValue(check, task.check)

/**
 * The time the engine gives, else that of the status cut to seconds (runtime 3). Never after now: an engine's clock
 * that is ahead of ours must not prolong the wait.
 */
function lostSince(status: TaskStatus, now: Instant): Instant {
  const since = status.unreachableSince ?? ((Math.floor(status.timestamp / 1000) * 1000) as Instant)
  return Math.min(since, now) as Instant
}

/**
 * Nothing is left of it that anybody waits for (runtime 3, after a task update). What is reserved for one that is cut
 * off for too long is found by its label when its agent is back.
 */
function shouldBeExpunged(instance: Instance, strategy: UnreachableStrategy, now: Instant): boolean {
  const { goal, reservation, condition, tasks } = instance
  if (goal === 'Decommissioned' && reservation === undefined && haveAllTasksEnded(instance)) return true
  // It was kept for its volumes alone.
  if (isTerminalGoal(goal) && hasLostReservation(instance)) return true
  return (
    (condition === 'Unreachable' || condition === 'UnreachableInactive') &&
    hasBeenUnreachableFor(tasks, strategy, 'expungeAfterSeconds', now)
  )
}
