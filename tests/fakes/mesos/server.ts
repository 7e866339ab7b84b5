// One master's HTTP server: the scheduler API, the operator API, and how a master that does not lead answers. Status
// codes, headers and texts are those of the recordings.

import { randomUUID } from 'node:crypto'
import http from 'node:http'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { parseCall, parseObject } from './calls.ts'
import type { Framework } from './framework.ts'
import type { Master } from './master.ts'
import { operatorCall, operatorGet } from './operator.ts'
import { type PlainRequest, servePipelined } from './pipelined-calls.ts'
import { RecordStream, type Tamper } from './stream.ts'

export type Standing =
  | { readonly kind: 'leads'; readonly master: Master }
  /** Redirects to the leader it knows of. */
  | { readonly kind: 'stands-by'; readonly leaderPort: number }
  | { readonly kind: 'knows-no-leader' }
  | { readonly kind: 'recovers' }
  /** In the first milliseconds. */
  | { readonly kind: 'starts' }

/** An answer a test wants in place of the master's. */
export interface Refusal {
  readonly status: number
  readonly text?: string
  readonly headers?: Readonly<Record<string, string>>
}

interface Reply {
  readonly status: number
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
}

const schedulerPaths: ReadonlySet<string> = new Set(['/api/v1/scheduler', '/master/api/v1/scheduler'])

const text = (status: number, body: string, headers?: Readonly<Record<string, string>>): Reply => ({
  status,
  body,
  headers: { ...headers, 'Content-Type': 'text/plain; charset=utf-8' },
})

export class MasterServer {
  standing: Standing = { kind: 'starts' }
  /** Asked before anything else of each scheduler call, with its type. */
  refuse: ((type: string) => Refusal | undefined) | undefined
  tamper: Tamper | undefined
  /** Milliseconds each call waits for its execution. */
  delayMs = 0
  readonly streams = new Map<RecordStream, Framework>()
  /** Calls by type, as they came. */
  readonly calls = new Map<string, number>()
  readonly #server: Server
  readonly #http: http.Server
  readonly #sockets = new Set<Socket>()
  readonly #credentials: ReadonlyMap<string, string>

  /** @param credentials principals and their secrets; none: nobody is asked */
  constructor(credentials: ReadonlyMap<string, string> = new Map()) {
    this.#credentials = credentials
    this.#http = http.createServer({ keepAlive: true, keepAliveTimeout: 60_000, requestTimeout: 0 })
    this.#http.on('request', (request, response) => {
      // Mesos does not say it.
      response.removeHeader('Connection')
      this.#take(request, response)
    })
    this.#server = createServer({ noDelay: true }, (socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
      servePipelined(socket, {
        answer: (request, body) => toText(this.#answer(request, undefined, body)),
        delayMs: () => this.delayMs,
        others: (other) => this.#http.emit('connection', other),
      })
    })
  }

  async listen(port = 0): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, '127.0.0.1', resolve)
    })
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** As if the process had died: every connection breaks, new ones are refused. */
  async die(): Promise<void> {
    this.streams.clear()
    const closed = new Promise((resolve) => this.#server.close(resolve))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  #take(request: http.IncomingMessage, response: http.ServerResponse): void {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const raw = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
      const answer = (): void => {
        const reply = this.#answer(request, response, raw)
        if (reply === undefined) return
        const { status, body = '', headers = {} } = reply
        response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) })
        response.end(body)
      }
      if (this.delayMs > 0) setTimeout(answer, this.delayMs).unref()
      else answer()
    })
  }

  /** Undefined: the response is a stream now. */
  #answer(
    request: http.IncomingMessage | PlainRequest,
    response: http.ServerResponse | undefined,
    raw: Buffer,
  ): Reply | undefined {
    const { method = 'GET', url = '/' } = request
    const [path = '/'] = url.split('?')
    if (path === '/health' || path === '/master/health') return { status: 200 }
    const isScheduler = schedulerPaths.has(path)
    const principal = this.#principalOf(request)
    if (principal === null) {
      const realm = isScheduler ? 'mesos-master-scheduler' : 'mesos-master-readonly'
      return text(401, '401 Unauthorized.', { 'WWW-Authenticate': `Basic realm="${realm}"` })
    }
    if (isScheduler && method !== 'POST') return notAllowed(method)
    const { standing } = this
    if (path === '/redirect' || path === '/master/redirect') {
      const port = standing.kind === 'stands-by' ? standing.leaderPort : this.port
      return { status: 307, headers: { Location: `//127.0.0.1:${port}` } }
    }
    if (standing.kind !== 'leads') return notLeading(standing, path)
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw).toString() : raw.toString()
    if (isScheduler) return this.#schedulerCall(standing.master, request, response, body, principal)
    if (path.startsWith('/api/v1')) {
      if (method !== 'POST') return notAllowed(method)
      const json = parseObject(body)
      return typeof json === 'string' ? text(400, json) : operatorCall(standing.master, json)
    }
    return operatorGet(standing.master, path)
  }

  #schedulerCall(
    master: Master,
    request: http.IncomingMessage | PlainRequest,
    response: http.ServerResponse | undefined,
    body: string,
    principal: string | undefined,
  ): Reply | undefined {
    const { headers } = request
    const type = headers['content-type']
    if (type === undefined) return text(400, "Expecting 'Content-Type' to be present")
    if (type !== 'application/json')
      return text(415, "Expecting 'Content-Type' of application/json or application/x-protobuf")
    const call = parseCall(body)
    if (typeof call === 'string') return text(400, call)
    this.calls.set(call.type, (this.calls.get(call.type) ?? 0) + 1)
    const refusal = this.refuse?.(call.type)
    if (refusal !== undefined) return text(refusal.status, refusal.text ?? '', refusal.headers)
    const given = headers['mesos-stream-id']
    if (call.subscribe !== undefined && call.type === 'SUBSCRIBE') {
      const claimed = call.subscribe.framework_info.principal
      if (principal !== undefined && claimed !== undefined && claimed !== principal)
        return text(
          400,
          `Failed to validate scheduler::Call: Authenticated principal '${principal}' does not match principal '${claimed}' set in \`FrameworkInfo\``,
        )
      if (!/\*\/\*|application\/(json|\*)/.test(headers.accept ?? '*/*'))
        return text(406, "Expecting 'Accept' to allow 'application/x-protobuf' or 'application/json'")
      if (given !== undefined)
        return text(400, "Subscribe calls should not include the 'Mesos-Stream-Id' header")
      this.#subscribe(master, response!, call.subscribe, principal)
      return undefined
    }
    const framework = master.frameworks.get(call.framework_id?.value ?? '')
    if (framework === undefined) return text(400, 'Framework cannot be found')
    if (principal !== framework.principal && this.#credentials.size > 0)
      return text(
        400,
        `Authenticated principal '${principal}' does not match principal '${framework.principal}' set in \`FrameworkInfo\``,
      )
    if (!framework.isConnected) return text(403, 'Framework is not subscribed')
    if (given === undefined)
      return text(400, "All non-subscribe calls should include the 'Mesos-Stream-Id' header")
    if (given !== framework.streamId)
      return text(
        400,
        `The stream ID '${String(given)}' included in this request didn't match the stream ID currently associated with framework ID ${framework.id}`,
      )
    master.call(framework, call)
    return call.type === 'UPDATE_FRAMEWORK' ? { status: 200 } : taken
  }

  #subscribe(
    master: Master,
    response: http.ServerResponse,
    subscribe: Parameters<Master['subscribe']>[0],
    principal: string | undefined,
  ): void {
    const streamId = randomUUID()
    response.writeHead(200, { 'Mesos-Stream-Id': streamId, 'Content-Type': 'application/json' })
    response.flushHeaders()
    const stream = new RecordStream(response, () => this.tamper)
    const framework = master.subscribe(subscribe, principal, stream, streamId)
    if (framework === undefined) return
    this.streams.set(stream, framework)
    response.on('close', () => {
      this.streams.delete(stream)
      master.disconnected(framework, stream)
    })
  }

  /** Undefined: nobody is asked; null: not known. */
  #principalOf(request: http.IncomingMessage | PlainRequest): string | undefined | null {
    if (this.#credentials.size === 0) return undefined
    const [, encoded] = /^Basic (.+)$/.exec(request.headers.authorization ?? '') ?? []
    const [name = '', secret] = Buffer.from(encoded ?? '', 'base64')
      .toString()
      .split(':')
    return this.#credentials.get(name) === secret && secret !== undefined ? name : null
  }
}

/** As it goes over the wire. */
function toText(reply: Reply | undefined): string {
  if (reply === undefined) return ''
  if (reply === taken) return takenText
  const { status, body = '', headers = {} } = reply
  const lines = Object.entries({
    ...headers,
    Date: new Date().toUTCString(),
    'Content-Length': Buffer.byteLength(body),
  })
  const head = `HTTP/1.1 ${status} ${http.STATUS_CODES[status]}`
  return `${[head, ...lines.map(([name, value]) => `${name}: ${value}`)].join('\r\n')}\r\n\r\n${body}`
}

/** Almost every answer. */
const taken: Reply = { status: 202 }
const takenText = toText({ ...taken })

function notAllowed(method: string): Reply {
  const body = `405 Method Not Allowed. Expecting one of { 'POST' }, but received '${method}'.`
  return text(405, body, { Allow: 'POST' })
}

function notLeading(standing: Exclude<Standing, { kind: 'leads' }>, path: string): Reply {
  switch (standing.kind) {
    case 'stands-by': {
      const target = path.startsWith('/master') ? path : `/master${path}`
      return { status: 307, headers: { Location: `//127.0.0.1:${standing.leaderPort}${target}` } }
    }
    case 'knows-no-leader':
      return text(503, 'No leader elected')
    case 'recovers':
      return text(503, 'Master has not finished recovery')
    case 'starts':
      return text(404, '404 Not Found.')
  }
}
