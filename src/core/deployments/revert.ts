// The inverse of a deployment, for `DELETE /v2/deployments/{id}` without force (rest-api 6): what the root must
// become so that what the deployment changed is as it was. It is stated against the root of this moment; planning and
// carrying it out is the business of an ordinary, forced deployment.

import type { Version } from '../../lib/instant.ts'
import type { PathId } from '../../lib/path-id.ts'
import { ok, type Result, refused } from '../../lib/result.ts'
import type { RunSpec } from '../../spec/run-spec.ts'
import type { GoodVersion } from '../good-versions.ts'
import type { View } from '../view.ts'
import type { Deployment, GroupChange, RunSpecChange } from './deployment.ts'

export interface Revert {
  /** Definitions to put in force again: of run specs that were changed or removed. */
  readonly restored: readonly RunSpec[]
  /** Run specs the deployment added. */
  readonly removed: readonly PathId[]
  /** From how the groups are now to how they were. A group that has members meanwhile stays. */
  readonly groupChanges: readonly GroupChange[]
}

/** A version the revert needs is no longer kept. */
export interface VersionGone {
  readonly kind: 'app-not-found'
  readonly id: PathId
  readonly version: Version
}

/** What to go back to: a version, or no instances of what is in force. */
type Former = Version | 'stopped' | undefined

/** Where each run spec was before the deployment; undefined: it was not there. */
const before = ({ from }: RunSpecChange): Former => from

/**
 * The last good version of each run spec, which may be an older one than the deployment began with. Where none is
 * known it is that one; what never was good, and what is new, keeps its definition and has no instances.
 */
export const lastGood =
  (goodVersions: ReadonlyMap<PathId, GoodVersion>) =>
  ({ id, from, to }: RunSpecChange): Former => {
    if (to === undefined) return from
    const good = goodVersions.get(id)
    return good === 'none' ? 'stopped' : (good ?? from ?? 'stopped')
  }

/**
 * Leaves alone what is no longer as the deployment left it: a later change, which has to be what its author
 * wanted. Locks rule that out while the deployment runs, but for changes that are not deployments.
 */
export function revertOf(
  deployment: Deployment,
  view: Pick<View, 'runSpec' | 'runSpecVersion' | 'group'>,
  formerOf: (change: RunSpecChange) => Former = before,
): Result<Revert, VersionGone> {
  const restored: RunSpec[] = []
  const removed: PathId[] = []
  for (const change of deployment.changes) {
    const { id, to } = change
    const current = view.runSpec(id)
    const former = formerOf(change)
    if (current?.version !== to || former === to) continue
    if (former === undefined) removed.push(id)
    else if (former === 'stopped') restored.push({ ...current!, instances: 0 })
    else {
      const runSpec = view.runSpecVersion(id, former)
      if (runSpec === undefined) return refused({ kind: 'app-not-found', id, version: former })
      restored.push(runSpec)
    }
  }
  return ok({ restored, removed, groupChanges: invertedGroups(deployment, view) })
}

function invertedGroups(deployment: Deployment, view: Pick<View, 'group'>): GroupChange[] {
  const inverted: GroupChange[] = []
  for (const { id, from, to, enforceRole } of deployment.groupChanges ?? []) {
    const current = view.group(id)?.dependencies
    if (!isSameList(current, to)) continue
    inverted.push({
      id,
      ...(current !== undefined && { from: current }),
      ...(from !== undefined && { to: from }),
      ...(enforceRole !== undefined && { enforceRole }),
    })
  }
  // Members before the groups around them, so that an emptied group is empty when its turn comes.
  return inverted.reverse()
}

function isSameList(a: readonly PathId[] | undefined, b: readonly PathId[] | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return a.length === b.length && a.every((id, index) => id === b[index])
}
