// AppInfo: the app with counts, deployments, tasks and the rest that was asked for (app-definition 2, in this order
// after the App's fields). What is shown depends on a few records only, so the JSON is kept as long as those are
// the same.

import type { Deployment } from '../../core/deployments/deployment.ts'
import type { ReadinessResult } from '../../core/deployments/readiness-check.ts'
import type { Instance } from '../../core/instances/instance.ts'
import type { TaskFailure } from '../../core/records.ts'
import type { View } from '../../core/view.ts'
import { formatInstant, type Instant } from '../../lib/instant.ts'
import { limits } from '../../lib/limits.ts'
import type { App } from '../../spec/app.ts'
import { openAppJson } from './app-body.ts'
import type { Embed } from './embed.ts'
import { firstTaskJson } from './task.ts'
import { countsJson, countTasks } from './task-counts.ts'
import { renderTaskStats } from './task-stats.ts'

interface Kept {
  readonly embed: string
  readonly instances: readonly Instance[]
  readonly deployments: readonly Deployment[]
  readonly failure: TaskFailure | undefined
  readonly healthRevision: number
  readonly readiness: readonly ReadinessResult[]
  readonly json: string
}

/** One entry per app record, that of the embeds asked for last: lists are asked for again and again in the same way. */
const kept = new WeakMap<App, Kept>()

interface AppInfoOptions {
  readonly view: View
  readonly app: App
  readonly embed: Embed
  /** Matters for statistics only. */
  readonly now: Instant
}

/** The JSON of AppInfo, made anew only when one of the records shown is another. */
function appInfoJson(options: AppInfoOptions): string {
  const { app, embed } = options
  const shown = recordsOf(options)
  const key = embedKey(embed)
  const known = kept.get(app)
  if (
    known !== undefined &&
    // Life times grow while nothing changes.
    !embed.taskStats &&
    known.embed === key &&
    known.failure === shown.failure &&
    known.healthRevision === shown.healthRevision &&
    known.readiness === shown.readiness &&
    areSame(known.instances, shown.instances) &&
    areSame(known.deployments, shown.deployments)
  ) {
    return known.json
  }
  const json = [...piecesOf({ ...options, ...shown })].join('')
  if (!embed.taskStats && !isLong(options)) kept.set(app, { embed: key, ...shown, json })
  return json
}

/** Many tasks, and they are shown. */
const isLong = ({ view, app, embed }: AppInfoOptions): boolean =>
  embed.tasks && view.instancesOf(app.id).length > limits.instancesInOnePiece

/** The same JSON as a whole, or in pieces where it is long. */
export const appInfoPieces = (options: AppInfoOptions): string | Iterable<string> =>
  isLong(options) ? freshAppInfo(options) : appInfoJson(options)

/** The same JSON, not kept: for those who keep what they make of it. */
export const freshAppInfo = (options: AppInfoOptions): Iterable<string> =>
  piecesOf({ ...options, ...recordsOf(options) })

interface ShownRecords {
  readonly instances: readonly Instance[]
  readonly deployments: readonly Deployment[]
  readonly failure: TaskFailure | undefined
  /** What is known of health is in no record. */
  readonly healthRevision: number
  /** Of a deployment under way; the same list while nothing of it changes. */
  readonly readiness: readonly ReadinessResult[]
}

const recordsOf = ({ view, app }: AppInfoOptions): ShownRecords => ({
  instances: view.instancesOf(app.id),
  deployments: view.deploymentsOf(app.id),
  failure: view.taskFailure(app.id),
  healthRevision: view.healthRevisionOf(app.id),
  readiness: view.readinessOf(app.id),
})

function* piecesOf(of: AppInfoOptions & ShownRecords): Generator<string, void> {
  const { app, embed, instances } = of
  const before = [openAppJson(app)]
  if (embed.counts) before.push(countsJson(countTasks(of.view, instances)))
  if (embed.deployments) {
    before.push(`"deployments":${JSON.stringify(of.deployments.map(({ id }) => ({ id })))}`)
  }
  if (embed.readiness) before.push(`"readinessCheckResults":${JSON.stringify(of.readiness)}`)
  yield before.join(',')
  if (embed.tasks) yield* tasksOf(of.view, instances)
  const after: string[] = []
  if (embed.lastTaskFailure && of.failure !== undefined) {
    after.push(`,"lastTaskFailure":${JSON.stringify(renderTaskFailure(of.failure))}`)
  }
  if (embed.taskStats) {
    const stats = JSON.stringify(renderTaskStats(of.view, app, instances, of.now))
    // The original says `tasksStats` since 1.9; what it documents, and clients read, is the other name.
    after.push(`,"tasksStats":${stats},"taskStats":${stats}`)
  }
  yield `${after.join('')}}`
}

function* tasksOf(view: View, instances: readonly Instance[]): Generator<string, void> {
  yield ',"tasks":['
  let isFirst = true
  for (let from = 0; from < instances.length; from += limits.instancesInOnePiece) {
    const tasks = instances
      .slice(from, from + limits.instancesInOnePiece)
      .map((instance) => firstTaskJson(view, instance))
      .filter((task) => task !== undefined)
    if (tasks.length === 0) continue
    yield isFirst ? tasks.join(',') : `,${tasks.join(',')}`
    isFirst = false
  }
  yield ']'
}

const renderTaskFailure = (failure: TaskFailure): Readonly<Record<string, unknown>> => ({
  appId: failure.appId,
  host: failure.host,
  message: failure.message,
  state: failure.state,
  taskId: failure.taskId,
  timestamp: formatInstant(failure.timestamp),
  version: failure.version,
  slaveId: failure.slaveId,
})

/** Names what is shown; of statistics, which are never kept, it says nothing. */
export const embedKey = (embed: Embed): string =>
  [embed.counts, embed.deployments, embed.readiness, embed.tasks, embed.lastTaskFailure].map(Number).join('')

/** The same records in the same order. */
function areSame<T>(left: readonly T[], right: readonly T[]): boolean {
  if (left === right) return true
  if (left.length !== right.length) return false
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return false
  return true
}
