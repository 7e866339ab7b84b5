// Events about deployments, groups and apps (events-metrics-flags 1.1, examples 8: the order of fields is theirs).

import { formatInstant, type Instant, type Version } from '../../lib/instant.ts'
import type { PathId } from '../../lib/path-id.ts'
import type { Deployment, Step } from '../deployments/deployment.ts'
import type { Notice } from './notice.ts'

/** The "light" form, the only one since 1.8. */
export function renderPlan(
  deployment: Pick<Deployment, 'id' | 'steps' | 'version'>,
): Readonly<Record<string, unknown>> {
  return { id: deployment.id, steps: deployment.steps.map(renderStep), version: deployment.version }
}

const renderStep = (step: Step): Readonly<Record<string, unknown>> => ({
  actions: step.actions.map((action) => ({ action: action.kind, app: action.runSpecId })),
})

type StepEvent = 'deployment_info' | 'deployment_step_success' | 'deployment_step_failure'

/** A step starts (`deployment_info`) or has ended: the step of `currentStep`. */
export function deploymentStepEvent(type: StepEvent, deployment: Deployment, now: Instant): Notice {
  const step = deployment.steps[deployment.currentStep] ?? { actions: [] }
  return {
    type,
    body: {
      plan: renderPlan(deployment),
      currentStep: renderStep(step),
      eventType: type,
      timestamp: formatInstant(now),
    },
  }
}

/** All steps are done; the only event of a plan without steps. */
export function deploymentSuccessEvent(deployment: Deployment, now: Instant): Notice {
  const type = 'deployment_success'
  return {
    type,
    body: { id: deployment.id, plan: renderPlan(deployment), eventType: type, timestamp: formatInstant(now) },
  }
}

/** Cancelled, failed, or refused because of another deployment. */
export function deploymentFailedEvent(
  deployment: Pick<Deployment, 'id' | 'steps' | 'version'>,
  now: Instant,
  reason?: string,
): Notice {
  const type = 'deployment_failed'
  return {
    type,
    body: {
      id: deployment.id,
      plan: renderPlan(deployment),
      eventType: type,
      timestamp: formatInstant(now),
      ...(reason === undefined ? {} : { reason }),
    },
  }
}

/** `groupId`: the parent group for app changes, the group for group changes, `/` for bulk changes and roll-backs. */
export function groupChangeSuccessEvent(groupId: PathId, version: Version, now: Instant): Notice {
  const type = 'group_change_success'
  return { type, body: { groupId, version, eventType: type, timestamp: formatInstant(now) } }
}

export function groupChangeFailedEvent(
  change: { readonly groupId: PathId; readonly version: Version; readonly reason: string },
  now: Instant,
): Notice {
  const type = 'group_change_failed'
  const { groupId, version, reason } = change
  return { type, body: { groupId, version, reason, eventType: type, timestamp: formatInstant(now) } }
}

/** All instances of a removed app are gone. */
export function appTerminatedEvent(appId: PathId, now: Instant): Notice {
  const type = 'app_terminated_event'
  return { type, body: { appId, eventType: type, timestamp: formatInstant(now) } }
}
