// What all health checks of an instance say together (runtime 9).

import { hasEnded } from '../instances/condition.ts'
import type { Instance } from '../instances/instance.ts'
import { type HealthRecord, isAlive } from './record.ts'

/** Of one check; undefined: no result yet. */
export type CheckResult = HealthRecord | undefined

/**
 * True: each check has found it alive. False: each has a result, and one not that. Otherwise undefined.
 * `assumed`: what a check without a result counts as, after a restart: what the checks said together before it.
 */
export function verdictOf(
  results: readonly CheckResult[],
  assumed: boolean | undefined,
): boolean | undefined {
  let isWell = true
  let isKnown = true
  for (const result of results) {
    const alive = result === undefined ? assumed : isAlive(result)
    if (alive === undefined) isKnown = false
    if (alive !== true) isWell = false
  }
  if (isWell) return true
  return isKnown ? false : undefined
}

/**
 * As tasks are counted (app-definition 2): neither without results. What has ended is not counted, whatever was last
 * known of it.
 */
export function standingOf(
  { alive, tasks }: Pick<Instance, 'alive' | 'tasks'>,
  results: readonly { readonly alive: boolean }[],
): 'healthy' | 'unhealthy' | undefined {
  if (tasks[0] === undefined || hasEnded(tasks[0]) || results.length === 0) {
    return undefined
  }
  return alive !== false && results.every((result) => result.alive) ? 'healthy' : 'unhealthy'
}
