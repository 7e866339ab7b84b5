// Planned maintenance: windows in which machines will be away, said in offers and asked for in inverse offers; and
// draining, which ends an agent's tasks.

import { type AgentInfo, urlOf } from './agent.ts'
import type { Framework } from './framework.ts'
import type { Master } from './master.ts'
import type { Timers } from './timing.ts'
import type { Id, WireFilters } from './wire.ts'

export interface Window {
  readonly machine_ids: readonly { readonly hostname?: string; readonly ip?: string }[]
  readonly unavailability: { readonly start: { readonly nanoseconds: number }; readonly duration?: object }
}

interface InverseOffer {
  readonly id: string
  readonly frameworkId: string
  readonly agentId: string
}

export class Maintenance {
  readonly #master: Master
  #windows: readonly Window[] = []
  readonly #inverseOffers = new Map<string, InverseOffer>()
  /** By framework and agent: until when not to ask again, and the answer. */
  readonly #answers = new Map<
    string,
    { readonly until: number; readonly answer: string; readonly at: number }
  >()

  readonly #timers: Timers

  constructor(master: Master, timers: Timers) {
    this.#master = master
    this.#timers = timers
  }

  get windows(): readonly Window[] {
    return this.#windows
  }

  unavailabilityOf({ hostname }: AgentInfo): Window['unavailability'] | undefined {
    return this.#windows.find(({ machine_ids }) =>
      machine_ids.some((machine) => machine.hostname === hostname),
    )?.unavailability
  }

  /** A new schedule: what was offered of the agents it concerns no longer stands. */
  schedule(windows: readonly Window[]): void {
    const agents = [...this.#master.agents.values()]
    const before = new Map(agents.map(({ agent }) => [agent, this.unavailabilityOf(agent.info)]))
    this.#windows = windows
    for (const registered of agents) {
      const { agent } = registered
      if (before.get(agent) === undefined && this.unavailabilityOf(agent.info) === undefined) continue
      for (const offer of [...registered.offers]) this.#master.rescind(offer)
      for (const inverse of this.#of(agent.info.id)) this.#rescind(inverse)
    }
    if (windows.length === 0) this.#answers.clear()
    this.ask()
    this.#master.allocate(agents)
  }

  /** Asks everybody who holds something of an agent that will be away, unless they were asked lately. */
  ask(): void {
    if (this.#windows.length === 0) return
    for (const registered of this.#master.agents.values()) {
      const { info } = registered.agent
      const unavailability = this.unavailabilityOf(info)
      if (unavailability === undefined || !registered.isConnected) continue
      for (const framework of this.#master.frameworks.values()) {
        const holds =
          [...registered.offers].some(({ frameworkId }) => frameworkId === framework.id) ||
          [...framework.tasks.values()].some(({ agentId }) => agentId === info.id)
        const isAsked = this.#of(info.id).some(({ frameworkId }) => frameworkId === framework.id)
        const until = this.#answers.get(`${framework.id} ${info.id}`)?.until ?? 0
        if (!holds || isAsked || until > this.#timers.now() || !framework.isConnected) continue
        const id = this.#master.nextOfferId()
        this.#inverseOffers.set(id, { id, frameworkId: framework.id, agentId: info.id })
        framework.send({
          type: 'INVERSE_OFFERS',
          inverse_offers: {
            inverse_offers: [
              {
                id: { value: id },
                framework_id: { value: framework.id },
                agent_id: { value: info.id },
                url: urlOf(info),
                unavailability,
              },
            ],
          },
        })
      }
    }
  }

  answer(
    framework: Framework,
    {
      inverse_offer_ids: ids,
      filters,
    }: { readonly inverse_offer_ids: readonly Id[]; readonly filters?: WireFilters },
    answer: 'ACCEPT' | 'DECLINE',
  ): void {
    for (const { value } of ids) {
      const inverse = this.#inverseOffers.get(value)
      if (inverse?.frameworkId !== framework.id) continue
      this.#inverseOffers.delete(value)
      const until = this.#timers.now() + 1_000 * (filters?.refuse_seconds ?? 5)
      this.#answers.set(`${framework.id} ${inverse.agentId}`, { until, answer, at: this.#timers.now() })
    }
  }

  /** As GET_MAINTENANCE_STATUS tells it. */
  status(): Readonly<Record<string, unknown>> {
    const draining = this.#windows.flatMap(({ machine_ids }) => machine_ids)
    if (draining.length === 0) return {}
    const statuses = [...this.#answers].map(([key, { answer, at }]) => ({
      status: answer,
      framework_id: { value: key.split(' ')[0] },
      timestamp: { nanoseconds: at * 1e6 },
    }))
    return { draining_machines: draining.map((id) => ({ id, ...(statuses.length > 0 ? { statuses } : {}) })) }
  }

  /** No more offers of the agent; its tasks are killed. */
  drain(agentId: string, maxGraceMs: number | undefined): void {
    const registered = this.#master.agents.get(agentId)
    if (registered === undefined) return
    registered.isActive = false
    for (const offer of [...registered.offers]) this.#master.rescind(offer)
    for (const task of registered.agent.tasks.values()) {
      const grace = Math.min(task.graceMs ?? Number.POSITIVE_INFINITY, maxGraceMs ?? Number.POSITIVE_INFINITY)
      const graceMs = grace === Number.POSITIVE_INFINITY ? undefined : grace
      registered.agent.kill(task, graceMs, { reason: 'REASON_AGENT_DRAINING' })
    }
  }

  reactivate(agentId: string): void {
    const registered = this.#master.agents.get(agentId)
    if (registered !== undefined) registered.isActive = true
  }

  /** The framework is disconnected: what it was asked is void. */
  forget(framework: Framework): void {
    for (const inverse of [...this.#inverseOffers.values()])
      if (inverse.frameworkId === framework.id) this.#inverseOffers.delete(inverse.id)
  }

  agentRemoved(agentId: string): void {
    for (const inverse of this.#of(agentId)) this.#rescind(inverse)
  }

  #of(agentId: string): readonly InverseOffer[] {
    return [...this.#inverseOffers.values()].filter((inverse) => inverse.agentId === agentId)
  }

  #rescind(inverse: InverseOffer): void {
    this.#inverseOffers.delete(inverse.id)
    this.#master.frameworks.get(inverse.frameworkId)?.send({
      type: 'RESCIND_INVERSE_OFFER',
      rescind_inverse_offer: { inverse_offer_id: { value: inverse.id } },
    })
  }
}
