// The engine: what runs tasks on machines. Three implementations (local, mesos, sim) and one contract suite
// (tests/contracts/engine.contract.ts). An engine decides nothing: it offers what it has, runs what is accepted,
// reports what it sees, and repeats every status that carries a uuid until it is acknowledged.

import type { EngineEvent } from '../core/events.ts'
import type { AgentId, Offer, TaskId } from '../core/mesos.ts'
import type { Ending, EngineEffect } from '../core/ready.ts'
import type { Registration } from '../core/registration/registration.ts'
import type { Prober } from './prober.ts'

export interface Engine {
  /**
   * Connects and starts reporting. The first event is `engine-connected`; offers follow. Statuses of tasks that ended
   * while nobody listened are reported like any other. `registration` is for engines that serve others, too: as whom
   * to register first. Later changes come as `update-framework`, `revive` and `suppress`, with which a lost connection
   * is made again; `engine-connected` says as what it was made (`subscribed`).
   */
  start(report: (event: EngineEvent) => void, registration?: Registration): Promise<void>
  /**
   * Takes effects in order. Returns at once: failures come back as statuses (TASK_DROPPED, TASK_ERROR, TASK_FAILED),
   * never as exceptions. An accept of an offer that is gone gives TASK_DROPPED for each of its tasks.
   */
  perform(effects: readonly EngineEffect[]): void
  /** Stops reporting and lets go. Tasks keep running. */
  stop(): Promise<void>
  /** It knows us by an id and forgets tasks of others: with instances, and without the id, it is not started. */
  readonly needsFrameworkId?: true
  /** For /v2/info: how tasks are isolated here. */
  describeIsolation?(): IsolationInfo
  /** Of an engine whose tasks have no addresses that could be asked from here: what answers in their place. */
  readonly prober?: Prober
  readonly agents?: AgentControl
  readonly logs?: TaskLogs
}

export interface IsolationInfo {
  readonly cgroups: 'v1' | 'v2' | 'hybrid' | 'none'
  /** What is limited: `cpu`, `memory`, `pids`. */
  readonly limits: readonly string[]
  /** Why limits are missing, in a sentence; absent when nothing is. */
  readonly reason?: string
}

/** Looking at agents, and pulling their plug. */
export interface AgentControl {
  list(): readonly AgentStatus[]
  /** As if someone tripped over the power cord: its tasks die at once. Unknown id: undefined. */
  unplug(id: AgentId): AgentStatus | undefined
  plug(id: AgentId): AgentStatus | undefined
}

export interface AgentStatus {
  readonly id: AgentId
  readonly hostname: string
  readonly connected: boolean
  readonly attributes: Readonly<Record<string, string>>
  readonly resources: AgentResources
  readonly used: AgentResources
  readonly tasks: number
}

export interface AgentResources {
  readonly cpus: number
  /** MiB */
  readonly mem: number
  /** MiB */
  readonly disk: number
  readonly gpus: number
  /** As `31000-31999,32005` */
  readonly ports: string
}

/** Output of tasks, also of ended ones while their sandbox is kept. */
export interface TaskLogs {
  /**
   * Reads up to `limit` bytes from `offset`; a negative offset counts from the end. Offsets count every byte ever
   * written to the stream, so they stay valid across rotation; what was rotated away starts later than asked (`start`
   * tells). Undefined: no such task or stream here.
   * @throws UnreadableOutputError
   */
  read(
    taskId: TaskId,
    stream: 'stdout' | 'stderr',
    offset: number,
    limit: number,
    /** Where the task runs or ran, when it is still known. */
    agentId?: AgentId,
  ): Promise<LogChunk | undefined>
}

/** The output is elsewhere, and who has it could not be asked; the message says who and why, without its end. */
export class UnreadableOutputError extends Error {
  override readonly name = 'UnreadableOutputError'
}

export interface LogChunk {
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
  /** Bytes written to the stream so far. */
  readonly size: number
  /** Whether the task can still write. */
  readonly isOpen: boolean
}

/** Why the process cannot go on with this engine. */
export class EngineError extends Error {
  readonly kind: Ending['kind'] | 'framework-id-missing'

  constructor(kind: EngineError['kind'], message: string) {
    super(message)
    this.name = 'EngineError'
    this.kind = kind
  }
}

export type { Offer, Registration }
