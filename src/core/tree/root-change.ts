// Changes of the tree of run specs. A request is first turned into a proposal (which definitions shall be, which shall
// not); the proposal is then checked against everything that exists, planned, and, unless something stands in its
// way, put in force together with its deployment. Until then nothing is changed, so a refusal leaves nothing behind.

import { after, formatInstant, millis, parseInstant, type Version } from '../../lib/instant.ts'
import { OverlayMap } from '../../lib/overlay-map.ts'
import type { PathId } from '../../lib/path-id.ts'
import { ok, type Result, refused } from '../../lib/result.ts'
import type { RunSpecDraft } from '../../spec/run-spec.ts'
import { validateRoot } from '../../spec/validate/root.ts'
import { hasOtherConfigurations } from '../configurations.ts'
import type { Core } from '../core.ts'
import { conflictsWith } from '../deployments/conflicts.ts'
import type { Deployment, GroupChange } from '../deployments/deployment.ts'
import { planDeployment } from '../deployments/plan.ts'
import { deploymentFailed } from '../notices/deployment.ts'
import { groupChangeFailed, groupChangeSuccess } from '../notices/group.ts'
import { giveUpAll } from '../orphans.ts'
import type { Group } from '../records.ts'
import { describeRefusal } from '../requests/describe-refusal.ts'
import { planned } from '../requests/plan-only.ts'
import type { Planned, Refusal } from '../requests.ts'
import { cancelDeployment, startDeployment } from '../run-deployments.ts'
import type { State } from '../state.ts'
import { putInForce } from './put-in-force.ts'
import {
  type GroupChanges,
  type GroupForm,
  groupsAfter,
  type RunSpecChanges,
  treeAfter,
} from './target-tree.ts'
import { tooManyInstances, toVersions } from './target-versions.ts'

/** What shall be. Ids absent from `targets` and `groups` stay as they are; undefined: removed. */
export interface Proposal {
  readonly targets: ReadonlyMap<PathId, RunSpecDraft | undefined>
  /** Run specs whose instances are replaced although nothing about them changes. */
  readonly restarted?: ReadonlySet<PathId>
  /** Groups are removed as far as nothing is left in them; those that targets lie in come by themselves. */
  readonly groups?: ReadonlyMap<PathId, GroupForm | undefined>
  /** Targets are former versions to go back to: instances that still run one of them stay. */
  readonly isRevert?: boolean
  /** Some of the former versions never were good: they are tried as carefully as the first time. */
  readonly isTriedAgain?: boolean
  /** The deployment that could not be carried out, and is taken back by this change. */
  readonly failed?: Deployment['failed']
  /** What group_change events name (events-metrics-flags 1.1). */
  readonly groupId: PathId
  readonly force: boolean
  /** Only says what would be done. */
  readonly isDryRun?: boolean | undefined
}

/** Puts a proposal in force, or says why not; a dry run stops before, with the plan. */
export function changeRoot(core: Core, proposal: Proposal): Result<Deployment, Refusal | Planned> {
  const version = nextRootVersion(core)
  const change = core.quarantine.refuse(() => prepare(core, proposal, version))
  if (!change.ok) return refuseChange(core, proposal, change.error)
  if (proposal.isDryRun === true) return core.quarantine.refuse(() => plannedOnly(core, change.value))
  const { deployment, conflicts } = change.value
  for (const conflict of conflicts) cancelDeployment(core, conflict, 'The upgrade has been cancelled')
  if (proposal.isRevert !== true) {
    for (const id of change.value.runSpecs.keys())
      if (core.state.runSpec(id) === undefined) giveUpAll(core, id)
  }
  putInForce(core, change.value, version)
  core.batch.notice(groupChangeSuccess({ groupId: proposal.groupId, version }, core.state.now))
  startDeployment(core, deployment)
  return ok(deployment)
}

const plannedOnly = ({ state }: Core, change: PreparedChange): Result<never, Planned> =>
  refused(planned(state, change))

/** A change of the root that comes to nothing is told of, whatever the reason; a dry run is none. */
export function refuseChange(
  core: Core,
  { groupId, isDryRun }: Pick<Proposal, 'groupId' | 'isDryRun'>,
  refusal: Refusal,
): Result<never, Refusal> {
  if (isDryRun === true) return refused(refusal)
  const reason = describeRefusal(refusal)
  core.batch.notice(groupChangeFailed({ groupId, version: nextRootVersion(core), reason }, core.state.now))
  return refused(refusal)
}

/** Versions are times, and no two changes share one: a change within the same millisecond is given the next. */
function nextRootVersion({ state }: Core): Version {
  const last = parseInstant(state.rootVersion)!
  return formatInstant(state.now > last ? state.now : after(last, millis(1)))
}

interface PreparedChange {
  readonly runSpecs: RunSpecChanges
  readonly groups: GroupChanges
  readonly deployment: Deployment
  readonly conflicts: readonly Deployment[]
}

function prepare(core: Core, proposal: Proposal, version: Version): Result<PreparedChange, Refusal> {
  const { state, settings, ids } = core
  const isDryRun = proposal.isDryRun === true
  // What failed takes its own place; the limit may be a lower one by now.
  const isLimited = !isDryRun && proposal.failed === undefined
  if (isLimited && state.deploymentCount >= settings.maxRunningDeployments) {
    return refused({ kind: 'too-many-deployments', limit: settings.maxRunningDeployments })
  }
  const targets = toVersions(core, proposal, version)
  if (!targets.ok) return targets
  const runSpecs = targets.value
  const named = proposal.groups ?? noGroups
  const groups = groupsAfter(core, { runSpecs, groups: named }, version)
  const target = new OverlayMap(state.runSpecMap(), runSpecs)
  const tree = treeAfter(core, { runSpecs, groups }, target)
  const issues = validateRoot(
    {
      runSpecs: runSpecs.keys(),
      groups: [...new Set([...groups.keys(), ...named.keys()])].filter((id) => tree.dependenciesOfGroup(id)),
      dependentGroups: [...groups].flatMap(([id, group]) => (group?.dependencies.length ? [id] : [])),
    },
    tree,
  )
  if (issues.length > 0) return refused({ kind: 'invalid-object', issues })
  const excess = tooManyInstances(state, runSpecs.values())
  if (excess !== undefined) return refused(excess)

  const deployment = planDeployment({
    // A dry run leaves no trace, not even in which id comes next.
    id: isDryRun ? '' : ids.deploymentId(),
    version,
    original: state.runSpecMap(),
    target,
    changed: runSpecs.keys(),
    ...(proposal.restarted === undefined ? {} : { restarted: proposal.restarted }),
    halfReplaced: { has: (id) => target.has(id) && hasOtherConfigurations(state, target.get(id)!) },
    isRevert: proposal.isRevert === true,
    isTriedAgain: proposal.isTriedAgain === true,
    ...(proposal.failed === undefined ? {} : { failed: proposal.failed }),
    groupDependencies: dependenciesAfter(state, groups),
    groupChanges: [...groups].map(([id, group]) => groupChange(state, id, group)),
    now: state.now,
  })
  const conflicts = conflictsWith(state.deployments(), deployment)
  if (conflicts.length > 0 && !proposal.force && !isDryRun) {
    const refusal: Refusal = { kind: 'locked', deployments: conflicts.map((conflict) => conflict.id) }
    core.batch.notice(deploymentFailed(deployment, state.now, describeRefusal(refusal)))
    return refused(refusal)
  }
  return ok({ runSpecs, groups, deployment, conflicts })
}

const noGroups: ReadonlyMap<PathId, GroupForm | undefined> = new Map()

function dependenciesAfter({ groups }: State, changes: GroupChanges): ReadonlyMap<PathId, readonly PathId[]> {
  if (changes.size === 0) return groups.dependencies
  const dependencies = new Map(groups.dependencies)
  for (const [id, group] of changes) {
    if (group === undefined || group.dependencies.length === 0) dependencies.delete(id)
    else dependencies.set(id, group.dependencies)
  }
  return dependencies
}

function groupChange({ groups }: State, id: PathId, to: Group | undefined): GroupChange {
  const from = groups.get(id)
  return {
    id,
    ...(from === undefined ? {} : { from: from.dependencies }),
    ...(to === undefined ? {} : { to: to.dependencies }),
    ...(to !== undefined || from?.enforceRole === undefined ? {} : { enforceRole: from.enforceRole }),
  }
}
