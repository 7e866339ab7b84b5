// The connection of a scheduler to the simulated master: events wait here until they are fetched. While nobody is
// connected nothing is told.

import type { EngineEvent } from '../../core/events.ts'

export class Subscription {
  #isOpen = false
  #events: EngineEvent[] = []

  get isOpen(): boolean {
    return this.#isOpen
  }

  open(): void {
    this.#isOpen = true
  }

  /** Nothing more is told; what was not taken yet still can be. */
  end(): void {
    this.#isOpen = false
  }

  /** Events not yet taken are lost. */
  close(): void {
    this.#isOpen = false
    this.#events = []
  }

  tell(event: EngineEvent): void {
    if (this.#isOpen) this.#events.push(event)
  }

  /** The events since the last call, in order. */
  take(): EngineEvent[] {
    const events = this.#events
    this.#events = []
    return events
  }
}
