// Event streams. Every batch of notices is turned into bytes once and the same bytes go to all clients with the same
// filter. A client that does not keep up is cut off, so that it cannot make the server hold events for it without end;
// it comes back with the number of the last event it has, and gets what follows from the log (event-replay.ts).

import type { ServerResponse } from 'node:http'
import { bodiesIn, type EventNumber, type LoggedEvents } from '../core/event-log/segment.ts'
import type { Notice } from '../core/notices/notice.ts'
import { formatInstant } from '../lib/instant.ts'
import type { Counter } from '../metrics/registry.ts'
import type { HttpDeps } from './deps.ts'
import { type Filter, type Frame, FrameBatch, filterOf, frameOf, idAlone, passes } from './event-frames.ts'
import { EventReplay } from './event-replay.ts'

/** Clients written to before other work gets its turn. */
const clientsPerTurn = 256
const heartbeat = Buffer.from('\r\n')

interface Client {
  readonly response: ServerResponse
  readonly remoteAddress: string
  readonly filter: Filter
  /** Came with the number of an event, so it knows what ids are for. */
  readonly isReturning: boolean
  /** While it is brought up to date: the last event it has. */
  after: EventNumber
  /** The place in what is told from which on it is told, too; undefined while it is brought up to date. */
  since: number | undefined
  /** Bytes handed to the connection so far. */
  written: number
  /** Batches the system may not have taken yet: where each ends in the stream, and how many events it has. */
  readonly inFlight: { readonly end: number; readonly events: number }[]
}

type HubDeps = Pick<HttpDeps, 'now' | 'options' | 'log' | 'announce' | 'eventLog'>

export class EventHub {
  readonly #deps: HubDeps
  readonly #clients = new Set<Client>()
  readonly #heartbeat: NodeJS.Timeout
  readonly #unsubscribe: () => void
  readonly #bytesSent: Counter
  readonly #replay: EventReplay<Client>
  #pending: Frame[] = []
  /** How many frames there were before the pending ones: their place in what is told. */
  #place = 0
  #last: EventNumber
  #isPumping = false

  constructor(deps: HubDeps & Pick<HttpDeps, 'metrics' | 'subscribe'>) {
    this.#deps = deps
    // All of them are on disk: nothing has been decided in this process yet.
    this.#last = deps.eventLog?.last ?? 0
    this.#replay = new EventReplay({
      ...(deps.eventLog === undefined ? {} : { log: deps.eventLog }),
      now: deps.now,
      told: () => this.#last,
      isOpen: (client) => this.#clients.has(client),
      write: (client, bytes) => this.#write(client, bytes),
      caughtUp: (client) => {
        client.since = this.#end
      },
      failed: (client, error) => this.#breakOff(client, error),
    })
    this.#heartbeat = setInterval(() => this.#beat(), deps.options.eventStreamHeartbeatMs)
    this.#heartbeat.unref()
    this.#unsubscribe = deps.subscribe((notices, logged) => this.#take(notices, logged))
    this.#bytesSent = deps.metrics.counter('http.responses.event-stream.size', 'bytes')
    deps.metrics.gauge('http.event-streams.active', () => this.#clients.size)
  }

  get size(): number {
    return this.#clients.size
  }

  /** The newest event that streams are told of, or are about to be: what it tells of is durable. */
  get last(): EventNumber {
    return this.#last
  }

  /** Takes over a response whose head has been written. `after`: the last event the client has. */
  attach(
    response: ServerResponse,
    options: {
      readonly remoteAddress: string
      readonly types: readonly string[]
      readonly after?: EventNumber
    },
  ): void {
    const client: Client = {
      response,
      remoteAddress: options.remoteAddress,
      filter: filterOf(options.types),
      isReturning: options.after !== undefined,
      after: options.after ?? 0,
      since: options.after === undefined ? this.#end : undefined,
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
    const own = this.#tell('event_stream_attached', client)
    if (!client.isReturning) return
    if (passes(client.filter, own.type)) this.#write(client, own.bytes)
    this.#replay.add(client)
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

  #tell(type: string, { remoteAddress }: Client): Frame {
    const timestamp = formatInstant(this.#deps.now())
    const notice: Notice = { type, body: { remoteAddress, eventType: type, timestamp } }
    const frame = frameOf({ type, text: JSON.stringify(notice.body) })
    this.#publish([frame])
    this.#deps.announce?.([notice])
    return frame
  }

  /** Where those who are told from now on begin. */
  get #end(): number {
    return this.#place + this.#pending.length
  }

  #take(notices: readonly Notice[], logged?: LoggedEvents): void {
    if (logged !== undefined) this.#last = logged.first + notices.length - 1
    if (this.#clients.size > 0) this.#publish(framesOf(notices, logged))
  }

  /** Collects what comes in one turn of the event loop, so that a burst costs each client one write. */
  #publish(frames: readonly Frame[]): void {
    if (this.#clients.size === 0) return
    for (const frame of frames) this.#pending.push(frame)
    if (this.#isPumping) return
    this.#isPumping = true
    setImmediate(() => this.#pump())
  }

  #pump(): void {
    const batch = new FrameBatch(this.#place, this.#pending)
    this.#place += this.#pending.length
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

  #deliver(client: Client, batch: FrameBatch): void {
    if (client.since === undefined || !this.#clients.has(client)) return
    const { bytes, events } = batch.for(client.filter, client.since)
    if (events === 0) return
    if (outstanding(client) >= this.#deps.options.eventStreamMaxOutstanding) {
      this.#deps.log.warn('an event stream was closed because its client is too slow', {
        remoteAddress: client.remoteAddress,
      })
      this.#drop(client)
      return
    }
    this.#write(client, bytes)
    client.inFlight.push({ end: client.written, events })
  }

  #write(client: Client, bytes: Buffer): void {
    client.response.write(bytes)
    client.written += bytes.length
    this.#bytesSent.add(bytes.length)
  }

  #breakOff(client: Client, error: unknown): void {
    this.#deps.log.error('the event log could not be read; the stream that waits for it is closed', {
      remoteAddress: client.remoteAddress,
      error,
    })
    this.#drop(client)
  }

  #drop(client: Client): void {
    client.response.destroy()
    // One that waits for other answers of its connection is not closed before it has its turn.
    this.#detach(client)
  }

  #beat(): void {
    const isQuiet = this.#pending.length === 0 && !this.#isPumping
    for (const client of this.#clients) {
      // One that is behind gets its next bytes soon enough.
      if (client.since === undefined || outstanding(client) > 0) continue
      const isAhead = isQuiet && client.isReturning && client.filter.types.size > 0
      const bytes = isAhead && this.#deps.eventLog !== undefined ? idAlone(this.#last) : heartbeat
      client.response.write(bytes)
      client.written += bytes.length
    }
  }
}

function framesOf(notices: readonly Notice[], logged: LoggedEvents | undefined): readonly Frame[] {
  if (logged === undefined)
    return notices.map(({ type, body }) => frameOf({ type, text: JSON.stringify(body) }))
  const bodies = logged.texts.flatMap(bodiesIn)
  return notices.map(({ type }, i) => frameOf({ type, text: bodies[i]! }, logged.first + i))
}

/** Events the operating system has not taken from us yet. */
function outstanding(client: Client): number {
  const taken = client.written - client.response.writableLength
  while (client.inFlight.length > 0 && client.inFlight[0]!.end <= taken) client.inFlight.shift()
  return client.inFlight.reduce((sum, batch) => sum + batch.events, 0)
}
