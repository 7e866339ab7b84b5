// Event streams. Every batch of notices is turned into bytes once and the same bytes go to all clients with the same
// filter. A client that does not keep up is cut off, so that it cannot make the server hold events for it without end.

import type { ServerResponse } from 'node:http'
import type { Notice } from '../core/notices/notice.ts'
import { formatInstant } from '../lib/instant.ts'
import type { Counter } from '../metrics/registry.ts'
import type { HttpDeps } from './deps.ts'

/** Clients written to before other work gets its turn. */
const clientsPerTurn = 256
const heartbeat = Buffer.from('\r\n')

interface Client {
  readonly response: ServerResponse
  readonly remoteAddress: string
  /** Empty: all events. */
  readonly types: ReadonlySet<string>
  /** The same text for the same set of types. */
  readonly filterKey: string
  /** Bytes handed to the connection so far. */
  written: number
  /** Batches the system may not have taken yet: where each ends in the stream, and how many events it has. */
  readonly inFlight: { readonly end: number; readonly events: number }[]
}

export class EventHub {
  readonly #deps: Pick<HttpDeps, 'now' | 'options' | 'log' | 'announce'>
  readonly #clients = new Set<Client>()
  readonly #heartbeat: NodeJS.Timeout
  readonly #unsubscribe: () => void
  readonly #bytesSent: Counter
  #pending: Notice[] = []
  #isPumping = false

  constructor(deps: Pick<HttpDeps, 'now' | 'options' | 'log' | 'metrics' | 'subscribe' | 'announce'>) {
    this.#deps = deps
    this.#heartbeat = setInterval(() => this.#beat(), deps.options.eventStreamHeartbeatMs)
    this.#heartbeat.unref()
    this.#unsubscribe = deps.subscribe((notices) => this.#publish(notices))
    this.#bytesSent = deps.metrics.counter('http.responses.event-stream.size', 'bytes')
    deps.metrics.gauge('http.event-streams.active', () => this.#clients.size)
  }

  get size(): number {
    return this.#clients.size
  }

  /** Takes over a response whose head has been written. */
  attach(response: ServerResponse, options: { remoteAddress: string; types: readonly string[] }): void {
    const client: Client = {
      response,
      remoteAddress: options.remoteAddress,
      types: new Set(options.types),
      filterKey: [...new Set(options.types)].sort().join('\n'),
      written: 0,
      inFlight: [],
    }
    this.#clients.add(client)
    response.on('error', (error) => {
      // A reset connection closes the response, which detaches the client; there is nobody left to tell.
      this.#deps.log.info('an event stream broke', {
        remoteAddress: client.remoteAddress,
        reason: error.message,
      })
    })
    response.once('close', () => this.#detach(client))
    this.#tell('event_stream_attached', client)
  }

  /** Ends all streams. */
  close(): void {
    clearInterval(this.#heartbeat)
    this.#unsubscribe()
    for (const client of this.#clients) client.response.end()
    this.#clients.clear()
  }

  #detach(client: Client): void {
    if (!this.#clients.delete(client)) return
    this.#tell('event_stream_detached', client)
  }

  #tell(type: string, { remoteAddress }: Client): void {
    const timestamp = formatInstant(this.#deps.now())
    const notice: Notice = { type, body: { remoteAddress, eventType: type, timestamp } }
    this.#publish([notice])
    this.#deps.announce?.([notice])
  }

  /** Collects what comes in one turn of the event loop, so that a burst costs each client one write. */
  #publish(notices: readonly Notice[]): void {
    if (this.#clients.size === 0) return
    for (const notice of notices) this.#pending.push(notice)
    if (this.#isPumping) return
    this.#isPumping = true
    setImmediate(() => this.#pump())
  }

  #pump(): void {
    const batch = new Batch(this.#pending)
    this.#pending = []
    const clients = [...this.#clients]
    const deliver = (from: number): void => {
      const to = Math.min(from + clientsPerTurn, clients.length)
      for (let i = from; i < to; i++) this.#deliver(clients[i]!, batch)
      if (to < clients.length) setImmediate(() => deliver(to))
      else if (this.#pending.length > 0) setImmediate(() => this.#pump())
      else this.#isPumping = false
    }
    deliver(0)
  }

  #deliver(client: Client, batch: Batch): void {
    if (!this.#clients.has(client)) return
    const { bytes, events } = batch.for(client)
    if (events === 0) return
    if (outstanding(client) >= this.#deps.options.eventStreamMaxOutstanding) {
      this.#deps.log.warn('an event stream was closed because its client is too slow', {
        remoteAddress: client.remoteAddress,
      })
      client.response.destroy()
      // One that waits for other answers of its connection is not closed before it has its turn.
      this.#detach(client)
      return
    }
    client.response.write(bytes)
    client.written += bytes.length
    client.inFlight.push({ end: client.written, events })
    this.#bytesSent.add(bytes.length)
  }

  #beat(): void {
    for (const client of this.#clients) {
      // One that is behind gets its next bytes soon enough.
      if (outstanding(client) > 0) continue
      client.response.write(heartbeat)
      client.written += heartbeat.length
    }
  }
}

/** Events the operating system has not taken from us yet. */
function outstanding(client: Client): number {
  const taken = client.written - client.response.writableLength
  while (client.inFlight.length > 0 && client.inFlight[0]!.end <= taken) client.inFlight.shift()
  return client.inFlight.reduce((sum, batch) => sum + batch.events, 0)
}

/** The bytes of some notices, made once per filter. */
class Batch {
  readonly #frames: readonly { readonly type: string; readonly bytes: Buffer }[]
  readonly #byFilter = new Map<string, { readonly bytes: Buffer; readonly events: number }>()

  constructor(notices: readonly Notice[]) {
    this.#frames = notices.map((notice) => ({ type: notice.type, bytes: renderFrame(notice) }))
  }

  for(client: Pick<Client, 'types' | 'filterKey'>): { readonly bytes: Buffer; readonly events: number } {
    const known = this.#byFilter.get(client.filterKey)
    if (known !== undefined) return known
    const frames = this.#frames.filter((frame) => client.types.size === 0 || client.types.has(frame.type))
    const made = { bytes: Buffer.concat(frames.map((frame) => frame.bytes)), events: frames.length }
    this.#byFilter.set(client.filterKey, made)
    return made
  }
}

/** One event as it goes over the wire (events-metrics-flags 1.2). */
export function renderFrame(notice: Notice): Buffer {
  return Buffer.from(`event: ${notice.type}\r\ndata: ${JSON.stringify(notice.body)}\r\n\r\n`)
}
