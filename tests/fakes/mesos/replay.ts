// Plays a recording to a fake cluster: sends the calls as they were sent, at the times they were, does to the cluster
// what the notes say was done, and compares replies and events with those recorded. Events of one task, and all of one
// kind without a task, must come in the recorded order; those of different tasks race in Mesos, too.

import http from 'node:http'
import { gzipSync } from 'node:zlib'
import type { FakeCluster } from './cluster.ts'
import { difference, type Json, Names, type RecordedLine } from './recording.ts'
import { add, type Bundle, contains, nothing, parseResources, toText } from './resources.ts'
import type { WireResource } from './wire.ts'

export interface ReplayOptions {
  readonly speed: number
  /** What was done to the cluster, before the line it is for. Each happens once. */
  readonly actions?: readonly Action[]
  /** Lines that are not compared or sent. */
  readonly skip?: (line: RecordedLine) => boolean
  /** Tasks of which nothing is compared. */
  readonly ignore?: readonly string[]
  /** The port of the fake that stands for a recorded one; 5050 is the leader's. */
  readonly portOf?: (recorded: number) => number
}

export interface Action {
  readonly before: (line: RecordedLine) => boolean
  readonly act: (cluster: FakeCluster) => void | Promise<void>
}

interface Received {
  readonly event: Json & { readonly type: string }
  isMatched: boolean
}

interface OpenStream {
  readonly events: Received[]
  /** Offers that stand, by id: as recorded, and ours. */
  readonly recorded: Map<string, { readonly port: number; readonly offer: Json }>
  readonly ours: Map<string, { readonly port: number; readonly offer: Json; isMatched: boolean }>
  readonly opened: Promise<http.IncomingMessage>
  readonly request: http.ClientRequest
  end: 'open' | 'last-chunk' | 'broken'
}

interface Reply {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly body: string
}

/** Milliseconds of our clock that an event or a reply may come late. */
const patienceMs = 4_000

/** @returns every difference, in words */
export async function replay(
  cluster: FakeCluster,
  lines: readonly RecordedLine[],
  options: ReplayOptions,
): Promise<readonly string[]> {
  return new Replay(cluster, options).run(lines)
}

class Replay {
  readonly #cluster: FakeCluster
  readonly #options: ReplayOptions
  readonly #names = new Names()
  readonly #streams = new Map<string, OpenStream>()
  /** Of calls that were sent, in order; of those that were left out: undefined. */
  readonly #replies: Promise<Reply | undefined>[] = []
  readonly #problems: string[] = []
  readonly #done = new Set<Action>()
  /** Our offers for a recorded one. */
  readonly #offerIds = new Map<string, readonly string[]>()
  /** Agents of which something else was on offer when last looked at. */
  readonly #unequal = new Map<number, string>()
  #begin = 0

  constructor(cluster: FakeCluster, options: ReplayOptions) {
    this.#cluster = cluster
    this.#options = options
  }

  async run(lines: readonly RecordedLine[]): Promise<readonly string[]> {
    this.#begin = performance.now() - (lines[0]?.ms ?? 0) / this.#options.speed
    for (const line of lines) {
      for (const action of this.#options.actions ?? []) {
        if (this.#done.has(action) || !action.before(line)) continue
        this.#done.add(action)
        await this.#reach(line.ms)
        await action.act(this.#cluster)
      }
      if (this.#options.skip?.(line) === true) continue
      if (this.#isIgnored(line.body, line.dir)) {
        if (line.dir === 'send') this.#replies.push(Promise.resolve(undefined))
        continue
      }
      await this.#step(line)
      // What follows from the first difference says nothing.
      if (this.#problems.length > 3) break
    }
    for (const { request, events } of this.#streams.values()) {
      const extra = events.filter(
        ({ event, isMatched }) =>
          !isMatched && !/^(OFFERS|RESCIND|HEARTBEAT)$/.test(event.type) && !this.#isIgnored(event, 'event'),
      )
      for (const { event } of extra) this.#problems.push(`${JSON.stringify(event)} was not recorded`)
      request.destroy()
    }
    return [...this.#problems, ...this.#unequal.values()]
  }

  async #step(line: RecordedLine): Promise<void> {
    const label = line.stream ?? ''
    switch (line.dir) {
      case 'send':
        await this.#reach(line.ms)
        return this.#send(line)
      case 'reply':
        return this.#compareReply(line)
      case 'stream-open': {
        const response = await this.#within(this.#streams.get(label)?.opened, `${line.ms}: stream-open`)
        if (response === undefined) return
        const recorded = line.headers?.find(([name]) => name === 'Mesos-Stream-Id')?.[1]
        const ours = response.headers['mesos-stream-id']
        if (recorded !== undefined && typeof ours === 'string') this.#names.learn(recorded, ours)
        if (response.statusCode !== line.status)
          this.#problems.push(`${line.ms}: ${line.status} was recorded, not ${response.statusCode}`)
        this.#compareHeaders(line, response.headers)
        return
      }
      case 'stream-end': {
        const stream = this.#streams.get(label)
        if (stream === undefined) return
        // Broken off by the recorder, unless something was done to the master.
        if (line.how !== 'last-chunk') return void stream.request.destroy()
        const isOver = await this.#until(() => stream.end !== 'open')
        if (!isOver || stream.end !== 'last-chunk')
          this.#problems.push(
            `${line.ms}: the stream ${label} was to end with the last chunk, and is ${stream.end}`,
          )
        return
      }
      case 'event':
        return this.#compareEvent(line, this.#streams.get(label))
      case 'note':
        return
    }
  }

  /** What is said of a task that is not compared, and what is answered to that. */
  #isIgnored(body: unknown, dir: RecordedLine['dir']): boolean {
    const { ignore = [] } = this.#options
    if (dir !== 'event' && (body as Json | undefined)?.['type'] !== 'ACKNOWLEDGE') return false
    const text = JSON.stringify(body)
    return ignore.some((id) => text.includes(`{"value":"${id}"}`))
  }

  /** Waits until the moment of the recording. */
  async #reach(ms: number): Promise<void> {
    const wait = this.#begin + ms / this.#options.speed - performance.now()
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
  }

  #send(line: RecordedLine): void {
    const headers: Record<string, string> = {}
    for (const [name, value] of line.headers ?? [])
      if (!/^(host|content-length|expect)$/i.test(name)) headers[name] = this.#names.get(value) ?? value
    const host = line.headers?.find(([name]) => name === 'Host')?.[1] ?? ''
    const recordedPort = Number(host.split(':')[1] ?? 5050)
    const port = this.#options.portOf?.(recordedPort) ?? this.#cluster.server.port
    const body = this.#bodyOf(line)
    const isStream = line.stream !== undefined
    const request = http.request({
      host: '127.0.0.1',
      port,
      method: line.method,
      path: line.path,
      headers: { ...headers, 'Content-Length': Buffer.byteLength(body) },
      agent: false,
    })
    const response = new Promise<http.IncomingMessage>((resolve, reject) => {
      request.on('response', resolve)
      request.on('error', reject)
    })
    response.catch(() => undefined)
    if (isStream) this.#open(line.stream, request, response)
    else this.#replies.push(response.then(readReply))
    request.end(body)
  }

  #bodyOf({ body }: RecordedLine): Buffer {
    if (body === '(gzip of REVIVE)') {
      const id = [...this.#cluster.master.frameworks.keys()][0] ?? ''
      return gzipSync(JSON.stringify({ type: 'REVIVE', framework_id: { value: id } }))
    }
    return Buffer.from(
      typeof body === 'string' ? body : JSON.stringify(this.#names.translate(this.#answerOffers(body))),
    )
  }

  #open(label: string, request: http.ClientRequest, opened: Promise<http.IncomingMessage>): void {
    const stream: OpenStream = {
      events: [],
      recorded: new Map(),
      ours: new Map(),
      opened,
      request,
      end: 'open',
    }
    this.#streams.set(label, stream)
    let buffer = ''
    opened.then(
      (response) => {
        // A refusal is an answer like others.
        if (response.statusCode !== 200) {
          this.#replies.push(readReply(response))
          return
        }
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          buffer += chunk
          for (;;) {
            const at = buffer.indexOf('\n')
            const length = Number(buffer.slice(0, at))
            if (at < 0 || buffer.length < at + 1 + length) return
            const event = JSON.parse(buffer.slice(at + 1, at + 1 + length)) as Received['event']
            buffer = buffer.slice(at + 1 + length)
            stream.events.push({ event, isMatched: false })
            const offers = (event['offers'] as { offers?: readonly Json[] } | undefined)?.offers ?? []
            for (const offer of offers)
              stream.ours.set(idOf(offer), { port: portOf(offer), offer, isMatched: false })
            const rescinded = event['rescind'] as
              | { readonly offer_id: { readonly value: string } }
              | undefined
            if (rescinded !== undefined) stream.ours.delete(rescinded.offer_id.value)
          }
        })
        response.on('end', () => (stream.end = response.complete ? 'last-chunk' : 'broken'))
        response.on('error', () => (stream.end = 'broken'))
      },
      () => (stream.end = 'broken'),
    )
  }

  async #compareReply(line: RecordedLine): Promise<void> {
    const at = `${line.ms}: reply`
    if (!(await this.#until(() => this.#replies.length > 0))) {
      this.#problems.push(`${at}: none came`)
      return
    }
    const reply = await this.#within(this.#replies.shift(), at)
    if (reply === undefined) return
    if (reply.status !== line.status) {
      this.#problems.push(`${at}: ${line.status} was recorded, not ${reply.status} ${reply.body}`)
      return
    }
    this.#compareHeaders(line, reply.headers)
    if (typeof line.body === 'string') {
      const found = difference(line.body, reply.body, this.#names, '')
      if (found !== undefined && line.status !== 200) this.#problems.push(`${at}${found}`)
      return
    }
    const ours = JSON.parse(reply.body) as Json
    const missing = Object.keys(line.body as Json).filter((key) => !(key in ours))
    if (missing.length > 0) this.#problems.push(`${at}: ${missing.join(', ')} is missing`)
  }

  #compareHeaders({ ms, headers = [] }: RecordedLine, ours: http.IncomingHttpHeaders): void {
    for (const [name, value] of headers) {
      const given = ours[name.toLowerCase()]
      const isChance = /^(date|content-length|mesos-stream-id|location|content-encoding)$/i.test(name)
      if (name !== 'Content-Encoding' && (isChance ? given === undefined : given !== value))
        this.#problems.push(`${ms}: ${name}: ${value} was recorded, not ${given}`)
    }
  }

  async #compareEvent(line: RecordedLine, stream: OpenStream | undefined): Promise<void> {
    const recorded = line.body as Json & { readonly type: string }
    if (stream === undefined) return
    if (recorded.type === 'OFFERS') {
      const { offers } = recorded['offers'] as { readonly offers: readonly Json[] }
      for (const offer of offers) await this.#compareOffer(line.ms, offer, stream)
      return
    }
    const rescinded = (recorded['rescind'] as { readonly offer_id: { readonly value: string } } | undefined)
      ?.offer_id
    if (rescinded !== undefined) {
      stream.recorded.delete(rescinded.value)
      const ours = this.#offerIds.get(rescinded.value)?.[0]
      if (ours !== undefined) this.#names.learn(rescinded.value, ours)
    }
    const key = this.#keyOf(recorded, true)
    let found: Received | undefined
    await this.#until(() => {
      found = stream.events.find((each) => !each.isMatched && this.#keyOf(each.event, false) === key)
      return found !== undefined
    })
    if (found === undefined) {
      const waiting = stream.events.filter(({ isMatched }) => !isMatched).map(({ event }) => event.type)
      this.#problems.push(`${line.ms}: ${JSON.stringify(recorded)} did not come (${waiting.join(', ')})`)
      return
    }
    found.isMatched = true
    const problem = difference(recorded, found.event, this.#names)
    if (problem !== undefined) this.#problems.push(`${line.ms}: ${recorded.type}${problem}`)
  }

  /** Events with the same key keep their order. */
  #keyOf(event: Json & { readonly type: string }, isRecorded: boolean): string {
    const update = event['update'] as
      | { readonly status: { readonly task_id: { readonly value: string } } }
      | undefined
    const rescinded = event['rescind'] as { readonly offer_id: { readonly value: string } } | undefined
    const name = update?.status.task_id.value ?? rescinded?.offer_id.value ?? ''
    return `${event.type} ${isRecorded ? (this.#names.get(name) ?? name) : name}`
  }

  /**
   * When which free resources are offered together is chance. What is on offer of an agent altogether is not: as much
   * as was, or more of it already; and in the end exactly as much.
   */
  async #compareOffer(ms: number, recorded: Json, stream: OpenStream): Promise<void> {
    const port = portOf(recorded)
    const id = idOf(recorded)
    stream.recorded.set(id, { port, offer: recorded })
    const wanted = sumOf(stream.recorded.values(), port)
    const given = (): Bundle => sumOf(stream.ours.values(), port)
    if (!(await this.#until(() => contains(given(), wanted)))) {
      this.#problems.push(
        `${ms}: of the agent at ${port} ${toText(wanted, undefined)} was on offer, not ${toText(given(), undefined)}`,
      )
      return
    }
    if (contains(wanted, given())) this.#unequal.delete(port)
    else
      this.#unequal.set(
        port,
        `${ms}: ${toText(wanted, undefined)} was on offer, and then no more of ${toText(given(), undefined)}`,
      )
    const news = [...stream.ours].filter(([, each]) => each.port === port && !each.isMatched)
    if (news[0] !== undefined) this.#names.learn(id, news[0][0])
    this.#offerIds.set(
      id,
      news.map(([ours]) => ours),
    )
    for (const [, each] of news) {
      each.isMatched = true
      this.#names.learn(valueAt(recorded, 'agent_id'), valueAt(each.offer, 'agent_id'))
      const { resources: _, id: __, executor_ids: ___, ...rest } = recorded
      const { resources: _a, id: _b, executor_ids: _c, ...ours } = each.offer
      const problem = difference(rest, ours, this.#names)
      if (problem !== undefined) this.#problems.push(`${ms}: offer${problem}`)
    }
  }

  /** Offers that a call uses or a rescission ends stand no more, in the recording and with us. */
  #answerOffers(body: unknown): unknown {
    const call = body as { accept?: Json; decline?: Json }
    const part = call.accept ?? call.decline
    const ids = (part?.['offer_ids'] as readonly { value: string }[] | undefined)?.map(({ value }) => value)
    if (part === undefined || ids === undefined) return body
    const ours = ids.flatMap((id) => this.#offerIds.get(id) ?? [id])
    for (const stream of this.#streams.values()) {
      for (const id of ids) stream.recorded.delete(id)
      for (const id of ours) stream.ours.delete(id)
    }
    const field = call.accept === undefined ? 'decline' : 'accept'
    return { ...call, [field]: { ...part, offer_ids: ours.map((value) => ({ value })) } }
  }

  async #until(isSo: () => boolean): Promise<boolean> {
    const end = performance.now() + patienceMs
    while (!isSo()) {
      if (performance.now() > end) return false
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    return true
  }

  async #within<T>(promise: Promise<T> | undefined, what: string): Promise<T | undefined> {
    if (promise === undefined) return undefined
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), patienceMs)
    })
    const result = await Promise.race([
      promise.catch((error: unknown) => void this.#problems.push(`${what}: ${String(error)}`)),
      late,
    ])
    clearTimeout(timer)
    return result ?? undefined
  }
}

async function readReply(response: http.IncomingMessage): Promise<Reply> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: Buffer.concat(chunks).toString(),
  }
}

const portOf = (offer: Json): number => (offer['url'] as { address: { port: number } }).address.port

const valueAt = (json: Json, field: string): string => (json[field] as { value: string }).value

const idOf = (offer: Json): string => valueAt(offer, 'id')

function sumOf(offers: Iterable<{ readonly port: number; readonly offer: Json }>, port: number): Bundle {
  let sum: Bundle = nothing
  for (const each of offers)
    if (each.port === port) sum = add(sum, parseResources(each.offer['resources'] as readonly WireResource[]))
  return sum
}
