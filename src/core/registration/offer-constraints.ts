// What of the constraints of waiting run specs can be told to the master (`--mesos_offer_constraints`), so that it
// leaves out offers none of them allows. Only ever less than what the constraints say: an offer that is left out and
// would have fitted is a launch that never comes, one that comes in vain is declined.

import { limits } from '../../lib/limits.ts'
import type { Constraint } from '../../spec/app.ts'
import { isResident, type RunSpec } from '../../spec/run-spec.ts'
import type { Core } from '../core.ts'
import type { Instance } from '../instances/instance.ts'
import { firstValue, type PlacedIndex } from '../placement/constraint-index.ts'
import type { AttributeConstraint, OfferConstraints } from '../ready.ts'
import { isInRe2 } from './re2-subset.ts'

type Group = readonly AttributeConstraint[]

/**
 * By role, of these roles: a master refuses a call that speaks of others. A role of which something fits anywhere has
 * none, as has one in which nothing waits. One group for each version of a run spec that waits, the same ones once.
 */
export function offerConstraintsOf(
  { state }: Pick<Core, 'state'>,
  among: readonly string[],
): OfferConstraints {
  const roles = new Map<string, RoleGroups>()
  const groupsOf = (role: string): RoleGroups => {
    const known = roles.get(role) ?? new RoleGroups()
    roles.set(role, known)
    return known
  }
  for (const role of state.rolesToCleanUp.keys()) groupsOf(role).addAny()
  for (const id of state.waiting) {
    for (const [version, waiting] of state.scheduledOf(id)) {
      const runSpec = state.runSpecVersion(id, version)
      if (runSpec === undefined) continue
      const group = groupOf(runSpec.constraints, state.placedOf(runSpec))
      for (const [role, isAnywhere] of rolesOf(runSpec, waiting.values())) {
        if (isAnywhere) groupsOf(role).addAny()
        else groupsOf(role).add(group)
      }
    }
  }
  const told: [string, readonly Group[]][] = []
  for (const [role, { list }] of roles) if (list.length > 0 && among.includes(role)) told.push([role, list])
  return Object.fromEntries(told.sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** The roles of what waits. What holds a reservation goes where that is, whatever its constraints say by now. */
function rolesOf(runSpec: RunSpec, waiting: Iterable<Instance>): ReadonlyMap<string, boolean> {
  const roles = new Map<string, boolean>()
  for (const { role, reservation } of waiting) {
    roles.set(role, roles.get(role) === true || reservation !== undefined)
    if (!isResident(runSpec)) break
  }
  return roles
}

class RoleGroups {
  readonly #groups = new Map<string, Group>()
  #isAny = false

  /** Any offer may do. */
  addAny(): void {
    this.#isAny = true
  }

  add(group: Group): void {
    if (group.length === 0 || this.#groups.size >= limits.toldConstraintGroups) this.#isAny = true
    else this.#groups.set(JSON.stringify(group), group)
  }

  /** Always in the same order, so that it is another one only when something else is told. */
  get list(): readonly Group[] {
    if (this.#isAny) return []
    return [...this.#groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group)
  }
}

/** The conditions that an offer has to meet all of; none when it may be any. */
function groupOf(constraints: readonly Constraint[], placed: PlacedIndex): Group {
  const told = constraints.flatMap((constraint) => {
    const predicates = [ofOffer(constraint), ...ofPlaced(constraint, placed)]
    const selector = selectorOf(constraint[0])
    return predicates.flatMap((predicate) => (predicate === undefined ? [] : [{ selector, predicate }]))
  })
  return told.slice(0, limits.toldConstraintsPerGroup)
}

function selectorOf(field: string): AttributeConstraint['selector'] {
  switch (field) {
    case 'hostname':
    case '@hostname':
      return { pseudo: 'HOSTNAME' }
    case '@region':
      return { pseudo: 'REGION' }
    case '@zone':
      return { pseudo: 'ZONE' }
    default:
      return { attribute: field }
  }
}

type Predicate = AttributeConstraint['predicate']
const exists: Predicate = { kind: 'exists' }

/** What the constraint asks of an offer wherever the others are. */
function ofOffer([, operator, value = '']: Constraint): Predicate | undefined {
  switch (operator) {
    case 'UNIQUE':
    case 'GROUP_BY':
    case 'MAX_PER':
      return exists
    case 'CLUSTER':
      return value === '' ? exists : { kind: 'text-equals', value }
    case 'IS':
      // Numbers are equal in more ways than one (runtime 5.3).
      return /^[+-]?\d/.test(value) ? exists : { kind: 'text-equals', value }
    case 'LIKE':
      return isInRe2(value) ? { kind: 'text-matches', regex: value } : exists
    case 'UNLIKE':
      return isInRe2(value) ? { kind: 'text-not-matches', regex: value } : undefined
  }
}

/** What it asks besides because of where the others are. Groups are left to the matcher. */
function* ofPlaced([field, operator, value = '']: Constraint, placed: PlacedIndex): Generator<Predicate> {
  const counts = placed.fields.get(field)
  if (counts === undefined) return
  if (operator === 'CLUSTER') {
    const first = firstValue(counts)?.value
    if (first !== undefined) yield { kind: 'text-equals', value: first }
    return
  }
  const most = operator === 'UNIQUE' ? 1 : operator === 'MAX_PER' ? Number(value) : Number.POSITIVE_INFINITY
  for (const [used, count] of counts.perValue) {
    if (used !== undefined && count >= most) yield { kind: 'text-not-equals', value: used }
  }
}
