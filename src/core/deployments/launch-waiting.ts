// What a step waits for until the instances it started do their work. Why one that waits for a launch gets none
// (backoff, no offer, none that fits) is the launch queue's knowledge: it is told there, under the same run spec.

import type { PathId } from '../../lib/path-id.ts'
import { isScheduled } from '../instances/condition.ts'
import type { Instance } from '../instances/instance.ts'
import type { WaitingOn } from '../reasons.ts'

/** `pending`: instances that are not healthy yet; `started`: how many more the same decision schedules. */
export function waitingForHealth(
  runSpecId: PathId,
  pending: readonly Instance[],
  started: number,
): readonly WaitingOn[] {
  const scheduled = pending.filter(isScheduled).length
  const launched = pending.length - scheduled
  const waitingOn: WaitingOn[] = []
  if (scheduled + started > 0) waitingOn.push({ kind: 'offers', runSpecId, count: scheduled + started })
  if (launched > 0) waitingOn.push({ kind: 'running', runSpecId, count: launched })
  return waitingOn
}
