// What each condition means, in one table, and the questions asked of an instance that follow from it (runtime 3).
// Nothing else in the core lists conditions to answer such a question.

import type { TaskState, TaskStatus } from '../mesos.ts'
import type { Condition, Goal, Instance, Task } from './instance.ts'

export interface ConditionMeaning {
  /** The task holds resources and may be running. */
  readonly isActive: boolean
  /** Launched, and not running yet. */
  readonly isLaunching: boolean
  /** The task has ended and will not come back. */
  readonly isTerminal: boolean
  /** Lost to us, by its own doing or the agent's: such instances do not count for constraints (runtime 5). */
  readonly isLost: boolean
  /** A wait for the end of the task ends here (runtime 7). */
  readonly isTerminalForWaiting: boolean
  /** A kill cannot be answered in this condition (runtime 7). */
  readonly isUnkillable: boolean
  /** What task lists and events show. */
  readonly taskState: TaskState
  /** The lowest of its tasks' ranks gives an instance its condition; conditions only instances have come last. */
  readonly rank: number
}

type Flag = 'active' | 'launching' | 'terminal' | 'lost' | 'ends-wait' | 'unkillable'

const meaning = (rank: number, taskState: TaskState, ...flags: readonly Flag[]): ConditionMeaning => ({
  isActive: flags.includes('active'),
  isLaunching: flags.includes('launching'),
  isTerminal: flags.includes('terminal'),
  isLost: flags.includes('lost'),
  isTerminalForWaiting: flags.includes('terminal') || flags.includes('ends-wait'),
  isUnkillable: flags.includes('unkillable'),
  taskState,
  rank,
})

export const conditions: Readonly<Record<Condition, ConditionMeaning>> = {
  Error: meaning(0, 'TASK_ERROR', 'terminal'),
  Failed: meaning(1, 'TASK_FAILED', 'terminal'),
  Gone: meaning(2, 'TASK_GONE', 'terminal', 'lost', 'unkillable'),
  Dropped: meaning(3, 'TASK_DROPPED', 'terminal', 'lost', 'unkillable'),
  Unreachable: meaning(4, 'TASK_UNREACHABLE', 'active', 'lost', 'ends-wait', 'unkillable'),
  Killing: meaning(5, 'TASK_KILLING', 'active'),
  Starting: meaning(6, 'TASK_STARTING', 'active', 'launching'),
  Staging: meaning(7, 'TASK_STAGING', 'active', 'launching'),
  Unknown: meaning(8, 'TASK_UNKNOWN', 'terminal', 'lost', 'unkillable'),
  Provisioned: meaning(9, 'TASK_STAGING', 'active', 'launching'),
  Running: meaning(10, 'TASK_RUNNING', 'active'),
  Finished: meaning(11, 'TASK_FINISHED', 'terminal'),
  Killed: meaning(12, 'TASK_KILLED', 'terminal'),
  Scheduled: meaning(13, 'TASK_STAGING'),
  UnreachableInactive: meaning(14, 'TASK_UNREACHABLE', 'ends-wait', 'unkillable'),
}

/** Every condition, in the order of rank. */
export const conditionNames = Object.keys(conditions) as readonly Condition[]

/** Stopped and Decommissioned: whatever runs shall end and not come back. */
export const isTerminalGoal = (goal: Goal): boolean => goal !== 'Running'

/**
 * Does its work: what is checked, when it is known to be well; what is not, while it runs. The results of Marathon's
 * own checks count like those of the engine; in the original they never do in a restart (runtime 11.1, a defect).
 */
export function isHealthy({ condition, checkedBy, alive, healthy }: Instance): boolean {
  if (condition !== 'Running') return false
  if (checkedBy === 'marathon') return alive === true
  return checkedBy === 'engine' ? healthy === true : healthy !== false
}

export const isActive = ({ condition }: Pick<Instance, 'condition'>): boolean =>
  conditions[condition].isActive

/**
 * All of it has ended. The first container of a pod that fails gives the instance its condition while the others are
 * still being ended.
 */
export const isTerminal = (instance: Instance): boolean =>
  conditions[instance.condition].isTerminal && haveAllTasksEnded(instance)

/** Of a pod that is cut off a container may still answer: that one is told to end, and waited for. */
export const isTerminalForWaiting = (instance: Instance): boolean =>
  conditions[instance.condition].isTerminalForWaiting &&
  instance.tasks.every(({ condition }) => conditions[condition].isTerminalForWaiting)

/** Waits for an offer: never launched, or all its tasks ended and the goal is still Running. */
export const isScheduled = (instance: Instance): boolean =>
  instance.goal === 'Running' && (instance.condition === 'Scheduled' || isTerminal(instance))

/** Launched, and nothing heard of it yet. */
export const isProvisioned = (instance: Instance): boolean =>
  instance.goal === 'Running' && instance.condition === 'Provisioned'

/** One of the `instances` the user asked for; one that is inactive is replaced (runtime 7). */
export const countsTowardsTarget = (instance: Instance): boolean =>
  instance.goal === 'Running' && instance.condition !== 'UnreachableInactive'

export const hasEnded = (task: Task): boolean => conditions[task.condition].isTerminal

/** No task that may still run; true of an instance that was never launched. */
export const haveAllTasksEnded = (instance: Instance): boolean => instance.tasks.every(hasEnded)

/** TASK_LOST stands for several things (runtime 3); every other state for one. */
const conditionOfState: Readonly<Record<Exclude<TaskState, 'TASK_LOST'>, Condition>> = {
  TASK_STAGING: 'Staging',
  TASK_STARTING: 'Starting',
  TASK_RUNNING: 'Running',
  TASK_KILLING: 'Killing',
  TASK_FINISHED: 'Finished',
  TASK_FAILED: 'Failed',
  TASK_KILLED: 'Killed',
  TASK_ERROR: 'Error',
  TASK_DROPPED: 'Dropped',
  TASK_UNREACHABLE: 'Unreachable',
  TASK_GONE: 'Gone',
  TASK_GONE_BY_OPERATOR: 'Gone',
  TASK_UNKNOWN: 'Unknown',
}

const unknownTaskMessage = 'Reconciliation: Task is unknown to the'

/** Mesos calls agents slaves in its old API and agents in v1; both spellings reach us. */
const conditionOfLostReason: Readonly<Record<string, Condition>> = {
  REASON_TASK_UNKNOWN: 'Unknown',
  REASON_RECONCILIATION: 'Unreachable',
  REASON_SLAVE_DISCONNECTED: 'Unreachable',
  REASON_AGENT_DISCONNECTED: 'Unreachable',
  REASON_SLAVE_REMOVED: 'Unreachable',
  REASON_AGENT_REMOVED: 'Unreachable',
}

/** The condition a status puts its task in. */
export function conditionOf(status: Pick<TaskStatus, 'state' | 'reason' | 'message'>): Condition {
  if (status.state !== 'TASK_LOST') return conditionOfState[status.state]
  if (status.message?.startsWith(unknownTaskMessage)) return 'Unknown'
  return conditionOfLostReason[status.reason ?? ''] ?? 'Gone'
}
