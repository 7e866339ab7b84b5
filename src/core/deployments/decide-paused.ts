// What a paused deployment does: nothing, but that it takes back what it has asked for and nobody has launched yet.
// What runs, starts or ends goes on, and what fails is relaunched in place; once resumed, the step is decided as ever.

import type { Version } from '../../lib/instant.ts'
import { limits } from '../../lib/limits.ts'
import type { PathId } from '../../lib/path-id.ts'
import type { Decision } from '../actions.ts'
import type { Instance, InstanceId } from '../instances/instance.ts'
import { surplusActions, waitingForNextSlice } from '../scaling/decide-scale.ts'
import { currentActions } from './advance.ts'
import type { Deployment } from './deployment.ts'

export interface PausedView {
  scheduledOf(id: PathId): ReadonlyMap<Version, ReadonlyMap<InstanceId, Instance>>
}

/** At most limits.instancesPerDecision are taken back at once. */
export function decidePaused(
  deployment: Deployment,
  view: PausedView,
  only: { has(id: PathId): boolean },
): Decision {
  const taken: Instance[] = []
  let rest = 0
  let last: PathId | undefined
  for (const { runSpecId } of currentActions(deployment)) {
    if (!only.has(runSpecId)) continue
    for (const waiting of view.scheduledOf(runSpecId).values()) {
      for (const instance of waiting.values()) {
        if (!isAskedFor(instance)) continue
        if (taken.length < limits.instancesPerDecision) taken.push(instance)
        else rest++
        last = runSpecId
      }
    }
  }
  return {
    actions: surplusActions(taken, 'deployment'),
    waitingOn: last === undefined ? [] : waitingForNextSlice(last, rest),
  }
}

/** Made, or taken up again, to be launched by the deployment. What failed, or lost its agent, is relaunched. */
const isAskedFor = ({ attempt, condition, reservation }: Instance): boolean =>
  attempt === 0 || (condition === 'Scheduled' && reservation?.state === 'suspended')
