// Readiness checks (runtime 10): asked of what a deployment launches, from the moment it runs until it answers that it
// is ready. Who is asked follows from the instance and from the step of the deployment, so a new process asks anew.

import type { PathId } from '../lib/path-id.ts'
import type { App, ReadinessCheck } from '../spec/app.ts'
import { isPod } from '../spec/run-spec.ts'
import { changeInstance } from './apply.ts'
import type { Core } from './core.ts'
import { currentWorkOn } from './deployments/advance.ts'
import { changeOf } from './deployments/deployment.ts'
import { judgeReadiness, readinessProbe } from './deployments/readiness-check.ts'
import type { ProbeResult } from './health/probe.ts'
import { parseProbeId, probeIdOf } from './health/probe-id.ts'
import { parseTaskId } from './ids.ts'
import type { Instance } from './instances/instance.ts'
import type { TaskId } from './mesos.ts'

interface Watched {
  readonly app: App
  readonly check: ReadinessCheck
  /** Whether the deployment waits for it. */
  readonly isNew: (instance: Instance) => boolean
}

/** The definition a deployment now brings up instances of, if it has a readiness check; at most one is allowed. */
function watchedOf({ state }: Core, id: PathId): Watched | undefined {
  const deployment = state.deploymentsOf(id)[0]
  const version = deployment === undefined ? undefined : changeOf(deployment, id)?.to
  const app = version === undefined ? undefined : state.runSpecVersion(id, version)
  if (deployment === undefined || app === undefined || isPod(app)) return undefined
  const check = app.readinessChecks[0]
  if (check === undefined) return undefined
  const work = currentWorkOn(deployment, id)
  if (work === 'scale') return { app, check, isNew: ({ runSpecVersion }) => runSpecVersion === app.version }
  if (work !== 'restart') return undefined
  const configuredAt = app.versionInfo.lastConfigChangeAt
  const isNew = ({ runSpecVersion }: Instance): boolean =>
    state.runSpecVersion(id, runSpecVersion)?.versionInfo.lastConfigChangeAt === configuredAt
  return { app, check, isNew }
}

/** A step begins, or goes on in a new process: what of it runs already is asked. */
export function watchReadiness(core: Core, id: PathId): void {
  const watched = watchedOf(core, id)
  if (watched === undefined) return
  for (const instance of core.state.instancesOf(id)) watch(core, watched, instance)
}

/** The step is over, or the deployment: nothing is asked any more, and nothing shown. */
export function forgetReadiness({ readiness, batch, state }: Core, id: PathId): void {
  for (const taskId of readiness.askedOf(id)) {
    batch.probe({ kind: 'end-probe', id: probeIdOf({ kind: 'readiness', taskId }) })
  }
  if (readiness.of(id).length > 0) state.changes.touch(id)
  readiness.forget(id)
}

/** Follows what became of an instance; `next` undefined: it is gone. */
export function readinessChanged(core: Core, before: Instance | undefined, next: Instance | undefined): void {
  const id = (next ?? before)!.runSpecId
  if (core.state.lockOf(id) === undefined) return
  const taskId = next?.condition === 'Running' && next.goal === 'Running' ? next.tasks[0]?.id : undefined
  for (const { id: former } of before?.tasks ?? []) if (former !== taskId) endTask(core, id, former)
  if (next === undefined || taskId === undefined) return
  const watched = watchedOf(core, id)
  if (watched !== undefined) watch(core, watched, next)
}

function endTask({ readiness, batch, state }: Core, id: PathId, taskId: TaskId): void {
  if (!readiness.has(id, taskId)) return
  if (readiness.forgetTask(id, taskId)) {
    batch.probe({ kind: 'end-probe', id: probeIdOf({ kind: 'readiness', taskId }) })
  }
  state.changes.touch(id)
}

/** Begins to ask an instance of the deployment; one that is known to be ready is shown as such. */
function watch({ readiness, state, batch }: Core, { app, check, isNew }: Watched, instance: Instance): void {
  const task = instance.tasks[0]
  if (task === undefined || instance.condition !== 'Running' || instance.goal !== 'Running') return
  if (readiness.has(app.id, task.id) || !isNew(instance)) return
  if (instance.ready === true) {
    readiness.answered(app.id, { name: check.name, taskId: task.id, ready: true })
    state.changes.touch(app.id)
    return
  }
  const probe = readinessProbe(app, check, instance)
  if (probe === undefined) return
  readiness.ask(app.id, task.id, probe)
  batch.probe({ kind: 'begin-probe', probe })
}

/** An answer of a task. Those that come after the task was given up, or the deployment ended, mean nothing. */
export function readinessAnswered(core: Core, { id: probeId, outcome }: ProbeResult): void {
  const { readiness, state, batch } = core
  const taskId = parseProbeId(probeId)?.taskId
  const instanceId = taskId === undefined ? undefined : parseTaskId(taskId)?.instanceId
  const instance = instanceId === undefined ? undefined : state.instance(instanceId)
  if (taskId === undefined || instance === undefined) return
  const id = instance.runSpecId
  const watched = watchedOf(core, id)
  const target = readiness.targetOf(id, taskId)
  if (watched === undefined || target === undefined) return
  const result = judgeReadiness(watched.check, taskId, target, outcome)
  readiness.answered(id, result)
  state.changes.touch(id)
  if (!result.ready) return
  batch.probe({ kind: 'end-probe', id: probeId })
  changeInstance(core, instance, { ...instance, ready: true })
}
