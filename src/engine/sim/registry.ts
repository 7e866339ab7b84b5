// The agents a simulated master knows: those that are there, those it has lost, those that were given up, and after a
// change of masters those it has not heard of again.

import type { AgentId, IpAddress } from '../../core/mesos.ts'
import type { Rng } from '../../lib/rng.ts'
import type { Agenda } from './agenda.ts'
import type { Listeners } from './listeners.ts'
import type { Offers } from './offers.ts'
import type { Loss, SimAgent, SimAgentConfig } from './parts.ts'
import type { AgentStanding, Statuses } from './statuses.ts'
import type { Subscription } from './subscription.ts'
import type { Tasks } from './tasks.ts'
import { drawDelay, type Span } from './timing.ts'
import type { Volumes } from './volumes.ts'

export interface RegistryOptions {
  readonly agents: Map<AgentId, SimAgent>
  readonly rng: Rng
  readonly agenda: Agenda
  readonly scheduler: Subscription
  readonly statuses: Statuses
  readonly offers: Offers
  readonly listeners: Listeners
  readonly volumes: Volumes
  readonly tasks: Tasks
}

/** Until an agent finds a new master. */
const reregistration: Span = [500, 13_000]

export class Registry {
  readonly #parts: RegistryOptions
  /** Of agents that were given up, by their former ids: what comes back in their place. */
  readonly #successors = new Map<AgentId, SimAgent>()

  constructor(parts: RegistryOptions) {
    this.#parts = parts
  }

  get agents(): ReadonlyMap<AgentId, SimAgent> {
    return this.#parts.agents
  }

  /** Another master has taken over. */
  failOver(): void {
    const { agents, agenda, rng, offers } = this.#parts
    for (const agent of agents.values()) {
      if (!agent.isConnected) continue
      agent.isConnected = false
      agent.isRecovering = true
      agenda.in(drawDelay(rng, reregistration), () => {
        if (!agent.isRecovering) return
        this.welcome(agent)
        offers.offerStale()
      })
    }
  }

  lose(agent: SimAgent, loss: Loss): void {
    const { agenda, scheduler, offers, tasks } = this.#parts
    if (this.#isGone(agent)) return
    const isGivenUp = loss === 'gone-by-operator'
    if (!agent.isConnected && !agent.isRecovering && !isGivenUp) return
    agent.isConnected = false
    agent.isRecovering = false
    agent.lostAt ??= agenda.now
    offers.rescind(agent)
    for (const task of [...agent.tasks]) tasks.lose(task, loss)
    scheduler.tell({ kind: 'agent-lost', agentId: agent.config.id })
    if (isGivenUp) this.#giveUp(agent)
  }

  /** The agent of this id is there again; of one that was given up, what comes is another. */
  bringBack(id: AgentId): void {
    const { agents, listeners } = this.#parts
    const successor = this.#successors.get(id)
    const agent = agents.get(id) ?? successor
    if (agent === undefined || this.#successors.has(agent.config.id)) return
    if (agent === successor) {
      agents.set(agent.config.id, agent)
      listeners.addAgent(agent)
    }
    this.welcome(agent)
  }

  welcome(agent: SimAgent): void {
    const { offers, statuses } = this.#parts
    if (agent.isConnected || this.#isGone(agent)) return
    const wasRecovering = agent.isRecovering
    agent.isConnected = true
    agent.isRecovering = false
    agent.lostAt = undefined
    for (const task of agent.tasks) {
      if (task.unacknowledged.length > 0) statuses.send(task)
      else if (!wasRecovering)
        statuses.report(task, task.state, 'REASON_SLAVE_REREGISTERED', 'Agent reregistered')
    }
    offers.welcome(agent)
  }

  /** Undefined: nobody can say yet. */
  standingOf(id: AgentId | undefined): AgentStanding | undefined {
    const { agents, agenda } = this.#parts
    if (id === undefined) {
      for (const { isRecovering } of agents.values()) if (isRecovering) return undefined
      return { kind: 'unknown' }
    }
    const agent = agents.get(id)
    if (agent === undefined) return { kind: this.#successors.has(id) ? 'gone' : 'unknown' }
    if (agent.isRecovering) return undefined
    if (agent.isConnected) return { kind: 'registered' }
    return { kind: 'unreachable', since: agent.lostAt ?? agenda.now }
  }

  /** Given up for ever: whatever was planned for it, what comes back is another. */
  #isGone(agent: SimAgent): boolean {
    return this.#parts.agents.get(agent.config.id) !== agent
  }

  #giveUp(agent: SimAgent): void {
    const { agents, offers, volumes } = this.#parts
    const { id } = agent.config
    volumes.forgetAgent(id)
    agents.delete(id)
    offers.forget(agent)
    const config = { ...agent.config, id: nextId(id) }
    this.#successors.set(id, { ...newAgent(config, agent.addresses), isConnected: false })
  }
}

export const newAgent = (config: SimAgentConfig, addresses: readonly IpAddress[]): SimAgent => ({
  config,
  addresses,
  tasks: new Set(),
  offers: new Set(),
  free: config.total,
  isConnected: true,
  isRecovering: false,
  lostAt: undefined,
  refusals: new Map(),
  unavailability: undefined,
})

/** `agent-3`, `agent-3.2`, `agent-3.3` */
function nextId(id: AgentId): AgentId {
  const [, base = id, count = '1'] = /^(.*?)(?:\.(\d+))?$/.exec(id) ?? []
  return `${base}.${Number(count) + 1}`
}
