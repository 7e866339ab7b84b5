// What the simulated master offers of its agents, and what the scheduler has done with it: held, taken, declined. One
// offer per agent where offers are held; as a shared Mesos, declined ones stay away and nothing is offered while
// suppressed.

import type { AgentId, Offer, OfferId } from '../../core/mesos.ts'
import type { Duration } from '../../lib/instant.ts'
import { after } from '../../lib/instant.ts'
import type { Agenda } from './agenda.ts'
import { type Amounts, exceeds, isEmpty, nothing, plus, resourcesOf } from './amounts.ts'
import type { SimAgent, SimOffer } from './parts.ts'
import type { Subscription } from './subscription.ts'

export interface OfferRules {
  readonly holdsOffers: boolean
  readonly role: string
  /** How often a shared master makes offers. */
  readonly allocation: Duration
}

export class Offers {
  readonly #rules: OfferRules
  readonly #agenda: Agenda
  readonly #scheduler: Subscription
  readonly #agents: ReadonlyMap<AgentId, SimAgent>
  readonly #out = new Map<OfferId, SimOffer>()
  /** Agents with something free that is not offered. */
  readonly #stale: Set<SimAgent>
  #isSuppressed = false
  #isAllocating = false
  #count = 0

  constructor(
    rules: OfferRules,
    agenda: Agenda,
    scheduler: Subscription,
    agents: ReadonlyMap<AgentId, SimAgent>,
  ) {
    this.#rules = rules
    this.#agenda = agenda
    this.#scheduler = scheduler
    this.#agents = agents
    this.#stale = new Set(agents.values())
  }

  /** All that is out is void; nobody is told. */
  recall(): void {
    for (const offer of [...this.#out.values()]) this.#takeBack(offer)
  }

  /** Whatever was declined or suppressed is offered again. */
  revive(): void {
    this.#isSuppressed = false
    for (const agent of this.#agents.values()) {
      agent.refusal = undefined
      if (!isEmpty(agent.free)) this.#stale.add(agent)
    }
  }

  suppress(): void {
    this.#isSuppressed = true
  }

  /** The scheduler gives offers up for a launch. False: they are not, or not all, offers of this agent. */
  accept(ids: readonly OfferId[], agent: SimAgent | undefined): boolean {
    let areValid = agent?.isConnected === true
    for (const id of ids) {
      const offer = this.#out.get(id)
      if (offer?.agent !== agent) areValid = false
      if (offer !== undefined) this.#takeBack(offer)
    }
    return areValid
  }

  decline(id: OfferId, refuseFor: Duration): void {
    const offer = this.#out.get(id)
    if (offer === undefined) return
    this.#takeBack(offer)
    const { agent } = offer
    agent.refusal = { until: after(this.#agenda.now, refuseFor), amounts: agent.free }
    this.#stale.delete(agent)
    this.#agenda.in(refuseFor, () => this.#forgive(agent))
  }

  /** Takes back what is out of an agent, and says so. */
  rescind(agent: SimAgent): void {
    for (const offer of agent.offers) {
      this.#takeBack(offer)
      this.#scheduler.tell({ kind: 'offer-rescinded', offerId: offer.id })
    }
  }

  /** An agent has something back that was in use. */
  release(agent: SimAgent, amounts: Amounts): void {
    agent.free = plus(agent.free, amounts)
    this.#stale.add(agent)
  }

  /** An agent is there again. */
  welcome(agent: SimAgent): void {
    agent.refusal = undefined
    this.#stale.add(agent)
  }

  /** Offers what is free: now where offers are held, else with the next allocation. */
  offerStale(): void {
    if (!this.#scheduler.isOpen || this.#stale.size === 0) return
    if (this.#rules.holdsOffers) {
      this.#makeOffers()
    } else if (!this.#isAllocating) {
      this.#isAllocating = true
      this.#agenda.in(this.#rules.allocation, () => {
        this.#isAllocating = false
        this.#makeOffers()
      })
    }
  }

  /** Unless it was declined once more meanwhile. */
  #forgive(agent: SimAgent): void {
    if (agent.refusal === undefined || agent.refusal.until > this.#agenda.now) return
    agent.refusal = undefined
    this.#stale.add(agent)
  }

  #takeBack(offer: SimOffer): void {
    this.#out.delete(offer.id)
    offer.agent.offers.delete(offer)
    this.release(offer.agent, offer.amounts)
  }

  #makeOffers(): void {
    if (!this.#scheduler.isOpen || this.#isSuppressed) return
    const offers: Offer[] = []
    for (const agent of this.#stale) {
      this.#stale.delete(agent)
      if (!agent.isConnected) continue
      // What became free goes out together with what was out already.
      if (this.#rules.holdsOffers) this.rescind(agent)
      this.#stale.delete(agent)
      if (isEmpty(agent.free) || isRefused(agent)) continue
      agent.refusal = undefined
      offers.push(this.#offer(agent))
    }
    if (offers.length > 0) this.#scheduler.tell({ kind: 'offers', offers })
  }

  #offer(agent: SimAgent): Offer {
    const { config } = agent
    const offer: SimOffer = { id: `offer-${++this.#count}`, agent, amounts: agent.free }
    agent.free = nothing
    this.#out.set(offer.id, offer)
    agent.offers.add(offer)
    return {
      id: offer.id,
      agentId: config.id,
      hostname: config.hostname,
      resources: resourcesOf(offer.amounts),
      attributes: config.attributes,
      ...(this.#rules.holdsOffers ? {} : { role: this.#rules.role }),
      ...(config.region === undefined ? {} : { region: config.region }),
      ...(config.zone === undefined ? {} : { zone: config.zone }),
    }
  }
}

/** A refused agent is offered again early when it has more than was refused. */
const isRefused = (agent: SimAgent): boolean =>
  agent.refusal !== undefined && !exceeds(agent.free, agent.refusal.amounts)
