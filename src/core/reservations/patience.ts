// How long what is reserved is waited for (--task_reservation_timeout), and longer each time that was too short: a
// master that offers less often than that would have each reservation given up just before it is seen, for ever.

import { after, type Duration, type Instant, millis } from '../../lib/instant.ts'
import { limits } from '../../lib/limits.ts'
import type { PathId } from '../../lib/path-id.ts'

export class Patience {
  readonly #first: Duration
  readonly #grown = new Map<PathId, { readonly doublings: number; readonly until: Instant }>()

  constructor(first: Duration) {
    this.#first = first
  }

  of(id: PathId): Duration {
    return millis(this.#first * 2 ** (this.#grown.get(id)?.doublings ?? 0))
  }

  /** Those that were asked for together are given up together, and that is one time. */
  gaveUp(id: PathId, now: Instant): void {
    const known = this.#grown.get(id)
    if (known !== undefined && now < known.until) return
    const doublings = Math.min((known?.doublings ?? 0) + 1, limits.reservationTimeoutDoublings)
    this.#grown.set(id, { doublings, until: after(now, this.of(id)) })
  }

  /** Something was launched in time, or there is nothing left to wait for. */
  forget(id: PathId): void {
    this.#grown.delete(id)
  }
}
