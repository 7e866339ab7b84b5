// What one health check knows of one task: when it succeeded and failed, and how often in a row (runtime 9). And what a
// failure leads to, by the grace period and the limit of failures.

import { after, type Instant, seconds } from '../../lib/instant.ts'
import type { AppHealthCheck } from '../../spec/app.ts'
import type { Instance } from '../instances/instance.ts'

export interface HealthRecord {
  readonly firstSuccess?: Instant
  readonly lastSuccess?: Instant
  readonly lastFailure?: Instant
  readonly lastFailureCause?: string
  /** Since the last success. */
  readonly consecutiveFailures: number
}

/** What there is after failures that do not count: a result, and nothing in it. */
export const emptyRecord: HealthRecord = { consecutiveFailures: 0 }

/**
 * The last answer that counted was good. The original compares times, by which a failure and a success of the same
 * millisecond are a failure for good.
 */
export const isAlive = ({ lastSuccess, consecutiveFailures }: HealthRecord): boolean =>
  lastSuccess !== undefined && consecutiveFailures === 0

export const succeeded = (record: HealthRecord, now: Instant): HealthRecord => ({
  ...record,
  firstSuccess: record.firstSuccess ?? now,
  lastSuccess: now,
  consecutiveFailures: 0,
})

export const failedOnce = (record: HealthRecord, cause: string, now: Instant): HealthRecord => ({
  ...record,
  lastFailure: now,
  lastFailureCause: cause,
  consecutiveFailures: record.consecutiveFailures + 1,
})

export type FailureMeans =
  /** Counts nothing: it does not run, or is still starting. */
  | 'ignored'
  | 'counted'
  /** Counts, and the failures before it were as many as are allowed. */
  | 'kills'

/**
 * `wasAlive`: it has been found alive in this launch, be it by the process before this one. `excused`: of the failures
 * in a row those that came while nobody was killed for any.
 */
export function meaningOfFailure(
  check: Pick<AppHealthCheck, 'gracePeriodSeconds' | 'maxConsecutiveFailures'>,
  record: HealthRecord,
  instance: Pick<Instance, 'condition' | 'since'>,
  { wasAlive, excused, now }: { readonly wasAlive: boolean; readonly excused: number; readonly now: Instant },
): FailureMeans {
  if (instance.condition !== 'Running') return 'ignored'
  const hasSucceeded = wasAlive || record.firstSuccess !== undefined
  if (!hasSucceeded && after(instance.since, seconds(check.gracePeriodSeconds)) > now) return 'ignored'
  const { maxConsecutiveFailures: most } = check
  return most > 0 && record.consecutiveFailures - excused >= most ? 'kills' : 'counted'
}
