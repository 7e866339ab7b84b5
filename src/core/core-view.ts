// The state as the outside may read it (view.ts). Lists that cost something are made when they are asked for.

import type { Instant, Version } from '../lib/instant.ts'
import { type PathId, rootId } from '../lib/path-id.ts'
import type { App } from '../spec/app.ts'
import type { Pod } from '../spec/pod.ts'
import type { RunSpec } from '../spec/run-spec.ts'
import type { Core } from './core.ts'
import type { Deployment, DeploymentId } from './deployments/deployment.ts'
import type { ReadinessResult } from './deployments/readiness-check.ts'
import type { EventLogIndex } from './event-log/event-log.ts'
import type { Explanation, Subject } from './explain/cause.ts'
import { explain } from './explain/explain.ts'
import type { ShownHealth } from './health/book.ts'
import { isProvisioned } from './instances/condition.ts'
import type { Instance, InstanceId } from './instances/instance.ts'
import { createOfferStatistics } from './placement/explain.ts'
import type { WaitingOn } from './reasons.ts'
import type { Group, TaskFailure } from './records.ts'
import { type Registration, registrationOf } from './registration/registration.ts'
import { presentTree, type TreeView, treeAt } from './tree/tree-view.ts'
import type { EngineState, Gauges, QueueItem, UnhealthyKills, View } from './view.ts'

export class CoreView implements View {
  readonly #core: Core

  constructor(core: Core) {
    this.#core = core
  }

  get now(): Instant {
    return this.#core.state.now
  }

  get rootVersion(): Version {
    return this.#core.state.rootVersion
  }

  get revision(): number {
    return this.#core.state.changes.revision
  }

  changedSince(revision: number): ReadonlySet<PathId> | undefined {
    return this.#core.state.changes.since(revision)
  }

  runSpec(id: PathId): RunSpec | undefined {
    return this.#core.state.runSpec(id)
  }

  app(id: PathId): App | undefined {
    return this.#core.state.app(id)
  }

  pod(id: PathId): Pod | undefined {
    return this.#core.state.pod(id)
  }

  apps(): readonly App[] {
    return this.#core.state.apps()
  }

  pods(): readonly Pod[] {
    return this.#core.state.pods()
  }

  runSpecs(): readonly RunSpec[] {
    return this.#core.state.runSpecs()
  }

  runSpecVersion(id: PathId, version: Version): RunSpec | undefined {
    return this.#core.state.runSpecVersion(id, version)
  }

  versions(id: PathId): readonly Version[] {
    return this.#core.state.versions(id)
  }

  group(id: PathId): Group | undefined {
    return this.#core.state.groups.get(id)
  }

  *groups(): Iterable<Group> {
    for (const group of this.#core.state.groups.values()) if (group.id !== rootId) yield group
  }

  tree(version: Version = this.rootVersion): TreeView | undefined {
    const { state } = this.#core
    return version === state.rootVersion ? presentTree(state) : treeAt(state, version)
  }

  rootVersionsOf(group: PathId): readonly Version[] {
    const { state } = this.#core
    const exists = group === rootId || state.groups.has(group)
    return state.history.versionsOf(group, { version: state.rootVersion, exists })
  }

  instance(id: InstanceId): Instance | undefined {
    return this.#core.state.instance(id)
  }

  instancesOf(id: PathId): readonly Instance[] {
    return this.#core.state.instancesOf(id)
  }

  instances(): Iterable<Instance> {
    return this.#core.state.instances()
  }

  get instanceCount(): number {
    return this.#core.state.instanceCount
  }

  deployment(id: DeploymentId): Deployment | undefined {
    return this.#core.state.deployment(id)
  }

  deployments(): readonly Deployment[] {
    return this.#core.state.deployments()
  }

  deploymentsOf(id: PathId): readonly Deployment[] {
    return this.#core.state.deploymentsOf(id)
  }

  readinessOf(id: PathId): readonly ReadinessResult[] {
    return this.#core.readiness.of(id)
  }

  deploymentWaitingOn(id: DeploymentId): readonly WaitingOn[] {
    const { state, unfinished } = this.#core
    const own = [...(unfinished.get(id)?.values() ?? [])].flat()
    const placement = (state.deployment(id)?.changes ?? []).flatMap((change) =>
      this.#placementWaitingOn(change.id),
    )
    // A step only knows that launches are missing; what they wait for is known here.
    return [...own.filter(({ kind }) => kind !== 'offers' && kind !== 'quarantine'), ...placement]
  }

  explain(subject: Subject): Explanation | undefined {
    return explain(this.#core, subject)
  }

  taskFailure(id: PathId): TaskFailure | undefined {
    return this.#core.state.failures.get(id)
  }

  callbackUrls(): readonly string[] | undefined {
    const { settings, state } = this.#core
    return settings.eventSubscriber === undefined ? undefined : [...state.callbackUrls].sort()
  }

  get engine(): EngineState {
    const { engine, state } = this.#core
    return {
      isConnected: engine.isConnected,
      ...(state.frameworkId === undefined ? {} : { frameworkId: state.frameworkId }),
      ...(engine.master === undefined ? {} : { master: engine.master }),
    }
  }

  registration(): Registration {
    return registrationOf(this.#core)
  }

  get gauges(): Gauges {
    const { state, kills, tokens, counters } = this.#core
    return {
      running: state.counts.running,
      staged: state.launching.size,
      launchOverdue: state.counts.overdue,
      inflightKills: kills.inFlight,
      inflightKillAttempts: kills.attempts,
      launchTokens: tokens.left,
      launched: counters.launched,
    }
  }

  get eventLog(): EventLogIndex {
    return this.#core.state.eventLog
  }

  healthOf({ tasks }: Instance): readonly ShownHealth[] {
    return tasks[0] === undefined ? [] : this.#core.health.shownOf(tasks[0].id)
  }

  healthRevisionOf(id: PathId): number {
    return this.#core.health.apps.get(id)?.revision ?? 0
  }

  get unhealthyKills(): UnhealthyKills {
    const { suspendedAt, outage } = this.#core.health.breaker
    return { ...(suspendedAt === undefined ? {} : { suspendedSince: suspendedAt }), ...outage }
  }

  quarantined(): ReadonlyMap<PathId, string> {
    return this.#core.quarantine.entries()
  }

  /** In the order of ids; one item per role of a run spec. Looks at what waits and at what is being launched. */
  queue(): readonly QueueItem[] {
    const { state } = this.#core
    const entries = new Map<PathId, Map<string, QueueEntry>>()
    for (const id of state.waiting) {
      for (const instances of state.scheduledOf(id).values()) {
        for (const instance of instances.values()) enqueue(entries, instance)
      }
    }
    for (const id of state.launching) {
      const instance = state.instance(id)!
      if (isProvisioned(instance)) enqueue(entries, instance)
    }
    return [...entries]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([id, byRole]) => this.#queueItems(id, byRole))
  }

  #queueItems(id: PathId, byRole: ReadonlyMap<string, QueueEntry>): QueueItem[] {
    const { state, delays, statistics } = this.#core
    const runSpec = state.runSpec(id)
    if (runSpec === undefined) return []
    const delayUntil = delays.deadline(runSpec)
    const summary = (statistics.get(id) ?? createOfferStatistics()).summary()
    return Array.from(byRole, ([role, { count, since }]) => ({
      runSpec,
      role,
      count,
      since,
      ...(delayUntil === undefined ? {} : { delayUntil }),
      waitingOn: this.#placementWaitingOn(id),
      ...summary,
    }))
  }

  /** Why instances of a run spec are not launched. */
  #placementWaitingOn(id: PathId): WaitingOn[] {
    const { state, delays, engine, tokens, statistics, quarantine } = this.#core
    const count = state.scheduledCount(id)
    if (quarantine.has(id)) return [{ kind: 'quarantine', runSpecId: id }]
    if (count === 0) return []
    if (!engine.isConnected) return [{ kind: 'engine' }]
    const delayed: WaitingOn[] = []
    for (const version of state.scheduledOf(id).keys()) {
      const runSpec = state.runSpecVersion(id, version)
      const until = runSpec === undefined ? undefined : delays.deadline(runSpec)
      if (until !== undefined && until > state.now) delayed.push({ kind: 'backoff', runSpecId: id, until })
    }
    if (delayed.length > 0) return delayed
    if (tokens.left <= 0) return [{ kind: 'launch-tokens', runSpecId: id, until: tokens.nextRefresh }]
    const reasons = statistics.get(id)?.frequentReasons() ?? []
    return [
      reasons.length === 0
        ? { kind: 'offers', runSpecId: id, count }
        : { kind: 'no-match', runSpecId: id, count, reasons },
    ]
  }
}

interface QueueEntry {
  count: number
  since: Instant
}

function enqueue(entries: Map<PathId, Map<string, QueueEntry>>, instance: Instance): void {
  const { runSpecId, role, scheduledAt } = instance
  let byRole = entries.get(runSpecId)
  if (byRole === undefined) {
    byRole = new Map()
    entries.set(runSpecId, byRole)
  }
  const entry = byRole.get(role)
  if (entry === undefined) byRole.set(role, { count: 1, since: scheduledAt })
  else {
    entry.count++
    if (scheduledAt < entry.since) entry.since = scheduledAt
  }
}
