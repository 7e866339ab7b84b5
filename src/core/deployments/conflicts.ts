// Which running deployments stand in the way of a change: those that change a run spec it changes, too (runtime 11).
// Two deployments that share no run spec run side by side.

import type { Deployment } from './deployment.ts'

/** The running deployments that affect a run spec the change affects, in the order they started. */
export function conflictsWith(
  running: readonly Deployment[],
  change: Pick<Deployment, 'changes'>,
): readonly Deployment[] {
  const affected = new Set(change.changes.map((each) => each.id))
  return running.filter((deployment) => deployment.changes.some((each) => affected.has(each.id)))
}
