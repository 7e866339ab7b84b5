// The clock of production. It runs on the machine's monotonic clock and leans towards the wall clock: forward steps (a
// correction, a resumed laptop) are followed at once; when the wall clock falls behind, ours goes a tenth slower until
// they meet, so that time never goes back and no deadline stands still meanwhile.

import { type Duration, type Instant, instant } from '../lib/instant.ts'
import { limits } from '../lib/limits.ts'
import type { Alarm, Clock } from '../ports/clock.ts'

export interface TimeSources {
  /** Milliseconds since 1970; may jump either way. */
  wallMs(): number
  /** Milliseconds since some moment; only ever grows. */
  monotonicMs(): number
}

const machine: TimeSources = { wallMs: () => Date.now(), monotonicMs: () => performance.now() }

/** How much slower our clock goes while the wall clock is behind it. */
const slowDown = 0.1

export class SystemClock implements Clock {
  readonly #sources: TimeSources
  #monotonicMs: number
  /** Our time at #monotonicMs, with fractions of a millisecond. */
  #nowMs: number

  constructor(sources: TimeSources = machine) {
    this.#sources = sources
    this.#monotonicMs = sources.monotonicMs()
    this.#nowMs = sources.wallMs()
  }

  now(): Instant {
    const wallMs = this.#sources.wallMs()
    const monotonicMs = this.#sources.monotonicMs()
    const passedMs = Math.max(0, monotonicMs - this.#monotonicMs)
    const aheadMs = this.#nowMs + passedMs - wallMs
    this.#nowMs += passedMs - Math.min(aheadMs, passedMs * slowDown)
    this.#monotonicMs = monotonicMs
    return instant(Math.floor(this.#nowMs))
  }

  alarm(at: Instant, ring: () => void): Alarm {
    const delayMs = Math.min(Math.max(1, at - this.now()), limits.longestTimerMs)
    const timer = setTimeout(ring, delayMs as Duration)
    return { cancel: () => clearTimeout(timer) }
  }

  stopwatch(): number {
    return this.#sources.monotonicMs()
  }
}
