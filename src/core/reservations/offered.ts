// What the offers at hand hold of our reservations, found once when an offer comes: by the reservation, so that an
// instance finds its volumes, and by the offer. Each find waits to be looked at, when it comes and when what it is
// reserved for changes.

import type { InstanceReservation } from '../instances/instance.ts'
import type { Offer, OfferId, Resource } from '../mesos.ts'
import { reservationIdOf } from './labels.ts'

/** What one offer holds of one reservation: all of it, or what is not in use or offered elsewhere. */
export interface OfferedReservation {
  readonly offer: Offer
  /** See InstanceReservation. */
  readonly id: string
  /** By their persistence ids. */
  readonly volumes: ReadonlyMap<string, Resource>
  /** All but the volumes. */
  readonly resources: readonly Resource[]
}

/** Whether it holds every volume of a reservation; without volumes there is none. */
export const holdsVolumes = ({ volumes }: OfferedReservation, reservation: InstanceReservation): boolean =>
  reservation.volumes.every(({ persistenceId }) => volumes.has(persistenceId))

export class OfferedReservations {
  readonly #byOffer = new Map<OfferId, readonly OfferedReservation[]>()
  readonly #byId = new Map<string, Set<OfferedReservation>>()
  readonly #unseen = new Set<OfferedReservation>()

  /** In place of what was found in it before: an offer may be told of twice. */
  add(offer: Offer, ours: ReadonlySet<string>): void {
    this.remove(offer.id)
    const found = findReservations(offer, ours)
    if (found.length === 0) return
    this.#byOffer.set(offer.id, found)
    for (const offered of found) {
      const same = this.#byId.get(offered.id)
      if (same === undefined) this.#byId.set(offered.id, new Set([offered]))
      else same.add(offered)
      this.#unseen.add(offered)
    }
  }

  remove(id: OfferId): void {
    const found = this.#byOffer.get(id)
    if (found === undefined) return
    this.#byOffer.delete(id)
    for (const offered of found) {
      this.#unseen.delete(offered)
      const same = this.#byId.get(offered.id)!
      same.delete(offered)
      if (same.size === 0) this.#byId.delete(offered.id)
    }
  }

  clear(): void {
    this.#byOffer.clear()
    this.#byId.clear()
    this.#unseen.clear()
  }

  get isEmpty(): boolean {
    return this.#byOffer.size === 0
  }

  /** What nobody has looked at since it came or changed. */
  unseen(): readonly OfferedReservation[] {
    return [...this.#unseen]
  }

  markSeen(offered: OfferedReservation): void {
    this.#unseen.delete(offered)
  }

  /** What it is reserved for has changed, or may be launched now. */
  lookAgain(reservationId: string): void {
    for (const offered of this.of(reservationId)) this.#unseen.add(offered)
  }

  of(reservationId: string): Iterable<OfferedReservation> {
    return this.#byId.get(reservationId) ?? []
  }

  inOffer(id: OfferId): readonly OfferedReservation[] {
    return this.#byOffer.get(id) ?? []
  }
}

/** One pass over an offer; most hold nothing that is reserved at all. `ours`: framework ids (labels.ts). */
export function findReservations(offer: Offer, ours: ReadonlySet<string>): readonly OfferedReservation[] {
  let found: Map<string, { volumes: Map<string, Resource>; resources: Resource[] }> | undefined
  for (const resource of offer.resources) {
    if (resource.reservations === undefined) continue
    const id = reservationIdOf(resource, ours)
    if (id === undefined) continue
    found ??= new Map()
    let offered = found.get(id)
    if (offered === undefined) {
      offered = { volumes: new Map(), resources: [] }
      found.set(id, offered)
    }
    const persistenceId = resource.disk?.persistence?.id
    if (persistenceId === undefined) offered.resources.push(resource)
    else offered.volumes.set(persistenceId, resource)
  }
  return found === undefined ? [] : Array.from(found, ([id, offered]) => ({ offer, id, ...offered }))
}
