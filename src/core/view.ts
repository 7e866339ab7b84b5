// Read-only access to the state: for decisions inside the core, for rendering outside. A reader may keep any record
// it is given; records are replaced, never edited.

import type { Instant, Version } from '../lib/instant.ts'
import type { PathId } from '../lib/path-id.ts'
import type { App } from '../spec/app.ts'
import type { Pod } from '../spec/pod.ts'
import type { RunSpec } from '../spec/run-spec.ts'
import type { Deployment, DeploymentId } from './deployments/deployment.ts'
import type { ReadinessResult } from './deployments/readiness-check.ts'
import type { EventLogIndex } from './event-log/event-log.ts'
import type { Explanation, Subject } from './explain/cause.ts'
import type { ShownHealth } from './health/book.ts'
import type { Instance, InstanceId } from './instances/instance.ts'
import type { Offer } from './mesos.ts'
import type { NoMatchReason, WaitingOn } from './reasons.ts'
import type { Group, TaskFailure } from './records.ts'
import type { Registration } from './registration/registration.ts'
import type { TreeView } from './tree/tree-view.ts'

export interface View {
  /** The time of the last step. */
  readonly now: Instant
  /** The version of the root group: that of the latest change. */
  readonly rootVersion: Version
  /** Grows with every change of a definition, a group, an instance or a deployment. Of this process alone. */
  readonly revision: number
  /**
   * The run specs about which something changed after that revision, removed ones too; the root's id stands for
   * groups and deployments. Undefined when that is too long ago to tell.
   */
  changedSince(revision: number): ReadonlySet<PathId> | undefined
  runSpec(id: PathId): RunSpec | undefined
  /** Undefined when the id is a pod's. */
  app(id: PathId): App | undefined
  /** Undefined when the id is an app's. */
  pod(id: PathId): Pod | undefined
  /** In the order of their ids. */
  runSpecs(): readonly RunSpec[]
  /** In the order of their ids. */
  apps(): readonly App[]
  /** In the order of their ids. */
  pods(): readonly Pod[]
  runSpecVersion(id: PathId, version: Version): RunSpec | undefined
  /** Newest first. */
  versions(id: PathId): readonly Version[]
  group(id: PathId): Group | undefined
  /** All but the root. */
  groups(): Iterable<Group>
  /** The tree of this version of the root, the present one without; undefined when it is not known, or no longer. */
  tree(version?: Version): TreeView | undefined
  /** The versions of the root in which there was this group, newest first, as far as they are kept. */
  rootVersionsOf(group: PathId): readonly Version[]
  instance(id: InstanceId): Instance | undefined
  /** Also of removed run specs, while they last. In the order of creation; those that were loaded come first. */
  instancesOf(id: PathId): readonly Instance[]
  instances(): Iterable<Instance>
  readonly instanceCount: number
  deployment(id: DeploymentId): Deployment | undefined
  /** In the order they started. */
  deployments(): readonly Deployment[]
  /** The deployments that hold the lock of this run spec; at most one. */
  deploymentsOf(id: PathId): readonly Deployment[]
  /** Why something is not as it shall be; undefined when there is no such thing. Computed when asked for. */
  explain(subject: Subject): Explanation | undefined
  /** What readiness checks of the deployment that works on this app have found; the same list while nothing changes. */
  readinessOf(id: PathId): readonly ReadinessResult[]
  /** Why a deployment has not ended. */
  deploymentWaitingOn(id: DeploymentId): readonly WaitingOn[]
  taskFailure(id: PathId): TaskFailure | undefined
  /** Who gets events posted, sorted; undefined when nobody does, because --event_subscriber is not set. */
  callbackUrls(): readonly string[] | undefined
  queue(): readonly QueueItem[]
  /** As whom to register with an engine that serves others, too: as the engine was told last. */
  registration(): Registration
  readonly engine: EngineState
  readonly gauges: Gauges
  readonly eventLog: EventLogIndex
  /**
   * What is known of each health check of the app, in their order; none before a first result. What changes of it is
   * counted by `revision`.
   */
  healthOf(instance: Instance): readonly ShownHealth[]
  /** Another one whenever something else is known of the health of this app's instances. */
  healthRevisionOf(id: PathId): number
  /** Whether unhealthy instances are let live, because most of many apps turned bad together. */
  readonly unhealthyKills: UnhealthyKills
  /** Run specs whose decision threw, and what was thrown. */
  quarantined(): ReadonlyMap<PathId, string>
}

export interface UnhealthyKills {
  readonly suspendedSince?: Instant
  /** Instances that turned bad lately, or since then, of those that count. */
  readonly failing: number
  readonly counted: number
  /** Apps of which at least half has. */
  readonly apps: number
}

/** Numbers kept up to date with every change, so that reading them scans nothing. */
export interface Gauges {
  readonly running: number
  readonly staged: number
  /** Launched longer ago than a launch may take, told to end and not ended. */
  readonly launchOverdue: number
  readonly inflightKills: number
  readonly inflightKillAttempts: number
  readonly launchTokens: number
  /** Launches since this process started. */
  readonly launched: number
}

export interface EngineState {
  readonly isConnected: boolean
  readonly frameworkId?: string
  readonly master?: string
}

/** rest-api 7: one per run spec and role with scheduled or provisioned instances. */
export interface QueueItem {
  readonly runSpec: RunSpec
  readonly role: string
  readonly count: number
  readonly since: Instant
  /** When launching is allowed again; absent without a delay. */
  readonly delayUntil?: Instant
  readonly waitingOn: readonly WaitingOn[]
  readonly processedOffers: number
  readonly unusedOffers: number
  readonly lastUnusedOfferAt?: Instant
  readonly lastUsedOfferAt?: Instant
  /** All offers since the launcher of this run spec started: first reason of each refused one. */
  readonly rejectSummaryLaunchAttempt: readonly FunnelStep[]
  /** The last refused offer of each agent. */
  readonly rejectSummaryLastOffers: readonly FunnelStep[]
  readonly lastUnusedOffers: readonly UnusedOffer[]
}

export interface FunnelStep {
  readonly reason: NoMatchReason
  readonly declined: number
  readonly processed: number
}

export interface UnusedOffer {
  readonly offer: Offer
  readonly reasons: readonly NoMatchReason[]
  readonly timestamp: Instant
}
