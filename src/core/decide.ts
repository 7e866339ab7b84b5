// One round of decisions: for each run spec that something happened to, the deployment that holds it goes on, or its
// number of instances is put right. Decisions are pure; what they want is applied here.

import { limits } from '../lib/limits.ts'
import type { PathId } from '../lib/path-id.ts'
import { applyAction } from './apply.ts'
import type { Core } from './core.ts'
import type { DeploymentId } from './deployments/deployment.ts'
import { endOrphans } from './orphans.ts'
import { stepDeployment } from './run-deployments.ts'
import { decideScale } from './scaling/decide-scale.ts'
import { decideTakeUp } from './scaling/take-up.ts'

/** Decides every dirty run spec once. */
export function decideDirty(core: Core): void {
  const deploying = new Map<DeploymentId, Set<PathId>>()
  for (const id of core.dirty.take()) {
    if (core.quarantine.has(id)) continue
    for (const action of decideTakeUp(core.state, id, limits.instancesPerDecision)) applyAction(core, action)
    const lock = core.state.lockOf(id)
    const together = lock === undefined ? undefined : deploying.get(lock)
    if (lock === undefined) checkScale(core, id)
    else if (together === undefined) deploying.set(lock, new Set([id]))
    else together.add(id)
  }
  for (const [id, runSpecs] of deploying) {
    const deployment = core.state.deployment(id)
    if (deployment !== undefined) stepDeployment(core, deployment, runSpecs)
  }
}

/** The number of instances of a run spec no deployment works on (runtime 7). */
function checkScale(core: Core, id: PathId): void {
  const { state, quarantine } = core
  const runSpec = state.runSpec(id)
  if (runSpec === undefined) {
    endOrphans(core, id)
    return
  }
  const decision = quarantine.guard(id, () =>
    decideScale({
      runSpec,
      tally: state.tallyOf(id),
      instances: () => state.instancesOf(id),
      most: limits.instancesPerDecision,
    }),
  )
  if (decision === undefined) return
  for (const action of decision.actions) applyAction(core, action)
  if (decision.waitingOn.some((waiting) => waiting.kind === 'next-slice')) core.dirty.postpone(id)
}
