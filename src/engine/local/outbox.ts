// Events on their way to the scheduler: in order, never from within a call of the scheduler's, and none after close().

import type { EngineEvent } from '../../core/events.ts'

export type Report = (event: EngineEvent) => void

export class Outbox {
  #report: Report | undefined
  #events: EngineEvent[] = []
  #isFlushing = false

  open(report: Report): void {
    this.#report = report
  }

  /** Whether somebody listens. */
  get isOpen(): boolean {
    return this.#report !== undefined
  }

  push(event: EngineEvent): void {
    this.#events.push(event)
    if (this.#isFlushing) return
    this.#isFlushing = true
    setImmediate(() => {
      this.#isFlushing = false
      const events = this.#events
      this.#events = []
      for (const one of events) this.#report?.(one)
    })
  }

  /** What has not been reported yet is forgotten. */
  close(): void {
    this.#report = undefined
    this.#events = []
  }
}
