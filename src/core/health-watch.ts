// Whom Marathon asks how it is (runtime 9): tasks of apps with health checks, while they run and are reachable. What
// their answers lead to is health-answers.ts's business.

import { after, type Duration, millis } from '../lib/instant.ts'
import { isApp } from '../spec/run-spec.ts'
import { sameValue } from '../spec/same-value.ts'
import type { Core } from './core.ts'
import type { TaskHealth } from './health/book.ts'
import { probeIdOf } from './health/probe-id.ts'
import { askingOf, firstAfter, intervalOf, isMarathonCheck } from './health/target.ts'
import { engineFound, recount, tellOfBreaker } from './health-answers.ts'
import { addHealthChecks } from './health-checks.ts'
import { hasEnded } from './instances/condition.ts'
import type { Instance, Task } from './instances/instance.ts'

/**
 * What a change of an instance means for its health checks. `share`: of the interval until the first question, where
 * that is not the usual time.
 */
export function watchHealth(core: Core, before: Instance | undefined, next: Instance, share?: number): void {
  if (next.checkedBy === undefined && !core.health.apps.has(next.runSpecId)) return
  const task = next.tasks[0]
  const earlier = before?.tasks[0]
  if (earlier !== undefined && earlier.id !== task?.id) forgetTask(core, earlier)
  if (task === undefined) return
  if (hasEnded(task)) {
    forgetTask(core, task)
    return
  }
  const health = core.health.get(task.id) ?? begin(core, next, task)
  if (health === undefined) return
  if (next.condition === 'Running') {
    const hasMoved = health.isAsked && !sameValue(task.ipAddresses, earlier?.ipAddresses ?? [])
    if (!health.isAsked || hasMoved) ask(core, health, next, share)
  } else if (health.isAsked) stopAsking(core, health)
  if (task.healthy !== undefined && task !== earlier) {
    engineFound(core, health, task.healthy, { isTold: before !== undefined })
  }
}

/** The instance is gone, or asked no more. */
export function forgetHealth(core: Core, { tasks }: Instance): void {
  if (tasks[0] !== undefined) forgetTask(core, tasks[0])
}

function forgetTask(core: Core, { id }: Task): void {
  const health = core.health.get(id)
  if (health === undefined) return
  if (health.isAsked) stopAsking(core, health)
  core.health.delete(health)
}

/** From when it runs first, or, when a process starts, something is known of it. */
function begin(core: Core, instance: Instance, task: Task): TaskHealth | undefined {
  if (instance.condition !== 'Running' && instance.alive === undefined) return undefined
  const { id: instanceId, runSpecId: appId } = instance
  // Of what is being removed nothing is asked any more.
  if (core.state.runSpec(appId) === undefined && !core.health.apps.has(appId)) return undefined
  const app = core.state.runSpecVersion(appId, task.runSpecVersion)
  if (app === undefined || !isApp(app) || app.healthChecks.length === 0) return undefined
  addHealthChecks(core, app)
  const health: TaskHealth = {
    taskId: task.id,
    instanceId,
    appId,
    checks: app.healthChecks,
    results: app.healthChecks.map(() => undefined),
    seen: app.healthChecks.map(() => undefined),
    excused: app.healthChecks.map(() => 0),
    assumed: instance.alive,
    isAsked: false,
    isWell: false,
  }
  core.health.add(health)
  return health
}

function ask(core: Core, health: TaskHealth, instance: Instance, share: number | undefined): void {
  const { state, batch } = core
  const version = instance.tasks[0]?.runSpecVersion
  const app = version === undefined ? undefined : state.runSpecVersion(health.appId, version)
  if (app === undefined || !isApp(app)) return
  health.checks.forEach((check, index) => {
    if (!isMarathonCheck(check)) return
    const { taskId } = health
    const id = probeIdOf({ kind: 'health', taskId, index })
    const first: Duration =
      share === undefined ? firstAfter(check) : millis(Math.round(intervalOf(check) * share))
    const asking = askingOf(id, app, check, instance)
    if (asking.kind === 'ask') {
      core.health.isAskedSomewhere(id)
      batch.probe({ kind: 'begin-probe', probe: { ...asking.probe, firstAfter: first } })
      return
    }
    if (health.isAsked && !core.health.isNowhere(id)) batch.probe({ kind: 'end-probe', id })
    core.health.failNowhere(id, { taskId, index, cause: asking.cause, at: after(state.now, first) })
  })
  health.isAsked = true
  recount(core, health)
}

function stopAsking(core: Core, health: TaskHealth): void {
  health.checks.forEach((check, index) => {
    if (!isMarathonCheck(check)) return
    const id = probeIdOf({ kind: 'health', taskId: health.taskId, index })
    if (core.health.isNowhere(id)) core.health.isAskedSomewhere(id)
    else core.batch.probe({ kind: 'end-probe', id })
  })
  health.isAsked = false
  const { instanceId, appId, isWell } = health
  health.isWell = false
  tellOfBreaker(core, core.health.breaker.gone(instanceId, appId, isWell))
}
