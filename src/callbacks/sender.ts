// Posts every event to every subscriber (events-metrics-flags 1.3). Who that is it learns from the events themselves:
// a subscription is told of when it is durable, and counts from then on. It listens to the core and never asks it.

import { bodiesIn, type LoggedEvents } from '../core/event-log/segment.ts'
import type { Notice } from '../core/notices/notice.ts'
import { after, millis } from '../lib/instant.ts'
import { limits } from '../lib/limits.ts'
import type { Clock } from '../ports/clock.ts'
import type { Logger } from '../ports/logger.ts'
import type { Poster } from './post.ts'
import { Receiver, type Tally } from './receiver.ts'

export interface CallbackSenderParts {
  readonly poster: Poster
  readonly clock: Clock
  readonly log: Logger
  readonly meters: Meters
  /** --http_event_callback_slow_consumer_timeout, milliseconds. */
  readonly slowAfterMs: number
}

/** What it needs of the metrics. */
interface Meters {
  counter(name: string): { add(n?: number): void }
  timer(name: string): { record(seconds: number): void }
  gauge(name: string, read: () => number): void
}

export class CallbackSender {
  readonly #parts: CallbackSenderParts
  readonly #receivers = new Map<string, Receiver>()
  readonly #tally: Tally
  #isStopped = false

  /** `urls`: who is subscribed now. */
  constructor(parts: CallbackSenderParts, urls: Iterable<string>) {
    this.#parts = parts
    const { meters } = parts
    const duration = meters.timer('http.event-callbacks.duration')
    const failed = meters.counter('http.event-callbacks.failed')
    const dropped = meters.counter('http.event-callbacks.dropped')
    this.#tally = {
      posted: (seconds) => duration.record(seconds),
      failed: () => failed.add(),
      dropped: (count) => dropped.add(count),
    }
    meters.gauge('http.event-callbacks.active', () => this.#receivers.size)
    meters.gauge('http.event-callbacks.waiting', () => this.#sum((receiver) => receiver.waiting))
    meters.gauge('http.event-callbacks.outstanding', () =>
      this.#sum((receiver) => Number(receiver.isPosting)),
    )
    for (const url of urls) this.#add(url)
  }

  /** Takes events, in order; returns at once. */
  publish(notices: readonly Notice[], logged?: LoggedEvents): void {
    if (this.#isStopped) return
    const bodies = logged === undefined || this.#receivers.size === 0 ? [] : logged.texts.flatMap(bodiesIn)
    for (const [i, notice] of notices.entries()) {
      this.#follow(notice)
      if (this.#receivers.size === 0) continue
      const body = bodies[i] ?? JSON.stringify(notice.body)
      const event = logged === undefined ? { body } : { body, id: logged.first + i }
      for (const receiver of this.#receivers.values()) receiver.push(event)
    }
  }

  /** What waits is dropped; posts under way have a moment to end. */
  async stop(): Promise<void> {
    this.#isStopped = true
    const { clock, poster } = this.#parts
    const receivers = [...this.#receivers.values()]
    this.#receivers.clear()
    const patience = clock.alarm(after(clock.now(), millis(limits.callbackStopMs)), () => {
      for (const receiver of receivers) receiver.abort()
    })
    await Promise.all(receivers.map((receiver) => receiver.close()))
    patience.cancel()
    await poster.close()
  }

  /** The new subscriber is told of itself, one that leaves is not. */
  #follow({ type, body }: Notice): void {
    const url = body['callbackUrl']
    if (typeof url !== 'string') return
    if (type === 'subscribe_event') this.#add(url)
    else if (type === 'unsubscribe_event') this.#remove(url)
  }

  #add(url: string): void {
    if (this.#receivers.has(url)) return
    const { poster, clock, log, slowAfterMs } = this.#parts
    const { post } = poster
    this.#receivers.set(url, new Receiver({ url, post, clock, log, tally: this.#tally, slowAfterMs }))
  }

  #remove(url: string): void {
    void this.#receivers.get(url)?.close()
    this.#receivers.delete(url)
  }

  #sum(numberOf: (receiver: Receiver) => number): number {
    let sum = 0
    for (const receiver of this.#receivers.values()) sum += numberOf(receiver)
    return sum
  }
}
