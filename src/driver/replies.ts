// Requests the core has not answered yet, and how to answer those who asked.

import type { Outcome, Reply } from '../core/requests.ts'
import { assert } from '../lib/assert.ts'

interface Pending {
  readonly resolve: (outcome: Outcome) => void
  readonly reject: (error: Error) => void
}

export class Replies {
  #nextId = 1
  readonly #pending = new Map<number, Pending>()

  /** A new request: its id, and the promise of its outcome. */
  expect(): { readonly requestId: number; readonly outcome: Promise<Outcome> } {
    const requestId = this.#nextId++
    const outcome = new Promise<Outcome>((resolve, reject) =>
      this.#pending.set(requestId, { resolve, reject }),
    )
    return { requestId, outcome }
  }

  answer({ requestId, outcome }: Reply): void {
    const pending = this.#take(requestId)
    assert(pending !== undefined, `a reply goes to a request that waits for it: ${requestId}`)
    pending.resolve(outcome)
  }

  /** The request did not reach the core. */
  turnAway(requestId: number, error: Error): void {
    this.#take(requestId)?.reject(error)
  }

  #take(requestId: number): Pending | undefined {
    const pending = this.#pending.get(requestId)
    this.#pending.delete(requestId)
    return pending
  }
}
