// Why no agent takes an instance: the agents counted by what refuses them, the constraints among it with what agents
// have of their fields, what would help, and the agents that are nearest to fitting.

import { unreachable } from '../../lib/assert.ts'
import { after } from '../../lib/instant.ts'
import { limits } from '../../lib/limits.ts'
import { fieldText } from '../placement/field-text.ts'
import { fromThousandths } from '../placement/fixed-point.ts'
import type { RemainingOffer } from '../placement/remaining.ts'
import { type Cause, cause, type Evidence, type Obstacle, type Rule } from './cause.ts'
import { present, rolesOf, rulesIn, type Situation, type Survey, type Surveyed, sizeOf } from './survey.ts'
import { roomOf, whatIfs } from './what-if.ts'

type NoMatch = Extract<Evidence, { readonly kind: 'no-match' }>

/** `of`: how many agents there are, of which those surveyed are some; `asOf`: when they offered what is looked at. */
export function explainPlacement(
  survey: Survey,
  { count, of, asOf }: { readonly count: number; readonly of: number; readonly asOf?: NoMatch['asOf'] },
): Cause {
  const { input, rules, agents } = survey
  const runSpecId = input.runSpec.id
  const fitting = agents.filter(({ missing }) => missing === 0).length
  if (fitting > 0) return cause({ kind: 'fits', runSpecId, agents: fitting, of: agents.length })
  const refusals = rules
    .map((rule, at) => ({
      ...rule,
      agents: agents.filter(({ missing }) => (missing & (1 << at)) !== 0).length,
    }))
    .sort((a, b) => b.agents - a.agents)
  const fact: NoMatch = {
    kind: 'no-match',
    runSpecId,
    agents: agents.length,
    of,
    refusals,
    ...(asOf === undefined ? {} : { asOf }),
  }
  return cause(fact, [
    ...rules.flatMap((rule, at) => (rule.rule === 'constraint' ? [constraintFact(survey, rule, at)] : [])),
    ...whatIfs(survey, count).map((whatIf) => cause(whatIf)),
    ...nearest(survey).map((agent) => agentFact(survey, agent)),
  ])
}

function constraintFact(
  { input, agents }: Survey,
  { constraint }: Extract<Rule, { readonly rule: 'constraint' }>,
  at: number,
): Cause {
  const [field] = constraint
  const counts = new Map<string, number>()
  let refusing = 0
  let lacking = 0
  for (const { remaining, missing } of agents) {
    const value = fieldText(remaining.agent, field)
    if (value === undefined) lacking++
    if ((missing & (1 << at)) === 0) continue
    refusing++
    if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  const perValue = input.placed.fields.get(field)?.perValue
  const values = [...counts]
    .sort(([a, as], [b, bs]) => bs - as || (a < b ? -1 : 1))
    .map(([value, many]) => ({ value, agents: many, placed: perValue?.get(value) ?? 0 }))
  return cause({
    kind: 'constraint',
    runSpecId: input.runSpec.id,
    constraint,
    refusing,
    lacking,
    of: agents.length,
    values: values.slice(0, limits.explainedNames),
    moreValues: Math.max(0, values.length - limits.explainedNames),
  })
}

/** Those that miss the fewest rules, and of the amounts the least. */
function nearest(survey: Survey): readonly Surveyed[] {
  const situation = present(survey.input)
  const few = Math.min(...survey.agents.map(({ missing }) => sizeOf(missing)))
  return survey.agents
    .filter(({ missing }) => sizeOf(missing) === few)
    .map((agent) => ({ agent, room: leastShare(survey, agent, situation) }))
    .sort((a, b) => b.room - a.room)
    .slice(0, limits.explainedAgents)
    .map(({ agent }) => agent)
}

/** The smallest part of an amount that is there; 1 where no amount is short. */
function leastShare({ rules }: Survey, { remaining, missing }: Surveyed, situation: Situation): number {
  let least = 1
  for (const { rule } of rulesIn(rules, missing)) {
    if (rule !== 'cpus' && rule !== 'mem' && rule !== 'disk' && rule !== 'gpus') continue
    const asks = fromThousandths(situation.plan.demand[rule])
    least = Math.min(least, roomOf(remaining, rule, situation) / asks)
  }
  return least
}

function agentFact(survey: Survey, { remaining, missing }: Surveyed): Cause {
  const situation = present(survey.input)
  const { agentId, hostname } = remaining.agent
  const obstacles = rulesIn(survey.rules, missing).map((rule) => obstacleOf(rule, remaining, situation))
  return cause({ kind: 'agent', agentId, hostname, obstacles })
}

function obstacleOf(rule: Rule, remaining: RemainingOffer, situation: Situation): Obstacle {
  const { offer } = remaining
  const having = (has: string | undefined): Obstacle => (has === undefined ? rule : { ...rule, has })
  switch (rule.rule) {
    case 'cpus':
    case 'mem':
    case 'disk':
    case 'gpus': {
      const asks = fromThousandths(situation.plan.demand[rule.rule])
      return { ...rule, has: roomOf(remaining, rule.rule, situation), asks }
    }
    case 'constraint':
      return having(fieldText(remaining.agent, rule.constraint[0]))
    case 'role':
      return having([...rolesOf(remaining)].sort().join(', '))
    case 'region':
      return having(offer.region)
    case 'framework-role':
      return having(offer.role)
    case 'maintenance': {
      const { start, duration } = offer.unavailability ?? {}
      return start === undefined || duration === undefined ? rule : { ...rule, until: after(start, duration) }
    }
    case 'ports':
      return { ...rule, has: remaining.total.ports, asks: rule.count }
    case 'port':
    case 'gpus-kept':
    case 'volumes':
    case 'volume-disks':
      return rule
    default:
      return unreachable(rule)
  }
}
