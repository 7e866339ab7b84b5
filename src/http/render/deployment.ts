// A deployment as the API lists it (rest-api 6), and besides what it waits for.

import type { Action, Deployment } from '../../core/deployments/deployment.ts'
import type { View } from '../../core/view.ts'
import { renderWaitingOn } from './waiting-on.ts'

export function renderDeployment(deployment: Deployment, view: View): Readonly<Record<string, unknown>> {
  const current = deployment.steps[deployment.currentStep]
  return {
    id: deployment.id,
    steps: deployment.steps.map((step) => ({ actions: step.actions.map(renderAction) })),
    version: deployment.version,
    affectedApps: deployment.changes.filter((change) => change.from !== change.to).map((change) => change.id),
    affectedPods: [],
    currentActions: (current?.actions ?? []).map((action) => ({
      ...renderAction(action),
      readinessCheckResults: [],
    })),
    // Counted from 1; a plan without steps never gets that far.
    currentStep: Math.min(deployment.currentStep + 1, deployment.steps.length),
    totalSteps: deployment.steps.length,
    waitingOn: view.deploymentWaitingOn(deployment.id).map(renderWaitingOn),
  }
}

const renderAction = (action: Action) => ({ action: action.kind, app: action.runSpecId })
