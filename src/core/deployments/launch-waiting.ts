// What a step waits for until the instances it started do their work. Why one that waits for a launch gets none
// (backoff, no offer, none that fits) is the launch queue's knowledge: it is told there, under the same run spec.

import type { PathId } from '../../lib/path-id.ts'
import type { WaitingOn } from '../reasons.ts'

/** Of the instances that are not healthy yet: how many wait for a launch, how many are launched. */
export function waitingForHealth(
  runSpecId: PathId,
  { scheduled, launched }: { readonly scheduled: number; readonly launched: number },
): readonly WaitingOn[] {
  const waitingOn: WaitingOn[] = []
  if (scheduled > 0) waitingOn.push({ kind: 'offers', runSpecId, count: scheduled })
  if (launched > 0) waitingOn.push({ kind: 'running', runSpecId, count: launched })
  return waitingOn
}
