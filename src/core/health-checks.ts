// Which health checks are in force: those of each version of an app that somebody runs or shall run (runtime 9). They
// come with the step of a deployment that touches the app, and go once no instance of an older version is left, or with
// the app.

import type { Version } from '../lib/instant.ts'
import type { PathId } from '../lib/path-id.ts'
import type { App } from '../spec/app.ts'
import { isApp, type RunSpec } from '../spec/run-spec.ts'
import type { Core } from './core.ts'
import { isMarathonCheck } from './health/target.ts'
import { tellOfBreaker } from './health-answers.ts'
import { forgetHealth, watchHealth } from './health-watch.ts'
import type { InstanceId } from './instances/instance.ts'
import { healthCheckAdded, healthCheckRemoved } from './notices/health.ts'

/** A step of a deployment begins to work on this run spec. */
export function touchHealthChecks(core: Core, id: PathId): void {
  const runSpec = core.state.runSpec(id)
  const isKnown = core.health.apps.has(id)
  if (runSpec === undefined) removeHealthChecks(core, id)
  else addHealthChecks(core, runSpec)
  if (isKnown || !core.health.apps.has(id)) return
  // Of an app that was being removed, and is kept after all.
  for (const instance of core.state.instancesOf(id)) watchHealth(core, instance, instance)
}

/** Puts the checks of this version in force, unless they are or there are none. */
export function addHealthChecks(core: Core, runSpec: RunSpec): void {
  if (!isApp(runSpec) || runSpec.healthChecks.length === 0) return
  const { health, state, batch } = core
  const { id: appId, version, healthChecks } = runSpec
  if (health.apps.get(appId)?.versions.has(version) === true) return
  health.putChecks(appId, version, healthChecks)
  for (const check of healthChecks) batch.notice(healthCheckAdded({ appId, version, check }, state.now))
}

/** The app is being removed: nothing of it is asked any more. */
function removeHealthChecks(core: Core, appId: PathId): void {
  const app = core.health.apps.get(appId)
  if (app === undefined) return
  for (const version of [...app.versions.keys()]) removeVersion(core, appId, version)
  for (const instance of core.state.instancesOf(appId)) forgetHealth(core, instance)
}

/** Those of older versions that no instance runs any more go. */
export function reconcileHealthChecks(core: Core): void {
  const { health, state } = core
  for (const [appId, { versions }] of health.apps) {
    const current = state.runSpec(appId)?.version
    if (versions.size === 1 && current !== undefined && versions.has(current)) continue
    const used = new Set<Version>()
    for (const { runSpecVersion, tasks } of state.instancesOf(appId)) {
      used.add(runSpecVersion)
      if (tasks[0] !== undefined) used.add(tasks[0].runSpecVersion)
    }
    for (const version of [...versions.keys()]) {
      if (version !== current && !used.has(version)) removeVersion(core, appId, version)
    }
  }
}

function removeVersion({ health, batch, state }: Core, appId: PathId, version: Version): void {
  const checks = health.apps.get(appId)?.versions.get(version) ?? []
  health.removeChecks(appId, version)
  for (const _ of checks) batch.notice(healthCheckRemoved(appId, state.now))
}

/**
 * When a process starts: the checks of all versions in use are in force, and what runs is asked. Its questions are
 * spread over the interval, as they were before: all at once they would be a burst, and what has been well so far can
 * wait.
 */
export function resumeHealthChecks(core: Core): void {
  const { state } = core
  let asked = 0
  for (const app of state.apps()) {
    addHealthChecks(core, app)
    for (const instance of state.instancesOf(app.id)) {
      const version = versionOf(core, app, instance.tasks[0]?.runSpecVersion)
      if (version === undefined || version.healthChecks.length === 0) continue
      addHealthChecks(core, version)
      watchHealth(core, undefined, instance, instance.alive === true ? spread(++asked) : undefined)
    }
  }
  const { unhealthyKillsSuspendedAt: suspendedAt } = state
  if (suspendedAt !== undefined) tellOfBreaker(core, core.health.breaker.restore(suspendedAt, badOnes(core)))
}

/** Not found alive by the process before this one, whether they ever were or not: that is not known. */
function* badOnes({ health }: Core): Iterable<readonly [InstanceId, PathId]> {
  for (const { assumed, isAsked, checks, instanceId, appId } of health.tasks())
    if (assumed === false && isAsked && checks.some(isMarathonCheck)) yield [instanceId, appId]
}

function versionOf({ state }: Core, app: App, version: Version | undefined): App | undefined {
  const runSpec = version === undefined ? app : state.runSpecVersion(app.id, version)
  return runSpec !== undefined && isApp(runSpec) ? runSpec : undefined
}

/** Parts of 1, as even as can be however many there are (the golden ratio). */
const spread = (n: number): number => (n * 0.618_033_988_749_895) % 1
