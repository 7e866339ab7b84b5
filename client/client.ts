// A typed client of the HTTP API on the platform's fetch, shared by the command line, the user interface and
// tests. It knows paths, queries and shapes; it decides nothing. Failures throw ApiError (client/errors.ts).

import { ApiError } from './errors.ts'
import { type EventFrame, type EventsFrom, readEvents } from './events.ts'
import { Groups } from './groups.ts'
import {
  asked,
  type ChangeOptions,
  type EmbedOption,
  embedQuery,
  type KillOptions,
  killQuery,
} from './options.ts'
import { idPath } from './paths.ts'
import { Plans } from './plans.ts'
import { Pods } from './pods.ts'
import { Server } from './server.ts'
import { type Answer, type Call, type ClientOptions, type Query, Transport } from './transport.ts'
import { V1 } from './v1.ts'
import type {
  Agent,
  App,
  AppDefinition,
  AppInfo,
  AppList,
  AppsBeneath,
  AppUpdate,
  Body,
  Deployment,
  DeploymentResult,
  ExplanationAnswer,
  Queue,
  Task,
  TaskList,
  VersionList,
} from './wire.ts'

export interface AppFilter {
  readonly id?: string | undefined
  readonly cmd?: string | undefined
  readonly label?: string | undefined
}

export type LogStream = 'stdout' | 'stderr'

export interface LogRange {
  /** Bytes from the beginning; negative: from the end. */
  readonly offset: number
  /** At most this many bytes. */
  readonly limit?: number
}

/** A piece of a log. `start` and `end` are byte offsets in the whole log, which is `size` bytes long now. */
export interface LogPiece {
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
  readonly size: number
}

export class MarathonClient {
  readonly url: string
  readonly groups: Groups
  readonly pods: Pods
  /** What changes would do. */
  readonly plans: Plans
  readonly server: Server
  /** The calls of the first releases. */
  readonly v1: V1
  readonly #transport: Transport

  constructor(options: ClientOptions) {
    const transport = new Transport(options)
    this.url = options.url
    this.groups = new Groups(transport)
    this.pods = new Pods(transport)
    this.plans = new Plans(transport)
    this.server = new Server(transport)
    this.v1 = new V1(transport)
    this.#transport = transport
  }

  apps(filter: AppFilter & EmbedOption = {}): Promise<Answer<AppList>> {
    return this.#transport.json({ method: 'GET', path: '/v2/apps', query: { ...filter } })
  }

  /** All apps beneath a group. */
  appsBeneath(groupId: string, options: EmbedOption = {}): Promise<Answer<AppsBeneath>> {
    const group = idPath(groupId)
    const path = group === '' ? '/v2/apps/*' : `/v2/apps/${group}/*`
    return this.#transport.json({ method: 'GET', path, query: embedQuery(options) })
  }

  app(id: string, options: EmbedOption = {}): Promise<Answer<{ readonly app: AppInfo }>> {
    return this.#transport.json({ method: 'GET', path: appPath(id), query: embedQuery(options) })
  }

  /** Why an app is not (yet) running or well, and what would help. */
  explainApp(id: string): Promise<Answer<ExplanationAnswer>> {
    return this.#transport.json({ method: 'GET', path: `${appPath(id)}/explain` })
  }

  explainDeployment(id: string): Promise<Answer<ExplanationAnswer>> {
    return this.#transport.json({
      method: 'GET',
      path: `/v2/deployments/${encodeURIComponent(id)}/explain`,
    })
  }

  /** `definition` is an object, or JSON text. */
  addApp(definition: Body<AppDefinition>, options: ChangeOptions = {}): Promise<Answer<AppInfo>> {
    return this.#transport.json({ method: 'POST', path: '/v2/apps', body: definition, ...asked(options) })
  }

  /** Changes the given fields of an existing app; never creates one (rest-api 2, PATCH). */
  changeApp(
    id: string,
    change: Body<AppUpdate>,
    options: ChangeOptions = {},
  ): Promise<Answer<DeploymentResult>> {
    return this.#transport.json({ method: 'PATCH', path: appPath(id), body: change, ...asked(options) })
  }

  /** Fields that are not given get their defaults; creates what is not there. */
  replaceApp(
    id: string,
    definition: Body<AppDefinition>,
    options: ChangeOptions = {},
  ): Promise<Answer<DeploymentResult>> {
    return this.#replace(appPath(id), definition, options)
  }

  /** Changes several apps in one deployment, each named by its `id`; never creates one. */
  changeApps(
    changes: Body<readonly AppUpdate[]>,
    options: ChangeOptions = {},
  ): Promise<Answer<DeploymentResult>> {
    return this.#transport.json({ method: 'PATCH', path: '/v2/apps', body: changes, ...asked(options) })
  }

  /** Several whole definitions in one deployment; creates what is not there. */
  replaceApps(
    definitions: Body<readonly AppDefinition[]>,
    options: ChangeOptions = {},
  ): Promise<Answer<DeploymentResult>> {
    return this.#replace('/v2/apps', definitions, options)
  }

  restartApp(id: string, options: ChangeOptions = {}): Promise<Answer<DeploymentResult>> {
    return this.#transport.json({ method: 'POST', path: `${appPath(id)}/restart`, ...asked(options) })
  }

  /** `force` is always sent: the server's default for this one call is true (rest-api 2, DELETE). */
  removeApp(id: string, options: ChangeOptions = {}): Promise<Answer<DeploymentResult>> {
    const { headers } = asked(options)
    const query = { force: options.force ?? false }
    return this.#transport.json({ method: 'DELETE', path: appPath(id), query, headers })
  }

  appVersions(id: string): Promise<Answer<VersionList>> {
    return this.#transport.json({ method: 'GET', path: `${appPath(id)}/versions` })
  }

  appVersion(id: string, version: string): Promise<Answer<App>> {
    return this.#transport.json({
      method: 'GET',
      path: `${appPath(id)}/versions/${encodeURIComponent(version)}`,
    })
  }

  tasks(appId?: string): Promise<Answer<TaskList>> {
    return this.#transport.json({
      method: 'GET',
      path: appId === undefined ? '/v2/tasks' : `${appPath(appId)}/tasks`,
    })
  }

  /** The tasks of all apps as load balancers read them, a line for each app and port. */
  taskList(): Promise<Answer<string>> {
    return this.#transport.text({ method: 'GET', path: '/v2/tasks' })
  }

  /** Answers the killed tasks, or with `scale` the deployment that lowers the instances. */
  killTasks(ids: readonly string[], options: KillOptions = {}): Promise<Answer<TaskList | DeploymentResult>> {
    const query = killQuery(options)
    return this.#transport.json({ method: 'POST', path: '/v2/tasks/delete', query, body: { ids } })
  }

  /** All tasks of an app, or those on a host. */
  killTasksOf(
    appId: string,
    options: KillOptions & { readonly host?: string | undefined } = {},
  ): Promise<Answer<TaskList | DeploymentResult>> {
    const query = { ...killQuery(options), host: options.host }
    return this.#transport.json({ method: 'DELETE', path: `${appPath(appId)}/tasks`, query })
  }

  killTask(
    appId: string,
    taskId: string,
    options: KillOptions = {},
  ): Promise<Answer<{ readonly task: Task } | DeploymentResult>> {
    const path = `${appPath(appId)}/tasks/${encodeURIComponent(taskId)}`
    return this.#transport.json({ method: 'DELETE', path, query: killQuery(options) })
  }

  /** `embed`: `lastUnusedOffers`. */
  queue(options: EmbedOption = {}): Promise<Answer<Queue>> {
    return this.#transport.json({ method: 'GET', path: '/v2/queue', query: embedQuery(options) })
  }

  resetDelay(appId: string): Promise<Answer<undefined>> {
    return this.#transport.json({ method: 'DELETE', path: `/v2/queue/${idPath(appId)}/delay` })
  }

  deployments(): Promise<Answer<readonly Deployment[]>> {
    return this.#transport.json({ method: 'GET', path: '/v2/deployments', query: { embed: 'waitingOn' } })
  }

  /** Takes the changes back by another deployment; with `force` there is none, and things stay as they are. */
  cancelDeployment(
    id: string,
    options: { readonly force?: boolean | undefined } = {},
  ): Promise<Answer<DeploymentResult | undefined>> {
    const path = `/v2/deployments/${encodeURIComponent(id)}`
    return this.#transport.json({ method: 'DELETE', path, query: { force: options.force || undefined } })
  }

  pauseDeployment(id: string): Promise<Answer<Deployment>> {
    return this.#steer(id, 'pause')
  }

  resumeDeployment(id: string): Promise<Answer<Deployment>> {
    return this.#steer(id, 'resume')
  }

  /** Leaves its canary steps for the next ones; with `all` for the end. */
  promoteDeployment(
    id: string,
    options: { readonly all?: boolean | undefined } = {},
  ): Promise<Answer<Deployment>> {
    return this.#steer(id, 'promote', { all: options.all || undefined })
  }

  agent(id: string): Promise<Answer<{ readonly agent: Agent }>> {
    return this.#transport.json({ method: 'GET', path: `/v2/agents/${encodeURIComponent(id)}` })
  }

  agents(): Promise<Answer<{ readonly agents: readonly Agent[] }>> {
    return this.#transport.json({ method: 'GET', path: '/v2/agents' })
  }

  plug(id: string): Promise<Answer<{ readonly agent: Agent }>> {
    return this.#transport.json({ method: 'POST', path: `/v2/agents/${encodeURIComponent(id)}/plug` })
  }

  unplug(id: string): Promise<Answer<{ readonly agent: Agent }>> {
    return this.#transport.json({ method: 'POST', path: `/v2/agents/${encodeURIComponent(id)}/unplug` })
  }

  /** Events from now on, or after one, until the server ends the stream; all types when none is named. */
  async events(types: readonly string[] = [], from: EventsFrom = {}): Promise<AsyncGenerator<EventFrame>> {
    const path = '/v2/events'
    const response = await this.#transport.open({
      method: 'GET',
      path,
      query: { event_type: types },
      accept: 'text/event-stream',
      ...(from.after === undefined ? {} : { headers: { 'last-event-id': from.after } }),
    })
    if (response.headers.get('content-type')?.startsWith('text/event-stream') !== true) {
      throw new ApiError({ kind: 'foreign', url: this.url, message: `its ${path} is no event stream` })
    }
    return readEvents(this.#transport.chunks(response), from.onId)
  }

  /** One piece of a task's log. */
  async log(taskId: string, stream: LogStream, range: LogRange): Promise<LogPiece> {
    const response = await this.#transport.open(logCall(taskId, stream, { ...range }), { isBrief: true })
    const bytes = await this.#transport.guarded(async () => new Uint8Array(await response.arrayBuffer()))
    const start = countHeader(response, 'Marathon-Log-Start') ?? Math.max(0, range.offset)
    const end = countHeader(response, 'Marathon-Log-End') ?? start + bytes.length
    return { bytes, start, end, size: countHeader(response, 'Marathon-Log-Size') ?? end }
  }

  /** A task's log from `offset` on, as it grows, until the task ends. `start` is later if rotation took more. */
  async followLog(
    taskId: string,
    stream: LogStream,
    offset: number,
  ): Promise<{ readonly start: number; readonly chunks: AsyncGenerator<Uint8Array> }> {
    const response = await this.#transport.open(logCall(taskId, stream, { offset, follow: true }))
    return {
      start: countHeader(response, 'Marathon-Log-Start') ?? offset,
      chunks: this.#transport.chunks(response),
    }
  }

  #steer(id: string, how: string, query: Query = {}): Promise<Answer<Deployment>> {
    const path = `/v2/deployments/${encodeURIComponent(id)}/${how}`
    return this.#transport.json({ method: 'POST', path, query })
  }

  #replace(path: string, body: unknown, options: ChangeOptions): Promise<Answer<DeploymentResult>> {
    const { query, headers } = asked(options)
    return this.#transport.json({
      method: 'PUT',
      path,
      body,
      query: { ...query, partialUpdate: false },
      headers,
    })
  }
}

function logCall(taskId: string, stream: LogStream, query: Query): Call {
  return {
    method: 'GET',
    path: `/v2/tasks/${encodeURIComponent(taskId)}/logs/${stream}`,
    query,
    accept: 'text/plain',
  }
}

const appPath = (id: string): string => `/v2/apps/${idPath(id)}`

function countHeader(response: Response, name: string): number | undefined {
  const value = Number(response.headers.get(name) ?? Number.NaN)
  return Number.isSafeInteger(value) && value >= 0 ? value : undefined
}
