// A deployment as the API lists it (rest-api 6), and what it waits for, for those who ask: some clients refuse members
// they do not know.

import { affectedBy, type Deployment, shownAction } from '../../core/deployments/deployment.ts'
import type { View } from '../../core/view.ts'
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
      readinessCheckResults: [],
    })),
    // Counted from 1; a plan without steps never gets that far.
    currentStep: Math.min(deployment.currentStep + 1, deployment.steps.length),
    totalSteps: deployment.steps.length,
    ...(withReasons ? { waitingOn: view.deploymentWaitingOn(deployment.id).map(renderWaitingOn) } : {}),
  }
}
