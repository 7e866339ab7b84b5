// What becomes of offers that a turn of placement has left, on a cluster that is shared.

import { type Duration, millis } from '../../lib/instant.ts'
import type { Core } from '../core.ts'
import type { Offer } from '../mesos.ts'

/** For how long Mesos keeps back an offer that was declined without a word about it. */
const soon = millis(5_000)

/**
 * What is left after a turn on a shared cluster belongs to others: for long, when nothing here wants it; until soon,
 * when only the launch tokens are gone and something would take it then (runtime 5). It stays when the turn was cut
 * short before all that it `isWanted` by was tried.
 */
export function giveBack(core: Core, isWanted: boolean): void {
  const { offers, tokens } = core
  const refused: Offer[] = []
  const wanted: Offer[] = []
  for (const offer of offers.all()) {
    if (!isWanted && !offers.isFresh(offer.id)) refused.push(offer)
    else if (tokens.left <= 0) wanted.push(offer)
  }
  decline(core, refused, core.settings.declineOfferDuration)
  decline(core, wanted, soon)
}

function decline(core: Core, offers: readonly Offer[], refuseFor: Duration): void {
  if (offers.length === 0) return
  for (const { id, role } of offers) {
    core.offers.remove(id)
    core.offersWanted.declined(role)
  }
  core.batch.effect({ kind: 'decline', offerIds: offers.map(({ id }) => id), refuseFor })
}
