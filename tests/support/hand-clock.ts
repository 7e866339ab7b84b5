// A clock for tests that stands still until it is moved. Alarms ring in the order of their times, at their times.

import { after, type Instant, millis } from '../../src/lib/instant.ts'
import type { Alarm, Clock } from '../../src/ports/clock.ts'

interface Armed {
  readonly at: Instant
  readonly ring: () => void
}

export class HandClock implements Clock {
  #now: Instant
  #armed: Armed[] = []

  constructor(now: Instant) {
    this.#now = now
  }

  now(): Instant {
    return this.#now
  }

  stopwatch(): number {
    return this.#now
  }

  alarm(at: Instant, ring: () => void): Alarm {
    const armed: Armed = { at, ring }
    this.#armed.push(armed)
    return {
      cancel: () => {
        this.#armed = this.#armed.filter((other) => other !== armed)
      },
    }
  }

  /** When the next alarm rings, if any is set. */
  get nextAlarm(): Instant | undefined {
    return this.#armed.map(({ at }) => at).sort((a, b) => a - b)[0]
  }

  advance(ms: number): void {
    const end = after(this.#now, millis(ms))
    for (;;) {
      const due = this.#armed.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
      if (due === undefined) break
      this.#armed = this.#armed.filter((other) => other !== due)
      if (due.at > this.#now) this.#now = due.at
      due.ring()
    }
    this.#now = end
  }
}
