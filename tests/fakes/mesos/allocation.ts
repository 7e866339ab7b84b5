// Who gets offered what: each agent's free resources go to one role of one framework, those with the smallest share
// first, unless it suppresses, refused as much lately, or wants other agents.

import type { AgentInfo } from './agent.ts'
import type { Framework } from './framework.ts'
import { type Bundle, quantity, roleOf } from './resources.ts'
import type { WireConstraint } from './wire.ts'

export interface Share {
  readonly framework: Framework
  readonly role: string
}

/** What of the free resources a role may have: what is reserved for it or for one above it, and what is for all. */
export function offerable(free: Bundle, role: string): Bundle {
  if (free.every(({ reservations }) => reservations.length === 0)) return free
  return free.filter((piece) => {
    const reservedFor = roleOf(piece)
    return reservedFor === '*' || reservedFor === role || role.startsWith(`${reservedFor}/`)
  })
}

/** The flag `min_allocatable_resources` of the recordings: cpus:0.01|mem:32. */
const isWorthOffering = (bundle: Bundle): boolean =>
  quantity(bundle, 'cpus') >= 0.01 || quantity(bundle, 'mem') >= 32

/** Roles that take offers, the poorest framework's first. */
export function takers(frameworks: Iterable<Framework>, room: { cpus: number; mem: number }): Share[] {
  const share = ({ allocated }: Framework): number =>
    Math.max(allocated.cpus / Math.max(room.cpus, 1), allocated.mem / Math.max(room.mem, 1))
  const found: Share[] = []
  for (const framework of [...frameworks].sort((a, b) => share(a) - share(b))) {
    if (!framework.isConnected) continue
    for (const role of framework.roles) if (!framework.suppressed.has(role)) found.push({ framework, role })
  }
  return found
}

export interface Allocation extends Share {
  readonly resources: Bundle
}

/** What to offer of one agent. Reserved resources may go to several roles, the rest to one. */
export function allocate(
  agent: AgentInfo,
  total: Bundle,
  free: Bundle,
  shares: readonly Share[],
): readonly Allocation[] {
  const result: Allocation[] = []
  let left = free
  for (const { framework, role } of shares) {
    if (left.length === 0) break
    const resources = offerable(left, role)
    if (resources.length === 0 || !isWorthOffering(resources)) continue
    if (!framework.has('GPU_RESOURCES') && quantity(total, 'gpus') > 0) continue
    if (framework.isRefused(role, agent.id, resources) || !suits(agent, framework, role)) continue
    result.push({ framework, role, resources })
    left = left.filter((piece) => !resources.includes(piece))
  }
  return result
}

/** Offer constraints: some group of them, all of the group. */
function suits(agent: AgentInfo, { constraints }: Framework, role: string): boolean {
  const groups = constraints?.role_constraints?.[role]?.groups
  if (groups === undefined || groups.length === 0) return true
  return groups.some(({ attribute_constraints: all = [] }) => all.every((one) => holds(agent, one)))
}

function holds(agent: AgentInfo, { selector, predicate }: WireConstraint): boolean {
  const pseudo = { HOSTNAME: agent.hostname, REGION: agent.region, ZONE: agent.zone }
  const text =
    selector.pseudoattribute_type === undefined
      ? agent.attributes[selector.attribute_name ?? '']
      : pseudo[selector.pseudoattribute_type]
  if (predicate.exists !== undefined) return text !== undefined
  if (predicate.not_exists !== undefined) return text === undefined
  const { text_equals, text_not_equals, text_matches, text_not_matches } = predicate
  const matches = (regex: string): boolean => new RegExp(`^(?:${regex})$`).test(text ?? '')
  if (text_equals !== undefined) return text === text_equals.value
  if (text_not_equals !== undefined) return text !== text_not_equals.value
  if (text_matches !== undefined) return text !== undefined && matches(text_matches.regex)
  if (text_not_matches !== undefined) return text === undefined || !matches(text_not_matches.regex)
  return true
}
