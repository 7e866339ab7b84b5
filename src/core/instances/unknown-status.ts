// What to do with a status that fits nothing we keep: the task of an instance we do not know, or a task our instance
// does not have (runtime 3). All of them are acknowledged.

import { parseTaskId } from '../ids.ts'
import type { TaskStatus } from '../mesos.ts'
import type { UnknownInstance } from '../notices/status.ts'
import { conditionOf, conditions } from './condition.ts'
import type { Condition, Instance } from './instance.ts'

export interface UnknownStatusDecision {
  /** The task runs, and nobody wants it. */
  readonly kill: boolean
  /** An unknown_instance_terminated_event is due about this. */
  readonly event?: UnknownInstance
}

/**
 * `instance`: the one the task id names, when we know it; the task is then one of an earlier launch. Unknown instances
 * are those expunged while unreachable, or of an earlier life of the framework. A task id that no Marathon gave out
 * has no instance to tell of.
 */
export function decideUnknownStatus(
  instance: Instance | undefined,
  status: TaskStatus,
): UnknownStatusDecision {
  const condition = conditionOf(status)
  const kill = mayRun(condition)
  const parsed = parseTaskId(status.taskId)
  if (instance !== undefined || parsed === undefined || !conditions[condition].isTerminalForWaiting)
    return { kill }
  return { kill, event: { instanceId: parsed.instanceId, runSpecId: parsed.runSpecId, condition } }
}

const mayRun = (condition: Condition): boolean =>
  conditions[condition].isActive && condition !== 'Killing' && condition !== 'Unreachable'
