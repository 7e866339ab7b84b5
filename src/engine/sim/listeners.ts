// Who answers at an address and a port of a simulated cluster. Agents answer at their address and their name, on the
// ports their tasks were given; a task with an address of its own answers there on every port.

import type { AgentId } from '../../core/mesos.ts'
import type { SimAgent, SimTask } from './parts.ts'
import { hasPort } from './ports.ts'

export type Listener =
  | { readonly kind: 'task'; readonly task: SimTask }
  /** Somebody is there, and nobody listens. */
  | { readonly kind: 'refused' }
  /** Nothing comes back: the agent is cut off, or dead. */
  | { readonly kind: 'silence' }
  /** There is no such address. */
  | { readonly kind: 'nowhere' }

export class Listeners {
  readonly #agents = new Map<string, SimAgent>()
  /** Addresses of containers. */
  readonly #containers = new Map<string, Set<SimTask>>()

  constructor(agents: ReadonlyMap<AgentId, SimAgent>) {
    for (const agent of agents.values()) this.addAgent(agent)
  }

  /** In place of one that was there before. */
  addAgent(agent: SimAgent): void {
    this.#agents.set(agent.config.hostname, agent)
    for (const { ipAddress } of agent.addresses) this.#agents.set(ipAddress, agent)
  }

  add(task: SimTask): void {
    if (task.addresses === task.agent.addresses) return
    for (const { ipAddress } of task.addresses) {
      const there = this.#containers.get(ipAddress)
      if (there === undefined) this.#containers.set(ipAddress, new Set([task]))
      else there.add(task)
    }
  }

  remove(task: SimTask): void {
    if (task.addresses === task.agent.addresses) return
    for (const { ipAddress } of task.addresses) {
      const there = this.#containers.get(ipAddress)
      if (there?.delete(task) === true && there.size === 0) this.#containers.delete(ipAddress)
    }
  }

  at(address: string, port: number): Listener {
    const container = this.#containers.get(address)
    const agent = this.#agents.get(address) ?? (container === undefined ? undefined : first(container)?.agent)
    if (agent === undefined) return { kind: 'nowhere' }
    if (!agent.isConnected && !agent.isRecovering) return { kind: 'silence' }
    for (const task of container ?? agent.tasks) {
      if (!isRunning(task)) continue
      if (container !== undefined || listensOnHost(task, port)) return { kind: 'task', task }
    }
    return { kind: 'refused' }
  }
}

const first = <T>(items: Iterable<T>): T | undefined => items[Symbol.iterator]().next().value

const isRunning = ({ state, hasEnded }: SimTask): boolean => state === 'TASK_RUNNING' && !hasEnded

const listensOnHost = ({ amounts }: SimTask, port: number): boolean =>
  hasPort(amounts.ports, port) || amounts.parcels.some(({ ranges }) => hasPort(ranges, port))
