// What this engine, as the master of its one machine, says of tasks that none of its agents has: not launched although
// accepted, or asked about and unknown. They carry no uuid, so nobody acknowledges them. Pure.

import type { AgentId, TaskId, TaskInfo, TaskStatus } from '../../core/mesos.ts'
import type { Instant } from '../../lib/instant.ts'
import { describePod } from './refusals.ts'

/**
 * An accept that cannot be carried out.
 * @param missing the resource that the agent lacks; undefined: the offer was not valid
 */
export function droppedStatus(
  { taskId }: TaskInfo,
  agentId: AgentId,
  missing: string | undefined,
  now: Instant,
): TaskStatus {
  return {
    taskId,
    agentId,
    state: 'TASK_DROPPED',
    timestamp: now,
    reason: missing ? 'REASON_RESOURCES_UNKNOWN' : 'REASON_INVALID_OFFERS',
    message: missing ? `Agent ${agentId} has not enough ${missing} left` : 'The offer is no longer valid',
  }
}

/** A task of a pod, which this engine cannot run. */
export function podStatus(info: TaskInfo, agentId: AgentId, now: Instant): TaskStatus {
  return {
    taskId: info.taskId,
    agentId,
    state: 'TASK_ERROR',
    timestamp: now,
    reason: 'REASON_TASK_INVALID',
    message: describePod(info),
  }
}

/** As Mesos' master answers about a task it does not know: gone where the agent is there, unknown where it is not. */
export function unknownStatus(
  taskId: TaskId,
  agentId: AgentId | undefined,
  isAgentThere: boolean,
  now: Instant,
): TaskStatus {
  return {
    taskId,
    ...(agentId === undefined ? {} : { agentId }),
    state: isAgentThere ? 'TASK_GONE' : 'TASK_UNKNOWN',
    timestamp: now,
    reason: 'REASON_RECONCILIATION',
    message: `Reconciliation: Task is unknown to the ${isAgentThere ? 'agent' : 'master'}`,
  }
}
