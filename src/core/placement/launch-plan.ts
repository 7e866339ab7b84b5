// Everything placement needs to know of a run spec version, worked out once: what it demands, which roles, constraints
// and rules apply, and the template of its tasks. Matching an offer then compares numbers and reads a few fields.

import { assert } from '../../lib/assert.ts'
import { isApp, isResident, type RunSpec, resourcesOf } from '../../spec/run-spec.ts'
import type { Settings } from '../settings.ts'
import { type CompiledConstraint, compileConstraint } from './filters/constraints.ts'
import { choosesRegion } from './filters/fault-domain.ts'
import { avoidsGpus } from './filters/gpu.ts'
import { acceptedRoles } from './filters/role.ts'
import { thousandths } from './fixed-point.ts'
import { planTask, type TaskTemplate } from './launch-task.ts'
import { type PortRequest, portRequests } from './ports.ts'
import type { Demand } from './remaining.ts'

export interface LaunchPlan {
  readonly settings: Settings
  /** What one instance takes: scalars in thousandths, ports in pieces. */
  readonly demand: Demand
  readonly roles: ReadonlySet<string>
  readonly constraints: readonly CompiledConstraint[]
  readonly choosesRegion: boolean
  readonly avoidsGpus: boolean
  readonly isResident: boolean
  readonly ports: readonly PortRequest[]
  readonly template: TaskTemplate
}

const plans = new WeakMap<RunSpec, LaunchPlan>()

/**
 * The plan of a run spec version, kept as long as its definition. A memo, not state: the same version and settings
 * always give the same plan.
 */
export function launchPlan(runSpec: RunSpec, settings: Settings): LaunchPlan {
  const known = plans.get(runSpec)
  if (known !== undefined && known.settings === settings) return known
  const plan = makePlan(runSpec, settings)
  plans.set(runSpec, plan)
  return plan
}

function makePlan(runSpec: RunSpec, settings: Settings): LaunchPlan {
  assert(isApp(runSpec), `${runSpec.id} is a pod, which placement does not know yet`)
  const ports = portRequests(runSpec)
  const { cpus, mem, disk, gpus } = resourcesOf(runSpec)
  return {
    settings,
    demand: {
      cpus: thousandths(cpus),
      mem: thousandths(mem),
      gpus: thousandths(gpus),
      disk: thousandths(disk),
      ports: ports.filter(({ kind }) => kind !== 'none').length,
    },
    roles: acceptedRoles(runSpec, settings),
    constraints: runSpec.constraints.map(compileConstraint),
    choosesRegion: choosesRegion(runSpec),
    avoidsGpus: avoidsGpus(runSpec, settings),
    isResident: isResident(runSpec),
    ports,
    template: planTask(runSpec, settings),
  }
}
