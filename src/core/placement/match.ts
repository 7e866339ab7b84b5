// One offer against one instance: a launch, or every reason why not. Pure but for the offer's stock, from which a match
// takes what it needs, so that the next instance sees what is left.

import { assert } from '../../lib/assert.ts'
import type { Instant } from '../../lib/instant.ts'
import type { Rng } from '../../lib/rng.ts'
import type { RunSpec } from '../../spec/run-spec.ts'
import type { LaunchedTask } from '../actions.ts'
import { appTaskName, taskId as taskIdOf } from '../ids.ts'
import type { AgentInfo, Instance } from '../instances/instance.ts'
import type { ExecutorInfo, Resource } from '../mesos.ts'
import { type NoMatchReason, noMatchReasons } from '../reasons.ts'
import type { Settings } from '../settings.ts'
import type { PlacedIndex } from './constraint-index.ts'
import { assignDisks, type DiskClaim, type NamedVolume } from './disks.ts'
import { meetsConstraints } from './filters/constraints.ts'
import { isHomeRegion } from './filters/fault-domain.ts'
import { isAvailable } from './filters/maintenance.ts'
import { type LaunchPlan, launchPlan, planOnReservation } from './launch-plan.ts'
import { launchPod } from './launch-pod.ts'
import { launchTask } from './launch-task.ts'
import { assignPorts, claimsOnce } from './ports.ts'
import {
  hasAnythingFor,
  hasScalar,
  type PortClaim,
  portResources,
  type RemainingOffer,
  type ScalarDemand,
  takeDisk,
  takePorts,
  takeScalar,
} from './remaining.ts'

export interface MatchInput {
  readonly remaining: RemainingOffer
  /** A scheduled instance whose role is that of the offer; choosing those is the caller's. */
  readonly instance: Instance
  /** The version stored in the instance, not the newest one (runtime 5). */
  readonly runSpec: RunSpec
  /** Where the other instances are. A match does not add itself: see addPlaced. */
  readonly placed: PlacedIndex
  /**
   * How many instances are wanted in all, for GROUP_BY: those of the version in force. A scaled app would otherwise be
   * divided by the number its older instances were started with, and never fill up.
   */
  readonly wantedInstances?: number
  readonly settings: Settings
  readonly rng: Rng
  readonly now: Instant
  /** The region of the master; without one, offers that have a region are remote (runtime 5.3). */
  readonly homeRegion?: string
  /** Whether the engine keeps resources and volumes for an instance; false by default. */
  readonly reserves?: boolean
  /** Whether the top-level group of the run spec enforces its role; false by default. */
  readonly enforceGroupRole?: boolean
  /** Of an instance that has them, as they are offered; `remaining` is then what is kept for it, and nothing else. */
  readonly volumes?: readonly Resource[] | undefined
}

export type MatchResult =
  | {
      readonly kind: 'match'
      /** One for an app, one per container for a pod. */
      readonly tasks: readonly LaunchedTask[]
      /** Pods only: what their tasks run in. */
      readonly executor?: ExecutorInfo
      readonly agent: AgentInfo
      /** The same stock, less what the launch took. */
      readonly remaining: RemainingOffer
    }
  | {
      readonly kind: 'no-match'
      /** In funnel order. Empty when only the region refuses, which has no reason of its own (runtime 5.1). */
      readonly reasons: readonly NoMatchReason[]
    }

/** What decides whether an offer is used; the rest of a match is about the launch. */
export type FitInput = Omit<MatchInput, 'instance' | 'enforceGroupRole' | 'volumes'>

type NoMatch = Extract<MatchResult, { kind: 'no-match' }>

export interface ReservationMatch {
  readonly kind: 'reserve'
  /** All that the instance needs, the space for its volumes among it. */
  readonly resources: readonly Resource[]
  /** Of the space, what becomes volumes. */
  readonly disks: readonly DiskClaim<NamedVolume>[]
  readonly agent: AgentInfo
}

/** Matches, and on success takes the resources from `remaining`. The rules and their order are those of runtime 5.1. */
export function matchOffer(input: MatchInput): MatchResult {
  const whole = launchPlan(input.runSpec, input.settings)
  const plan = input.volumes === undefined ? whole : planOnReservation(whole, input.instance.role)
  const fitted = fitInto(input, plan)
  return 'kind' in fitted ? fitted : launch(input, plan, fitted)
}

/**
 * The same for an instance that needs persistent volumes and has none: what is to be reserved for it (runtime 12).
 * Of several containers, and an executor, all together.
 */
export function matchReservation(input: FitInput): ReservationMatch | NoMatch {
  const { remaining, runSpec, settings } = input
  const plan = launchPlan(runSpec, settings)
  const fitted = fitInto(input, plan)
  if ('kind' in fitted) return fitted
  const disks = disksFor(remaining, plan)
  assert(disks !== undefined, `offer ${remaining.offer.id} has room for the volumes it was matched for`)
  const resources = takeScalars(remaining, { ...plan.demand, disk: 0 }, plan.roles)
  for (const claim of disks) resources.push(...takeDisk(remaining, claim))
  const claims = claimsOnce(fitted)
  resources.push(...portResources(claims))
  takePorts(remaining, claims)
  return {
    kind: 'reserve',
    resources,
    disks: disks.filter(({ volume }) => volume !== undefined),
    agent: remaining.agent,
  }
}

/**
 * Every reason why an offer is not used, as a match would give them; undefined: it would be. Takes nothing, and looks
 * at `plan`, which may be another one than that of the run spec: what would be if.
 */
export function refusalOf(input: FitInput, plan: LaunchPlan): readonly NoMatchReason[] | undefined {
  const fitted = fitInto(input, plan)
  return 'kind' in fitted ? fitted.reasons : undefined
}

/** The ports it gets, one for each request, or why the offer is not used. */
function fitInto(input: FitInput, plan: LaunchPlan): readonly (PortClaim | undefined)[] | NoMatch {
  const { remaining, rng } = input
  const refused = refusals(input, plan)
  if (refused !== 0) return noMatch(refused)
  if (!plan.choosesRegion && !isHomeRegion(remaining.offer, input.homeRegion)) return noMatch(0)
  return assignPorts(plan.ports, remaining.ports, plan.roles, rng) ?? noMatch(bit.InsufficientPorts)
}

/** Reasons as a set of bits in funnel order, so that the thousands of refusals of a full cluster allocate nothing. */
const bit = Object.fromEntries(noMatchReasons.map((reason, i) => [reason, 1 << i])) as Record<
  NoMatchReason,
  number
>

/** Everything but region and ports, always all of it: a refused offer tells all that is wrong with it. */
function refusals(
  { remaining, runSpec, placed, settings, now, wantedInstances, reserves = false }: FitInput,
  plan: LaunchPlan,
): number {
  const { scalars, offer, agent } = remaining
  const { demand, roles } = plan
  let refused = 0
  if (!hasScalar(scalars.cpus, demand.cpus, roles)) refused |= bit.InsufficientCpus
  if (!hasScalar(scalars.mem, demand.mem, roles)) refused |= bit.InsufficientMemory
  if (!hasScalar(scalars.disk, demand.disk, roles)) refused |= bit.InsufficientDisk
  if (!hasScalar(scalars.gpus, demand.gpus, roles)) refused |= bit.InsufficientGpus
  if (!hasAnythingFor(remaining, roles)) refused |= bit.UnfulfilledRole
  if (!meetsConstraints(plan.constraints, agent, placed, wantedInstances ?? runSpec.instances)) {
    refused |= bit.UnfulfilledConstraint
  }
  if (plan.isResident) {
    if (!reserves) refused |= bit.NoCorrespondingReservationFound
    if (disksFor(remaining, plan) === undefined) refused |= bit.InsufficientDisk
  }
  if (!isAvailable(offer, settings, now)) refused |= bit.UnfulfilledConstraint | bit.AgentMaintenance
  if (plan.avoidsGpus && remaining.total.gpus > 0) refused |= bit.DeclinedScarceResources
  return refused
}

/** A place for the sandbox and every volume, of what is reserved for nobody (runtime 12). */
export function disksFor(
  { scalars, disks }: RemainingOffer,
  { demand, volumes, roles }: LaunchPlan,
): readonly DiskClaim<NamedVolume>[] | undefined {
  const usable = [...scalars.disk, ...disks].filter(({ source }) => roles.has(source.role))
  return assignDisks(usable, { scratch: demand.disk, volumes })
}

function launch(
  { remaining, instance, rng, enforceGroupRole = false, volumes = [] }: MatchInput,
  { parts, roles, template }: LaunchPlan,
  assigned: readonly (PortClaim | undefined)[],
): MatchResult {
  const { agent } = remaining
  const claims = claimsOnce(assigned)
  const hostPorts = assigned.map((claim) => claim?.port)
  if (template.kind === 'pod') {
    const shares = parts.map((part) => takeScalars(remaining, part, roles))
    takePorts(remaining, claims)
    const common = [...portResources(claims), ...volumes]
    const { tasks, executor } = launchPod(template, {
      instance,
      agent,
      shares,
      common,
      hostPorts,
      enforceGroupRole,
    })
    return { kind: 'match', tasks, executor, agent, remaining }
  }
  const [own, executor] = parts
  const resources = takeScalars(remaining, own!, roles)
  const executorResources = executor === undefined ? [] : takeScalars(remaining, executor, roles)
  for (const ports of portResources(claims)) resources.push(ports)
  for (const volume of volumes) resources.push(volume)
  takePorts(remaining, claims)
  const taskId = taskIdOf(instance.id, instance.attempt + 1)
  const info = launchTask(template, {
    taskId,
    agent,
    resources,
    executorResources,
    hostPorts,
    enforceGroupRole,
    rng,
  })
  const task: LaunchedTask = {
    info,
    name: appTaskName,
    hostPorts: hostPorts.filter((port) => port !== undefined),
  }
  return { kind: 'match', tasks: [task], agent, remaining }
}

const scalarNames = ['cpus', 'mem', 'gpus', 'disk'] as const

function takeScalars(remaining: RemainingOffer, part: ScalarDemand, roles: ReadonlySet<string>): Resource[] {
  const resources: Resource[] = []
  for (const name of scalarNames) {
    if (part[name] === 0) continue
    for (const resource of takeScalar(remaining, name, part[name], roles)) resources.push(resource)
  }
  return resources
}

const refusalSets = new Map<number, NoMatch>()

/** One shared result per set of reasons; ten reasons bound the memo. */
function noMatch(refused: number): NoMatch {
  let result = refusalSets.get(refused)
  if (result === undefined) {
    result = { kind: 'no-match', reasons: noMatchReasons.filter((reason) => (refused & bit[reason]) !== 0) }
    refusalSets.set(refused, result)
  }
  return result
}
