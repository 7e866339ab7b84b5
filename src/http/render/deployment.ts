// A deployment as the API lists it (rest-api 6), and what it waits for, for those who ask: some clients refuse members
// they do not know.

import {
  type Canary,
  canaryStepsOf,
  instancesAt,
  isTrial,
  pauseEndsAt,
} from '../../core/deployments/canary.ts'
import { affectedBy, changeOf, type Deployment, shownAction } from '../../core/deployments/deployment.ts'
import type { View } from '../../core/view.ts'
import { formatInstant } from '../../lib/instant.ts'
import { isPod, type RunSpec } from '../../spec/run-spec.ts'
import { renderWaitingOn } from './waiting-on.ts'

export interface DeploymentOptions {
  readonly withReasons: boolean
}

export function renderDeployment(
  deployment: Deployment,
  view: View,
  { withReasons }: DeploymentOptions,
): Readonly<Record<string, unknown>> {
  const current = deployment.steps[deployment.currentStep]
  const { apps, pods } = affectedBy(deployment)
  return {
    id: deployment.id,
    steps: deployment.steps.map((step) => ({ actions: step.actions.map(shownAction) })),
    version: deployment.version,
    affectedApps: apps,
    affectedPods: pods,
    currentActions: (current?.actions ?? []).map((action) => ({
      ...shownAction(action),
      readinessCheckResults: view.readinessOf(action.runSpecId),
    })),
    // Counted from 1; a plan without steps never gets that far.
    currentStep: Math.min(deployment.currentStep + 1, deployment.steps.length),
    totalSteps: deployment.steps.length,
    ...shownPause(deployment, view),
    ...(deployment.failed === undefined ? {} : { failed: deployment.failed }),
    ...(withReasons ? { waitingOn: view.deploymentWaitingOn(deployment.id).map(renderWaitingOn) } : {}),
  }
}

/** Only of what pauses, or tries a new version out: strict clients know of neither. */
function shownPause(deployment: Deployment, view: View): Readonly<Record<string, unknown>> {
  const canary = (deployment.canaries ?? []).flatMap((each) => {
    const change = changeOf(deployment, each.id)
    const runSpec = change?.to === undefined ? undefined : view.runSpecVersion(each.id, change.to)
    return runSpec === undefined || !isTrial(each, runSpec) ? [] : [shownCanary(each, runSpec)]
  })
  const { pausedAt } = deployment
  const isPaused = pausedAt !== undefined || canary.some(({ waiting }) => waiting)
  return {
    ...(isPaused && { paused: true }),
    ...(pausedAt === undefined ? {} : { pausedAt: formatInstant(pausedAt) }),
    ...(canary.length > 0 && { canary }),
  }
}

function shownCanary(canary: Canary, runSpec: RunSpec) {
  const until = pauseEndsAt(runSpec, canary)
  return {
    [isPod(runSpec) ? 'pod' : 'app']: canary.id,
    step: canary.step + 1,
    steps: canaryStepsOf(runSpec).length,
    instances: instancesAt(runSpec, canary.step),
    waiting: canary.reachedAt !== undefined,
    ...(until === undefined ? {} : { until: formatInstant(until) }),
  }
}
