// How long to wait before the next attempt: doubled each time up to a bound, and different for each of those who wait
// for the same thing, so that they do not come back all at once.

import { type Duration, millis } from '../../lib/instant.ts'
import type { Rng } from '../../lib/rng.ts'

export interface BackoffBounds {
  readonly leastMs: number
  readonly mostMs: number
}

export class Backoff {
  readonly #bounds: BackoffBounds
  readonly #rng: Rng
  #failures = 0

  constructor(bounds: BackoffBounds, rng: Rng) {
    this.#bounds = bounds
    this.#rng = rng
  }

  /** After one more failure: between half of the full delay and all of it. */
  next(): Duration {
    const { leastMs, mostMs } = this.#bounds
    // 2^30 is beyond any bound; without one the power itself would grow without end.
    const full = Math.min(mostMs, leastMs * 2 ** Math.min(this.#failures, 30))
    this.#failures += 1
    return millis(Math.round(full * (0.5 + this.#rng.next() / 2)))
  }

  reset(): void {
    this.#failures = 0
  }
}
