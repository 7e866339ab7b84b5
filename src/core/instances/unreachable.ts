// When an unreachable instance is given up: replaced after inactiveAfter, forgotten after expungeAfter (runtime 8).
// Both take effect when their time has come, not at the next status as in the original.

import { after, type Instant, seconds } from '../../lib/instant.ts'
import type { RunSpec } from '../../spec/run-spec.ts'
import { unreachableSince } from './from-tasks.ts'
import type { Instance } from './instance.ts'
import { defaultUnreachableStrategy } from './transition.ts'

export type UnreachableDecision = 'none' | 'inactive' | 'expunge'

/**
 * Moments before which nothing is given up. A new leader waits for the answers of its first reconciliation, since
 * tasks may have come back while nobody listened (--task_lost_expunge_initial_delay).
 */
export interface UnreachableFloor {
  readonly inactive?: Instant
  readonly expunge?: Instant
}

type Strategy = Pick<RunSpec, 'unreachableStrategy'> | undefined

/** What is to be done with this instance now. */
export function decideUnreachable(
  instance: Instance,
  runSpec: Strategy,
  now: Instant,
  floor: UnreachableFloor = {},
): UnreachableDecision {
  const times = unreachableTimes(instance, runSpec, floor)
  if (times === undefined) return 'none'
  if (now >= times.expungeAt) return 'expunge'
  return instance.condition === 'Unreachable' && now >= times.inactiveAt ? 'inactive' : 'none'
}

/** When to ask decideUnreachable again; undefined when time changes nothing. */
export function nextUnreachableDeadline(
  instance: Instance,
  runSpec: Strategy,
  floor: UnreachableFloor = {},
): Instant | undefined {
  const times = unreachableTimes(instance, runSpec, floor)
  if (times === undefined) return undefined
  return instance.condition === 'Unreachable' && times.inactiveAt < times.expungeAt
    ? times.inactiveAt
    : times.expungeAt
}

/** The instance once it is no longer counted: a replacement starts, and it may still come back. */
export function becomeInactive(instance: Instance, now: Instant): Instance {
  return { ...instance, condition: 'UnreachableInactive', since: now }
}

/** The last form of an instance removed without its task's word, as events show it (runtime 3: Killed). */
export function expungedByForce(instance: Instance, now: Instant): Instance {
  return { ...instance, condition: 'Killed', since: now }
}

function unreachableTimes(
  instance: Instance,
  runSpec: Strategy,
  floor: UnreachableFloor,
): { readonly inactiveAt: Instant; readonly expungeAt: Instant } | undefined {
  if (instance.condition !== 'Unreachable' && instance.condition !== 'UnreachableInactive') return undefined
  const strategy = runSpec?.unreachableStrategy ?? defaultUnreachableStrategy
  const since = unreachableSince(instance.tasks)
  if (strategy === 'disabled' || since === undefined) return undefined
  const atLeast = (at: Instant, earliest: Instant | undefined): Instant =>
    earliest !== undefined && earliest > at ? earliest : at
  return {
    inactiveAt: atLeast(after(since, seconds(strategy.inactiveAfterSeconds)), floor.inactive),
    expungeAt: atLeast(after(since, seconds(strategy.expungeAfterSeconds)), floor.expunge),
  }
}
