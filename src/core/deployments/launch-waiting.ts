// What a step waits for until the instances it started do their work. Why one that waits for a launch gets none
// (backoff, no offer, none that fits) is the launch queue's knowledge: it is told there, under the same run spec.

import type { PathId } from '../../lib/path-id.ts'
import { isApp, type RunSpec } from '../../spec/run-spec.ts'
import { isHealthy } from '../instances/condition.ts'
import type { Instance } from '../instances/instance.ts'
import type { WaitingOn } from '../reasons.ts'

/** Instances that do not do their work yet, by how far they are. */
export interface Pending {
  /** Waiting for a launch. */
  readonly scheduled: number
  /** Launched, and not running. */
  readonly launched: number
  /** Running, and not healthy. */
  readonly unhealthy: number
  /** Healthy, and not ready. */
  readonly unready: number
}

export const isNothingPending = ({ scheduled, launched, unhealthy, unready }: Pending): boolean =>
  scheduled + launched + unhealthy + unready === 0

/** Whether new instances have to be ready as well as healthy before they count (runtime 10). Pods never do. */
export const needsReadiness = (runSpec: RunSpec): boolean =>
  isApp(runSpec) && runSpec.readinessChecks.length > 0

/** Does what a deployment waits for: it is healthy, and ready where that is asked. */
export const isUp = (instance: Instance, mustBeReady: boolean): boolean =>
  isHealthy(instance) && (!mustBeReady || instance.ready === true)

export function waitingForHealth(runSpecId: PathId, pending: Pending): readonly WaitingOn[] {
  const waitingOn: WaitingOn[] = []
  const { scheduled, launched, unhealthy, unready } = pending
  if (scheduled > 0) waitingOn.push({ kind: 'offers', runSpecId, count: scheduled })
  if (launched > 0) waitingOn.push({ kind: 'running', runSpecId, count: launched })
  if (unhealthy > 0) waitingOn.push({ kind: 'health', runSpecId, count: unhealthy })
  if (unready > 0) waitingOn.push({ kind: 'readiness', runSpecId, count: unready })
  return waitingOn
}
