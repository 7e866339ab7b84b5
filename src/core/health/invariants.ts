// Truths about what is known of health, checked from outside like those of invariants.ts.

import { isApp } from '../../spec/run-spec.ts'
import type { Core } from '../core.ts'
import { hasEnded } from '../instances/condition.ts'
import type { Instance } from '../instances/instance.ts'
import type { TaskHealth } from './book.ts'
import { isMarathonCheck } from './target.ts'
import { verdictOf } from './verdict.ts'

/** At the cost of a scan. */
export function checkHealth(core: Core): readonly string[] {
  const { health, state } = core
  const broken: string[] = []
  let well = 0
  for (const entry of health.tasks()) {
    if (entry.isWell) well++
    const instance = state.instance(entry.instanceId)
    if (instance === undefined) broken.push(`health: ${entry.taskId} belongs to an instance`)
    else broken.push(...checkEntry(entry, instance))
  }
  const { failing, counted } = health.breaker.outage
  if (well !== counted - failing)
    broken.push(`health: ${well} instances are well, and the breaker counts ${counted - failing}`)
  for (const [appId, { versions }] of health.apps) {
    const current = state.app(appId)
    if (versions.size === 0) broken.push(`health: of ${appId} the checks of some version are in force`)
    if (current === undefined && state.lockOf(appId) === undefined)
      broken.push(`health: ${appId}, of which checks are in force, is an app`)
  }
  for (const instance of state.instances()) broken.push(...checkAsked(core, instance))
  return broken
}

function checkEntry(entry: TaskHealth, instance: Instance): string[] {
  const broken: string[] = []
  const fail = (truth: string): void => void broken.push(`health of ${entry.taskId}: ${truth}`)
  const task = instance.tasks[0]
  if (task === undefined || task.id !== entry.taskId) fail('the task is the one its instance has')
  else if (hasEnded(task)) fail('what has ended is forgotten')
  if (entry.isAsked !== (instance.condition === 'Running')) fail('it is asked exactly while it runs')
  if (instance.alive !== verdictOf(entry.results, entry.assumed))
    fail('the instance is alive exactly when its checks say so together')
  if (entry.isWell && !entry.isAsked) fail('only what is asked counts as well')
  if (entry.isWell && !entry.checks.some(isMarathonCheck)) fail('only what Marathon asks counts as well')
  return broken
}

/** What runs, is to go on, and has checks is asked. What is told to end may be of an app that was made anew. */
function checkAsked({ health, state }: Core, instance: Instance): string[] {
  const task = instance.tasks[0]
  if (instance.condition !== 'Running' || instance.goal !== 'Running' || task === undefined) return []
  if (state.app(instance.runSpecId) === undefined) return []
  const version = state.runSpecVersion(instance.runSpecId, task.runSpecVersion)
  if (version === undefined || !isApp(version) || version.healthChecks.length === 0) return []
  return health.get(task.id)?.isAsked === true ? [] : [`health: ${task.id} runs and is asked`]
}
