// Which instances go when there are too many (runtime 7, worked-examples 5): those somebody named, then those whose
// going evens out GROUP_BY, then by condition and age.

import type { Instant } from '../../lib/instant.ts'
import type { RunSpec } from '../../spec/run-spec.ts'
import { countsTowardsTarget } from '../instances/condition.ts'
import type { Condition, Instance, InstanceId } from '../instances/instance.ts'

export interface KillQuestion {
  /** All instances of the run spec; those that do not count are left alone. */
  readonly instances: Iterable<Instance>
  readonly target: number
  readonly killSelection: RunSpec['killSelection']
  /** Instances named by the user: they go first, all of them. */
  readonly selected?: ReadonlySet<InstanceId>
  /** How many of those that go are needed now; all of them by default. */
  readonly most?: number
  /** Of these candidates, up to `count` that constraints would have go, in order. */
  readonly selectByConstraints?: (candidates: readonly Instance[], count: number) => readonly Instance[]
}

export interface KillAnswer {
  /** In the order they go, the first `most` of them. */
  readonly toKill: readonly Instance[]
  /** How many go in all. */
  readonly killCount: number
  /** How many new instances the target needs afterwards. */
  readonly toStart: number
}

export function selectToKill(question: KillQuestion): KillAnswer {
  const counted: Instance[] = []
  for (const instance of question.instances) if (countsTowardsTarget(instance)) counted.push(instance)
  const selected = counted.filter((instance) => question.selected?.has(instance.id) ?? false)
  const killCount = Math.max(counted.length - question.target, selected.length)
  const toStart = Math.max(0, question.target - counted.length + killCount)
  const count = Math.min(killCount, question.most ?? killCount)
  if (count <= selected.length) return { toKill: selected.slice(0, count), killCount, toStart }

  const taken = new Set(selected)
  const others = counted.filter((instance) => !taken.has(instance))
  const constrained = question.selectByConstraints?.(others, count - selected.length) ?? []
  for (const instance of constrained) taken.add(instance)
  const left = others.filter((instance) => !taken.has(instance))
  const toKill = [...selected, ...constrained]
  for (const instance of firstToGo(left, count - toKill.length, question.killSelection)) toKill.push(instance)
  return { toKill, killCount, toStart }
}

const weights: Readonly<Partial<Record<Condition, number>>> = {
  Unreachable: 1,
  Staging: 2,
  Starting: 3,
  Running: 4,
}
const weightOfOthers = 5

/** The instances in the order they would go. */
export const killOrder = (
  instances: readonly Instance[],
  killSelection: RunSpec['killSelection'],
): Instance[] => instances.slice().sort(goesBefore(killSelection))

/** The first `count` of the kill order. Does not sort the rest: of 100,000 instances usually a few go. */
export function firstToGo(
  instances: readonly Instance[],
  count: number,
  killSelection: RunSpec['killSelection'],
): Instance[] {
  if (count <= 0) return []
  if (count >= instances.length) return killOrder(instances, killSelection)
  const compare = goesBefore(killSelection)
  let first: Instance[] = []
  let last: Instance | undefined
  for (const instance of instances) {
    if (last !== undefined && compare(instance, last) >= 0) continue
    first.push(instance)
    if (first.length < 2 * count) continue
    first = first.sort(compare).slice(0, count)
    last = first[count - 1]
  }
  return first.sort(compare).slice(0, count)
}

/** Equal ones by age as scheduled, then by id, so that the order is total. */
const goesBefore =
  (killSelection: RunSpec['killSelection']) =>
  (a: Instance, b: Instance): number => {
    const sign = killSelection === 'YOUNGEST_FIRST' ? -1 : 1
    const byWeight = weightOf(a) - weightOf(b)
    if (byWeight !== 0) return byWeight
    const left = ageOf(a)
    const right = ageOf(b)
    if (left !== right) {
      if (left === undefined) return -1
      if (right === undefined) return 1
      return sign * (left - right)
    }
    if (a.scheduledAt !== b.scheduledAt) return sign * (a.scheduledAt - b.scheduledAt)
    return a.id < b.id ? -1 : a.id > b.id ? 1 : 0
  }

const weightOf = (instance: Instance): number => weights[instance.condition] ?? weightOfOthers

/** The instant an instance's age counts from; undefined when it was never active. */
function ageOf(instance: Instance): Instant | undefined {
  if (instance.condition === 'Starting') return instance.since
  if (instance.condition !== 'Staging') return instance.activeSince
  let latest: Instant | undefined
  for (const { stagedAt } of instance.tasks) if (latest === undefined || stagedAt > latest) latest = stagedAt
  return latest
}
