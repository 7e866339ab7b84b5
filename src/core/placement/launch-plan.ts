// Everything placement needs to know of a run spec version, worked out once: what it demands, which roles, constraints
// and rules apply, and the template of its tasks. Matching an offer then compares numbers and reads a few fields.

import { isPod, isResident, type RunSpec } from '../../spec/run-spec.ts'
import type { Settings } from '../settings.ts'
import { type NamedVolume, persistentVolumesOf } from './disks.ts'
import { type CompiledConstraint, compileConstraint } from './filters/constraints.ts'
import { choosesRegion } from './filters/fault-domain.ts'
import { avoidsGpus } from './filters/gpu.ts'
import { acceptedRoles } from './filters/role.ts'
import { thousandths } from './fixed-point.ts'
import { type PodTemplate, planPod } from './launch-pod.ts'
import { customExecutor, planTask, type TaskTemplate } from './launch-task.ts'
import { type PortRequest, portRequests } from './ports.ts'
import type { Demand, ScalarDemand } from './remaining.ts'

export interface LaunchPlan {
  readonly settings: Settings
  /** What one instance takes: scalars in thousandths, ports in pieces. */
  readonly demand: Demand
  /**
   * Whose demand it is the sum of: of an app its task, of a pod its containers in their order; then the executor, of
   * an app only one of its own that takes something.
   */
  readonly parts: readonly ScalarDemand[]
  readonly roles: ReadonlySet<string>
  readonly constraints: readonly CompiledConstraint[]
  readonly choosesRegion: boolean
  readonly avoidsGpus: boolean
  readonly isResident: boolean
  /** The persistent ones, as far as they are to be made. */
  readonly volumes: readonly NamedVolume[]
  readonly ports: readonly PortRequest[]
  readonly template: TaskTemplate | PodTemplate
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

const plansOnReservations = new WeakMap<LaunchPlan, LaunchPlan>()

/**
 * The plan for an instance whose resources are reserved and whose volumes are made: it takes of what is kept for it,
 * in the role it has, and GPUs are no reason to be elsewhere (runtime 5.4, 12). A memo like that of the plans.
 */
export function planOnReservation(plan: LaunchPlan, role: string): LaunchPlan {
  const known = plansOnReservations.get(plan)
  if (known?.roles.has(role)) return known
  const onReservation = { ...plan, roles: new Set([role]), avoidsGpus: false, isResident: false, volumes: [] }
  plansOnReservations.set(plan, onReservation)
  return onReservation
}

function makePlan(runSpec: RunSpec, settings: Settings): LaunchPlan {
  const ports = portRequests(runSpec)
  const parts = partsOf(runSpec, settings)
  return {
    settings,
    demand: sumOf(parts, ports.filter(({ kind }) => kind !== 'none').length),
    parts,
    roles: acceptedRoles(runSpec, settings),
    constraints: runSpec.constraints.map(compileConstraint),
    choosesRegion: choosesRegion(runSpec),
    avoidsGpus: avoidsGpus(runSpec, settings),
    isResident: isResident(runSpec),
    volumes: persistentVolumesOf(runSpec),
    ports,
    template: isPod(runSpec) ? planPod(runSpec, settings) : planTask(runSpec, settings),
  }
}

function partsOf(runSpec: RunSpec, settings: Settings): ScalarDemand[] {
  const parts = isPod(runSpec) ? runSpec.containers.map(({ resources }) => resources) : [runSpec]
  const executor = isPod(runSpec) || customExecutor(runSpec, settings) ? runSpec.executorResources : undefined
  return [...parts, ...(executor === undefined ? [] : [{ ...executor, gpus: 0 }])].map(
    ({ cpus, mem, gpus, disk }) => ({
      cpus: thousandths(cpus),
      mem: thousandths(mem),
      gpus: thousandths(gpus),
      disk: thousandths(disk),
    }),
  )
}

/** Of what the parts take in thousandths, so that the sum is what they take one after the other. */
function sumOf(parts: readonly ScalarDemand[], ports: number): Demand {
  const sum: Demand = { cpus: 0, mem: 0, gpus: 0, disk: 0, ports }
  for (const { cpus, mem, gpus, disk } of parts) {
    sum.cpus += cpus
    sum.mem += mem
    sum.gpus += gpus
    sum.disk += disk
  }
  return sum
}
