// What an explanation is made of: a chain of causes, each a fact with its own causes beneath it. The facts are the
// reasons of reasons.ts, and where there is more to say than such a reason holds, evidence in its place. Sentences are
// made of them elsewhere (http/render/explanation.ts).

import type { Duration, Instant, Version } from '../../lib/instant.ts'
import type { PathId } from '../../lib/path-id.ts'
import type { AppHealthCheck, Constraint } from '../../spec/app.ts'
import type { ActionKind, DeploymentId } from '../deployments/deployment.ts'
import type { Condition, InstanceId, KillCause } from '../instances/instance.ts'
import type { LaunchFailure } from '../launching/backoff.ts'
import type { AgentId, TaskId } from '../mesos.ts'
import type { ScalarName } from '../placement/remaining.ts'
import type { NoMatchReason, WaitingOn } from '../reasons.ts'

export type Subject =
  | { readonly kind: 'app' | 'pod'; readonly id: PathId }
  | { readonly kind: 'deployment'; readonly id: DeploymentId }

export interface Explanation {
  readonly subject: Subject
  /** Nothing is missing and nothing is being done. */
  readonly isWell: boolean
  readonly standing: Standing
  readonly causes: readonly Cause[]
}

/** How far it is. */
export type Standing =
  | {
      readonly kind: 'instances'
      readonly wanted: number
      readonly running: number
      /** Do their work: those that run, less those that a check does not find well. */
      readonly healthy: number
      /** Of those that run, how many have an older configuration than is in force. */
      readonly outdated: number
      readonly isChecked: boolean
      /** The last change of condition or health of those that do their work; absent without any. */
      readonly since?: Instant
    }
  /** From 1; 0 of 0 when there is nothing to do. */
  | { readonly kind: 'deployment'; readonly step: number; readonly of: number; readonly since: Instant }

export interface Cause {
  readonly fact: Fact
  readonly causes: readonly Cause[]
}

export type Fact =
  | Exclude<WaitingOn, { readonly kind: 'backoff' | 'no-match' | 'running' | 'ending' | 'health' }>
  | Evidence

export type Evidence =
  /** Instances wait for a launch; what keeps them is beneath. */
  | {
      readonly kind: 'launch'
      readonly runSpecId: PathId
      readonly version: Version
      readonly count: number
      readonly wanted: number
      readonly since: Instant
    }
  | {
      readonly kind: 'backoff'
      readonly runSpecId: PathId
      readonly until: Instant
      readonly delay: Duration
      readonly factor: number
      readonly failures: number
      /** Of the last of them, how many ended alike. */
      readonly alike: number
      readonly lastFailure?: LaunchFailure
    }
  /** No agent takes an instance; which rules refuse, by the number of agents, is in `refusals`. */
  | {
      readonly kind: 'no-match'
      readonly runSpecId: PathId
      /** Agents that were looked at, and how many there are. */
      readonly agents: number
      readonly of: number
      readonly refusals: readonly (Rule & { readonly agents: number })[]
      /** Where offers are not held: when the oldest of those looked at was refused. */
      readonly asOf?: Instant
    }
  /** Agents would take an instance now: its turn comes. */
  | { readonly kind: 'fits'; readonly runSpecId: PathId; readonly agents: number; readonly of: number }
  /** What would have to be otherwise for an instance to fit, and on how many agents it then would. */
  | {
      readonly kind: 'if'
      readonly runSpecId: PathId
      readonly changes: readonly Change[]
      readonly agents: number
      readonly of: number
    }
  /** What agents have of the field of a constraint that refuses some. */
  | {
      readonly kind: 'constraint'
      readonly runSpecId: PathId
      readonly constraint: Constraint
      readonly refusing: number
      /** Agents without the field. */
      readonly lacking: number
      readonly of: number
      /** What the agents that are refused have there, most frequent first. */
      readonly values: readonly { readonly value: string; readonly agents: number; readonly placed: number }[]
      readonly moreValues: number
    }
  | {
      readonly kind: 'agent'
      readonly agentId: AgentId
      readonly hostname: string
      readonly obstacles: readonly Obstacle[]
    }
  /** Nothing can be reserved for its volumes: the engine keeps none, or nobody said in whose name. */
  | {
      readonly kind: 'cannot-reserve'
      readonly runSpecId: PathId
      readonly missing: 'engine' | 'principal'
    }
  /** Instances that have volumes, each on the one agent it can be launched on. */
  | { readonly kind: 'bound'; readonly runSpecId: PathId; readonly count: number }
  /** One of them, with its agent. */
  | {
      readonly kind: 'bound-instance'
      readonly instanceId: InstanceId
      readonly agentId: AgentId
      readonly hostname: string
      /**
       * asked-for: its reservation has not been offered yet, and is given up then (`until`); nothing-offered: its
       * agent makes no offers; volumes-missing: it does, without its volumes; refused: for these `reasons`; fits: its
       * turn comes.
       */
      readonly state: 'asked-for' | 'nothing-offered' | 'volumes-missing' | 'refused' | 'fits'
      readonly until?: Instant
      readonly reasons?: readonly NoMatchReason[]
    }
  /** Launched and not running yet. */
  | {
      readonly kind: 'running'
      readonly runSpecId: PathId
      readonly count: number
      /** The first of them is killed and launched again then. */
      readonly until?: Instant
    }
  /** Running, and found to be ill. */
  | {
      readonly kind: 'unhealthy'
      readonly runSpecId: PathId
      readonly count: number
    }
  /** Running, and no check has answered yet. */
  | {
      readonly kind: 'unchecked'
      readonly runSpecId: PathId
      readonly count: number
    }
  /** Told to end, and not ended yet. */
  | {
      readonly kind: 'ending'
      readonly runSpecId: PathId
      readonly count: number
      /** Why and when the first of them was told. */
      readonly cause?: KillCause
      readonly since?: Instant
      /** When the first of them is ended by force. */
      readonly until?: Instant
      /** Kills that wait for others to be done, and are not sent yet. */
      readonly queued: number
    }
  /** Their agents are cut off. */
  | {
      readonly kind: 'unreachable'
      readonly runSpecId: PathId
      readonly count: number
      /** When the next of them is given up, and what happens then. */
      readonly until?: Instant
      readonly fate?: 'replaced' | 'forgotten'
    }
  /** One of the instances that the fact above counts. */
  | {
      readonly kind: 'instance'
      readonly instanceId: InstanceId
      readonly condition: Condition
      readonly since: Instant
      readonly taskId?: TaskId
      readonly hostname?: string
    }
  /** A health check of an instance that fails, or has not answered. */
  | {
      readonly kind: 'check'
      readonly runSpecId: PathId
      /** Its place among the health checks of the app, from 0. */
      readonly index: number
      readonly protocol: AppHealthCheck['protocol']
      readonly path?: string
      /** In a row; 0: it has not answered yet, or its failures do not count yet. */
      readonly failures: number
      readonly failureCause?: string
      readonly lastFailureAt?: Instant
      /** So many failures in a row are allowed; 0: any number. */
      readonly most: number
      /** When the instance is killed if it goes on failing; until when failures do not count. */
      readonly killAt?: Instant
      readonly graceUntil?: Instant
      /** Unhealthy instances are let live, because most of many apps turned bad together. */
      readonly isSuspended: boolean
    }
  /** A readiness check of an instance that has not succeeded. */
  | {
      readonly kind: 'ready-check'
      readonly runSpecId: PathId
      readonly name: string
      /** What it answered last, if that is kept. */
      readonly status?: number
    }
  | {
      readonly kind: 'under-deployment'
      readonly runSpecId: PathId
      readonly deploymentId: DeploymentId
      readonly step: number
      readonly of: number
      /** The step that is about this run spec; the current one, or a later one. */
      readonly ownStep: number
    }
  /** It has come so far, since then, and is taken back if it comes no further in time. */
  | {
      readonly kind: 'progress'
      readonly runSpecId: PathId
      readonly up: number
      readonly since: Instant
      readonly until: Instant
    }
  /** The deployment takes back another one that could not be carried out. */
  | { readonly kind: 'takes-back'; readonly deploymentId: DeploymentId; readonly reason: string }
  | { readonly kind: 'action'; readonly runSpecId: PathId; readonly action: ActionKind }
  | {
      readonly kind: 'later-step'
      readonly step: number
      readonly actions: readonly { readonly action: ActionKind; readonly runSpecId: PathId }[]
      readonly moreActions: number
    }
  /** Actions of the current step that are not named. */
  | { readonly kind: 'more-actions'; readonly count: number }

/** What an agent can be refused by. */
export type Rule =
  | { readonly rule: ScalarName }
  | { readonly rule: 'constraint'; readonly constraint: Constraint }
  | { readonly rule: 'port'; readonly port: number }
  /** Any ports, of which there are too few. */
  | { readonly rule: 'ports'; readonly count: number }
  | {
      readonly rule:
        | 'role'
        | 'maintenance'
        | 'gpus-kept'
        | 'region'
        | 'volumes'
        | 'volume-disks'
        | 'framework-role'
    }

/** A rule that refuses, and what the agent has instead of what is asked for. */
export type Obstacle = Rule & {
  /** Of scalars and ports: how much; of a constraint: the value of its field, absent when it has none. */
  readonly has?: number | string
  readonly asks?: number
  readonly until?: Instant
}

/** One thing that would be otherwise. */
export type Change =
  | { readonly change: ScalarName; readonly atMost: number; readonly asks: number }
  | { readonly change: 'constraint'; readonly constraint: Constraint }
  | { readonly change: 'port'; readonly port: number }
  | { readonly change: 'ports'; readonly count: number }
  | { readonly change: 'roles'; readonly roles: readonly string[] }
  | {
      readonly change: 'maintenance' | 'gpus-kept' | 'region' | 'volumes' | 'volume-disks' | 'framework-role'
    }

export const cause = (fact: Fact, causes: readonly Cause[] = []): Cause => ({ fact, causes })
