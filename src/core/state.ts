// The tables of the core and their indexes. Records are immutable and replaced whole; the indexes are derived and
// rebuilt on load. Only apply.ts (and load.ts, before the first step) calls the methods that change something.
//
// Durable: run specs and their versions, groups, instances, deployments, task failures, subscriptions,
// framework id.
// Derived: every index, locks. Volatile (memory of the leader, as in the original): delays, held offers, offer
// statistics, kills in flight, quarantine.

import type { Instant, Version } from '../lib/instant.ts'
import { type PathId, rootId } from '../lib/path-id.ts'
import type { App } from '../spec/app.ts'
import type { Pod } from '../spec/pod.ts'
import { isApp, isPod, type RunSpec } from '../spec/run-spec.ts'
import { servicePorts } from '../spec/service-ports.ts'
import { ChangeLog } from './change-log.ts'
import type { Deployment, DeploymentId } from './deployments/deployment.ts'
import type { ReplaceSets, RunningReplaceSets } from './deployments/replace-sets.ts'
import { EventLog } from './event-log/event-log.ts'
import type { GoodVersion } from './good-versions.ts'
import { haveAllTasksEnded, isScheduled } from './instances/condition.ts'
import type { Instance, InstanceId } from './instances/instance.ts'
import { awaitsCleanup, isReusable } from './instances/resident.ts'
import { WaitingInstances } from './launching/waiting-instances.ts'
import type { AgentId } from './mesos.ts'
import { MissingArtifacts } from './missing-artifacts.ts'
import { holdsPlace, isPlaced, type PlacedIndex, PlacedIndexes } from './placement/constraint-index.ts'
import type { TaskFailure } from './records.ts'
import { RunningTally, type Tally } from './scaling/tally.ts'
import type { EngineKind } from './settings.ts'
import { SortedById } from './sorted-by-id.ts'
import { GroupTree } from './tree/group-tree.ts'
import { RootHistory } from './tree/root-history.ts'
import { VolumeUsers } from './volume-users.ts'

const noInstances: readonly Instance[] = []
const emptyTally: Tally = new RunningTally()
const nothingScheduled: ReadonlyMap<Version, WaitingInstances> = new Map()

export class State {
  now = 0 as Instant
  frameworkId: string | undefined
  /** The engine that gave the id, as far as it is known. */
  frameworkEngine: EngineKind | undefined
  /** As whom we were registered when the master had forgotten us; until we are somebody again. */
  removedFrameworkId: string | undefined
  /** All ids we have had, with the one we have: by them we know what is reserved for our instances. */
  readonly frameworkIds = new Set<string>()
  /** Since when unhealthy instances were let live, when the process before this one ended. */
  unhealthyKillsSuspendedAt: Instant | undefined
  readonly groups = new GroupTree()
  readonly history = new RootHistory()
  readonly volumeUsers = new VolumeUsers()
  /** Shown with an app, whose instances change with it. */
  readonly failures = new Map<PathId, TaskFailure>()
  readonly changes = new ChangeLog()
  readonly missingArtifacts = new MissingArtifacts()
  /** Absent: not known, in a store of an earlier release. */
  readonly goodVersions = new Map<PathId, GoodVersion>()
  readonly eventLog = new EventLog()
  /** Who gets events posted: those stored, and those of --http_endpoints. */
  readonly callbackUrls = new Set<string>()

  #rootVersion: Version = '1970-01-01T00:00:00.000Z'
  readonly #runSpecs = new Map<PathId, RunSpec>()
  readonly #sorted = new SortedById<RunSpec>()
  readonly #apps = new SortedById<App>()
  readonly #pods = new SortedById<Pod>()
  readonly #portUsers = new Map<number, number>()
  readonly #versions = new Map<PathId, Map<Version, RunSpec>>()
  readonly #instances = new Map<InstanceId, Instance>()
  readonly #bySpec = new Map<PathId, SpecInstances>()
  readonly #deployments = new Map<DeploymentId, Deployment>()
  readonly #locks = new Map<PathId, DeploymentId>()
  #lastStagedAt = 0 as Instant
  #isAwaitedOrdered = true

  get rootVersion(): Version {
    return this.#rootVersion
  }

  /** Every change of definitions and groups makes one. */
  set rootVersion(version: Version) {
    this.#rootVersion = version
    this.changes.touch(rootId)
  }

  runSpec(id: PathId): RunSpec | undefined {
    return this.#runSpecs.get(id)
  }

  /** The app of this id; undefined when it is a pod's. */
  app(id: PathId): App | undefined {
    const runSpec = this.#runSpecs.get(id)
    return runSpec !== undefined && isApp(runSpec) ? runSpec : undefined
  }

  /** The pod of this id; undefined when it is an app's. */
  pod(id: PathId): Pod | undefined {
    const runSpec = this.#runSpecs.get(id)
    return runSpec !== undefined && isPod(runSpec) ? runSpec : undefined
  }

  /** In the order of their ids. */
  runSpecs(): readonly RunSpec[] {
    return this.#sorted.list()
  }

  apps(): readonly App[] {
    return this.#apps.list()
  }

  pods(): readonly Pod[] {
    return this.#pods.list()
  }

  runSpecMap(): ReadonlyMap<PathId, RunSpec> {
    return this.#runSpecs
  }

  runSpecVersion(id: PathId, version: Version): RunSpec | undefined {
    return this.#versions.get(id)?.get(version)
  }

  /** Newest first. */
  versions(id: PathId): readonly Version[] {
    return [...(this.#versions.get(id)?.keys() ?? [])].sort((a, b) => (a < b ? 1 : a > b ? -1 : 0))
  }

  /** Adds a version without making it the one in force. */
  putVersion(runSpec: RunSpec): void {
    let versions = this.#versions.get(runSpec.id)
    if (versions === undefined) {
      versions = new Map()
      this.#versions.set(runSpec.id, versions)
    }
    versions.set(runSpec.version, runSpec)
    this.changes.touch(runSpec.id)
  }

  removeVersion(id: PathId, version: Version): void {
    const versions = this.#versions.get(id)
    versions?.delete(version)
    if (versions?.size === 0) this.#versions.delete(id)
    this.changes.touch(id)
  }

  putRunSpec(runSpec: RunSpec): void {
    this.removeRunSpec(runSpec.id)
    this.putVersion(runSpec)
    this.#runSpecs.set(runSpec.id, runSpec)
    this.#sorted.put(runSpec)
    if (isApp(runSpec)) this.#apps.put(runSpec)
    else this.#pods.put(runSpec)
    for (const port of servicePorts(runSpec)) this.#portUsers.set(port, (this.#portUsers.get(port) ?? 0) + 1)
    this.groups.addRunSpec(runSpec.id)
    this.volumeUsers.add(runSpec)
  }

  /** Its versions stay until nothing uses them any more. */
  removeRunSpec(id: PathId): void {
    const runSpec = this.#runSpecs.get(id)
    if (runSpec === undefined) return
    this.#runSpecs.delete(id)
    for (const sorted of [this.#sorted, this.#apps, this.#pods]) sorted.remove(id)
    this.changes.touch(id)
    for (const port of servicePorts(runSpec)) {
      const users = this.#portUsers.get(port)! - 1
      if (users === 0) this.#portUsers.delete(port)
      else this.#portUsers.set(port, users)
    }
    this.groups.removeRunSpec(id)
    this.volumeUsers.remove(runSpec)
  }

  /** The service ports in use by any run spec. */
  get usedServicePorts(): ReadonlyMap<number, number> {
    return this.#portUsers
  }

  instance(id: InstanceId): Instance | undefined {
    return this.#instances.get(id)
  }

  get instanceCount(): number {
    return this.#instances.size
  }

  instances(): IterableIterator<Instance> {
    return this.#instances.values()
  }

  instancesOf(id: PathId): readonly Instance[] {
    return this.#bySpec.get(id)?.list() ?? noInstances
  }

  /** Instances waiting for a launch, by the version they will run, in the order they began to wait. */
  scheduledOf(id: PathId): ReadonlyMap<Version, Readonly<WaitingInstances>> {
    return this.#bySpec.get(id)?.scheduled ?? nothingScheduled
  }

  /** Up to `count` that are stopped and may be taken up again, the first to stop first. */
  reusableOf(id: PathId, count: number): readonly Instance[] {
    const found: Instance[] = []
    for (const instance of this.#bySpec.get(id)?.reusable.values() ?? noInstances) {
      if (found.length >= count) break
      found.push(instance)
    }
    return found
  }

  scheduledCount(id: PathId): number {
    return this.#bySpec.get(id)?.scheduledCount ?? 0
  }

  /** Launched and not yet running. */
  readonly launching = new Set<InstanceId>()

  /** Of them, those that nobody has told to end: they may be overdue. Of the others there may be many, for long. */
  readonly #awaited = new Set<InstanceId>()

  /**
   * The launching that are not told to end, in the order of their launches. Almost always they are in it already; a new
   * process that loads them by their keys, and a task that is heard of again after its agent was cut off, put them out
   * of it.
   */
  awaitedInOrder(): Iterable<InstanceId> {
    if (!this.#isAwaitedOrdered) {
      const stagedAt = (id: InstanceId): number => this.#instances.get(id)!.tasks[0]!.stagedAt
      const ordered = [...this.#awaited].sort((a, b) => stagedAt(a) - stagedAt(b))
      this.#awaited.clear()
      for (const id of ordered) this.#awaited.add(id)
      this.#isAwaitedOrdered = true
    }
    return this.#awaited
  }

  /** Run specs with at least one instance waiting for a launch. */
  readonly waiting = new Set<PathId>()
  /** Every run spec id that has instances, also removed ones. */
  runSpecIdsWithInstances(): IterableIterator<PathId> {
    return this.#bySpec.keys()
  }

  tallyOf(id: PathId): Tally {
    return this.#bySpec.get(id)?.tally ?? emptyTally
  }

  /** The sets of a rolling restart that goes on, kept as long as its deployment. */
  replaceSetsOf(runSpec: RunSpec, build: () => RunningReplaceSets): ReplaceSets {
    const spec = this.#bySpec.get(runSpec.id)
    if (spec === undefined) return build()
    if (spec.replaceSets?.version !== runSpec.version) spec.replaceSets = build()
    return spec.replaceSets
  }

  /** Those that are kept, for who checks them. */
  keptReplaceSets(id: PathId): RunningReplaceSets | undefined {
    return this.#bySpec.get(id)?.replaceSets
  }

  /** Where the instances of a run spec are, as constraints of this version see it. */
  placedOf(runSpec: RunSpec): PlacedIndex {
    const spec = this.#bySpec.get(runSpec.id)
    return (spec?.placed ?? new PlacedIndexes(isPlaced)).of(runSpec, () => spec?.list() ?? noInstances)
  }

  /** Where new reservations of a run spec find a place taken, those that nothing runs on included. */
  heldPlacesOf(runSpec: RunSpec): PlacedIndex {
    const spec = this.#bySpec.get(runSpec.id)
    return (spec?.held ?? new PlacedIndexes(holdsPlace)).of(runSpec, () => spec?.list() ?? noInstances)
  }

  instanceCountOf(id: PathId): number {
    return this.#bySpec.get(id)?.all.size ?? 0
  }

  /** For gauges, without a scan. `overdue`: launches that took too long and have not ended yet. */
  readonly counts = { running: 0, overdue: 0 }
  /** The roles of the instances there are, with how many. */
  readonly roles = new Map<string, number>()
  /** Roles in which something may be reserved for instances that were forgotten, and until when it is looked for. */
  readonly rolesLeftBehind = new Map<string, Instant>()
  /** The roles of those for which something is still reserved that nobody wants, with how many. */
  readonly rolesToCleanUp = new Map<string, number>()
  /** The agents on which something of ours may run or is reserved, with how many instances. */
  readonly agentsInUse = new Map<AgentId, number>()

  putInstance(instance: Instance): void {
    const before = this.#instances.get(instance.id)
    this.#instances.set(instance.id, instance)
    this.changes.touch(instance.runSpecId)
    let spec = this.#bySpec.get(instance.runSpecId)
    if (spec === undefined) {
      spec = new SpecInstances()
      this.#bySpec.set(instance.runSpecId, spec)
    }
    spec.put(instance)
    this.#index(spec, before, instance)
  }

  removeInstance(instance: Instance): void {
    this.#instances.delete(instance.id)
    this.changes.touch(instance.runSpecId)
    const spec = this.#bySpec.get(instance.runSpecId)
    if (spec === undefined) return
    spec.remove(instance)
    this.#index(spec, instance, undefined)
    if (spec.all.size === 0) this.#bySpec.delete(instance.runSpecId)
  }

  #index(spec: SpecInstances, before: Instance | undefined, after: Instance | undefined): void {
    const id = (after ?? before)!.id
    const runSpecId = (after ?? before)!.runSpecId
    if (before !== undefined && isScheduled(before)) spec.removeScheduled(before)
    if (after !== undefined && isScheduled(after)) spec.addScheduled(after)
    if (after !== undefined && isReusable(after)) spec.reusable.set(id, after)
    else spec.reusable.delete(id)
    if (spec.scheduledCount > 0) this.waiting.add(runSpecId)
    else this.waiting.delete(runSpecId)
    if (after !== undefined && isLaunching(after)) this.launching.add(id)
    else this.launching.delete(id)
    if (after !== undefined && isLaunching(after) && after.kill === undefined) {
      if (!this.#awaited.has(id)) this.#orderLaunch(after)
      this.#awaited.add(id)
    } else this.#awaited.delete(id)
    const wasRunning = before?.condition === 'Running'
    const isRunning = after?.condition === 'Running'
    if (isRunning !== wasRunning) this.counts.running += isRunning ? 1 : -1
    this.counts.overdue += (isOverdue(after) ? 1 : 0) - (isOverdue(before) ? 1 : 0)
    recount(this.roles, before?.role, after?.role)
    recount(this.rolesToCleanUp, roleToCleanUp(before), roleToCleanUp(after))
    recount(this.agentsInUse, agentInUse(before), agentInUse(after))
  }

  #orderLaunch(instance: Instance): void {
    const { stagedAt } = instance.tasks[0]!
    if (stagedAt < this.#lastStagedAt) this.#isAwaitedOrdered = false
    else this.#lastStagedAt = stagedAt
  }

  deployment(id: DeploymentId): Deployment | undefined {
    return this.#deployments.get(id)
  }

  deployments(): readonly Deployment[] {
    return [...this.#deployments.values()]
  }

  get deploymentCount(): number {
    return this.#deployments.size
  }

  deploymentsOf(id: PathId): readonly Deployment[] {
    const lock = this.#locks.get(id)
    const deployment = lock === undefined ? undefined : this.#deployments.get(lock)
    return deployment === undefined ? [] : [deployment]
  }

  lockOf(id: PathId): DeploymentId | undefined {
    return this.#locks.get(id)
  }

  putDeployment(deployment: Deployment): void {
    const before = this.#deployments.get(deployment.id)
    this.#deployments.set(deployment.id, deployment)
    this.changes.touch(rootId)
    // Another step of it locks what the last one did.
    if (before?.changes === deployment.changes) return
    for (const { id } of deployment.changes) {
      if (this.#locks.get(id) === deployment.id) continue
      this.#locks.set(id, deployment.id)
      this.changes.touch(id)
    }
  }

  removeDeployment(deployment: Deployment): void {
    this.#deployments.delete(deployment.id)
    this.changes.touch(rootId)
    for (const { id } of deployment.changes) {
      if (this.#locks.get(id) !== deployment.id) continue
      this.#locks.delete(id)
      const spec = this.#bySpec.get(id)
      if (spec !== undefined) spec.replaceSets = undefined
      this.changes.touch(id)
    }
  }
}

const isLaunching = (instance: Instance): boolean =>
  instance.condition === 'Provisioned' ||
  instance.condition === 'Staging' ||
  instance.condition === 'Starting'

/** One less of what it was, one more of what it is. */
function recount(counts: Map<string, number>, before: string | undefined, after: string | undefined): void {
  if (before === after) return
  if (after !== undefined) counts.set(after, (counts.get(after) ?? 0) + 1)
  if (before === undefined) return
  const left = counts.get(before)! - 1
  if (left > 0) counts.set(before, left)
  else counts.delete(before)
}

const roleToCleanUp = (instance: Instance | undefined): string | undefined =>
  instance !== undefined && awaitsCleanup(instance) ? instance.role : undefined

const agentInUse = (instance: Instance | undefined): AgentId | undefined =>
  instance !== undefined && (instance.reservation !== undefined || !haveAllTasksEnded(instance))
    ? instance.agent?.agentId
    : undefined

const isOverdue = (instance: Instance | undefined): boolean =>
  instance?.kill?.cause === 'launch-overdue' && isLaunching(instance)

/**
 * The instances of one run spec. The list is rebuilt at most once per change, since decisions read it once per slice.
 */
class SpecInstances {
  readonly all = new Map<InstanceId, Instance>()
  readonly scheduled = new Map<Version, WaitingInstances>()
  scheduledCount = 0
  /** Stopped, with volumes that the next launch can use. */
  readonly reusable = new Map<InstanceId, Instance>()
  readonly tally = new RunningTally()
  readonly placed = new PlacedIndexes(isPlaced)
  readonly held = new PlacedIndexes(holdsPlace)
  replaceSets: RunningReplaceSets | undefined
  #list: readonly Instance[] | undefined

  list(): readonly Instance[] {
    this.#list ??= [...this.all.values()]
    return this.#list
  }

  addScheduled(instance: Instance): void {
    let waiting = this.scheduled.get(instance.runSpecVersion)
    if (waiting === undefined) {
      waiting = new WaitingInstances()
      this.scheduled.set(instance.runSpecVersion, waiting)
    }
    waiting.put(instance)
    this.scheduledCount++
  }

  removeScheduled(instance: Instance): void {
    const waiting = this.scheduled.get(instance.runSpecVersion)
    if (!waiting?.take(instance)) return
    this.scheduledCount--
    if (waiting.size === 0) this.scheduled.delete(instance.runSpecVersion)
  }

  put(instance: Instance): void {
    const before = this.all.get(instance.id)
    if (before !== undefined) {
      this.tally.remove(before)
      this.replaceSets?.remove(before)
    }
    this.tally.add(instance)
    this.replaceSets?.add(instance)
    this.placed.changed(before, instance)
    this.held.changed(before, instance)
    this.all.set(instance.id, instance)
    this.#list = undefined
  }

  remove(instance: Instance): void {
    this.tally.remove(instance)
    this.replaceSets?.remove(instance)
    this.placed.changed(instance, undefined)
    this.held.changed(instance, undefined)
    this.all.delete(instance.id)
    this.#list = undefined
  }
}
