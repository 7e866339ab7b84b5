// Who may be launched now: the versions of a run spec with instances that wait and nothing that holds them up. Prepared
// once per turn of placement.

import type { Instant } from '../../lib/instant.ts'
import { type PathId, topLevelGroup } from '../../lib/path-id.ts'
import { isResident, type RunSpec } from '../../spec/run-spec.ts'
import type { Core } from '../core.ts'
import type { Instance } from '../instances/instance.ts'
import type { PlacedIndex } from '../placement/constraint-index.ts'
import { createOfferStatistics, type OfferStatistics } from '../placement/explain.ts'
import type { CompiledConstraint } from '../placement/filters/constraints.ts'
import { groupConstraint } from '../placement/group-order.ts'
import type { WaitingInstances } from './waiting-instances.ts'

/** A version of a run spec with instances of one role that wait. */
export interface Candidate {
  readonly runSpec: RunSpec
  readonly role: string
  /** Resources are reserved for an instance before it is launched, and it is launched on those alone (runtime 12). */
  readonly isResident: boolean
  readonly wanted: number
  readonly enforceGroupRole: boolean
  /** Where the others are: of a resident one, where anything is reserved for them. */
  readonly placed: PlacedIndex
  /** Where the others are that were launched: what one sees that has a reservation. */
  readonly launched: PlacedIndex
  /** GROUP_BY: a refusal by it holds only until another instance is placed. */
  readonly grouping: CompiledConstraint | undefined
  readonly statistics: OfferStatistics
  readonly instances: Iterator<Instance>
  /** Of those that any offer may do for. */
  next: Instance | undefined
  left: number
  /** How many wait for the one agent that keeps their volumes. */
  bound: number
}

/** More than wanted, and the decision about which of them go is not through: what waits may be surplus. */
export function isShrinking({ state, dirty }: Core, id: PathId): boolean {
  return dirty.isPostponed(id) && state.tallyOf(id).counted > (state.runSpec(id)?.instances ?? 0)
}

/** Those whose delay is not over are noted down, to come back when it is. */
export function candidatesOf(core: Core, id: PathId): Candidate[] {
  const { state, delays, delayed, quarantine } = core
  if (quarantine.has(id) || isShrinking(core, id)) return []
  const candidates: Candidate[] = []
  let until: Instant | undefined
  for (const [version, waiting] of state.scheduledOf(id)) {
    const runSpec = state.runSpecVersion(id, version)
    if (runSpec === undefined) continue
    const deadline = delays.deadline(runSpec)
    if (deadline !== undefined && deadline > state.now) {
      if (until === undefined || deadline < until) until = deadline
      continue
    }
    // Almost always there is one: only what is reserved keeps a role that its app has no more.
    for (const role of waiting.roles.keys()) candidates.push(prepare(core, runSpec, waiting, role))
  }
  if (until === undefined) delayed.delete(id)
  else delayed.set(id, { until, isAll: candidates.length === 0 })
  return candidates
}

function prepare(
  { state, statistics, refusalRoom }: Core,
  runSpec: RunSpec,
  waiting: Readonly<WaitingInstances>,
  role: string,
): Candidate {
  const { id } = runSpec
  let known = statistics.get(id)
  if (known === undefined) {
    known = createOfferStatistics(refusalRoom)
    statistics.set(id, known)
  }
  const top = topLevelGroup(id)
  const launched = state.placedOf(runSpec)
  const hasVolumes = isResident(runSpec)
  const { count, bound } = waiting.roles.get(role)!
  const candidate: Candidate = {
    runSpec,
    role,
    isResident: hasVolumes,
    wanted: state.runSpec(id)?.instances ?? runSpec.instances,
    enforceGroupRole: (top === undefined ? undefined : state.groups.get(top)?.enforceRole) ?? false,
    placed: hasVolumes ? state.heldPlacesOf(runSpec) : launched,
    launched,
    grouping: groupConstraint(runSpec.constraints),
    statistics: known,
    instances: waiting.values(),
    next: undefined,
    left: count - bound,
    bound,
  }
  advance(candidate)
  return candidate
}

/** On to the next of those that any offer may do for. */
export function advance(candidate: Candidate): void {
  for (;;) {
    const { done, value } = candidate.instances.next()
    candidate.next = done === true ? undefined : value
    const { next } = candidate
    if (next === undefined || (next.reservation === undefined && next.role === candidate.role)) return
  }
}
