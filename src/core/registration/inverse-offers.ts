// Planned maintenance of agents, as the master tells of it (runtime 5.5). An inverse offer asks whether the agent may
// be taken. It may while nothing of ours is on it; otherwise we say no and are asked again, for nothing is moved away
// before its time. What it says holds at once for the offers of the agent that are here; every later offer says itself
// whether maintenance is planned, so that there is nothing to remember, nor to be wrong about when plans change.

import { millis } from '../../lib/instant.ts'
import { limits } from '../../lib/limits.ts'
import type { Core } from '../core.ts'
import type { AgentId, InverseOffer, OfferId } from '../mesos.ts'

export function inverseOffersArrived(core: Core, inverseOffers: readonly InverseOffer[]): void {
  const { engine, state, batch } = core
  if (!engine.isConnected) return
  const accepted: OfferId[] = []
  const declined: OfferId[] = []
  const planned = new Map<AgentId, InverseOffer['unavailability']>()
  for (const { id, agentId, unavailability } of inverseOffers) {
    planned.set(agentId, unavailability)
    const answered = state.agentsInUse.has(agentId) ? declined : accepted
    answered.push(id)
  }
  for (const offer of core.offers.all()) {
    const unavailability = planned.get(offer.agentId)
    if (unavailability !== undefined) core.offers.add({ ...offer, unavailability }, state.frameworkIds)
  }
  const refuseFor = millis(limits.inverseOfferRefusalMs)
  const answers = { accept: accepted, decline: declined } as const
  for (const answer of ['accept', 'decline'] as const) {
    const offerIds = answers[answer]
    if (offerIds.length > 0) batch.effect({ kind: 'answer-inverse-offers', answer, offerIds, refuseFor })
  }
}
