// What the simulated master offers of its agents, and what the scheduler has done with it: held, taken, declined. One
// offer per agent where offers are held. As a shared Mesos, each is made to one role of the framework and has what is
// kept for that role; declined ones stay away, and roles that are suppressed get none.

import type { AgentId, Offer, OfferId } from '../../core/mesos.ts'
import type { OfferConstraints } from '../../core/ready.ts'
import { assert } from '../../lib/assert.ts'
import type { Duration } from '../../lib/instant.ts'
import { after } from '../../lib/instant.ts'
import type { Agenda } from './agenda.ts'
import { type Amounts, exceeds, isEmpty, minus, nothing, partFor, plus, resourcesOf } from './amounts.ts'
import { isWantedBy } from './offer-filter.ts'
import { volumeIdOf } from './parcels.ts'
import type { SimAgent, SimOffer } from './parts.ts'
import type { Subscription } from './subscription.ts'

export interface OfferRules {
  readonly holdsOffers: boolean
  /** Of the framework, until it says otherwise. */
  readonly roles: readonly string[]
  /** How often a shared master makes offers. */
  readonly allocation: Duration
}

export interface RoleSetting {
  readonly roles: readonly string[]
  readonly suppressedRoles: readonly string[]
  /** Absent: as before. */
  readonly offerConstraints?: OfferConstraints
}

export class Offers {
  readonly #rules: OfferRules
  readonly #agenda: Agenda
  readonly #scheduler: Subscription
  readonly #agents: ReadonlyMap<AgentId, SimAgent>
  readonly #out = new Map<OfferId, SimOffer>()
  /** Agents with something free that is not offered. */
  readonly #stale: Set<SimAgent>
  #roles: readonly string[]
  #constraints: OfferConstraints = {}
  readonly #suppressed = new Set<string>()
  #isAllocating = false
  #allocations = 0
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
    this.#roles = rules.roles
    this.#stale = new Set(agents.values())
  }

  /** All that is out is void; nobody is told. */
  recall(): void {
    for (const offer of [...this.#out.values()]) this.#takeBack(offer)
  }

  /** A new connection: nothing is declined any more, or left out. */
  forgiveAll(): void {
    this.#constraints = {}
    for (const agent of this.#agents.values()) {
      agent.refusals.clear()
      if (!isEmpty(agent.free)) this.#stale.add(agent)
    }
  }

  /** An agent that never comes back. */
  forget(agent: SimAgent): void {
    this.#stale.delete(agent)
  }

  /** What the framework takes part in from now on. Offers of roles it has left are taken back. */
  setRoles({ roles, suppressedRoles, offerConstraints }: RoleSetting): void {
    this.#roles = roles
    if (offerConstraints !== undefined) this.#constraints = offerConstraints
    this.#suppressed.clear()
    for (const role of suppressedRoles) this.#suppressed.add(role)
    for (const offer of [...this.#out.values()])
      if (offer.role !== undefined && !roles.includes(offer.role)) this.#rescindOne(offer)
    for (const agent of this.#agents.values()) if (!isEmpty(agent.free)) this.#stale.add(agent)
  }

  /** Whatever these roles have declined or suppressed is offered again; without any, all. */
  revive(roles: readonly string[] = []): void {
    const revived = roles.length === 0 ? this.#roles : roles
    for (const role of revived) this.#suppressed.delete(role)
    for (const agent of this.#agents.values()) {
      if (agent.refusals.size > 0) {
        for (const role of revived) agent.refusals.delete(role)
        agent.refusals.delete(everybody)
      }
      if (!isEmpty(agent.free)) this.#stale.add(agent)
    }
  }

  suppress(roles: readonly string[] = []): void {
    for (const role of roles.length === 0 ? this.#roles : roles) this.#suppressed.add(role)
  }

  /**
   * The scheduler gives offers up for what it does with them, and one of them is returned. Undefined: they are not, or
   * not all, offers of this agent and of one role.
   */
  accept(ids: readonly OfferId[], agent: SimAgent | undefined): SimOffer | undefined {
    let areValid = agent?.isConnected === true
    let first: SimOffer | undefined
    for (const id of ids) {
      const offer = this.#out.get(id)
      first ??= offer
      if (offer === undefined || offer.agent !== agent || offer.role !== first?.role) areValid = false
      if (offer !== undefined) this.#takeBack(offer)
    }
    return areValid ? first : undefined
  }

  decline(id: OfferId, refuseFor: Duration): void {
    const offer = this.#out.get(id)
    if (offer === undefined) return
    this.#takeBack(offer)
    const { agent, role = everybody } = offer
    agent.refusals.set(role, { until: after(this.#agenda.now, refuseFor), amounts: offer.amounts })
    this.#agenda.in(refuseFor, () => this.#forgive(agent, role))
  }

  /** Takes back what is out of an agent, and says so. */
  rescind(agent: SimAgent): void {
    for (const offer of agent.offers) this.#rescindOne(offer)
  }

  /** Takes back what holds a volume. */
  rescindVolume(agent: SimAgent, id: string): void {
    for (const offer of agent.offers)
      if (offer.amounts.parcels.some((parcel) => volumeIdOf(parcel) === id)) this.#rescindOne(offer)
  }

  /** An agent has something back that was in use. */
  release(agent: SimAgent, amounts: Amounts): void {
    agent.free = plus(agent.free, amounts)
    this.#stale.add(agent)
  }

  /** An agent is there again. */
  welcome(agent: SimAgent): void {
    agent.refusals.clear()
    this.#stale.add(agent)
  }

  /** Offers what is free: now where offers are held, else with the next allocation. */
  offerStale(): void {
    if (!this.#scheduler.isOpen || this.#stale.size === 0) return
    if (this.#rules.holdsOffers) {
      this.#makeOffers()
    } else if (!this.#isAllocating && this.#roles.some((role) => !this.#suppressed.has(role))) {
      this.#isAllocating = true
      this.#agenda.in(this.#rules.allocation, () => {
        this.#isAllocating = false
        this.#makeOffers()
      })
    }
  }

  /** Unless it was declined once more meanwhile. */
  #forgive(agent: SimAgent, role: string): void {
    const refusal = agent.refusals.get(role)
    if (refusal === undefined || refusal.until > this.#agenda.now) return
    agent.refusals.delete(role)
    this.#stale.add(agent)
  }

  #rescindOne(offer: SimOffer): void {
    this.#takeBack(offer)
    this.#scheduler.tell({ kind: 'offer-rescinded', offerId: offer.id })
  }

  #takeBack(offer: SimOffer): void {
    this.#out.delete(offer.id)
    offer.agent.offers.delete(offer)
    this.release(offer.agent, offer.amounts)
  }

  #makeOffers(): void {
    if (!this.#scheduler.isOpen) return
    const roles = this.#inTurn()
    if (roles.length === 0) return
    const offers: Offer[] = []
    for (const agent of this.#stale) {
      this.#stale.delete(agent)
      if (!agent.isConnected) continue
      // What became free goes out together with what was out already.
      if (this.#rules.holdsOffers) this.rescind(agent)
      this.#stale.delete(agent)
      for (const role of roles) {
        const amounts = role === undefined ? agent.free : partFor(role, agent.free)
        if (isEmpty(amounts) || isRefused(agent, role, amounts)) continue
        if (role !== undefined && !isWantedBy(role, agent.config, this.#constraints)) continue
        agent.refusals.delete(role ?? everybody)
        offers.push(this.#offer(agent, role, amounts))
      }
    }
    if (offers.length > 0) this.#scheduler.tell({ kind: 'offers', offers })
  }

  /** Who is offered something: what nobody is kept from goes to whoever comes first, and each role does at times. */
  #inTurn(): readonly (string | undefined)[] {
    if (this.#rules.holdsOffers) return [undefined]
    const roles = this.#roles.filter((role) => !this.#suppressed.has(role))
    if (roles.length === 0) return []
    const first = this.#allocations++ % roles.length
    return [...roles.slice(first), ...roles.slice(0, first)]
  }

  #offer(agent: SimAgent, role: string | undefined, amounts: Amounts): Offer {
    const { config, unavailability } = agent
    const offer: SimOffer = { id: `offer-${++this.#count}`, agent, amounts, role }
    const left = amounts === agent.free ? nothing : minus(agent.free, amounts)
    assert(typeof left !== 'string', `agent ${config.id} has what is offered of it`)
    agent.free = left
    this.#out.set(offer.id, offer)
    agent.offers.add(offer)
    return {
      id: offer.id,
      agentId: config.id,
      hostname: config.hostname,
      resources: resourcesOf(offer.amounts),
      attributes: config.attributes,
      ...(role === undefined ? {} : { role }),
      ...(config.region === undefined ? {} : { region: config.region }),
      ...(config.zone === undefined ? {} : { zone: config.zone }),
      ...(unavailability === undefined ? {} : { unavailability }),
    }
  }
}

/** Declined by nobody in particular, where offers have no role. */
const everybody = '*'

/** A refused agent is offered again early when it has more than was refused. */
function isRefused(agent: SimAgent, role: string | undefined, amounts: Amounts): boolean {
  const refusal = agent.refusals.get(role ?? everybody)
  return refusal !== undefined && !exceeds(amounts, refusal.amounts)
}
