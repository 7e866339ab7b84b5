// Canary steps in the state: begun with the step of a deployment that has some, moved on, told of. How far one has come
// is decided by deployments/decide-step.ts, or by a person.

import { instancesWithConfigurationOf } from './configurations.ts'
import type { Core } from './core.ts'
import { currentActions } from './deployments/advance.ts'
import { begun, type Canary, canaryStepsOf, instancesAt, isTrial, pauseEndsAt } from './deployments/canary.ts'
import { type Deployment, workOf } from './deployments/deployment.ts'
import { type CanaryPlace, canaryPaused, deploymentPromoted } from './notices/steering.ts'

/** The deployment with the trials of its current step, and of no other. What goes back to what was needs none. */
export function withCanaries({ state, quarantine }: Core, deployment: Deployment): Deployment {
  const { canaries: _former, ...rest } = deployment
  if (deployment.isRevert) return rest
  const canaries = currentActions(rest).flatMap((action): Canary[] => {
    const runSpec = workOf(action) === 'restart' ? state.runSpec(action.runSpecId) : undefined
    if (runSpec === undefined) return []
    return (
      quarantine.guard(runSpec.id, () => {
        const canary = begun(runSpec.id, runSpec, instancesWithConfigurationOf(state, runSpec))
        return isTrial(canary, runSpec) ? [canary] : []
      }) ?? []
    )
  })
  return canaries.length === 0 ? rest : { ...rest, canaries }
}

/** Trials have come further: by themselves unless somebody promoted them. Decides their run specs again. */
export function moveCanaries(
  core: Core,
  deployment: Deployment,
  moved: readonly Canary[],
  cause: 'request' | 'pause-over' = 'pause-over',
): void {
  const byId = new Map(moved.map((canary) => [canary.id, canary]))
  const next = {
    ...deployment,
    canaries: (deployment.canaries ?? []).map((canary) => byId.get(canary.id) ?? canary),
  }
  core.state.putDeployment(next)
  core.batch.put('deployment', next.id, next)
  for (const canary of moved) tell(core, next, canary, cause)
}

function tell(core: Core, deployment: Deployment, canary: Canary, cause: 'request' | 'pause-over'): void {
  const { state, batch, dirty, progress } = core
  const runSpec = state.runSpec(canary.id)
  if (runSpec === undefined) return
  const steps = canaryStepsOf(runSpec).length
  const instances = instancesAt(runSpec, canary.step)
  const place: CanaryPlace = {
    runSpecId: canary.id,
    step: Math.min(canary.step + 1, steps),
    steps,
    ...(instances === undefined ? {} : { instances }),
  }
  if (canary.reachedAt === undefined) {
    batch.notice(deploymentPromoted(deployment, state.now, place, cause))
  } else {
    const until = pauseEndsAt(runSpec, canary)
    batch.notice(canaryPaused(deployment, state.now, place, until))
    if (until !== undefined) progress.lookAt(canary.id, until)
  }
  dirty.mark(canary.id)
}

/** A new process looks again when the pauses that are under way end. */
export function resumeCanaries({ state, progress }: Core, { canaries = [] }: Deployment): void {
  for (const canary of canaries) {
    const runSpec = state.runSpec(canary.id)
    const until = runSpec === undefined ? undefined : pauseEndsAt(runSpec, canary)
    if (until !== undefined) progress.lookAt(canary.id, until)
  }
}
