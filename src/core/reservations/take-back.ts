// The first thing that happens to an offer (runtime 5): what it holds for instances that are gone is destroyed and
// unreserved, and nothing else is done with it. What else of ours it holds waits for its instance.

import type { PathId } from '../../lib/path-id.ts'
import { isResident } from '../../spec/run-spec.ts'
import { removeInstance } from '../apply.ts'
import type { Core } from '../core.ts'
import { reservedFor } from '../ids.ts'
import type { Instance } from '../instances/instance.ts'
import { expungedByForce } from '../instances/unreachable.ts'
import type { Offer, Operation } from '../mesos.ts'
import type { State } from '../state.ts'
import { decideOffered } from './decide-offered.ts'
import type { OfferedReservation } from './offered.ts'
import { takeBackOperations } from './operations.ts'

/** An instance that waits, and the offer that has its volumes. */
export interface Usable {
  readonly offered: OfferedReservation
  readonly instance: Instance
}

/** Looks at what is new in the offers, takes back what is nobody's, and returns what can be launched on. */
export function takeBackReservations(core: Core): readonly Usable[] {
  const { offers, state, askedBack } = core
  if (offers.reserved.isEmpty) return []
  lookAgainForWaiting(core)
  const unwanted = new Map<Offer, OfferedReservation[]>()
  const usable: Usable[] = []
  for (const offered of offers.reserved.unseen()) {
    const id = reservedFor(offered.id)
    const instance = id === undefined ? undefined : state.instance(id)
    const hasRunSpec = instance !== undefined && hasOrMayHaveAgain(state, instance.runSpecId)
    const decision = id === undefined ? 'keep' : decideOffered(offered, instance, hasRunSpec)
    if (decision === 'launch') usable.push({ offered, instance: instance! })
    else {
      offers.reserved.markSeen(offered)
      if (decision === 'take-back' && askedBack.isDue(offered, state.now)) {
        const same = unwanted.get(offered.offer)
        if (same === undefined) unwanted.set(offered.offer, [offered])
        else same.push(offered)
      }
    }
  }
  for (const [offer, reservations] of unwanted) takeBack(core, offer, reservations)
  return usable.filter(({ offered }) => !unwanted.has(offered.offer))
}

/** Its removal may be taken back, as long as the deployment that removes it goes on. */
const hasOrMayHaveAgain = (state: State, id: PathId): boolean =>
  state.runSpec(id) !== undefined || state.lockOf(id) !== undefined

/** What kept some of those that wait from being launched may be over. */
function lookAgainForWaiting({ dirty, offers, state }: Core): void {
  for (const id of dirty.placement) {
    const runSpec = state.runSpec(id)
    if (runSpec === undefined || !isResident(runSpec)) continue
    for (const waiting of state.scheduledOf(id).values()) {
      for (const { reservation } of waiting.values()) {
        if (reservation !== undefined) offers.reserved.lookAgain(reservation.id)
      }
    }
  }
}

function takeBack(core: Core, offer: Offer, reservations: readonly OfferedReservation[]): void {
  const { state, offers, batch, askedBack } = core
  const operations: Operation[] = []
  offers.remove(offer.id)
  for (const offered of reservations) {
    operations.push(...takeBackOperations(offered))
    askedBack.note(offered, state.now)
    const instance = state.instance(reservedFor(offered.id)!)
    if (instance !== undefined) removeInstance(core, instance, expungedByForce(instance, state.now))
  }
  batch.effect({ kind: 'accept', offerIds: [offer.id], agentId: offer.agentId, operations })
}
