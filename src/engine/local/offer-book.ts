// Which offer is out for which agent, and whether another is due: at most one per agent, everything that is free in
// it. Pure: the engine tells what happens and when, and sends what flush() returns.

import type { EngineEvent } from '../../core/events.ts'
import type { AgentId, Attribute, Offer, OfferId, TaskId } from '../../core/mesos.ts'
import type { AgentConfig } from './agents.ts'
import { localLimits } from './limits.ts'
import {
  amountsOf,
  lacking,
  type MachineResources,
  minus,
  portsIn,
  resourceEntries,
  withoutPorts,
} from './resources.ts'

interface AgentEntry {
  readonly id: AgentId
  /** An agent that this start no longer has: it offers nothing and goes with its last task. */
  readonly hasLeft: boolean
  readonly attributes: readonly Attribute[]
  readonly total: MachineResources
  readonly held: Map<TaskId, MachineResources>
  isPlugged: boolean
  offer: { readonly id: OfferId; readonly resources: MachineResources } | undefined
  /** Declined until then (milliseconds); anything that becomes free ends it. */
  refusedUntil: number
  /** Something changed since the last offer. */
  isStale: boolean
}

export interface OfferBookOptions {
  readonly agents: readonly AgentConfig[]
  /** Where tasks are reached. */
  readonly address: string
  readonly newOfferId: () => OfferId
}

export class OfferBook {
  readonly #options: OfferBookOptions
  readonly #agents = new Map<AgentId, AgentEntry>()
  /** Offers of this session that no accept and no decline has named yet: also rescinded ones, see accept(). */
  readonly #unanswered = new Map<OfferId, AgentId>()
  #isSuppressed = false
  #portsTaken: ReadonlySet<number> = new Set()
  /** Ports of tasks that are not among those of their agent, since the agents were others when they were started. */
  readonly #strays = new Map<TaskId, readonly number[]>()

  constructor(options: OfferBookOptions) {
    this.#options = options
    for (const agent of options.agents) this.#agents.set(agent.id, entryOf(agent, false))
  }

  has(agentId: AgentId): boolean {
    return this.#agents.has(agentId)
  }

  isPlugged(agentId: AgentId): boolean {
    return this.#agents.get(agentId)?.isPlugged ?? false
  }

  /** A task found running at start holds what it was given, also on an agent that is no more. */
  hold(agentId: AgentId, taskId: TaskId, resources: MachineResources): void {
    let agent = this.#agents.get(agentId)
    if (!agent) {
      agent = entryOf({ id: agentId, attributes: [], resources: minus(resources, [resources]) }, true)
      this.#agents.set(agentId, agent)
    }
    agent.held.set(taskId, resources)
    agent.isStale = true
    const own = new Set(portsIn(agent.total.ports))
    const strays = portsIn(resources.ports).filter((port) => !own.has(port))
    if (strays.length === 0) return
    this.#strays.set(taskId, strays)
    for (const other of this.#agents.values()) other.isStale = true
  }

  /** Gives back what an ended task held; what is free now is offered whatever was declined before. */
  release(agentId: AgentId, taskId: TaskId): void {
    const agent = this.#agents.get(agentId)
    if (!agent?.held.delete(taskId)) return
    agent.isStale = true
    agent.refusedUntil = 0
    if (agent.hasLeft && agent.held.size === 0) this.#agents.delete(agentId)
    if (!this.#strays.delete(taskId)) return
    for (const other of this.#agents.values()) other.isStale = true
  }

  /**
   * Takes offers for an accept. False: one of them is unknown, used up, or of another agent. An offer that was
   * rescinded since more became free still counts: what it offered is still there, unless an earlier accept took it,
   * which take() tells.
   */
  accept(offerIds: readonly OfferId[], agentId: AgentId): boolean {
    const agent = this.#agents.get(agentId)
    const isValid =
      agent?.isPlugged === true &&
      offerIds.length > 0 &&
      offerIds.every((id) => this.#unanswered.get(id) === agentId)
    for (const id of offerIds) {
      this.#forget(id)
      if (agent?.offer?.id === id) agent.offer = undefined
    }
    if (agent) {
      agent.isStale = true
      agent.refusedUntil = 0
    }
    return isValid
  }

  /** Takes resources for one task of an accepted offer; if they are not free, the name of the first that is not. */
  take(agentId: AgentId, taskId: TaskId, resources: MachineResources): keyof MachineResources | undefined {
    const agent = this.#agents.get(agentId)
    if (!agent) return 'cpus'
    const missing = lacking(resources, minus(agent.total, [...agent.held.values()]))
    if (missing) return missing
    agent.held.set(taskId, resources)
    return undefined
  }

  decline(offerId: OfferId, now: number, refuseFor: number): void {
    const agentId = this.#unanswered.get(offerId)
    this.#forget(offerId)
    const agent = agentId === undefined ? undefined : this.#agents.get(agentId)
    if (!agent || agent.offer?.id !== offerId) return
    agent.offer = undefined
    agent.refusedUntil = now + refuseFor
  }

  suppress(): void {
    this.#isSuppressed = true
  }

  /** Offers again, declined ones too. */
  revive(): void {
    this.#isSuppressed = false
    for (const agent of this.#agents.values()) agent.refusedUntil = 0
  }

  /** Ports that others on this machine use. Offers out that hold one, or could hold one more, are made anew. */
  setPortsTaken(taken: ReadonlySet<number>): void {
    for (const agent of this.#agents.values()) {
      const isNews = portsIn(agent.total.ports).some((port) => taken.has(port) !== this.#portsTaken.has(port))
      if (isNews) agent.isStale = true
    }
    this.#portsTaken = taken
  }

  setPlugged(agentId: AgentId, isPlugged: boolean): void {
    const agent = this.#agents.get(agentId)
    if (!agent) return
    agent.isPlugged = isPlugged
    agent.isStale = true
    agent.refusedUntil = 0
  }

  /** Forgets every offer: the other side did, too. */
  reset(): void {
    this.#unanswered.clear()
    this.#isSuppressed = false
    for (const agent of this.#agents.values()) {
      agent.offer = undefined
      agent.refusedUntil = 0
      agent.isStale = true
    }
  }

  /** The rescinds and offers that are due at `now` (milliseconds). */
  flush(now: number): EngineEvent[] {
    const events: EngineEvent[] = []
    const offers: Offer[] = []
    for (const agent of this.#agents.values()) {
      if (agent.offer && (agent.isStale || this.#isSuppressed)) {
        const resources = this.#free(agent)
        if (agent.isPlugged && !this.#isSuppressed && sameResources(resources, agent.offer.resources)) {
          agent.isStale = false
          continue
        }
        events.push({ kind: 'offer-rescinded', offerId: agent.offer.id })
        agent.offer = undefined
        // Asked for again by revive.
        agent.isStale = true
      }
      if (agent.offer || !agent.isPlugged || this.#isSuppressed || agent.refusedUntil > now) continue
      const resources = this.#free(agent)
      agent.isStale = false
      if (resources.cpus <= 0 && resources.mem <= 0) continue
      const id = this.#options.newOfferId()
      agent.offer = { id, resources }
      this.#unanswered.set(id, agent.id)
      offers.push(this.#render(agent, id, resources))
    }
    if (offers.length > 0) events.push({ kind: 'offers', offers })
    this.#forgetOldest()
    return events
  }

  list(): readonly {
    readonly id: AgentId
    readonly attributes: readonly Attribute[]
    readonly isPlugged: boolean
    readonly total: MachineResources
    readonly used: MachineResources
    readonly tasks: number
  }[] {
    return [...this.#agents.values()].map((agent) => {
      const held = [...agent.held.values()]
      const used = amountsOf(held.flatMap((one) => resourceEntries(one, '*')))
      return {
        id: agent.id,
        attributes: agent.attributes,
        isPlugged: agent.isPlugged,
        total: agent.hasLeft ? used : agent.total,
        used,
        tasks: agent.held.size,
      }
    })
  }

  #free(agent: AgentEntry): MachineResources {
    const free = withoutPorts(minus(agent.total, [...agent.held.values()]), this.#portsTaken)
    return this.#strays.size === 0 ? free : withoutPorts(free, new Set([...this.#strays.values()].flat()))
  }

  #forget(offerId: OfferId): void {
    this.#unanswered.delete(offerId)
  }

  /** Rescinded offers are remembered for an accept that crossed the rescind, not for ever. */
  #forgetOldest(): void {
    for (const [id, agentId] of this.#unanswered) {
      if (this.#unanswered.size <= localLimits.rememberedOffers) return
      if (this.#agents.get(agentId)?.offer?.id !== id) this.#unanswered.delete(id)
    }
  }

  #render(agent: AgentEntry, id: OfferId, resources: MachineResources): Offer {
    const { address } = this.#options
    return {
      id,
      agentId: agent.id,
      hostname: agent.id,
      ...(address === agent.id ? {} : { address }),
      // To no role: this machine serves one Marathon alone, whatever roles its apps have.
      resources: resourceEntries(resources, '*'),
      attributes: agent.attributes,
    }
  }
}

const entryOf = ({ id, attributes, resources }: AgentConfig, hasLeft: boolean): AgentEntry => ({
  id,
  hasLeft,
  attributes,
  total: resources,
  held: new Map(),
  isPlugged: true,
  offer: undefined,
  refusedUntil: 0,
  isStale: true,
})

function sameResources(a: MachineResources, b: MachineResources): boolean {
  return (
    a.cpus === b.cpus &&
    a.mem === b.mem &&
    a.disk === b.disk &&
    a.gpus === b.gpus &&
    a.ports.length === b.ports.length &&
    a.ports.every((range, i) => range.begin === b.ports[i]!.begin && range.end === b.ports[i]!.end)
  )
}
