// What the master answers when a framework asks for the state of its tasks.

import { type AgentTask, containerStatus } from './agent.ts'
import type { Framework } from './framework.ts'
import type { Master } from './master.ts'
import type { Id, WireStatus } from './wire.ts'

/** Answers each task asked for; all that are known when none is. */
export function reconcile(
  master: Master,
  framework: Framework,
  asked: readonly { readonly task_id: Id; readonly agent_id?: Id }[],
): void {
  const answer = (status: Pick<WireStatus, 'task_id' | 'state' | 'message'> & Partial<WireStatus>): void =>
    master.tell(framework, { ...status, reason: 'REASON_RECONCILIATION' })
  if (asked.length === 0) {
    for (const task of framework.tasks.values()) answer(latest(task))
    return
  }
  for (const { task_id, agent_id } of asked) {
    const task = framework.tasks.get(task_id.value)
    if (task !== undefined) answer(latest(task))
    else {
      const status = unknown(master, agent_id?.value)
      if (status !== undefined)
        answer({ task_id, ...(agent_id === undefined ? {} : { agent_id }), ...status })
    }
  }
}

/** As far as the framework was told of it. */
function latest(task: AgentTask): Pick<WireStatus, 'task_id' | 'state' | 'message'> & Partial<WireStatus> {
  const { executor } = task
  return {
    task_id: { value: task.id },
    state: task.told,
    message: 'Reconciliation: Latest task state',
    agent_id: { value: task.agentId },
    ...(executor === undefined ? {} : { executor_id: { value: executor.id } }),
    ...(task.healthy === undefined ? {} : { healthy: task.healthy }),
    ...(task.checkStatus === undefined ? {} : { check_status: task.checkStatus }),
    ...(task.told === 'TASK_STAGING' ? {} : { container_status: containerStatus(task) }),
  }
}

/** Of a task nobody knows; undefined: no answer, since it may be on an agent that has not come back yet. */
function unknown(
  { membership: { agents, recovered, unreachable, gone } }: Master,
  agentId: string | undefined,
): Pick<WireStatus, 'state' | 'message'> | undefined {
  if (agentId === undefined ? recovered.size > 0 : recovered.has(agentId)) return undefined
  if (agentId !== undefined && agents.has(agentId))
    return { state: 'TASK_GONE', message: 'Reconciliation: Task is unknown to the agent' }
  const since = agentId === undefined ? undefined : unreachable.get(agentId)
  if (since !== undefined) {
    const unreachableTime = { unreachable_time: { nanoseconds: since * 1e6 } }
    return { state: 'TASK_UNREACHABLE', message: 'Reconciliation: Task is unreachable', ...unreachableTime }
  }
  if (agentId !== undefined && gone.has(agentId))
    return { state: 'TASK_GONE_BY_OPERATOR', message: 'Reconciliation: Task is gone' }
  return { state: 'TASK_UNKNOWN', message: 'Reconciliation: Task is unknown' }
}
