// AppInfo: the app with counts, deployments, tasks and the rest that was asked for (app-definition 2, in this order
// after the App's fields). What is shown depends on a few records only, so the bytes are kept as long as those are
// the same.

import type { Deployment } from '../../core/deployments/deployment.ts'
import type { Instance } from '../../core/instances/instance.ts'
import type { TaskFailure } from '../../core/records.ts'
import type { View } from '../../core/view.ts'
import { formatInstant, type Instant } from '../../lib/instant.ts'
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
  readonly bytes: Buffer
}

/** One entry per app record, that of the embeds asked for last: lists are asked for again and again in the same way. */
const kept = new WeakMap<App, Kept>()

/** The JSON of AppInfo. `now` matters for statistics only. */
export function renderAppInfo(options: {
  readonly view: View
  readonly app: App
  readonly embed: Embed
  readonly now: Instant
}): Buffer {
  const { view, app, embed } = options
  const instances = view.instancesOf(app.id)
  const deployments = view.deploymentsOf(app.id)
  const failure = view.taskFailure(app.id)
  const key = embedKey(embed)
  const known = kept.get(app)
  if (
    known !== undefined &&
    known.embed === key &&
    known.failure === failure &&
    areSame(known.instances, instances) &&
    areSame(known.deployments, deployments)
  ) {
    return known.bytes
  }
  const bytes = Buffer.from(appInfoJson({ ...options, instances, deployments, failure }))
  // Life times grow while nothing changes.
  if (!embed.taskStats) {
    kept.set(app, { embed: key, instances: [...instances], deployments: [...deployments], failure, bytes })
  }
  return bytes
}

function appInfoJson(of: {
  readonly app: App
  readonly embed: Embed
  readonly now: Instant
  readonly instances: readonly Instance[]
  readonly deployments: readonly Deployment[]
  readonly failure: TaskFailure | undefined
}): string {
  const { app, embed, instances } = of
  const parts = [openAppJson(app)]
  if (embed.counts) parts.push(countsJson(countTasks(instances)))
  if (embed.deployments) {
    parts.push(`"deployments":${JSON.stringify(of.deployments.map(({ id }) => ({ id })))}`)
  }
  // Filled in when readiness checks are run.
  if (embed.readiness) parts.push('"readinessCheckResults":[]')
  if (embed.tasks) {
    parts.push(
      `"tasks":[${instances
        .map(firstTaskJson)
        .filter((task) => task !== undefined)
        .join(',')}]`,
    )
  }
  if (embed.lastTaskFailure && of.failure !== undefined) {
    parts.push(`"lastTaskFailure":${JSON.stringify(renderTaskFailure(of.failure))}`)
  }
  if (embed.taskStats) {
    parts.push(`"tasksStats":${JSON.stringify(renderTaskStats(app, instances, of.now))}`)
  }
  return `${parts.join(',')}}`
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

const embedKey = (embed: Embed): string =>
  [embed.counts, embed.deployments, embed.readiness, embed.tasks, embed.lastTaskFailure].map(Number).join('')

/** The same records in the same order. */
function areSame<T>(left: readonly T[], right: readonly T[]): boolean {
  if (left.length !== right.length) return false
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return false
  return true
}
