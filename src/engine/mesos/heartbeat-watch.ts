// Whether the master is still there (events-metrics-flags 7.3). Each record is a sign of life. After every interval
// without one it is asked for a word; after so many silent intervals in a row it counts as gone.

import { after, type Duration } from '../../lib/instant.ts'
import type { Alarm, Clock } from '../../ports/clock.ts'

export interface HeartbeatParts {
  readonly clock: Clock
  readonly interval: Duration
  /** Silent intervals in a row after which the master counts as gone; 1 or more. */
  readonly failureThreshold: number
  /** So many intervals were silent, fewer than the threshold. */
  readonly missed: (count: number) => void
  /** The watch has ended by itself. */
  readonly failed: () => void
}

export class HeartbeatWatch {
  readonly #parts: HeartbeatParts
  #alarm: Alarm | undefined
  #missed = 0
  /** A sign came since the alarm was set: it is moved when it rings, not with each of a thousand records. */
  #lastSign = 0

  constructor(parts: HeartbeatParts) {
    this.#parts = parts
  }

  /** Begins anew, also when it is running. */
  start(): void {
    this.stop()
    this.#lastSign = this.#parts.clock.now()
    this.#arm(this.#parts.interval)
  }

  /** A record has come. Means nothing while the watch is not running. */
  sign(): void {
    this.#missed = 0
    this.#lastSign = this.#parts.clock.now()
  }

  stop(): void {
    this.#alarm?.cancel()
    this.#alarm = undefined
    this.#missed = 0
  }

  get isRunning(): boolean {
    return this.#alarm !== undefined
  }

  #arm(delay: Duration): void {
    const { clock } = this.#parts
    this.#alarm = clock.alarm(after(clock.now(), delay), () => this.#ring())
  }

  #ring(): void {
    const { clock, interval, failureThreshold, missed, failed } = this.#parts
    const silence = clock.now() - this.#lastSign
    const left = (interval * (this.#missed + 1) - silence) as Duration
    if (left > 0) {
      this.#arm(left)
      return
    }
    this.#missed += 1
    if (this.#missed >= failureThreshold) {
      this.stop()
      failed()
      return
    }
    this.#arm(interval)
    missed(this.#missed)
  }
}
