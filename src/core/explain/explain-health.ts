// Which health checks of an instance fail or have not answered, and when that has consequences. What a failure means is
// health/record.ts's business; here its moment is told beforehand.

import { after, type Instant, millis, seconds } from '../../lib/instant.ts'
import type { AppHealthCheck } from '../../spec/app.ts'
import type { Core } from '../core.ts'
import { type HealthRecord, isAlive } from '../health/record.ts'
import { intervalOf, isMarathonCheck } from '../health/target.ts'
import type { Instance } from '../instances/instance.ts'
import { type Cause, cause } from './cause.ts'

/** Nothing of pods, whose checks the engine runs without a word of them but the outcome. */
export function failingChecks({ health, state }: Core, instance: Instance): readonly Cause[] {
  const known = instance.tasks[0] === undefined ? undefined : health.get(instance.tasks[0].id)
  if (known === undefined) return []
  return known.checks.flatMap((check, index) => {
    const record = health.resultOf(known, index)
    if (record === undefined ? known.assumed === true : isAlive(record)) return []
    const isSuspended = isMarathonCheck(check) && health.breaker.suspendedAt !== undefined
    const { protocol, path, maxConsecutiveFailures: most } = check
    const killAt =
      record === undefined || isSuspended ? undefined : killTime(check, record, known.excused[index]!)
    const graceUntil = graceEnd(check, record, instance, state.now)
    return [
      cause({
        kind: 'check',
        runSpecId: instance.runSpecId,
        index,
        protocol,
        ...(path === undefined ? {} : { path }),
        failures: record?.consecutiveFailures ?? 0,
        ...(record?.lastFailureCause === undefined ? {} : { failureCause: record.lastFailureCause }),
        ...(record?.lastFailure === undefined ? {} : { lastFailureAt: record.lastFailure }),
        most,
        ...(killAt === undefined ? {} : { killAt }),
        ...(graceUntil === undefined ? {} : { graceUntil }),
        isSuspended,
      }),
    ]
  })
}

/**
 * The failure that kills is the one after as many as are allowed, of an executor's check the last of these; they come
 * an interval apart.
 */
function killTime(
  check: AppHealthCheck,
  { consecutiveFailures, lastFailure }: HealthRecord,
  excused: number,
): Instant | undefined {
  const most = check.maxConsecutiveFailures
  if (most === 0 || lastFailure === undefined || consecutiveFailures === 0) return undefined
  const allowed = isMarathonCheck(check) ? most : most - 1
  const left = Math.max(1, allowed - (consecutiveFailures - excused) + 1)
  return after(lastFailure, millis(intervalOf(check) * left))
}

/** Before the first success, failures do not count for a while; undefined also when that is over. */
function graceEnd(
  check: AppHealthCheck,
  record: HealthRecord | undefined,
  { since }: Instance,
  now: Instant,
): Instant | undefined {
  if (record?.firstSuccess !== undefined || (record?.consecutiveFailures ?? 0) > 0) return undefined
  const end = after(since, seconds(check.gracePeriodSeconds))
  return end > now ? end : undefined
}
