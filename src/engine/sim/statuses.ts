// How statuses reach the scheduler. Those of an agent are repeated until they are acknowledged, one after the other;
// what the master says of its own is said once, and wants no acknowledgement.

import type { AgentId, TaskId, TaskInfo, TaskState, TaskStatus } from '../../core/mesos.ts'
import { type Instant, millis } from '../../lib/instant.ts'
import type { Agenda } from './agenda.ts'
import type { SimTask } from './parts.ts'
import type { Subscription } from './subscription.ts'

/** How an agent stands with the master. */
export type AgentStanding =
  | { readonly kind: 'registered' }
  | { readonly kind: 'unreachable'; readonly since: Instant }
  | { readonly kind: 'gone' }
  | { readonly kind: 'unknown' }

const unknownReports: Readonly<Record<AgentStanding['kind'], readonly [state: TaskState, what: string]>> = {
  registered: ['TASK_GONE', 'unknown to the agent'],
  unreachable: ['TASK_UNREACHABLE', 'unreachable'],
  gone: ['TASK_GONE_BY_OPERATOR', 'gone'],
  unknown: ['TASK_UNKNOWN', 'unknown to the master'],
}

const firstRepeat = millis(10_000)
const laterRepeat = millis(20_000)

export class Statuses {
  readonly #agenda: Agenda
  readonly #scheduler: Subscription

  constructor(agenda: Agenda, scheduler: Subscription) {
    this.#agenda = agenda
    this.#scheduler = scheduler
  }

  /** The agent tells the state its task is in now, after what it has told already is acknowledged. */
  update(task: SimTask, reason: string | undefined, message: string | undefined): void {
    task.updates++
    task.unacknowledged.push({
      ...this.#statusOf(task, task.state),
      uuid: `${task.serial}-${task.updates}`,
      ...(reason === undefined ? {} : { reason }),
      ...(message === undefined ? {} : { message }),
    })
    if (task.unacknowledged.length > 1) return
    task.sent = 0
    this.send(task)
  }

  /** Sends the first status that is not acknowledged, now and until it is. */
  send(task: SimTask): void {
    const status = task.unacknowledged[0]
    if (status === undefined) return
    task.sent++
    this.#agenda.in(task.sent === 1 ? firstRepeat : laterRepeat, () => {
      if (task.unacknowledged[0] === status) this.send(task)
    })
    if (task.agent.isConnected) this.#scheduler.tell({ kind: 'status', status })
  }

  /** False when that is not what was sent last. */
  acknowledge(task: SimTask, uuid: string): boolean {
    if (!task.agent.isConnected || task.unacknowledged[0]?.uuid !== uuid) return false
    task.unacknowledged.shift()
    task.sent = 0
    this.send(task)
    return true
  }

  /** The master tells what it knows of a task. */
  report(task: SimTask, state: TaskState, reason: string, message: string): void {
    const { lostAt } = task.agent
    const isUnreachable = state === 'TASK_UNREACHABLE' && lostAt !== undefined
    const status: TaskStatus = {
      ...this.#statusOf(task, state),
      reason,
      message,
      ...(isUnreachable ? { unreachableSince: lostAt } : {}),
    }
    this.#scheduler.tell({ kind: 'status', status })
  }

  /** A launch on offers that are not there. */
  reportDropped(info: TaskInfo): void {
    this.#refuse(info, 'TASK_DROPPED', 'REASON_INVALID_OFFERS', 'The offer is no longer valid')
  }

  /** A launch that cannot be right. */
  reportInvalid(info: TaskInfo, message: string): void {
    this.#refuse(info, 'TASK_ERROR', 'REASON_TASK_INVALID', message)
  }

  /** A task nobody has heard of, on an agent as the master knows it. */
  reportUnknown(taskId: TaskId, agentId: AgentId | undefined, standing: AgentStanding): void {
    const [state, what] = unknownReports[standing.kind]
    const status: TaskStatus = {
      taskId,
      ...(agentId === undefined ? {} : { agentId }),
      state,
      timestamp: this.#agenda.now,
      reason: 'REASON_RECONCILIATION',
      message: `Reconciliation: Task is ${what}`,
      ...(standing.kind === 'unreachable' ? { unreachableSince: standing.since } : {}),
    }
    this.#scheduler.tell({ kind: 'status', status })
  }

  #refuse({ taskId, agentId }: TaskInfo, state: TaskState, reason: string, message: string): void {
    const status: TaskStatus = { taskId, agentId, state, timestamp: this.#agenda.now, reason, message }
    this.#scheduler.tell({ kind: 'status', status })
  }

  #statusOf(task: SimTask, state: TaskState): TaskStatus {
    return {
      taskId: task.id,
      agentId: task.agent.config.id,
      state,
      timestamp: this.#agenda.now,
      ...(task.checks?.found === undefined ? {} : { check: task.checks.found }),
      ...healthOf(task, state),
      ...(state === 'TASK_RUNNING' ? { ipAddresses: task.addresses } : {}),
    }
  }
}

/** While a task runs, as it was told last; once it has ended, only that it ended because of it. */
function healthOf({ checks, isUnhealthy }: SimTask, state: TaskState): Pick<TaskStatus, 'healthy'> {
  if (state === 'TASK_KILLED') return isUnhealthy ? { healthy: false } : {}
  return state !== 'TASK_RUNNING' || checks?.isHealthy === undefined ? {} : { healthy: checks.isHealthy }
}
