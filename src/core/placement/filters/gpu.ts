// Agents with GPUs are scarce: run specs that need none leave them alone (runtime 5.4).

import { type RunSpec, resourcesOf } from '../../../spec/run-spec.ts'
import type { Settings } from '../../settings.ts'

const behaviorLabel = 'GPU_SCHEDULING_BEHAVIOR'

/** Whether offers with GPUs are refused for this run spec; its label overrides --gpu_scheduling_behavior. */
export function avoidsGpus(runSpec: RunSpec, settings: Settings): boolean {
  if (resourcesOf(runSpec).gpus > 0) return false
  const label = runSpec.labels[behaviorLabel]
  const behavior = label === 'restricted' || label === 'unrestricted' ? label : settings.gpuSchedulingBehavior
  return behavior === 'restricted'
}
