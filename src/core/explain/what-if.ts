// What would have to be otherwise for an instance to fit, worked out on offers at hand: for each set of rules that
// keeps agents off, the mildest change that helps, and on how many agents the matcher would accept with it.

import { limits } from '../../lib/limits.ts'
import { fromThousandths } from '../placement/fixed-point.ts'
import { mostOf, type RemainingOffer, type ScalarName } from '../placement/remaining.ts'
import type { Change, Evidence, Rule } from './cause.ts'
import {
  present,
  refusalIn,
  rolesOf,
  rulesIn,
  type Situation,
  type Survey,
  type Surveyed,
  scalarNames,
  sizeOf,
  withAmount,
  without,
  withRoles,
} from './survey.ts'

type WhatIf = Extract<Evidence, { readonly kind: 'if' }>

const isScalar = (rule: Rule): rule is { readonly rule: ScalarName } =>
  (scalarNames as readonly string[]).includes(rule.rule)

/**
 * The changes that help, those that help on most agents first. One thing is changed at a time as long as that helps
 * anywhere, otherwise as few together as do. `count`: how many instances wait, each on an agent of its own at best.
 */
export function whatIfs(survey: Survey, count: number): readonly WhatIf[] {
  const groups = new Map<number, Surveyed[]>()
  for (const agent of survey.agents) {
    if (agent.missing === 0) continue
    const group = groups.get(agent.missing)
    if (group === undefined) groups.set(agent.missing, [agent])
    else group.push(agent)
  }
  const found = [...moreRoles(survey)]
  const bySize = [...groups].sort(([a, as], [b, bs]) => sizeOf(a) - sizeOf(b) || bs.length - as.length)
  let tries = 0
  for (const [set, agents] of bySize) {
    const isLarger = found[0] !== undefined && sizeOf(set) > found[0].changes.length
    if (isLarger || found.length >= limits.explainedChanges || tries >= limits.explainedTries) break
    tries++
    for (const situations of mildest(survey, { set, agents, count })) {
      const whatIf = outcomeOf(survey, situations)
      if (whatIf.agents > 0 && !found.some((known) => isSame(known, whatIf))) found.push(whatIf)
    }
  }
  return found.sort((a, b) => b.agents - a.agents).slice(0, limits.explainedChanges)
}

const isSame = (a: WhatIf, b: WhatIf): boolean => JSON.stringify(a.changes) === JSON.stringify(b.changes)

interface Changed {
  readonly situation: Situation
  readonly changes: readonly Change[]
}

/** How many agents take an instance then: the matcher is asked, for each of them. */
function outcomeOf({ input, agents }: Survey, { situation, changes }: Changed): WhatIf {
  let fitting = 0
  for (const { remaining } of agents) if (refusalIn(situation, remaining, input) === undefined) fitting++
  return { kind: 'if', runSpecId: input.runSpec.id, changes, agents: fitting, of: agents.length }
}

interface Group {
  readonly set: number
  readonly agents: readonly Surveyed[]
  readonly count: number
}

/** The changes for one set of rules: one, or of a single amount that and the one with room for all that wait. */
function mildest(survey: Survey, { set, agents, count }: Group): readonly Changed[] {
  const { input } = survey
  const rules = rulesIn(survey.rules, set)
  const scalars = rules.filter(isScalar).map(({ rule }) => rule)
  let start: Changed = { situation: present(input), changes: [] }
  for (const rule of rules) {
    if (rule.rule === 'role') start = addRoles(start, agents)
    else if (!isScalar(rule))
      start = {
        situation: without(start.situation, rule, input.runSpec),
        changes: [...start.changes, changeOf(rule)],
      }
  }
  if (scalars.length === 0) return [start]
  const { roles, demand } = start.situation.plan
  const rooms = agents
    .map(({ remaining }) => scalars.map((name) => mostOf(remaining.scalars[name], roles)))
    .filter((room) => room.every((amount) => amount > 0))
    .sort((a, b) => closeness(b) - closeness(a))
  function closeness(room: readonly number[]): number {
    return Math.min(...room.map((amount, at) => amount / demand[scalars[at]!]))
  }
  const chosen = scalars.length > 1 ? [rooms[0]] : [rooms[0], rooms[Math.min(count, rooms.length) - 1]]
  return chosen
    .filter((room) => room !== undefined)
    .map((room) => scalars.reduce((changed, name, at) => withAtMost(changed, name, room[at]!), start))
}

function withAtMost({ situation, changes }: Changed, name: ScalarName, amount: number): Changed {
  const asks = fromThousandths(situation.plan.demand[name])
  return {
    situation: withAmount(situation, name, amount),
    changes: [...changes, { change: name, atMost: fromThousandths(amount), asks }],
  }
}

function addRoles({ situation, changes }: Changed, agents: readonly Surveyed[]): Changed {
  const roles = otherRoles(agents, situation)
  return { situation: withRoles(situation, roles), changes: [...changes, { change: 'roles', roles }] }
}

/** Roles that are not accepted and have resources here. */
function otherRoles(agents: readonly Surveyed[], { plan }: Situation): readonly string[] {
  const roles = new Set<string>()
  for (const { remaining } of agents) for (const role of rolesOf(remaining)) roles.add(role)
  return [...roles].filter((role) => !plan.roles.has(role)).sort()
}

/** Where some of what an agent has is of an accepted role and not enough, more roles may be. */
function* moreRoles(survey: Survey): Generator<WhatIf> {
  const situation = present(survey.input)
  const roles = otherRoles(survey.agents, situation)
  if (roles.length === 0) return
  const changes: readonly Change[] = [{ change: 'roles', roles }]
  const whatIf = outcomeOf(survey, { situation: withRoles(situation, roles), changes })
  if (whatIf.agents > 0) yield whatIf
}

function changeOf(rule: Exclude<Rule, { readonly rule: ScalarName }>): Change {
  switch (rule.rule) {
    case 'constraint':
      return { change: 'constraint', constraint: rule.constraint }
    case 'port':
      return { change: 'port', port: rule.port }
    case 'ports':
      return { change: 'ports', count: rule.count }
    case 'role':
      return { change: 'roles', roles: [] }
    default:
      return { change: rule.rule }
  }
}

/** Amounts an agent has left for the accepted roles, in the unit of definitions. */
export const roomOf = ({ scalars }: RemainingOffer, name: ScalarName, { plan }: Situation): number =>
  fromThousandths(mostOf(scalars[name], plan.roles))
