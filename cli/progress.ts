// How far a change is: pure functions from what the server says now to lines for people and to a verdict.
// The loop that asks is wait.ts; how lines reach a terminal is output/progress.ts.

import type { AppInfo, Deployment, QueueItem, Task } from '../client/wire.ts'
import { formatDuration } from './output/duration.ts'
import { explainWaiting, sentenceOf } from './waiting.ts'

/** What was asked for, as far as it can be seen from outside. */
export interface Target {
  /** Undefined: the change was made by a call that names none; any deployment of the apps counts. */
  readonly deploymentId?: string | undefined
  readonly apps: readonly WantedApp[]
}

export interface WantedApp {
  readonly id: string
  /** Whether the app is to be gone at the end. */
  readonly isRemoved?: boolean
  /** The instances asked for, when the change says so. */
  readonly instances?: number | undefined
  /** Tasks that are to be gone and replaced. */
  readonly killed?: readonly string[]
}

export interface Snapshot {
  /** The deployment of the target that still runs. */
  readonly deployment: Deployment | undefined
  /** Why it failed, when another one takes it back because of that. */
  readonly failure?: string | undefined
  /** The apps of the target and of the deployment; undefined: no such app. */
  readonly apps: ReadonlyMap<string, AppInfo | undefined>
  readonly queue: readonly QueueItem[]
}

export type Verdict =
  | { readonly kind: 'going-on' }
  | { readonly kind: 'reached' }
  | { readonly kind: 'missed'; readonly what: string; readonly why: string; readonly appId: string }

/** The deployment of the target among those that run. */
export const deploymentOf = (target: Target, running: readonly Deployment[]): Deployment | undefined =>
  running.find((deployment) =>
    target.deploymentId === undefined
      ? target.apps.some((app) => deployment.affectedApps.includes(app.id))
      : deployment.id === target.deploymentId,
  )

/** Once the deployment has ended: whether what was asked for is there. A revert or a rival may have won. */
export function judge(target: Target, snapshot: Snapshot): Verdict {
  if (snapshot.deployment !== undefined) return { kind: 'going-on' }
  if (snapshot.failure !== undefined) {
    const appId = target.apps[0]?.id ?? ''
    return { kind: 'missed', what: 'The deployment failed and is rolled back', why: snapshot.failure, appId }
  }
  for (const wanted of target.apps) {
    const verdict = judgeApp(wanted, snapshot.apps.get(wanted.id), target.deploymentId !== undefined)
    if (verdict.kind !== 'reached') return verdict
  }
  return { kind: 'reached' }
}

function judgeApp(wanted: WantedApp, app: AppInfo | undefined, hadDeployment: boolean): Verdict {
  const missed = (what: string, why: string): Verdict => ({ kind: 'missed', what, why, appId: wanted.id })
  if (app === undefined) {
    return wanted.isRemoved
      ? { kind: 'reached' }
      : missed(`${wanted.id} is gone`, 'it was removed, or its creation was undone')
  }
  const rival = app.deployments?.[0]?.id
  const ended = rival === undefined ? 'it was cancelled or reverted' : `deployment ${rival} took its place`
  if (wanted.isRemoved) return missed(`${wanted.id} is still there after its deployment ended`, ended)
  if (wanted.instances !== undefined && app.instances !== wanted.instances) {
    return missed(`${wanted.id} now wants ${app.instances} instances, not ${wanted.instances}`, ended)
  }
  const isUp = (app.tasksRunning ?? 0) >= app.instances
  const isReplaced = !wanted.killed?.some((id) => app.tasks?.some((task) => task.id === id))
  if (isUp && isReplaced) return { kind: 'reached' }
  // Without a deployment (a kill), nothing has ended: the scheduler still brings the instances back.
  if (!hadDeployment) return { kind: 'going-on' }
  return missed(`Only ${app.tasksRunning ?? 0} of ${app.instances} instances of ${wanted.id} run`, ended)
}

/** One app's line, in parts, so that a terminal can draw a bar between them. */
export interface AppProgress {
  readonly id: string
  readonly done: number
  readonly wanted: number
  readonly text: string
  readonly reasons: readonly string[]
}

export function progressOf(target: Target, snapshot: Snapshot): readonly AppProgress[] {
  return [...snapshot.apps].map(([id, app]) => {
    const wanted = target.apps.find((each) => each.id === id)
    const item = snapshot.queue.find((each) => each.app?.id === id)
    const isRemoved = wanted?.isRemoved === true
    if (app === undefined) return absent(id, snapshot.deployment !== undefined, isRemoved)
    const waiting = item === undefined ? [] : explainWaiting(item)
    const reasons = isRemoved ? [] : [...failureOf(app), ...waiting].slice(0, 3)
    return isRemoved || app.instances === 0 ? stopping(id, app) : starting(id, app, wanted, reasons)
  })
}

/** A crash of what is being brought up; each change has a version of its own, so an older one is not blamed. */
function failureOf(app: AppInfo): readonly string[] {
  const failure = app.lastTaskFailure
  const isOfNow = failure !== undefined && failure.version === app.version
  return isOfNow && (app.tasksRunning ?? 0) < app.instances
    ? [`a task failed: ${failure.message || failure.state}`]
    : []
}

/** A removed app leaves the list at once; its tasks are stopped while its deployment runs. */
function absent(id: string, isDeploying: boolean, isRemoved: boolean): AppProgress {
  const text = isDeploying ? 'being stopped' : isRemoved ? 'gone' : 'not there'
  return { id, done: isDeploying ? 0 : 1, wanted: 1, text, reasons: [] }
}

function stopping(id: string, app: AppInfo): AppProgress {
  const left = (app.tasksRunning ?? 0) + (app.tasksStaged ?? 0)
  const total = Math.max(left, app.instances, 1)
  return {
    id,
    done: total - left,
    wanted: total,
    text: left === 0 ? 'stopped' : `${left} still running`,
    reasons: [],
  }
}

function starting(
  id: string,
  app: AppInfo,
  wanted: WantedApp | undefined,
  reasons: readonly string[],
): AppProgress {
  const tasks = app.tasks ?? []
  const isOutdated = (task: Task): boolean =>
    (task.version ?? '') < (app.versionInfo?.lastConfigChangeAt ?? '') ||
    wanted?.killed?.includes(task.id) === true
  const running =
    app.tasks === undefined
      ? (app.tasksRunning ?? 0)
      : tasks.filter((task) => task.state === 'TASK_RUNNING' && !isOutdated(task)).length
  const outdated = tasks.filter(isOutdated).length
  const parts = [
    `${running}/${app.instances} running`,
    (app.tasksStaged ?? 0) > 0 ? `${app.tasksStaged} starting` : '',
    outdated > 0 ? `${outdated} to be replaced` : '',
    (app.healthChecks?.length ?? 0) > 0 ? `${app.tasksHealthy ?? 0} healthy` : '',
    (app.tasksUnhealthy ?? 0) > 0 ? `${app.tasksUnhealthy} unhealthy` : '',
  ]
  return {
    id,
    done: Math.min(running, app.instances),
    wanted: app.instances,
    text: parts.filter(Boolean).join(', '),
    reasons,
  }
}

/** The line above the apps: which deployment, how far, how long. */
export function headline(target: Target, snapshot: Snapshot, elapsedMs: number): string {
  const { deployment } = snapshot
  const id = deployment?.id ?? target.deploymentId
  const parts = [
    id === undefined ? 'Waiting' : `Deployment ${id}`,
    deployment === undefined ? '' : `step ${deployment.currentStep} of ${deployment.totalSteps}`,
    ...(deployment?.canary ?? []).map(({ step, steps }) => `canary ${step} of ${steps}`),
    deployment?.paused === true ? 'paused' : '',
    formatDuration(elapsedMs),
  ]
  return parts.filter(Boolean).join(' · ')
}

/** What the deployment itself waits for, beside what the lines of its apps tell already. */
export function deploymentReasons(snapshot: Snapshot, apps: readonly AppProgress[]): readonly string[] {
  const told = new Set(apps.flatMap((app) => app.reasons))
  return (snapshot.deployment?.waitingOn ?? []).map(sentenceOf).filter((reason) => !told.has(reason))
}
