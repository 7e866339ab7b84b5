// Launch tokens bound how many launches may be on their way at once (runtime 4): set to the full number at every
// refresh, and one comes back for each instance that is seen running.

import { after, type Duration, type Instant } from '../../lib/instant.ts'

export class LaunchTokens {
  #left: number
  #nextRefresh: Instant
  readonly #full: number
  readonly #interval: Duration

  constructor(options: { readonly full: number; readonly interval: Duration; readonly now: Instant }) {
    this.#full = options.full
    this.#left = options.full
    this.#interval = options.interval
    this.#nextRefresh = after(options.now, options.interval)
  }

  get left(): number {
    return this.#left
  }

  /** When tokens are refreshed; only worth waking for when there are none left. */
  get wakeAt(): Instant | undefined {
    return this.#left > 0 ? undefined : this.#nextRefresh
  }

  get nextRefresh(): Instant {
    return this.#nextRefresh
  }

  take(count: number): void {
    this.#left -= count
  }

  giveBack(): void {
    this.#left++
  }

  refresh(now: Instant): void {
    if (now < this.#nextRefresh) return
    this.#left = this.#full
    this.#nextRefresh = after(now, this.#interval)
  }
}
