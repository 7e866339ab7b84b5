// The instances of a run spec, each in the one group that tells what becomes of it next.

import type { Instant } from '../../lib/instant.ts'
import {
  conditions,
  haveAllTasksEnded,
  isHealthy,
  isScheduled,
  isTerminalGoal,
} from '../instances/condition.ts'
import type { Instance } from '../instances/instance.ts'
import { isEnding } from '../scaling/tally.ts'

export interface RollCall {
  /** Wait for a launch. */
  readonly scheduled: readonly Instance[]
  /** Launched, and not running yet. */
  readonly launching: readonly Instance[]
  /** Run, and a check has found them ill. */
  readonly sick: readonly Instance[]
  /** Run, and what checks them has not answered. */
  readonly unchecked: readonly Instance[]
  /** Run and do their work. */
  readonly healthy: readonly Instance[]
  /** Their agents are cut off; given up or not. */
  readonly unreachable: readonly Instance[]
  /** Told to end, for good or to be launched again, and something of them may still run. */
  readonly ending: readonly Instance[]
}

type Group = keyof RollCall

export function rollCall(instances: readonly Instance[]): RollCall {
  const groups: Record<Group, Instance[]> = {
    scheduled: [],
    launching: [],
    sick: [],
    unchecked: [],
    healthy: [],
    unreachable: [],
    ending: [],
  }
  for (const instance of instances) {
    const group = groupOf(instance)
    if (group !== undefined) groups[group].push(instance)
  }
  return groups
}

function groupOf(instance: Instance): Group | undefined {
  const { condition, goal, kill } = instance
  if (condition === 'Unreachable' || condition === 'UnreachableInactive') return 'unreachable'
  if (isTerminalGoal(goal)) return isEnding(instance) ? 'ending' : undefined
  if (isScheduled(instance)) return 'scheduled'
  if (kill !== undefined || condition === 'Killing' || conditions[condition].isTerminal) {
    return haveAllTasksEnded(instance) ? undefined : 'ending'
  }
  if (conditions[condition].isLaunching) return 'launching'
  if (isHealthy(instance)) return 'healthy'
  return instance.alive === false || instance.healthy === false ? 'sick' : 'unchecked'
}

/** The earliest of what `of` gives; undefined when it gives nothing. */
export function earliest(
  instances: readonly Instance[],
  of: (instance: Instance) => Instant | undefined,
): { readonly instance: Instance; readonly at: Instant } | undefined {
  let first: { readonly instance: Instance; readonly at: Instant } | undefined
  for (const instance of instances) {
    const at = of(instance)
    if (at !== undefined && (first === undefined || at < first.at)) first = { instance, at }
  }
  return first
}
