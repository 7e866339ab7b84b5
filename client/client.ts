// A typed client of the HTTP API on the platform's fetch, shared by the command line, the user interface and
// tests. It knows paths, queries and shapes; it decides nothing. Failures throw ApiError (client/errors.ts).

import { ApiError, failureOf, failureOfTransport } from './errors.ts'
import { type EventFrame, readEvents } from './events.ts'
import { warningsIn } from './warnings.ts'
import type { Agent, AppInfo, Deployment, DeploymentResult, Endpoint, Info, QueueItem, Task } from './wire.ts'

export interface ClientOptions {
  /** Without credentials, query and trailing slash, e.g. `http://127.0.0.1:8080`. */
  readonly url: string
  readonly credentials?: { readonly user: string; readonly password: string }
  /** How long one call may take, streams excepted. */
  readonly timeoutMs?: number
  /** Ends every call and stream when aborted. */
  readonly signal?: AbortSignal
  /** Hears of every field of a body that the server took and ignored, of refused bodies as well. */
  readonly onWarning?: (warning: string) => void
}

/** A successful answer: the text as it came and the value in it. */
export interface Answer<T> {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly body: T
}

type QueryValue = string | number | boolean | undefined
type Query = Readonly<Record<string, QueryValue | readonly string[]>>

interface Call {
  readonly method: string
  readonly path: string
  readonly query?: Query
  /** A string is sent as it is, so that a file's own numbers and order reach the server. */
  readonly body?: unknown
  readonly accept?: string
}

export interface AppFilter {
  readonly id?: string | undefined
  readonly cmd?: string | undefined
  readonly label?: string | undefined
}

export interface ForceOption {
  readonly force?: boolean | undefined
}

export interface KillOptions extends ForceOption {
  readonly scale?: boolean | undefined
  readonly wipe?: boolean | undefined
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

const defaultTimeoutMs = 30_000

export class MarathonClient {
  readonly url: string
  readonly #headers: Readonly<Record<string, string>>
  readonly #timeoutMs: number
  readonly #signal: AbortSignal | undefined
  readonly #onWarning: ((warning: string) => void) | undefined

  constructor(options: ClientOptions) {
    this.url = options.url
    this.#timeoutMs = options.timeoutMs ?? defaultTimeoutMs
    this.#signal = options.signal
    this.#onWarning = options.onWarning
    this.#headers = options.credentials === undefined ? {} : { authorization: basic(options.credentials) }
  }

  apps(filter: AppFilter = {}): Promise<Answer<{ readonly apps: readonly AppInfo[] }>> {
    return this.#json({ method: 'GET', path: '/v2/apps', query: { ...filter } })
  }

  app(id: string): Promise<Answer<{ readonly app: AppInfo }>> {
    return this.#json({ method: 'GET', path: appPath(id) })
  }

  /** `definition` is an object, or JSON text. */
  addApp(definition: unknown, options: ForceOption = {}): Promise<Answer<AppInfo>> {
    return this.#json({ method: 'POST', path: '/v2/apps', query: force(options), body: definition })
  }

  /** Changes the given fields of an existing app; never creates one (rest-api 2, PATCH). */
  changeApp(id: string, change: unknown, options: ForceOption = {}): Promise<Answer<DeploymentResult>> {
    return this.#json({ method: 'PATCH', path: appPath(id), query: force(options), body: change })
  }

  restartApp(id: string, options: ForceOption = {}): Promise<Answer<DeploymentResult>> {
    return this.#json({ method: 'POST', path: `${appPath(id)}/restart`, query: force(options) })
  }

  /** `force` is always sent: the server's default for this one call is true (rest-api 2, DELETE). */
  removeApp(id: string, options: ForceOption = {}): Promise<Answer<DeploymentResult>> {
    return this.#json({ method: 'DELETE', path: appPath(id), query: { force: options.force ?? false } })
  }

  appVersions(id: string): Promise<Answer<{ readonly versions: readonly string[] }>> {
    return this.#json({ method: 'GET', path: `${appPath(id)}/versions` })
  }

  appVersion(id: string, version: string): Promise<Answer<AppInfo>> {
    return this.#json({ method: 'GET', path: `${appPath(id)}/versions/${encodeURIComponent(version)}` })
  }

  tasks(appId?: string): Promise<Answer<{ readonly tasks: readonly Task[] }>> {
    return this.#json({ method: 'GET', path: appId === undefined ? '/v2/tasks' : `${appPath(appId)}/tasks` })
  }

  /** Answers the killed tasks, or with `scale` the deployment that lowers the instances. */
  killTasks(
    ids: readonly string[],
    options: KillOptions = {},
  ): Promise<Answer<{ readonly tasks: readonly Task[] } | DeploymentResult>> {
    const query = { ...force(options), scale: options.scale || undefined, wipe: options.wipe || undefined }
    return this.#json({ method: 'POST', path: '/v2/tasks/delete', query, body: { ids } })
  }

  queue(): Promise<Answer<{ readonly queue: readonly QueueItem[] }>> {
    return this.#json({ method: 'GET', path: '/v2/queue' })
  }

  resetDelay(appId: string): Promise<Answer<undefined>> {
    return this.#json({ method: 'DELETE', path: `/v2/queue/${idPath(appId)}/delay` })
  }

  deployments(): Promise<Answer<readonly Deployment[]>> {
    return this.#json({ method: 'GET', path: '/v2/deployments' })
  }

  agents(): Promise<Answer<{ readonly agents: readonly Agent[] }>> {
    return this.#json({ method: 'GET', path: '/v2/agents' })
  }

  plug(id: string): Promise<Answer<{ readonly agent: Agent }>> {
    return this.#json({ method: 'POST', path: `/v2/agents/${encodeURIComponent(id)}/plug` })
  }

  unplug(id: string): Promise<Answer<{ readonly agent: Agent }>> {
    return this.#json({ method: 'POST', path: `/v2/agents/${encodeURIComponent(id)}/unplug` })
  }

  leader(): Promise<Answer<{ readonly leader: string }>> {
    return this.#json({ method: 'GET', path: '/v2/leader' })
  }

  info(): Promise<Answer<Info>> {
    return this.#json({ method: 'GET', path: '/v2/info' })
  }

  ping(): Promise<Answer<string>> {
    return this.#json({ method: 'GET', path: '/ping' })
  }

  /** Events from now on until the server ends the stream; all types when none is named. */
  async events(types: readonly string[] = []): Promise<AsyncGenerator<EventFrame>> {
    const path = '/v2/events'
    const response = await this.#open({
      method: 'GET',
      path,
      query: { event_type: types },
      accept: 'text/event-stream',
    })
    if (response.headers.get('content-type')?.startsWith('text/event-stream') !== true) {
      throw new ApiError({ kind: 'foreign', url: this.url, message: `its ${path} is no event stream` })
    }
    return readEvents(this.#chunks(response))
  }

  /** One piece of a task's log. */
  async log(taskId: string, stream: LogStream, range: LogRange): Promise<LogPiece> {
    const response = await this.#open(logCall(taskId, stream, { ...range }), this.#timeoutMs)
    const bytes = await this.#guarded(async () => new Uint8Array(await response.arrayBuffer()))
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
    const response = await this.#open(logCall(taskId, stream, { offset, follow: true }))
    return { start: countHeader(response, 'Marathon-Log-Start') ?? offset, chunks: this.#chunks(response) }
  }

  // The first releases' API (rest-api 12.1).

  startV1(definition: unknown): Promise<Answer<undefined>> {
    return this.#json({ method: 'POST', path: '/v1/apps/start', body: definition })
  }

  stopV1(id: string): Promise<Answer<undefined>> {
    return this.#json({ method: 'POST', path: '/v1/apps/stop', body: { id } })
  }

  scaleV1(id: string, instances: number): Promise<Answer<undefined>> {
    return this.#json({ method: 'POST', path: '/v1/apps/scale', body: { id, instances } })
  }

  appsV1(): Promise<Answer<readonly AppInfo[]>> {
    return this.#json({ method: 'GET', path: '/v1/apps' })
  }

  searchV1(filter: {
    readonly id?: string | undefined
    readonly cmd?: string | undefined
  }): Promise<Answer<readonly AppInfo[]>> {
    return this.#json({ method: 'GET', path: '/v1/apps/search', query: { ...filter } })
  }

  endpointsV1(): Promise<Answer<readonly Endpoint[]>> {
    return this.#json({ method: 'GET', path: '/v1/endpoints' })
  }

  endpointV1(id: string): Promise<Answer<Endpoint>> {
    return this.#json({ method: 'GET', path: `/v1/endpoints/${idPath(id)}` })
  }

  killV1(query: {
    readonly appId: string
    readonly host?: string | undefined
    readonly id?: string | undefined
    readonly scale?: boolean | undefined
  }): Promise<Answer<readonly Task[]>> {
    return this.#json({ method: 'POST', path: '/v1/tasks/kill', query })
  }

  async #json<T>(call: Call): Promise<Answer<T>> {
    const response = await this.#open(call, this.#timeoutMs)
    const text = await this.#guarded(() => response.text())
    const { status, headers } = response
    if (text === '') return { status, headers, text, body: undefined as T }
    try {
      return { status, headers, text, body: JSON.parse(text) as T }
    } catch (cause) {
      throw new ApiError({ kind: 'foreign', url: this.url, message: `its ${call.path} is not JSON` }, cause)
    }
  }

  /** The response once its headers are here; throws for every status of 400 and above. */
  async #open(call: Call, timeoutMs?: number): Promise<Response> {
    const headers: Record<string, string> = { ...this.#headers, accept: call.accept ?? 'application/json' }
    const init: RequestInit = { method: call.method, headers }
    if (call.body !== undefined) {
      headers['content-type'] = 'application/json'
      init.body = typeof call.body === 'string' ? call.body : JSON.stringify(call.body)
    }
    const signals = [this.#signal, timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs)]
    init.signal = AbortSignal.any(signals.filter((signal) => signal !== undefined))
    const response = await this.#guarded(() =>
      fetch(`${this.url}${call.path}${queryText(call.query ?? {})}`, init),
    )
    if (this.#onWarning !== undefined) warningsIn(response.headers).forEach(this.#onWarning)
    if (response.status < 400) return response
    const text = await this.#guarded(() => response.text())
    throw new ApiError(failureOf({ status: response.status, url: this.url, path: call.path, text }))
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (cause) {
      throw this.#translated(cause)
    }
  }

  async *#chunks(response: Response): AsyncGenerator<Uint8Array> {
    if (response.body === null) return
    try {
      yield* response.body
    } catch (cause) {
      throw this.#translated(cause)
    }
  }

  #translated(cause: unknown): unknown {
    // Somebody asked us to stop: that is no failure of the server, and the asker handles it.
    if (this.#signal?.aborted) return cause
    return new ApiError(failureOfTransport(cause, this.url), cause)
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

/** `/shop/web` and `shop/web` → `shop/web`, each segment escaped (rest-api 1.5). */
const idPath = (id: string): string => id.split('/').filter(Boolean).map(encodeURIComponent).join('/')

const appPath = (id: string): string => `/v2/apps/${idPath(id)}`

const force = (options: ForceOption): Query => ({ force: options.force || undefined })

function queryText(query: Query): string {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue
    for (const item of Array.isArray(value) ? value : [value]) params.append(name, String(item))
  }
  const text = params.toString()
  return text === '' ? '' : `?${text}`
}

/** UTF-8 first: btoa alone refuses characters above U+00FF (RFC 7617, section 2.1). */
function basic(credentials: { user: string; password: string }): string {
  const bytes = new TextEncoder().encode(`${credentials.user}:${credentials.password}`)
  return `Basic ${btoa(String.fromCharCode(...bytes))}`
}

function countHeader(response: Response, name: string): number | undefined {
  const value = Number(response.headers.get(name) ?? Number.NaN)
  return Number.isSafeInteger(value) && value >= 0 ? value : undefined
}
