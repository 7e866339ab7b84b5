// Events about deployments (events-metrics-flags 1.1; the order of fields is that of examples 8).

import { formatInstant, type Instant } from '../../lib/instant.ts'
import { oncePer } from '../../lib/once.ts'
import { type Deployment, type Step, shownAction } from '../deployments/deployment.ts'
import type { Notice } from './notice.ts'

/** What of a deployment events show. */
type Planned = Pick<Deployment, 'id' | 'steps' | 'version'>

/** The step in progress starts; not sent for a plan without steps. */
export const deploymentInfo = (deployment: Deployment, now: Instant): Notice =>
  stepNotice('deployment_info', deployment, now)

/** The step in progress is done. */
export const deploymentStepSuccess = (deployment: Deployment, now: Instant): Notice =>
  stepNotice('deployment_step_success', deployment, now)

/** The step in progress could not be carried out. */
export const deploymentStepFailure = (deployment: Deployment, now: Instant): Notice =>
  stepNotice('deployment_step_failure', deployment, now)

/** All steps are done. */
export function deploymentSuccess(deployment: Planned, now: Instant): Notice {
  const type = 'deployment_success'
  return {
    type,
    body: { id: deployment.id, plan: plan(deployment), eventType: type, timestamp: formatInstant(now) },
  }
}

/** Cancelled, failed, or refused because of another deployment: `reason` says which. */
export function deploymentFailed(deployment: Planned, now: Instant, reason?: string): Notice {
  const type = 'deployment_failed'
  return {
    type,
    body: {
      id: deployment.id,
      plan: plan(deployment),
      eventType: type,
      timestamp: formatInstant(now),
      ...(reason === undefined ? {} : { reason }),
    },
  }
}

function stepNotice(type: string, deployment: Deployment, now: Instant): Notice {
  const current = deployment.steps[deployment.currentStep] ?? { actions: [] }
  return {
    type,
    body: {
      plan: plan(deployment),
      currentStep: step(current),
      eventType: type,
      timestamp: formatInstant(now),
    },
  }
}

/** The "light" form, without the groups before and after; the only one since 1.8. */
export const plan = (deployment: Planned): Readonly<Record<string, unknown>> => ({
  id: deployment.id,
  steps: shownSteps(deployment.steps),
  version: deployment.version,
})

type ShownStep = Readonly<Record<string, unknown>>

/** The same in every event of a deployment: of a thousand steps there would be a million else. */
const shownSteps = oncePer((steps: readonly Step[]): readonly ShownStep[] => steps.map(step))

const step = ({ actions }: Step): ShownStep => ({
  actions: actions.map(shownAction),
})
