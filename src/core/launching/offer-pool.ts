// The offers the core holds right now. An engine that is ours alone (local, simulated) leaves its offers with us until
// they are used; on a shared cluster what no one here wants is given back at once.

import type { Offer, OfferId } from '../mesos.ts'
import { openOffer, type RemainingOffer } from '../placement/remaining.ts'

interface Held {
  readonly offer: Offer
  /** Opened when it is first tried, kept for the next try. */
  remaining?: RemainingOffer
}

export class OfferPool {
  readonly #offers = new Map<OfferId, Held>()
  /** Offers no waiting run spec has been tried against yet. */
  readonly #fresh = new Set<OfferId>()
  #list: readonly Offer[] | undefined

  get size(): number {
    return this.#offers.size
  }

  add(offer: Offer): void {
    this.#offers.set(offer.id, { offer })
    this.#fresh.add(offer.id)
    this.#list = undefined
  }

  remove(id: OfferId): void {
    this.#offers.delete(id)
    this.#fresh.delete(id)
    this.#list = undefined
  }

  clear(): void {
    this.#offers.clear()
    this.#fresh.clear()
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
