// What to do with a status that fits nothing we keep: the task of an instance we do not know, or a task our instance
// does not have (runtime 3). All of them are acknowledged.

import type { TaskStatus } from '../mesos.ts'
import { conditionOf, conditions } from './condition.ts'
import type { Condition } from './instance.ts'

export interface UnknownStatusAnswer {
  readonly condition: Condition
  /** The task runs, and nobody wants it. */
  readonly kill: boolean
  /** An unknown_instance_terminated_event is due. */
  readonly isTerminated: boolean
}

/** The task belongs to no instance we know: expunged while unreachable, another framework life, a restored backup. */
export function decideUnknownInstance(status: TaskStatus): UnknownStatusAnswer {
  const condition = conditionOf(status)
  return { condition, kill: mayRun(condition), isTerminated: conditions[condition].isTerminalForWaiting }
}

/** The instance is ours, the task is not its current one: an earlier launch that was given up. */
export function decideUnknownTask(status: TaskStatus): UnknownStatusAnswer {
  const condition = conditionOf(status)
  return { condition, kill: mayRun(condition), isTerminated: false }
}

const mayRun = (condition: Condition): boolean =>
  conditions[condition].isActive && condition !== 'Killing' && condition !== 'Unreachable'
