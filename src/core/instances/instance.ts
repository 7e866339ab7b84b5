// An instance: one copy of a run spec that is meant to exist, its goal, and the task that currently realises it. An
// instance outlives its tasks: when a task ends and the goal is still Running, the same instance gets the next task
// (runtime 3). Records are immutable; a change is a new record.

import type { Instant, Version } from '../../lib/instant.ts'
import type { PathId } from '../../lib/path-id.ts'
import type { AgentId, Attribute, CheckResult, IpAddress, TaskId, TaskState } from '../mesos.ts'

export type InstanceId = string

export type Goal = 'Running' | 'Stopped' | 'Decommissioned'

/** runtime 3. The table of what each one means is in condition.ts. */
export type Condition =
  | 'Scheduled'
  | 'Provisioned'
  | 'Staging'
  | 'Starting'
  | 'Running'
  | 'Unreachable'
  | 'UnreachableInactive'
  | 'Killing'
  | 'Finished'
  | 'Killed'
  | 'Error'
  | 'Failed'
  | 'Gone'
  | 'Dropped'
  | 'Unknown'

export interface Instance {
  readonly id: InstanceId
  readonly runSpecId: PathId
  /** The version this instance runs, or will run at its next launch. */
  readonly runSpecVersion: Version
  readonly role: string
  readonly goal: Goal
  readonly condition: Condition
  /** Last change of condition or health (runtime 3: the state object is kept while both stay the same). */
  readonly since: Instant
  /** Earliest start of its tasks. */
  readonly activeSince?: Instant
  /** As the engine's own checks say; absent: unknown. */
  readonly healthy?: boolean
  /** Who asks how it is, as the definition it was launched with says; absent: nobody, it is well while it runs. */
  readonly checkedBy?: 'engine' | 'marathon'
  /**
   * What all health checks of the app say together: true when each has found it well, false when one has not; absent:
   * unknown. Where Marathon checks, those of the engine are among them. Kept, so that a new process need not take every
   * instance for sick until it has asked it.
   */
  readonly alive?: boolean
  /** Its readiness checks have succeeded, of this launch. Asked only while a deployment launches it (runtime 10). */
  readonly ready?: true
  /** When it became scheduled, first or again; orders the queue. */
  readonly scheduledAt: Instant
  /** Launches so far; the next task id ends in `.attempt + 1`. */
  readonly attempt: number
  readonly agent?: AgentInfo
  /** What its agent keeps for it. Only resident instances have one, from the moment it is asked for (runtime 12). */
  readonly reservation?: InstanceReservation
  /** The tasks of the current launch: one for an app, named `_app`. Empty before the first launch. */
  readonly tasks: readonly Task[]
  /** Present from the moment a kill is decided until the task has ended. */
  readonly kill?: KillRequest
}

export interface InstanceReservation {
  /** The value of the label `marathon_task_id` on everything reserved for it: the instance's id. */
  readonly id: string
  readonly volumes: readonly ReservedVolume[]
  /** new: asked for, not used yet; launched: its task runs on it; suspended: the task has ended. */
  readonly state: 'new' | 'launched' | 'suspended'
  /** While new: what has not been seen in an offer and launched on by then is given up (--task_reservation_timeout). */
  readonly deadline?: Instant
}

export interface ReservedVolume {
  /** Of an app its path in the container, of a pod its name. */
  readonly name: string
  /** `<safe path>#<name>#<uuid>`, unique in the cluster (runtime 2). */
  readonly persistenceId: string
}

export interface AgentInfo {
  readonly agentId: AgentId
  readonly hostname: string
  /** Where tasks on it are reached; equals hostname unless the engine says otherwise. */
  readonly address: string
  readonly attributes: readonly Attribute[]
  readonly region?: string
  readonly zone?: string
}

export interface Task {
  readonly id: TaskId
  /** Container name; `_app` for apps. */
  readonly name: string
  readonly runSpecVersion: Version
  readonly condition: Condition
  /** The last state the engine reported; absent before the first status. */
  readonly state?: TaskState
  /** The `REASON_…` that came with it. */
  readonly reason?: string
  readonly stagedAt: Instant
  readonly startedAt?: Instant
  readonly healthy?: boolean
  /** What its check found last. */
  readonly check?: CheckResult
  readonly hostPorts: readonly number[]
  readonly ipAddresses: readonly IpAddress[]
  readonly unreachableSince?: Instant
  /** What the launch took from the agent. Whole because placement checks, invariants and the UI read it. */
  readonly resources: TaskResources
}

export interface TaskResources {
  readonly cpus: number
  readonly mem: number
  readonly disk: number
  readonly gpus: number
}

/** Why a kill was decided. There is no kill without one. */
export type KillCause =
  | 'scale-down'
  | 'deployment'
  | 'app-removed'
  | 'api-request'
  | 'launch-overdue'
  | 'unknown-instance'
  | 'goal-not-running'
  /** Another container of the same pod instance has failed. */
  | 'container-ended'
  | 'unhealthy'

export interface KillRequest {
  readonly cause: KillCause
  readonly requestedAt: Instant
}
