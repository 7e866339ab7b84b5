// The offers the core holds right now. An engine that is ours alone (local, simulated) leaves its offers with us until
// they are used; on a shared cluster what no one here wants is given back at once. An offer that is told of again after
// it was answered or taken back is void: a launch on it would be dropped, and would count as a failure of its app.

import { limits } from '../../lib/limits.ts'
import type { Offer, OfferId } from '../mesos.ts'
import { openOffer, type RemainingOffer } from '../placement/remaining.ts'
import { OfferedReservations } from '../reservations/offered.ts'

interface Held {
  readonly offer: Offer
  /** Opened when it is first tried, kept for the next try. */
  remaining?: RemainingOffer
}

export class OfferPool {
  readonly #offers = new Map<OfferId, Held>()
  /** Offers no waiting run spec has been tried against yet. */
  readonly #fresh = new Set<OfferId>()
  /** Answered or taken back, of this connection; the last ones. */
  readonly #void = new Set<OfferId>()
  #list: readonly Offer[] | undefined
  /** What they hold that is reserved for instances of ours. */
  readonly reserved = new OfferedReservations()

  get size(): number {
    return this.#offers.size
  }

  /** `ours`: as whom we reserve and have reserved. */
  add(offer: Offer, ours?: ReadonlySet<string>): void {
    if (this.#void.has(offer.id)) return
    this.#offers.set(offer.id, { offer })
    if (ours !== undefined) this.reserved.add(offer, ours)
    this.#fresh.add(offer.id)
    this.#list = undefined
  }

  remove(id: OfferId): void {
    this.#offers.delete(id)
    this.reserved.remove(id)
    this.#fresh.delete(id)
    this.#list = undefined
    this.#void.add(id)
    if (this.#void.size <= limits.voidOffers) return
    for (const oldest of this.#void) {
      this.#void.delete(oldest)
      return
    }
  }

  clear(): void {
    this.#offers.clear()
    this.reserved.clear()
    this.#fresh.clear()
    this.#void.clear()
    this.#list = undefined
  }

  /** Oldest first: an agent whose offer was just renewed comes last, so that launches spread over the agents. */
  all(): readonly Offer[] {
    this.#list ??= Array.from(this.#offers.values(), (held) => held.offer)
    return this.#list
  }

  fresh(): Offer[] {
    return Array.from(this.#fresh, (id) => this.#offers.get(id)!.offer)
  }

  isFresh(id: OfferId): boolean {
    return this.#fresh.has(id)
  }

  markTried(id: OfferId): void {
    this.#fresh.delete(id)
  }

  oldest(): Offer | undefined {
    for (const held of this.#offers.values()) return held.offer
    return undefined
  }

  /** What of the offer is left to take from. */
  open(id: OfferId): RemainingOffer {
    const held = this.#offers.get(id)!
    held.remaining ??= openOffer(held.offer)
    return held.remaining
  }
}
