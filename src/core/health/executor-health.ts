// What the executor beside a task makes of the answers to the health check it runs (runtime 9, as executors of Mesos
// do): when it tells how the task is, and when it kills it. Engines that run health checks themselves keep to this.

import type { Duration } from '../../lib/instant.ts'
import type { HealthCheckInfo } from '../mesos.ts'

export interface ExecutorHealth {
  /** It was told healthy before: failures are no longer forgiven for the time it takes to start. */
  readonly hasSucceeded: boolean
  /** In a row, the last answer's included. */
  readonly failures: number
}

export const neverAsked: ExecutorHealth = { hasSucceeded: false, failures: 0 }

export interface HealthAnswer {
  readonly isHealthy: boolean
  /** How long the task has been running. */
  readonly runningFor: Duration
}

export interface HealthVerdict {
  readonly health: ExecutorHealth
  /** To be told in a status; absent: nothing is. */
  readonly told?: boolean
  readonly kills: boolean
}

/**
 * The first success is told, and the first after failures; every failure is, except while the grace period lasts and
 * nothing has succeeded yet. The failure that makes it `consecutiveFailures` kills; 0 of them never do.
 */
export function judgeExecutorHealth(
  before: ExecutorHealth,
  { isHealthy, runningFor }: HealthAnswer,
  { gracePeriod, consecutiveFailures }: Pick<HealthCheckInfo, 'gracePeriod' | 'consecutiveFailures'>,
): HealthVerdict {
  if (isHealthy) {
    const health = { hasSucceeded: true, failures: 0 }
    const isNews = !before.hasSucceeded || before.failures > 0
    return isNews ? { health, told: true, kills: false } : { health: before, kills: false }
  }
  if (!before.hasSucceeded && runningFor <= gracePeriod) return { health: before, kills: false }
  const failures = before.failures + 1
  return {
    health: { hasSucceeded: before.hasSucceeded, failures },
    told: false,
    kills: consecutiveFailures > 0 && failures >= consecutiveFailures,
  }
}

/** Why a status with a health flag comes. */
export const healthReason = 'REASON_TASK_HEALTH_CHECK_STATUS_UPDATED'
/** Why a status with the result of a check comes. */
export const checkReason = 'REASON_TASK_CHECK_STATUS_UPDATED'

/** What an executor of Mesos takes for healthy: the answer of a server in order, wherever it points to. */
export const isHealthyStatus = (statusCode: number): boolean => statusCode >= 200 && statusCode < 400
