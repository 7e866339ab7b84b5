// Planned maintenance of simulated agents: what is told of it beforehand, in offers and by asking for what is in use
// there, and the time an agent is down.

import type { InverseOffer, OfferId } from '../../core/mesos.ts'
import { after, type Duration, millis } from '../../lib/instant.ts'
import type { Agenda } from './agenda.ts'
import type { Offers } from './offers.ts'
import type { SimAgent, Unavailability } from './parts.ts'
import type { Subscription } from './subscription.ts'

export interface MaintenanceOptions {
  readonly agenda: Agenda
  readonly scheduler: Subscription
  readonly offers: Offers
  /** The machine goes down, and is there again. */
  readonly down: (agent: SimAgent) => void
  readonly up: (agent: SimAgent) => void
}

export class Maintenance {
  /** Answers so far, for tests. */
  readonly answers: { readonly agentId: string; readonly answer: 'accept' | 'decline' }[] = []
  readonly #options: MaintenanceOptions
  readonly #planned = new Set<SimAgent>()
  readonly #out = new Map<OfferId, SimAgent>()
  #count = 0

  constructor(options: MaintenanceOptions) {
    this.#options = options
  }

  /** In place of what was planned before. */
  schedule(agent: SimAgent, unavailability: Unavailability): void {
    const { agenda, offers } = this.#options
    this.cancel(agent)
    agent.unavailability = unavailability
    this.#planned.add(agent)
    offers.rescind(agent)
    this.#ask(agent)
    const { start, duration } = unavailability
    const isPlanned = (): boolean => agent.unavailability === unavailability
    agenda.in(millis(Math.max(0, start - agenda.now)), () => {
      if (!isPlanned()) return
      this.#forget(agent)
      this.#options.down(agent)
    })
    if (duration === undefined) return
    agenda.in(millis(Math.max(0, after(start, duration) - agenda.now)), () => {
      if (!isPlanned()) return
      agent.unavailability = undefined
      this.#options.up(agent)
    })
  }

  /** What was planned will not be. An agent that is down already comes back. */
  cancel(agent: SimAgent): void {
    if (agent.unavailability === undefined) return
    const isDown = agent.unavailability.start <= this.#options.agenda.now
    agent.unavailability = undefined
    for (const id of this.#forget(agent))
      this.#options.scheduler.tell({ kind: 'inverse-offer-rescinded', offerId: id })
    this.#options.offers.rescind(agent)
    if (isDown) this.#options.up(agent)
  }

  /** A new connection: nothing is out, and everything is asked for anew. */
  askAgain(): void {
    this.#out.clear()
    for (const agent of this.#planned) this.#ask(agent)
  }

  answer(ids: readonly OfferId[], answer: 'accept' | 'decline', refuseFor: Duration = millis(5_000)): void {
    for (const id of ids) {
      const agent = this.#out.get(id)
      if (agent === undefined) continue
      this.#out.delete(id)
      this.answers.push({ agentId: agent.config.id, answer })
      if (answer === 'decline') this.#options.agenda.in(refuseFor, () => this.#ask(agent))
    }
  }

  /** Only for what somebody has in use. */
  #ask(agent: SimAgent): void {
    const { unavailability } = agent
    const isAsked = [...this.#out.values()].includes(agent)
    if (unavailability === undefined || isAsked || !this.#planned.has(agent) || !agent.isConnected) return
    if (agent.tasks.size === 0 && agent.offers.size === 0) return
    const id = `inverse-offer-${++this.#count}`
    this.#out.set(id, agent)
    const offer: InverseOffer = { id, agentId: agent.config.id, unavailability }
    this.#options.scheduler.tell({ kind: 'inverse-offers', offers: [offer] })
  }

  /** The inverse offers that were out. */
  #forget(agent: SimAgent): readonly OfferId[] {
    this.#planned.delete(agent)
    const ids = [...this.#out].flatMap(([id, of]) => (of === agent ? [id] : []))
    for (const id of ids) this.#out.delete(id)
    return ids
  }
}
