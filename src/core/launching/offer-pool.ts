// The offers the core holds right now. An engine that is ours alone (local, simulated) leaves its offers with us until
// they are used; on a shared cluster what no one here wants is given back at once.

import type { Offer, OfferId } from '../mesos.ts'

export class OfferPool {
  readonly #offers = new Map<OfferId, Offer>()
  /** Offers no waiting run spec has been tried against yet. */
  readonly #fresh = new Set<OfferId>()

  get size(): number {
    return this.#offers.size
  }

  get freshCount(): number {
    return this.#fresh.size
  }

  add(offer: Offer): void {
    this.#offers.set(offer.id, offer)
    this.#fresh.add(offer.id)
  }

  remove(id: OfferId): Offer | undefined {
    const offer = this.#offers.get(id)
    this.#offers.delete(id)
    this.#fresh.delete(id)
    return offer
  }

  clear(): void {
    this.#offers.clear()
    this.#fresh.clear()
  }

  /** Oldest first: an agent whose offer was just renewed comes last, so that launches spread over the agents. */
  all(): Offer[] {
    return [...this.#offers.values()]
  }

  fresh(): Offer[] {
    const offers: Offer[] = []
    for (const id of this.#fresh) offers.push(this.#offers.get(id)!)
    return offers
  }

  markTried(): void {
    this.#fresh.clear()
  }

  oldest(): Offer | undefined {
    for (const offer of this.#offers.values()) return offer
    return undefined
  }
}
