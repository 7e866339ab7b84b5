// Where the instances of one run spec are, counted by the fields its constraints speak about: field → value → count.
// Operators ask it instead of scanning the placed instances, so that an app of 100,000 instances costs no more per
// offer than one of ten. Built once per configuration, then kept up to date with every change of an instance.

import type { Version } from '../../lib/instant.ts'
import { limits } from '../../lib/limits.ts'
import type { Constraint } from '../../spec/app.ts'
import type { RunSpec } from '../../spec/run-spec.ts'
import { conditions, isScheduled } from '../instances/condition.ts'
import type { AgentInfo, Instance } from '../instances/instance.ts'
import { awaitsCleanup } from '../instances/resident.ts'
import { fieldText } from './field-text.ts'

export interface PlacedIndex {
  /** Only the fields some constraint counts on. */
  readonly fields: ReadonlyMap<string, FieldCounts>
}

export interface FieldCounts {
  /**
   * How many placed instances there are per value, in the order the values came into use; the key undefined stands for
   * instances on agents that lack the field.
   */
  readonly perValue: Map<string | undefined, number>
  /** How many values have a given count: answers smallest and excess without walking the values. */
  readonly valuesWith: Map<number, number>
  /** The smallest count of any value; 0 when nothing is placed. */
  smallest: number
  /** Σ max(0, count − quota) over the values, for the quota asked for last. */
  excess: { readonly quota: number; sum: number }
}

const noFields: PlacedIndex = { fields: new Map() }

/** Whether an operator looks at where the others are; the rest looks at the offer alone. */
const countsPlaced = ([, operator, value]: Constraint): boolean =>
  operator === 'UNIQUE' ||
  operator === 'MAX_PER' ||
  operator === 'GROUP_BY' ||
  (operator === 'CLUSTER' && (value === undefined || value === ''))

/** Whether constraints of a version see an instance. */
export type Counts = (instance: Instance, runSpec: RunSpec) => boolean

/**
 * For a launch: launched, not lost, and of a version since the last config change (runtime 5). UnreachableInactive and
 * stopped resident instances count; failed ones that wait for their relaunch do not, nor those that only hold a
 * reservation: what is reserved for an instance must not keep it from being launched. What only waits to give its
 * reservation back is nowhere any more; in the original it counts until then.
 */
export const isPlaced: Counts = (instance, runSpec) =>
  instance.agent !== undefined &&
  !conditions[instance.condition].isLost &&
  !isScheduled(instance) &&
  !awaitsCleanup(instance) &&
  instance.runSpecVersion >= runSpec.versionInfo.lastConfigChangeAt

/**
 * For a new reservation: whatever is placed, and whatever holds a reservation, of any version and in any condition,
 * since it comes back to its agent and to no other. Else two that must be apart would be bound to one place for ever.
 * What is to give its reservation back does not count.
 */
export const holdsPlace: Counts = (instance, runSpec) =>
  (instance.reservation !== undefined &&
    instance.agent !== undefined &&
    instance.goal !== 'Decommissioned') ||
  isPlaced(instance, runSpec)

/**
 * The index of a run spec version over all instances of the run spec, in the order of their creation. Costs nothing
 * without counting constraints. Valid for every version with the same lastConfigChangeAt.
 */
export function buildPlacedIndex(
  instances: Iterable<Instance>,
  runSpec: RunSpec,
  counts: Counts = isPlaced,
): PlacedIndex {
  const counting = runSpec.constraints.filter(countsPlaced)
  if (counting.length === 0) return noFields
  const index: PlacedIndex = { fields: new Map(counting.map(([field]) => [field, emptyCounts()])) }
  for (const instance of instances) {
    if (counts(instance, runSpec)) addPlaced(index, instance.agent!)
  }
  return index
}

/** The indexes of one run spec: one per configuration that was placed lately. */
export class PlacedIndexes {
  readonly #byConfiguration = new Map<Version, { readonly runSpec: RunSpec; readonly index: PlacedIndex }>()
  readonly #counts: Counts

  constructor(counts: Counts) {
    this.#counts = counts
  }

  of(runSpec: RunSpec, instances: () => Iterable<Instance>): PlacedIndex {
    if (!runSpec.constraints.some(countsPlaced)) return noFields
    const { lastConfigChangeAt } = runSpec.versionInfo
    const known = this.#byConfiguration.get(lastConfigChangeAt)
    if (known !== undefined) return known.index
    if (this.#byConfiguration.size >= limits.placedIndexesPerRunSpec) {
      for (const oldest of this.#byConfiguration.keys()) {
        this.#byConfiguration.delete(oldest)
        break
      }
    }
    const index = buildPlacedIndex(instances(), runSpec, this.#counts)
    this.#byConfiguration.set(lastConfigChangeAt, { runSpec, index })
    return index
  }

  changed(before: Instance | undefined, after: Instance | undefined): void {
    for (const { runSpec, index } of this.#byConfiguration.values()) {
      if (before !== undefined && this.#counts(before, runSpec)) removePlaced(index, before.agent!)
      if (after !== undefined && this.#counts(after, runSpec)) addPlaced(index, after.agent!)
    }
  }
}

/** One more instance is placed on this agent. */
export function addPlaced(index: PlacedIndex, agent: AgentInfo): void {
  for (const [field, counts] of index.fields) addValue(counts, fieldText(agent, field))
}

/** An instance that was counted on this agent no longer is. */
export function removePlaced(index: PlacedIndex, agent: AgentInfo): void {
  for (const [field, counts] of index.fields) removeValue(counts, fieldText(agent, field))
}

const emptyCounts = (): FieldCounts => ({
  perValue: new Map(),
  valuesWith: new Map(),
  smallest: 0,
  excess: { quota: 0, sum: 0 },
})

/** The value of the first placed instance (as far as its value is still in use); undefined when none is placed. */
export function firstValue(counts: FieldCounts): { readonly value: string | undefined } | undefined {
  for (const value of counts.perValue.keys()) return { value }
  return undefined
}

/** Σ max(0, count − quota) over all values in use. */
export function excessOver(counts: FieldCounts, quota: number): number {
  if (counts.excess.quota !== quota) {
    let sum = 0
    for (const [count, values] of counts.valuesWith) sum += Math.max(0, count - quota) * values
    counts.excess = { quota, sum }
  }
  return counts.excess.sum
}

function addValue(counts: FieldCounts, value: string | undefined): void {
  const before = counts.perValue.get(value) ?? 0
  counts.perValue.set(value, before + 1)
  moveCount(counts.valuesWith, before, before + 1)
  if (before >= counts.excess.quota) counts.excess.sum++
  if (before === 0) counts.smallest = 1
  else if (before === counts.smallest && !counts.valuesWith.has(before)) counts.smallest = before + 1
}

function removeValue(counts: FieldCounts, value: string | undefined): void {
  const before = counts.perValue.get(value) ?? 0
  if (before === 0) return
  if (before === 1) counts.perValue.delete(value)
  else counts.perValue.set(value, before - 1)
  moveCount(counts.valuesWith, before, before - 1)
  if (before > counts.excess.quota) counts.excess.sum--
  if (before > 1) counts.smallest = Math.min(counts.smallest, before - 1)
  else if (!counts.valuesWith.has(1)) counts.smallest = lowest(counts.valuesWith.keys())
}

function moveCount(valuesWith: Map<number, number>, from: number, to: number): void {
  const left = (valuesWith.get(from) ?? 0) - 1
  if (left > 0) valuesWith.set(from, left)
  else valuesWith.delete(from)
  if (to > 0) valuesWith.set(to, (valuesWith.get(to) ?? 0) + 1)
}

function lowest(numbers: Iterable<number>): number {
  let least = Number.POSITIVE_INFINITY
  for (const number of numbers) least = Math.min(least, number)
  return least === Number.POSITIVE_INFINITY ? 0 : least
}
