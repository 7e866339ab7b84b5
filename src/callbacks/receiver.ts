// One receiver of posted events: its queue, at most one post under way, and the pause after a failure. Events arrive in
// order; each receiver goes at its own pace and no other one notices.

import { after } from '../lib/instant.ts'
import type { Alarm, Clock } from '../ports/clock.ts'
import type { Logger } from '../ports/logger.ts'
import { backOff, judge, type PostResult } from './delivery.ts'
import { EventQueue, type QueuedEvent } from './event-queue.ts'

/** Sends one event. Never rejects. */
export type Post = (url: string, event: QueuedEvent, signal: AbortSignal) => Promise<PostResult>

/** What is counted over all receivers. */
export interface Tally {
  /** An answer came, or did not, after so many seconds. */
  posted(seconds: number): void
  failed(): void
  dropped(count: number): void
}

export interface ReceiverParts {
  readonly url: string
  readonly post: Post
  readonly clock: Clock
  readonly log: Logger
  readonly tally: Tally
  /** --http_event_callback_slow_consumer_timeout, milliseconds. */
  readonly slowAfterMs: number
}

export class Receiver {
  readonly #parts: ReceiverParts
  readonly #queue = new EventQueue()
  readonly #abort = new AbortController()
  #underWay: Promise<void> | undefined
  #pause: Alarm | undefined
  #failures = 0
  /** Since the queue last was empty. */
  #dropped = 0
  #isClosed = false

  constructor(parts: ReceiverParts) {
    this.#parts = parts
  }

  get waiting(): number {
    return this.#queue.size
  }

  get isPosting(): boolean {
    return this.#underWay !== undefined
  }

  push(event: QueuedEvent): void {
    if (this.#isClosed) return
    this.#drop(this.#queue.push(event))
    this.#continue()
  }

  /** Sends nothing more. Resolves when the post under way has ended; `abort` ends it. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#pause?.cancel()
    await this.#underWay
  }

  abort(): void {
    this.#abort.abort()
  }

  #continue(): void {
    if (this.#isClosed || this.#underWay !== undefined || this.#pause !== undefined) return
    const event = this.#queue.shift()
    if (event === undefined) {
      this.#caughtUp()
      return
    }
    this.#underWay = this.#send(event).finally(() => {
      this.#underWay = undefined
      this.#continue()
    })
  }

  async #send(event: QueuedEvent): Promise<void> {
    const { url, post, clock, tally, slowAfterMs } = this.#parts
    const startedAt = clock.stopwatch()
    const result = await post(url, event, this.#abort.signal)
    const tookMs = clock.stopwatch() - startedAt
    tally.posted(tookMs / 1_000)
    const verdict = judge(result, tookMs, slowAfterMs)
    if (verdict.kind === 'delivered') {
      this.#answered()
      return
    }
    tally.failed()
    if (this.#isClosed) return
    if (verdict.keepsEvent) this.#drop(this.#queue.unshift(event))
    this.#failed(verdict.reason)
  }

  #answered(): void {
    if (this.#failures === 0) return
    this.#failures = 0
    this.#parts.log.info('a receiver of events is well again', {
      url: this.#parts.url,
      waiting: this.#queue.size,
    })
  }

  #failed(reason: string): void {
    const { url, clock, log } = this.#parts
    this.#failures += 1
    const pause = backOff(this.#failures)
    // Once per row of failures: a receiver that is gone for good is not worth more lines.
    if (this.#failures === 1) {
      log.warn('a receiver of events failed; it is left alone for a while, longer each time', {
        url,
        reason,
        pauseMs: pause,
      })
    }
    this.#pause = clock.alarm(after(clock.now(), pause), () => {
      this.#pause = undefined
      this.#continue()
    })
  }

  #drop(count: number): void {
    if (count === 0) return
    this.#parts.tally.dropped(count)
    if (this.#dropped === 0) {
      this.#parts.log.warn('a receiver of events does not keep up; the oldest are dropped', {
        url: this.#parts.url,
        waiting: this.#queue.size,
      })
    }
    this.#dropped += count
  }

  #caughtUp(): void {
    if (this.#dropped === 0) return
    const { url, log } = this.#parts
    log.info('a receiver of events has caught up', { url, dropped: this.#dropped })
    this.#dropped = 0
  }
}
