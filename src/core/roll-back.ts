// Taking back what a deployment changed: when a user asks for it, and when the deployment cannot be carried out. Both
// are a change of the root like any other, with a deployment of its own.

import { type PathId, rootId } from '../lib/path-id.ts'
import { ok, type Result } from '../lib/result.ts'
import type { RunSpec } from '../spec/run-spec.ts'
import type { Core } from './core.ts'
import type { Deployment, GroupChange } from './deployments/deployment.ts'
import { lastGood, type Revert, revertOf, type VersionGone } from './deployments/revert.ts'
import { isGood } from './good-versions.ts'
import { deploymentStepFailure } from './notices/deployment.ts'
import { cancelDeployment } from './run-deployments.ts'
import { changeRoot, type Proposal, refuseChange } from './tree/root-change.ts'
import type { GroupForm } from './tree/target-tree.ts'

/**
 * The root as it was, where it still is as the deployment left it. That is not always good: it was what a rollback was
 * to take back, or another deployment was trying it when this one came by force.
 */
export function rollBackOf(core: Core, deployment: Deployment): Result<Proposal, VersionGone> {
  const revert = revertOf(deployment, viewOf(core))
  const back = proposalOf(revert)
  if (!revert.ok || !back.ok) return back
  const isTriedAgain = revert.value.restored.some((runSpec) => !isGood(core.state, runSpec))
  return ok({ ...back.value, isTriedAgain })
}

/** The same, with the last good version of each run spec, whatever it was before the deployment. */
export const lastGoodOf = (core: Core, deployment: Deployment): Result<Proposal, VersionGone> =>
  proposalOf(revertOf(deployment, viewOf(core), lastGood(core.state.goodVersions)))

function proposalOf(revert: Result<Revert, VersionGone>): Result<Proposal, VersionGone> {
  if (!revert.ok) return revert
  const targets = new Map<PathId, RunSpec | undefined>()
  for (const runSpec of revert.value.restored) targets.set(runSpec.id, runSpec)
  for (const removed of revert.value.removed) targets.set(removed, undefined)
  const groups = new Map(revert.value.groupChanges.map((change) => [change.id, groupForm(change)] as const))
  return ok({ targets, groups, isRevert: true, groupId: rootId, force: true })
}

/**
 * Ends a deployment whose step failed, and takes back what it changed: to `wanted`, or, where the tree has no room for
 * that, to what was before. Where neither is possible any more the definitions stay, and are told of as a change that
 * failed.
 */
export function failDeployment(
  core: Core,
  deployment: Deployment,
  reason: string,
  wanted: Result<Proposal, VersionGone> = rollBackOf(core, deployment),
): void {
  const back = wanted.ok && isPossible(core, wanted.value) ? wanted : rollBackOf(core, deployment)
  core.batch.notice(deploymentStepFailure(deployment, core.state.now))
  cancelDeployment(core, deployment, reason)
  if (back.ok) {
    // Tried again it could fail as well, and two versions would replace each other for ever.
    changeRoot(core, { ...back.value, isTriedAgain: false, failed: { id: deployment.id, reason } })
  } else refuseChange(core, { groupId: rootId }, back.error)
}

/** What is new and stays may be in the way of what comes back: a group of an app's name, a volume only one may use. */
function isPossible(core: Core, proposal: Proposal): boolean {
  const change = changeRoot(core, { ...proposal, isDryRun: true })
  return change.ok || change.error.kind === 'planned'
}

const groupForm = ({ to, enforceRole }: GroupChange): GroupForm | undefined =>
  to && { dependencies: to, ...(enforceRole === undefined ? {} : { enforceRole }) }

const viewOf = ({ state }: Core) => ({
  runSpec: (id: PathId) => state.runSpec(id),
  runSpecVersion: (id: PathId, version: string) => state.runSpecVersion(id, version),
  group: (id: PathId) => state.groups.get(id),
})
