// The subscription to the leading master: finds it, subscribes, notices when it is gone, subscribes again. A machine of
// few states (docs/internals/mesos.md) that is told of everything by callbacks; what is read from the stream is handed
// on, and what the calls' connection learns comes back as `lose`.

import { after, between, type Duration, type Instant, millis } from '../../lib/instant.ts'
import type { Rng } from '../../lib/rng.ts'
import type { Alarm, Clock } from '../../ports/clock.ts'
import type { Logger } from '../../ports/logger.ts'
import { Backoff } from './backoff.ts'
import type { OpenStream, StreamAnswer } from './event-stream.ts'
import { HeartbeatWatch } from './heartbeat-watch.ts'
import { mesosLimits } from './limits.ts'
import { type Masters, type MasterUrl, schedulerUrl } from './masters/masters.ts'
import { RecordError, RecordReader } from './record-reader.ts'
import { decodeRecord, type Incoming, type Subscribed } from './wire/decode-event.ts'
import { isSince, sinceVersion } from './wire/decode-master.ts'

/** What holds while subscribed. */
export interface Session {
  /** Where calls go: the master that leads. */
  readonly url: MasterUrl
  readonly streamId: string
  readonly subscribed: Subscribed
}

export interface SubscriptionListener {
  subscribed(session: Session): void
  /** What came after SUBSCRIBED, but for heartbeats. */
  incoming(incoming: Incoming): void
  /** Nothing came for so many intervals: a word of the master's is wanted. */
  silent(intervals: number): void
  /** It held, and does no more; another attempt follows. */
  lost(reason: string): void
  /** There is no way on; nothing follows. */
  failed(message: string, isRemoved: boolean): void
}

export interface SubscriptionParts {
  readonly clock: Clock
  readonly rng: Rng
  readonly log: Logger
  readonly masters: Masters
  readonly open: OpenStream
  /** The SUBSCRIBE call as it is to be now. */
  readonly body: () => string
  readonly authorization: string | undefined
  readonly heartbeatInterval: Duration
  readonly heartbeatFailureThreshold: number
}

/** One attempt, from the first request to the end of the stream; what comes of an older one is not heard. */
interface Attempt {
  readonly candidate: MasterUrl
  url: MasterUrl
  /** Asked so far, in this attempt. */
  readonly visited: Set<string>
  stream: { close(): void } | undefined
  session: Session | undefined
  since: Instant
}

const redirects = new Set([301, 302, 303, 307, 308])
/** It will not take us as we are, however often we ask. */
const refusals = new Set([400, 401, 403, 405, 406, 415])

export class Subscription {
  readonly #parts: SubscriptionParts
  readonly #listener: SubscriptionListener
  readonly #backoff: Backoff
  readonly #heartbeat: HeartbeatWatch
  #candidates: readonly MasterUrl[] = []
  #next = 0
  #attempt: Attempt | undefined
  #delay: Alarm | undefined
  /** Until the stream is open: the end of a refusal may never come. */
  #patience: Alarm | undefined
  #isOver = false
  #wasSubscribed = false
  #lastComplaint: { readonly text: string; readonly at: Instant } | undefined

  constructor(parts: SubscriptionParts, listener: SubscriptionListener) {
    this.#parts = parts
    this.#listener = listener
    this.#backoff = new Backoff(
      { leastMs: mesosLimits.resubscribeLeastMs, mostMs: mesosLimits.resubscribeMostMs },
      parts.rng,
    )
    this.#heartbeat = new HeartbeatWatch({
      clock: parts.clock,
      interval: parts.heartbeatInterval,
      failureThreshold: parts.heartbeatFailureThreshold,
      missed: (count) => this.#listener.silent(count),
      failed: () => this.#fellSilent(),
    })
  }

  start(): void {
    this.#parts.masters.start((candidates) => this.#candidatesChanged(candidates))
  }

  /** Lets go of the stream. The master keeps the tasks for the failover timeout. */
  async stop(): Promise<void> {
    this.#end()
    await this.#parts.masters.stop()
  }

  /** Gives this subscription up and makes another, as when the stream had broken. */
  lose(reason: string): void {
    if (this.#attempt?.session !== undefined) this.#failedAttempt(this.#attempt, reason)
  }

  get session(): Session | undefined {
    return this.#attempt?.session
  }

  #candidatesChanged(candidates: readonly MasterUrl[]): void {
    if (this.#isOver) return
    this.#candidates = candidates
    this.#next = 0
    // Nobody leads: whoever leads next will be told of, and the one we have may serve until then.
    if (candidates.length === 0) return
    const attempt = this.#attempt
    if (attempt !== undefined) {
      if (candidates.some(({ href }) => href === attempt.candidate.href || href === attempt.url.href)) return
      this.#drop(attempt, `${candidates[0]!.host} leads now, and no more ${attempt.url.host}`)
    }
    this.#backoff.reset()
    this.#ask()
  }

  /** One of the candidates, the next one each time. */
  #ask(): void {
    this.#delay?.cancel()
    this.#delay = undefined
    const candidate = this.#candidates[this.#next % this.#candidates.length]
    if (this.#isOver || this.#attempt !== undefined || candidate === undefined) return
    this.#next += 1
    const attempt: Attempt = {
      candidate,
      url: candidate,
      visited: new Set(),
      stream: undefined,
      session: undefined,
      since: this.#parts.clock.now(),
    }
    this.#attempt = attempt
    this.#open(attempt)
  }

  #open(attempt: Attempt): void {
    const { open, body, authorization, clock } = this.#parts
    const isCurrent = (): boolean => this.#attempt === attempt
    const url = attempt.url
    attempt.visited.add(url.href)
    this.#patience?.cancel()
    this.#patience = clock.alarm(after(clock.now(), millis(mesosLimits.attemptMs)), () => {
      if (isCurrent())
        this.#failedAttempt(attempt, `${url.host} gave no answer for ${mesosLimits.attemptMs} ms`)
    })
    const reader = new RecordReader()
    let answered: StreamAnswer | undefined
    attempt.stream = open(
      {
        url,
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          ...(authorization === undefined ? {} : { authorization }),
        },
        body: body(),
      },
      {
        opened: (answer) => {
          if (!isCurrent()) return
          const problem = problemOfStream(answer)
          if (problem !== undefined) this.#failedAttempt(attempt, `${url.host} ${problem}`)
          answered = answer
          if (!isCurrent()) return
          this.#patience?.cancel()
          this.#heartbeat.start()
        },
        data: (chunk) => {
          if (!isCurrent()) return
          this.#heartbeat.sign()
          try {
            for (const record of reader.push(chunk)) {
              this.#record(attempt, answered!, Buffer.from(record.buffer, record.byteOffset, record.length))
              if (!isCurrent()) return
            }
          } catch (error) {
            if (!(error instanceof RecordError)) throw error
            this.#failedAttempt(attempt, `the events of ${url.host} cannot be read: ${error.message}`)
          }
        },
        refused: (answer, text) => {
          if (isCurrent()) this.#refused(attempt, answer, text)
        },
        ended: (error) => {
          if (!isCurrent()) return
          const what = reader.isWithinRecord ? 'ended within a record' : 'ended'
          const how = error === undefined ? '' : `: ${error.message || String(error)}`
          this.#failedAttempt(
            attempt,
            answered === undefined
              ? `${url.host} does not answer${how}`
              : `the stream of ${url.host} ${what}${how}`,
          )
        },
      },
    )
    // It may have been told at once that it is over.
    if (!isCurrent()) attempt.stream.close()
    attempt.since = clock.now()
  }

  #record(attempt: Attempt, answer: StreamAnswer, record: Buffer): void {
    const { clock, log } = this.#parts
    const decoded = decodeRecord(record.toString('utf8'), clock.now())
    if (!decoded.ok) {
      log.error('an event of the master cannot be read and is left out', { ...decoded.error })
      // It may have been SUBSCRIBED: heartbeats would keep the stream, and nothing else would come of it.
      if (attempt.session === undefined) {
        this.#failedAttempt(attempt, `${attempt.url.host} begins with an event that cannot be read`)
      }
      return
    }
    const incoming = decoded.value
    if (incoming.kind === 'heartbeat') return
    if (incoming.kind === 'error') {
      this.#fail(incoming.message, incoming.isRemoved)
      return
    }
    if (incoming.kind === 'subscribed') this.#subscribed(attempt, answer, incoming.subscribed)
    else if (attempt.session !== undefined) this.#listener.incoming(incoming)
  }

  #subscribed(attempt: Attempt, answer: StreamAnswer, subscribed: Subscribed): void {
    if (attempt.session !== undefined) {
      this.#failedAttempt(attempt, `${attempt.url.host} subscribed us twice on one stream`)
      return
    }
    const { version } = subscribed.master ?? {}
    if (version !== undefined && !isSince(version, sinceVersion.minimum)) {
      this.#fail(
        `the master at ${attempt.url.host} is Mesos ${version}; ${sinceVersion.minimum} or later is needed`,
        false,
      )
      return
    }
    attempt.since = this.#parts.clock.now()
    attempt.session = { url: attempt.url, streamId: answer.headers['mesos-stream-id']!, subscribed }
    this.#wasSubscribed = true
    this.#lastComplaint = undefined
    this.#listener.subscribed(attempt.session)
  }

  #refused(attempt: Attempt, answer: StreamAnswer, text: string): void {
    const { url } = attempt
    const said = `${url.host} answered ${answer.status}${text === '' ? '' : `: ${text.trim()}`}`
    if (redirects.has(answer.status)) {
      const target = redirectTarget(attempt, answer.headers.location)
      if (typeof target === 'string') {
        this.#failedAttempt(attempt, `${url.host} ${target}`)
        return
      }
      attempt.url = target
      this.#open(attempt)
      return
    }
    // Whom it has taken before it will take again: someone is changing its credentials, or ours. At the start it is our
    // configuration that is wrong, and whoever starts us should see that at once.
    if (refusals.has(answer.status) && !this.#wasSubscribed) this.#fail(said, false)
    else this.#failedAttempt(attempt, said)
  }

  #fellSilent(): void {
    const { heartbeatInterval, heartbeatFailureThreshold } = this.#parts
    const attempt = this.#attempt
    if (attempt === undefined) return
    const reason = `nothing came from ${attempt.url.host} for ${heartbeatInterval * heartbeatFailureThreshold} ms`
    this.#failedAttempt(attempt, reason)
  }

  /** The next one follows after a delay. */
  #failedAttempt(attempt: Attempt, reason: string): void {
    const { clock, log } = this.#parts
    this.#drop(attempt, reason)
    if (this.#isOver || this.#candidates.length === 0) return
    const delay = this.#delayBeforeNext()
    this.#delay = clock.alarm(after(clock.now(), delay), () => this.#ask())
    const last = this.#lastComplaint
    if (last?.text === reason && between(last.at, clock.now()) < mesosLimits.complaintMs) return
    this.#lastComplaint = { text: reason, at: clock.now() }
    log.warn('not subscribed to a Mesos master; trying again', { reason, inMs: delay })
  }

  /** Those of a list are asked one soon after the other: one of them may lead while another is down. */
  #delayBeforeNext(): Duration {
    const isWithinRound = this.#next % this.#candidates.length !== 0
    return isWithinRound ? millis(mesosLimits.nextCandidateMs) : this.#backoff.next()
  }

  #drop(attempt: Attempt, reason: string): void {
    if (this.#attempt !== attempt) return
    this.#attempt = undefined
    this.#heartbeat.stop()
    this.#patience?.cancel()
    attempt.stream?.close()
    if (attempt.session === undefined) return
    if (between(attempt.since, this.#parts.clock.now()) >= mesosLimits.steadyMs) this.#backoff.reset()
    this.#listener.lost(reason)
  }

  #fail(message: string, isRemoved: boolean): void {
    this.#end()
    this.#listener.failed(message, isRemoved)
  }

  #end(): void {
    this.#isOver = true
    this.#delay?.cancel()
    this.#patience?.cancel()
    this.#heartbeat.stop()
    this.#attempt?.stream?.close()
    this.#attempt = undefined
  }
}

/** What makes an answer with 200 no subscription; the rest of the sentence. */
function problemOfStream({ headers }: StreamAnswer): string | undefined {
  const type = headers['content-type']
  if (!/^application\/json\b/i.test(type ?? '')) {
    return `answers with ${type ?? 'no content type'}; expected application/json, as Mesos masters do`
  }
  if (!headers['mesos-stream-id']) return 'answers without a Mesos-Stream-Id; is there something in between?'
  return undefined
}

/** Where to ask next, or the rest of a sentence that says why nowhere. */
function redirectTarget({ url, visited }: Attempt, location: string | undefined): MasterUrl | string {
  if (location === undefined || !URL.canParse(location, url.href)) return 'redirects without saying where to'
  const target = schedulerUrl(new URL(location, url))
  if (url.protocol === 'https:' && target.protocol !== 'https:') {
    return `redirects to ${target.host} without TLS; secrets are not sent there`
  }
  if (target.protocol !== 'https:' && target.protocol !== 'http:') return `redirects to ${target.protocol}`
  if (visited.has(target.href)) return `redirects in a circle, to ${target.host}`
  if (visited.size > mesosLimits.redirects)
    return `is the end of ${mesosLimits.redirects} redirects, and not the last`
  return target
}
