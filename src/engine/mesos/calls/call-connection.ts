// The connection calls go out on: one after the other in the order given, without waiting for answers (HTTP/1.1
// pipelining, as the C++ scheduler library does it; a master takes the requests of a connection in their order). Apart
// from the event stream, behind which answers would queue.
//
// A connection that breaks leaves open which of the unanswered calls arrived. Those that may come twice without harm
// are sent again; with a call among them that may not, or when it keeps breaking, the whole subscription is given up:
// the next one is a fence behind which nothing of this one can happen any more, and then everything is asked about.

import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { after, millis } from '../../../lib/instant.ts'
import type { Alarm, Clock } from '../../../ports/clock.ts'
import { mesosLimits } from '../limits.ts'
import { type Answer, AnswerReader } from './answer-reader.ts'

/** What is sent, as it goes over the wire, and what became of it. */
export interface OutgoingCall {
  /** JSON. */
  readonly body: string
  /** It may arrive twice. */
  readonly isRepeatable: boolean
}

export interface CallConnectionParts<C extends OutgoingCall> {
  readonly url: URL
  /** Of every call, without its length. */
  readonly headers: Readonly<Record<string, string>>
  readonly clock: Clock
  /** In the order of the calls. */
  readonly answered: (call: C, answer: Answer) => void
  /** Nothing more is sent or answered. Those that may have arrived, and those that cannot have. */
  readonly lost: (reason: string, unanswered: readonly C[], unsent: readonly C[]) => void
  /** For tests. */
  readonly connect?: (url: URL) => Socket
}

export class CallConnection<C extends OutgoingCall> {
  readonly #parts: CallConnectionParts<C>
  readonly #head: string
  readonly #unanswered: Fifo<C> = new Fifo()
  readonly #unsent: Fifo<C> = new Fifo()
  #unsentChars = 0
  #socket: Socket | undefined
  #isConnected = false
  #isClosed = false
  #isFlushing = false
  #isFull = false
  /** Broken connections since the last answer. */
  #breaks = 0
  #answers = 0
  #alarm: Alarm | undefined
  #whenIdle: (() => void) | undefined

  constructor(parts: CallConnectionParts<C>) {
    this.#parts = parts
    const lines = Object.entries({ host: parts.url.host, ...parts.headers }).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    )
    this.#head = `POST ${parts.url.pathname} HTTP/1.1\r\n${lines.join('')}content-length: `
  }

  /** Sends it after all that was given before, soon. */
  send(call: C): void {
    if (this.#isClosed) return
    this.#unsent.push(call)
    this.#unsentChars += call.body.length
    if (this.#unsent.size > mesosLimits.waitingCalls || this.#unsentChars > mesosLimits.waitingCallChars) {
      this.#giveUp(`${this.#unsent.size} calls wait for the master, which takes too few of them`)
      return
    }
    if (this.#isFlushing) return
    this.#isFlushing = true
    // What is sent in one turn goes out in one piece.
    queueMicrotask(() => {
      this.#isFlushing = false
      this.#flush()
    })
  }

  /** Nothing is told any more. @returns what never left */
  close(): readonly C[] {
    this.#isClosed = true
    this.#alarm?.cancel()
    this.#socket?.destroy()
    this.#whenIdle?.()
    return this.#unsent.takeAll()
  }

  /** Resolves when all calls are answered, or will never be, or after so many milliseconds. */
  async idle(patienceMs: number): Promise<void> {
    if (this.#isClosed || this.waiting === 0) return
    const { clock } = this.#parts
    await new Promise<void>((resolve) => {
      const alarm = clock.alarm(after(clock.now(), millis(patienceMs)), resolve)
      this.#whenIdle = () => {
        alarm.cancel()
        resolve()
      }
    })
  }

  /** Calls given and not answered yet. */
  get waiting(): number {
    return this.#unanswered.size + this.#unsent.size
  }

  #flush(): void {
    if (this.#isClosed || this.#unsent.size === 0) return
    if (this.#socket === undefined) this.#connect()
    if (!this.#isConnected || this.#isFull) return
    let text = ''
    let isAscii = true
    while (this.#unanswered.size < mesosLimits.callsInFlight && text.length < mesosLimits.unsentCallBytes) {
      const call = this.#unsent.shift()
      if (call === undefined) break
      this.#unsentChars -= call.body.length
      this.#unanswered.push(call)
      const bytes = Buffer.byteLength(call.body)
      if (bytes !== call.body.length) isAscii = false
      text += this.#head + bytes + '\r\n\r\n' + call.body
    }
    if (text === '') return
    this.#watchAnswers()
    // One byte for each character, where that is so, is the cheaper copy.
    const isTaken = this.#socket!.write(text, isAscii ? 'latin1' : 'utf8')
    if (!isTaken && this.#socket!.writableLength > mesosLimits.unsentCallBytes) {
      this.#isFull = true
      return
    }
    // There may be more than one piece.
    if (this.#unsent.size > 0 && this.#unanswered.size < mesosLimits.callsInFlight) this.#flush()
  }

  #connect(): void {
    const socket = (this.#parts.connect ?? connectTo)(this.#parts.url)
    this.#socket = socket
    const reader = new AnswerReader()
    let problem: Error | undefined
    let isLast = false
    socket.setNoDelay(true)
    socket.setTimeout(mesosLimits.connectMs, () => {
      if (!this.#isConnected) socket.destroy(new Error(`no connection within ${mesosLimits.connectMs} ms`))
    })
    socket.on(this.#parts.url.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
      if (this.#socket !== socket) return
      socket.setTimeout(0)
      this.#isConnected = true
      this.#flush()
    })
    socket.on('drain', () => {
      this.#isFull = false
      this.#flush()
    })
    socket.on('data', (chunk: Buffer) => {
      if (this.#socket !== socket || isLast) return
      try {
        for (const answer of reader.push(chunk)) {
          if (!this.#answered(answer) || this.#socket !== socket) return
          isLast = answer.closes
          if (isLast) break
        }
      } catch (error) {
        socket.destroy(error as Error)
        return
      }
      if (isLast) socket.destroy()
      else this.#flush()
    })
    socket.on('error', (error) => {
      problem = error
    })
    // The other side may end its half alone.
    socket.on('end', () => socket.destroy())
    socket.on('close', () => {
      if (this.#socket === socket) this.#broken(problem)
    })
  }

  /** False when there is no such call, or nobody cares any more. */
  #answered(answer: Answer): boolean {
    const call = this.#unanswered.shift()
    if (call === undefined) {
      this.#socket?.destroy(new Error('an answer came that no call was sent for'))
      return false
    }
    this.#breaks = 0
    this.#answers += 1
    this.#parts.answered(call, answer)
    if (this.waiting === 0) this.#whenIdle?.()
    return !this.#isClosed
  }

  #broken(problem: Error | undefined): void {
    const wasConnected = this.#isConnected
    this.#socket = undefined
    this.#isConnected = false
    this.#isFull = false
    if (this.#isClosed) return
    // An idle connection may be closed; the next call opens another.
    if (this.waiting === 0) return
    const reason = problem === undefined ? 'it was closed' : problem.message || String(problem)
    this.#breaks += 1
    const mayBeRepeated = wasConnected && this.#unanswered.every((call) => call.isRepeatable)
    if (!mayBeRepeated || this.#breaks > mesosLimits.callReconnects) {
      this.#giveUp(`the connection of the calls broke: ${reason}`)
      return
    }
    this.#unsent.unshift(this.#unanswered.takeAll())
    this.#unsentChars = this.#unsent.sum((call) => call.body.length)
    this.#flush()
  }

  #giveUp(reason: string): void {
    const unsent = this.close()
    this.#parts.lost(reason, this.#unanswered.takeAll(), unsent)
  }

  /** As long as calls wait for answers, one must come within the time allowed. */
  #watchAnswers(): void {
    if (this.#alarm !== undefined) return
    const { clock } = this.#parts
    const answersBefore = this.#answers
    this.#alarm = clock.alarm(after(clock.now(), millis(mesosLimits.callAnswerMs)), () => {
      this.#alarm = undefined
      if (this.#isClosed || this.#unanswered.size === 0) return
      if (this.#answers === answersBefore) {
        this.#giveUp(`no answer to a call for ${mesosLimits.callAnswerMs} ms`)
        return
      }
      this.#watchAnswers()
    })
  }
}

function connectTo(url: URL): Socket {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const isSecure = url.protocol === 'https:'
  const port = url.port === '' ? (isSecure ? 443 : 80) : Number(url.port)
  if (!isSecure) return connectTcp({ host, port })
  return connectTls({
    host,
    port,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ALPNProtocols: ['http/1.1'],
  })
}

/** A list that is taken from at its beginning, without moving the rest each time. */
class Fifo<T> {
  #items: T[] = []
  #first = 0

  get size(): number {
    return this.#items.length - this.#first
  }

  push(item: T): void {
    this.#items.push(item)
  }

  shift(): T | undefined {
    const item = this.#items[this.#first]
    if (item === undefined) return undefined
    this.#first += 1
    if (this.#first > 1_024 && this.#first * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#first)
      this.#first = 0
    }
    return item
  }

  unshift(items: readonly T[]): void {
    this.#items = [...items, ...this.takeAll()]
  }

  takeAll(): T[] {
    const all = this.#items.slice(this.#first)
    this.#items = []
    this.#first = 0
    return all
  }

  every(holds: (item: T) => boolean): boolean {
    for (let i = this.#first; i < this.#items.length; i++) if (!holds(this.#items[i]!)) return false
    return true
  }

  sum(of: (item: T) => number): number {
    let sum = 0
    for (let i = this.#first; i < this.#items.length; i++) sum += of(this.#items[i]!)
    return sum
  }
}
