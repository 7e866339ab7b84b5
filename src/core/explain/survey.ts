// What keeps a run spec off each of the agents: the matcher is asked again and again, each time with what refused put
// out of its way, until it accepts. So every rule is the matcher's own; what is known here is only which rule a reason
// stands for and what it would be not to have it. Rules are independent of each other, but for roles, which decide what
// the others see: what an agent needs is one set of rules, and that set is the smallest that helps there.

import type { Instant } from '../../lib/instant.ts'
import type { Rng } from '../../lib/rng.ts'
import type { Constraint } from '../../spec/app.ts'
import type { RunSpec } from '../../spec/run-spec.ts'
import type { AgentId, Offer } from '../mesos.ts'
import type { PlacedIndex } from '../placement/constraint-index.ts'
import { meetsConstraints } from '../placement/filters/constraints.ts'
import { choosesRegion } from '../placement/filters/fault-domain.ts'
import { isOfferedTo } from '../placement/filters/role.ts'
import { type LaunchPlan, launchPlan } from '../placement/launch-plan.ts'
import { refusalOf } from '../placement/match.ts'
import { assignPorts, type PortRequest } from '../placement/ports.ts'
import type { RemainingOffer, ScalarName } from '../placement/remaining.ts'
import type { NoMatchReason } from '../reasons.ts'
import type { Settings } from '../settings.ts'
import type { Rule } from './cause.ts'

export interface SurveyInput {
  readonly runSpec: RunSpec
  /** How many instances are wanted in all. */
  readonly wanted: number
  readonly placed: PlacedIndex
  readonly offers: readonly Offer[]
  readonly open: (offer: Offer) => RemainingOffer
  readonly settings: Settings
  readonly homeRegion: string | undefined
  /** Whether anything can be reserved. */
  readonly reserves: boolean
  readonly now: Instant
}

/** An agent, by the offer of it that misses least. */
export interface Surveyed {
  readonly remaining: RemainingOffer
  /** What would have to go, as bits of `Survey.rules`; 0: it fits. */
  readonly missing: number
}

export interface Survey {
  readonly input: SurveyInput
  readonly rules: readonly Rule[]
  readonly agents: readonly Surveyed[]
}

/** The matcher's circumstances, with some of the rules gone. */
export interface Situation {
  readonly plan: LaunchPlan
  readonly settings: Settings
  readonly anyRegion: boolean
  readonly anyFrameworkRole: boolean
}

/** Rounds of asking an offer: no rule hides behind more others than that. */
const rounds = 6
/** As many rules as bits are told apart; further ones are not looked for. */
const mostRules = 30

export function survey(input: SurveyInput): Survey {
  const surveyor = new Surveyor(input)
  const byAgent = new Map<AgentId, Surveyed>()
  for (const offer of input.offers) {
    const remaining = input.open(offer)
    const missing = surveyor.missingOf(remaining)
    const known = byAgent.get(offer.agentId)
    if (known === undefined || sizeOf(missing) < sizeOf(known.missing)) {
      byAgent.set(offer.agentId, { remaining, missing })
    }
  }
  return { input, rules: surveyor.rules, agents: [...byAgent.values()] }
}

/** How many rules a set has. */
export function sizeOf(set: number): number {
  let size = 0
  for (let left = set; left !== 0; left &= left - 1) size++
  return size
}

/** The rules of a set, in the order they were found. */
export const rulesIn = (rules: readonly Rule[], set: number): readonly Rule[] =>
  rules.filter((_, at) => (set & (1 << at)) !== 0)

/** As things are. */
export const present = ({ runSpec, settings }: SurveyInput): Situation => ({
  plan: launchPlan(runSpec, settings),
  settings,
  anyRegion: false,
  anyFrameworkRole: false,
})

/** Why the matcher refuses an offer in this situation; undefined: it does not. */
export function refusalIn(
  situation: Situation,
  remaining: RemainingOffer,
  { runSpec, placed, wanted, now, homeRegion, reserves }: SurveyInput,
): readonly NoMatchReason[] | 'framework-role' | undefined {
  if (!situation.anyFrameworkRole && !isOfferedTo(remaining.offer, runSpec)) return 'framework-role'
  const region = situation.anyRegion ? remaining.offer.region : homeRegion
  return refusalOf(
    {
      remaining,
      runSpec,
      placed,
      wantedInstances: wanted,
      settings: situation.settings,
      rng: anyPort,
      now,
      reserves,
      ...(region === undefined ? {} : { homeRegion: region }),
    },
    situation.plan,
  )
}

/** Which of the free ports it would be makes no difference to whether there are enough. */
export const anyPort: Rng = {
  next: () => 0,
  int: () => 0,
  chance: () => false,
  pick: (items) => items[0]!,
  shuffle: (items) => items.slice(),
}

export const scalarNames = ['cpus', 'mem', 'disk', 'gpus'] as const satisfies readonly ScalarName[]

const scalarOf: Readonly<Partial<Record<NoMatchReason, ScalarName>>> = {
  InsufficientCpus: 'cpus',
  InsufficientMemory: 'mem',
  InsufficientDisk: 'disk',
  InsufficientGpus: 'gpus',
}

class Surveyor {
  readonly rules: Rule[] = []
  readonly #input: SurveyInput
  readonly #bits = new Map<string, number>()
  readonly #situations = new Map<number, Situation>()

  constructor(input: SurveyInput) {
    this.#input = input
    this.#situations.set(0, present(input))
  }

  /** The rules that would have to go for the offer to be used. */
  missingOf(remaining: RemainingOffer): number {
    let missing = 0
    for (let round = 0; round < rounds; round++) {
      const situation = this.#without(missing, remaining)
      const refusal = refusalIn(situation, remaining, this.#input)
      if (refusal === undefined) return missing
      const found =
        refusal === 'framework-role'
          ? this.#bit({ rule: 'framework-role' })
          : this.#rulesBehind(refusal, situation, remaining)
      if ((missing | found) === missing) return missing
      missing |= found
    }
    return missing
  }

  #rulesBehind(reasons: readonly NoMatchReason[], { plan }: Situation, remaining: RemainingOffer): number {
    if (reasons.length === 0) return this.#bit({ rule: 'region' })
    // What resources of other roles there are is seen once those may be used.
    if (reasons.includes('UnfulfilledRole') && hasOtherRoles(remaining, plan))
      return this.#bit({ rule: 'role' })
    let found = 0
    for (const reason of reasons) {
      const scalar = scalarOf[reason]
      // Of disk, volumes want some as well: what is short without them is seen then.
      if (scalar === 'disk' && plan.isResident) found |= this.#bit({ rule: 'volume-disks' })
      else if (scalar !== undefined) found |= this.#bit({ rule: scalar })
    }
    if (reasons.includes('UnfulfilledConstraint')) found |= this.#constraintsBehind(plan, remaining)
    if (reasons.includes('AgentMaintenance')) found |= this.#bit({ rule: 'maintenance' })
    if (reasons.includes('NoCorrespondingReservationFound')) found |= this.#bit({ rule: 'volumes' })
    if (reasons.includes('DeclinedScarceResources')) found |= this.#bit({ rule: 'gpus-kept' })
    if (reasons.includes('InsufficientPorts')) found |= this.#portsBehind(plan, remaining)
    if (found === 0 && reasons.includes('UnfulfilledRole')) found |= this.#bit({ rule: 'role' })
    return found
  }

  #constraintsBehind({ constraints }: LaunchPlan, { agent }: RemainingOffer): number {
    const { runSpec, placed, wanted, settings } = this.#input
    const all = launchPlan(runSpec, settings).constraints
    const left = new Set(constraints)
    let found = 0
    runSpec.constraints.forEach((constraint, at) => {
      const compiled = all[at]!
      if (!left.has(compiled) || meetsConstraints([compiled], agent, placed, wanted)) return
      found |= this.#bit({ rule: 'constraint', constraint })
    })
    return found
  }

  /** Each fixed port by itself; where none of them is the reason, there are too few. */
  #portsBehind({ ports, roles }: LaunchPlan, remaining: RemainingOffer): number {
    let found = 0
    for (const request of ports) {
      if (request.kind !== 'fixed' || assignPorts([request], remaining.ports, roles, anyPort) !== undefined)
        continue
      found |= this.#bit({ rule: 'port', port: request.port })
    }
    if (found !== 0) return found
    return this.#bit({ rule: 'ports', count: ports.filter(({ kind }) => kind !== 'none').length })
  }

  #bit(rule: Rule): number {
    const key = keyOf(rule)
    let bit = this.#bits.get(key)
    if (bit === undefined) {
      if (this.rules.length >= mostRules) return 0
      bit = 1 << this.rules.length
      this.rules.push(rule)
      this.#bits.set(key, bit)
    }
    return bit
  }

  /** The situation without these rules; that of roles is of each offer's own. */
  #without(set: number, remaining: RemainingOffer): Situation {
    let situation = this.#situations.get(set)
    if (situation === undefined) {
      situation = rulesIn(this.rules, set).reduce(
        (before, rule) => without(before, rule, this.#input.runSpec),
        present(this.#input),
      )
      this.#situations.set(set, situation)
    }
    const role = this.#bits.get('role') ?? 0
    return (set & role) === 0 ? situation : withRoles(situation, rolesOf(remaining))
  }
}

function keyOf(rule: Rule): string {
  if (rule.rule === 'constraint') return `constraint ${JSON.stringify(rule.constraint)}`
  return rule.rule === 'port' ? `port ${rule.port}` : rule.rule
}

const isSame = (a: Constraint, b: Constraint): boolean =>
  a.length === b.length && a.every((text, at) => text === b[at])

/** The situation in which a rule does not count. */
export function without(situation: Situation, rule: Rule, runSpec: RunSpec): Situation {
  const { plan } = situation
  switch (rule.rule) {
    case 'cpus':
    case 'mem':
    case 'disk':
    case 'gpus':
      return withAmount(situation, rule.rule, 0)
    case 'constraint': {
      const all = launchPlan(runSpec, plan.settings).constraints
      // One that is there twice is gone only when both are.
      const gone = new Set(all.filter((_, at) => isSame(runSpec.constraints[at]!, rule.constraint)))
      const constraints = plan.constraints.filter((each) => !gone.has(each))
      const kept = new Set(constraints)
      const left = runSpec.constraints.filter((_, at) => kept.has(all[at]!))
      return withPlan(situation, { constraints, choosesRegion: choosesRegion({ constraints: left }) })
    }
    case 'port':
      return withPlan(situation, {
        ports: plan.ports.map(
          (request): PortRequest =>
            request.kind === 'fixed' && request.port === rule.port ? { kind: 'none' } : request,
        ),
      })
    case 'ports':
      return withPlan(situation, { ports: [] })
    // Which roles depends on the offer.
    case 'role':
      return situation
    case 'maintenance':
      return { ...situation, settings: { ...situation.settings, maintenanceMode: false } }
    case 'gpus-kept':
      return withPlan(situation, { avoidsGpus: false })
    case 'volumes':
    case 'volume-disks':
      return withPlan(situation, { isResident: false, volumes: [] })
    case 'region':
      return { ...situation, anyRegion: true }
    case 'framework-role':
      return { ...situation, anyFrameworkRole: true }
  }
}

/** The situation in which so many thousandths of a scalar are asked for. */
export const withAmount = (situation: Situation, name: ScalarName, amount: number): Situation =>
  withPlan(situation, { demand: { ...situation.plan.demand, [name]: amount } })

/** The situation in which resources of these roles may be used, too. */
export const withRoles = (situation: Situation, roles: Iterable<string>): Situation =>
  withPlan(situation, { roles: new Set([...situation.plan.roles, ...roles]) })

const withPlan = (situation: Situation, change: Partial<LaunchPlan>): Situation => ({
  ...situation,
  plan: { ...situation.plan, ...change },
})

/** The roles of what an offer has to give. */
export function rolesOf({ scalars, ports }: RemainingOffer): ReadonlySet<string> {
  const roles = new Set<string>()
  for (const name of scalarNames) for (const { source } of scalars[name]) roles.add(source.role)
  for (const { source } of ports) roles.add(source.role)
  return roles
}

const hasOtherRoles = (remaining: RemainingOffer, { roles }: LaunchPlan): boolean =>
  [...rolesOf(remaining)].some((role) => !roles.has(role))
