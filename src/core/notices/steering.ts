// Events about deployments that pause, by a person's wish or at a canary step, and go on.

import { formatInstant, type Instant } from '../../lib/instant.ts'
import type { PathId } from '../../lib/path-id.ts'
import type { Deployment } from '../deployments/deployment.ts'
import { plan } from './deployment.ts'
import type { Notice } from './notice.ts'

/** Where a canary step is: which of how many, from 1, and how many instances of the new version that means. */
export interface CanaryPlace {
  readonly runSpecId: PathId
  readonly step: number
  readonly steps: number
  /** Absent: all of them. */
  readonly instances?: number
}

export const deploymentPaused = (deployment: Deployment, now: Instant): Notice =>
  steering('deployment_paused', deployment, now, { cause: 'request' })

export const deploymentResumed = (deployment: Deployment, now: Instant): Notice =>
  steering('deployment_resumed', deployment, now)

/** All instances of a canary step are up. `until`: when it goes on by itself. */
export const canaryPaused = (
  deployment: Deployment,
  now: Instant,
  place: CanaryPlace,
  until?: Instant,
): Notice =>
  steering('deployment_paused', deployment, now, {
    cause: 'canary',
    ...place,
    ...(until === undefined ? {} : { until: formatInstant(until) }),
  })

/** The next canary step begins: somebody wanted it (`request`), or the pause is over. `place`: that step. */
export const deploymentPromoted = (
  deployment: Deployment,
  now: Instant,
  place: CanaryPlace,
  cause: 'request' | 'pause-over',
): Notice => steering('deployment_promoted', deployment, now, { cause, ...place })

const steering = (type: string, deployment: Deployment, now: Instant, facts: object = {}): Notice => ({
  type,
  body: {
    id: deployment.id,
    plan: plan(deployment),
    ...facts,
    eventType: type,
    timestamp: formatInstant(now),
  },
})
