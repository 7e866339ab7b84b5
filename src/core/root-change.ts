// Changes of the tree of run specs. A request is first turned into a proposal (which definitions shall be, which shall
// not); the proposal is then checked against everything that exists, planned, and, unless something stands in its
// way, put in force together with its deployment. Until then nothing is changed, so a refusal leaves nothing behind.

import { after, formatInstant, millis, parseInstant, type Version } from '../lib/instant.ts'
import { limits } from '../lib/limits.ts'
import { OverlayMap } from '../lib/overlay-map.ts'
import { isWithin, type PathId, parentOf, rootId } from '../lib/path-id.ts'
import { ok, type Result, refused } from '../lib/result.ts'
import { nextVersionInfo } from '../spec/diff.ts'
import { isPod, type RunSpec, type RunSpecDraft } from '../spec/run-spec.ts'
import { assignServicePorts, servicePorts } from '../spec/service-ports.ts'
import { validateResidentUpdate } from '../spec/validate/resident-update.ts'
import { type Tree, validateRoot } from '../spec/validate/root.ts'
import { versionKey } from './apply.ts'
import type { Core } from './core.ts'
import { conflictsWith } from './deployments/conflicts.ts'
import type { Deployment, GroupChange } from './deployments/deployment.ts'
import { planDeployment } from './deployments/plan.ts'
import { describeRefusal } from './describe-refusal.ts'
import { deploymentFailed } from './notices/deployment.ts'
import { groupChangeFailed, groupChangeSuccess } from './notices/group.ts'
import type { Refusal } from './requests.ts'
import { cancelDeployment, startDeployment } from './run-deployments.ts'
import type { State } from './state.ts'

/** What shall be. Ids absent from `targets` stay as they are; undefined: removed. */
export interface Proposal {
  readonly targets: ReadonlyMap<PathId, RunSpecDraft | undefined>
  /** Run specs whose instances are replaced although nothing about them changes. */
  readonly restarted?: ReadonlySet<PathId>
  /** Groups to remove, as far as nothing is left in them. */
  readonly removedGroups?: readonly PathId[]
  /** Targets are former versions to go back to: instances that still run one of them stay. */
  readonly isRevert?: boolean
  /** What group_change events name (events-metrics-flags 1.1). */
  readonly groupId: PathId
  readonly force: boolean
}

/** Puts a proposal in force, or says why not. */
export function changeRoot(core: Core, proposal: Proposal): Result<Deployment, Refusal> {
  const version = nextRootVersion(core)
  const change = core.quarantine.refuse(() => prepare(core, proposal, version))
  if (!change.ok) {
    const reason = describeRefusal(change.error)
    core.batch.notice(groupChangeFailed({ groupId: proposal.groupId, version, reason }, core.state.now))
    return change
  }
  const { targets, deployment, groups, conflicts } = change.value
  for (const conflict of conflicts) cancelDeployment(core, conflict, 'The upgrade has been cancelled')
  putInForce(core, targets, groups, version)
  removeEmptyGroups(core, proposal.removedGroups ?? [])
  core.batch.notice(groupChangeSuccess({ groupId: proposal.groupId, version }, core.state.now))
  startDeployment(core, deployment)
  return ok(deployment)
}

/** Versions are times, and no two changes share one: a change within the same millisecond is given the next. */
function nextRootVersion({ state }: Core): Version {
  const last = parseInstant(state.rootVersion)!
  return formatInstant(state.now > last ? state.now : after(last, millis(1)))
}

interface PreparedChange {
  readonly targets: ReadonlyMap<PathId, RunSpec | undefined>
  readonly groups: readonly PathId[]
  readonly deployment: Deployment
  readonly conflicts: readonly Deployment[]
}

function prepare(core: Core, proposal: Proposal, version: Version): Result<PreparedChange, Refusal> {
  const { state, settings, ids } = core
  if (state.deploymentCount >= settings.maxRunningDeployments) {
    return refused({ kind: 'too-many-deployments', limit: settings.maxRunningDeployments })
  }
  const targets = toVersions(core, proposal, version)
  if (!targets.ok) return targets
  const target = new OverlayMap(state.runSpecMap(), targets.value)
  const issues = validateRoot(targets.value.keys(), treeAfter(core, targets.value, target))
  if (issues.length > 0) return refused({ kind: 'invalid-object', issues })
  const excess = tooManyInstances(state, targets.value.values())
  if (excess !== undefined) return refused(excess)

  const groups = missingGroups(core, targets.value)
  const deployment = planDeployment({
    id: ids.deploymentId(),
    version,
    original: state.runSpecMap(),
    target,
    changed: targets.value.keys(),
    ...(proposal.restarted === undefined ? {} : { restarted: proposal.restarted }),
    groupDependencies: core.state.groupDependencies(),
    groupChanges: groups.map((id): GroupChange => ({ id, to: [] })),
    now: state.now,
  })
  const conflicts = conflictsWith(state.deployments(), deployment)
  if (conflicts.length > 0 && !proposal.force) {
    const refusal: Refusal = { kind: 'locked', deployments: conflicts.map((conflict) => conflict.id) }
    core.batch.notice(deploymentFailed(deployment, state.now, describeRefusal(refusal)))
    return refused(refusal)
  }
  return ok({ targets: targets.value, groups, deployment, conflicts })
}

/** Gives every target its service ports and its version. */
function toVersions(
  core: Core,
  { targets, restarted, isRevert }: Proposal,
  version: Version,
): Result<ReadonlyMap<PathId, RunSpec | undefined>, Refusal> {
  const { state, settings } = core
  const taken = new Set<number>()
  const used = { has: (port: number) => taken.has(port) || state.usedServicePorts.has(port) }
  const range = { min: settings.localPortMin, max: settings.localPortMax }
  for (const target of targets.values()) {
    if (target !== undefined) for (const port of servicePorts(target)) taken.add(port)
  }
  const versioned = new Map<PathId, RunSpec | undefined>()
  let index = 0
  for (const [id, target] of targets) {
    if (target === undefined) {
      versioned.set(id, undefined)
      continue
    }
    const previous = state.runSpec(id)
    const assigned = assignServicePorts(target, previous, used, range)
    if (!assigned.ok) return assigned
    for (const port of servicePorts(assigned.value)) taken.add(port)
    if (previous !== undefined) {
      const issues = validateResidentUpdate(previous, assigned.value, index++)
      if (issues.length > 0) return refused({ kind: 'invalid-object', issues })
    }
    const isRestart = restarted?.has(id) ?? false
    const next =
      isRevert === true
        ? formerConfiguration(assigned.value, version)
        : nextVersionInfo(previous, assigned.value, version, isRestart)
    // An equal definition stays the record it is, so that nothing that holds it is outdated.
    versioned.set(id, next.version === previous?.version ? previous : { ...assigned.value, ...next })
  }
  return ok(versioned)
}

/** A new version of an old configuration. A definition that never was in force has a configuration of its own. */
const formerConfiguration = (
  former: RunSpecDraft & Partial<Pick<RunSpec, 'versionInfo'>>,
  version: Version,
) => ({
  version,
  versionInfo: {
    lastScalingAt: version,
    lastConfigChangeAt: former.versionInfo?.lastConfigChangeAt ?? version,
  },
})

/** Every server that loads them would run out of memory, so the change that asks for them must not be stored. */
function tooManyInstances(
  state: State,
  targets: Iterable<RunSpec | undefined>,
): Extract<Refusal, { kind: 'unprocessable' }> | undefined {
  let more = 0
  for (const target of targets) {
    if (target !== undefined) more += Math.max(0, target.instances - state.tallyOf(target.id).counted)
  }
  const exist = state.instanceCount
  if (more === 0 || exist + more <= limits.instances) return undefined
  const message = `${more} more instances are asked for and ${exist} exist; ${limits.instances} in all can be kept track of`
  return { kind: 'unprocessable', message }
}

/** The apps and groups as the change would leave them, for the rules about the whole tree. */
function treeAfter(
  { state }: Core,
  changes: ReadonlyMap<PathId, RunSpec | undefined>,
  target: ReadonlyMap<PathId, RunSpec>,
): Tree {
  const gained = membersGained(state, changes)
  const hasMembers = (group: PathId): boolean => state.memberCount(group) + (gained.get(group) ?? 0) > 0
  return {
    changesKind: (id) => {
      const [before, after] = [state.runSpec(id), target.get(id)]
      return before !== undefined && after !== undefined && isPod(before) !== isPod(after)
    },
    dependenciesOfApp: (id) => target.get(id)?.dependencies,
    dependenciesOfGroup: (id) => state.groups.get(id)?.dependencies ?? (hasMembers(id) ? [] : undefined),
    *appsWithin(group) {
      for (const id of target.keys()) if (isWithin(id, group)) yield id
    },
    hasMembers,
  }
}

/** How many more run specs lie beneath each group after the change; negative when there are fewer. */
function membersGained(
  state: State,
  changes: ReadonlyMap<PathId, RunSpec | undefined>,
): ReadonlyMap<PathId, number> {
  const gained = new Map<PathId, number>()
  for (const [id, runSpec] of changes) {
    const gain = (runSpec === undefined ? 0 : 1) - (state.runSpec(id) === undefined ? 0 : 1)
    if (gain === 0) continue
    for (let group = parentOf(id); ; group = parentOf(group)) {
      gained.set(group, (gained.get(group) ?? 0) + gain)
      if (group === rootId) break
    }
  }
  return gained
}

/** Groups the targets lie in that do not exist yet; outer ones first. */
function missingGroups(core: Core, targets: ReadonlyMap<PathId, RunSpec | undefined>): PathId[] {
  const missing = new Set<PathId>()
  for (const [id, runSpec] of targets) {
    if (runSpec === undefined) continue
    const path: PathId[] = []
    for (let group = parentOf(id); group !== rootId && !core.state.groups.has(group); group = parentOf(group))
      path.push(group)
    for (const group of path.reverse()) missing.add(group)
  }
  return [...missing]
}

function putInForce(
  core: Core,
  targets: ReadonlyMap<PathId, RunSpec | undefined>,
  groups: readonly PathId[],
  version: Version,
): void {
  const { state, batch, settings } = core
  state.rootVersion = version
  batch.put('meta', 'root', { version })
  for (const id of groups) {
    const isTop = parentOf(id) === rootId
    const group = {
      id,
      dependencies: [],
      version,
      ...(isTop ? { enforceRole: settings.newGroupEnforceRole === 'top' } : {}),
    }
    state.groups.set(id, group)
    batch.put('group', id, group)
  }
  for (const [id, runSpec] of targets) {
    core.quarantine.release(id)
    if (runSpec === undefined) {
      state.removeRunSpec(id)
      batch.delete('run-spec', id)
    } else if (runSpec !== state.runSpec(id)) {
      if (state.groups.delete(id)) batch.delete('group', id)
      state.putRunSpec(runSpec)
      batch.put('run-spec-version', versionKey(id, runSpec.version), runSpec)
      batch.put('run-spec', id, { id, version: runSpec.version })
    }
    core.dirty.mark(id)
  }
}

/** A group with another one in it stays, also when that one is empty. */
function removeEmptyGroups({ state, batch }: Core, groups: readonly PathId[]): void {
  for (const id of groups) {
    const isEmpty =
      state.memberCount(id) === 0 && ![...state.groups.keys()].some((other) => parentOf(other) === id)
    if (isEmpty && state.groups.delete(id)) batch.delete('group', id)
  }
}
