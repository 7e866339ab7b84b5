// Revive and suppress (runtime 5): on a cluster that is shared, ask for offers while something waits, and for none
// while nothing does. Asking is limited to one call per interval; a change within it is made up for at its end. An
// engine whose offers stay with us needs neither.

import { after, type Duration, type Instant } from '../../lib/instant.ts'
import type { EngineEffect } from '../ready.ts'

export class OffersWanted {
  readonly #interval: Duration
  readonly #suppresses: boolean
  #isSuppressed = false
  #nextCall = 0 as Instant
  /** Something waits that no call was made for. */
  #isOwed = false
  /** Offers were given back since the last revive: without another, they stay away for the decline duration. */
  #hasDeclined = false

  constructor(options: { readonly interval: Duration; readonly suppresses: boolean }) {
    this.#interval = options.interval
    this.#suppresses = options.suppresses
  }

  /** A new connection: the engine offers everything, whatever was declined before. */
  reset(): void {
    this.#isSuppressed = false
    this.#isOwed = false
    this.#hasDeclined = false
  }

  declined(): void {
    this.#hasDeclined = true
  }

  /** Something new waits, or may be placed now where it could not before. */
  want(): void {
    this.#isOwed = true
  }

  /** What to tell the engine now. `isWanted`: something waits for a launch with no delay ahead of it. */
  decide(isWanted: boolean, role: string, now: Instant): EngineEffect[] {
    if (!isWanted) {
      this.#isOwed = false
      if (this.#isSuppressed || !this.#suppresses || now < this.#nextCall) return []
      this.#isSuppressed = true
      this.#nextCall = after(now, this.#interval)
      return [{ kind: 'suppress', roles: [role] }]
    }
    const isNeeded = this.#isSuppressed || (this.#isOwed && this.#hasDeclined)
    if (!isNeeded) {
      this.#isOwed = false
      return []
    }
    if (now < this.#nextCall) return []
    this.#isSuppressed = false
    this.#isOwed = false
    this.#hasDeclined = false
    this.#nextCall = after(now, this.#interval)
    return [{ kind: 'revive', roles: [role] }]
  }

  /** When a call that was held back may be made. */
  wakeAt(isWanted: boolean): Instant | undefined {
    const isHeldBack = isWanted
      ? this.#isSuppressed || (this.#isOwed && this.#hasDeclined)
      : !this.#isSuppressed && this.#suppresses
    return isHeldBack ? this.#nextCall : undefined
  }
}
