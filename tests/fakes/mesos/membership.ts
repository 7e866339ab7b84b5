// The agents of a master: who is registered, who has gone away for a while or for good, and what becomes of their tasks
// and offers then.

import { type Agent, type AgentTask, containerStatus } from './agent.ts'
import type { FakeOffer, Framework } from './framework.ts'
import type { Master } from './master.ts'
import { type Bundle, quantity, subtract } from './resources.ts'
import type { Timers, Timing } from './timing.ts'
import { terminalStates, type WireStatus } from './wire.ts'

/** An agent as a master sees it. */
export interface Registered {
  readonly agent: Agent
  /** Neither used nor offered. */
  free: Bundle
  isConnected: boolean
  /** Not deactivated for draining. */
  isActive: boolean
  readonly offers: Set<FakeOffer>
  /** To be killed when the agent is back. */
  readonly killed: Set<AgentTask>
  /** Runs out unless the agent comes back. */
  timer: NodeJS.Timeout | undefined
  readonly registeredTime: number
}

export class Membership {
  readonly agents = new Map<string, Registered>()
  /** Agents that were registered with the master before, and have not come back yet. */
  readonly recovered = new Set<string>()
  /** Since when, in milliseconds. */
  readonly unreachable = new Map<string, number>()
  readonly gone = new Set<string>()
  /** All there is, in thousandths. */
  readonly room = { cpus: 0, mem: 0 }
  readonly #master: Master
  readonly #timers: Timers
  readonly #timing: Timing

  constructor(master: Master, parts: { readonly timers: Timers; readonly timing: Timing }) {
    this.#master = master
    this.#timers = parts.timers
    this.#timing = parts.timing
  }

  /** An agent comes, or comes back. */
  register(agent: Agent): void {
    const { id } = agent.info
    const old = this.agents.get(id)
    const since = this.unreachable.get(id)
    this.recovered.delete(id)
    this.unreachable.delete(id)
    if (old !== undefined) this.#timers.cancel(old.timer)
    else {
      this.room.cpus += 1_000 * quantity(agent.total, 'cpus')
      this.room.mem += 1_000 * quantity(agent.total, 'mem')
    }
    for (const offer of [...(old?.offers ?? [])]) this.#master.takeBack(offer)
    const registered: Registered = {
      agent,
      free: agent.total,
      isConnected: true,
      isActive: old?.isActive ?? true,
      offers: new Set(),
      killed: new Set(),
      timer: undefined,
      registeredTime: this.#timers.now() / 1_000,
    }
    this.agents.set(id, registered)
    agent.listener = this.#master
    for (const executor of agent.executors.values())
      registered.free = subtract(registered.free, executor.resources)
    for (const task of [...agent.tasks.values()]) {
      if (this.#master.removedFrameworks.has(task.frameworkId)) {
        agent.drop(task)
        continue
      }
      task.isRecovered = terminalStates.has(task.state)
      if (!task.isRecovered) registered.free = subtract(registered.free, task.resources)
      const framework = this.#master.frameworks.get(task.frameworkId)
      framework?.tasks.set(task.id, task)
      framework?.unreachable.delete(task.id)
      if (since !== undefined && framework !== undefined) {
        this.#master.tell(framework, {
          task_id: { value: task.id },
          state: task.state,
          message: 'Unreachable agent re-reregistered',
          reason: 'REASON_AGENT_REREGISTERED',
          agent_id: { value: id },
          container_status: containerStatus(task),
        })
      }
    }
    for (const task of old?.killed ?? [])
      if (agent.tasks.has(`${task.frameworkId} ${task.id}`)) agent.kill(task)
    agent.resume()
    setImmediate(() => this.#master.allocate([registered]))
  }

  /** The connection to an agent is gone. Without checkpoints its tasks are lost at once. */
  disconnected(agent: Agent): void {
    const registered = this.agents.get(agent.info.id)
    if (registered === undefined || !registered.isConnected) return
    registered.isConnected = false
    if (agent.listener === this.#master) agent.listener = undefined
    for (const offer of [...registered.offers]) this.#master.rescind(offer)
    for (const [framework, task] of this.#tasksOn(agent.info.id)) {
      if (task.isCheckpointed) continue
      framework.tasks.delete(task.id)
      this.#master.recoverTask(framework, registered, task)
      agent.drop(task)
      this.#master.tell(framework, {
        task_id: { value: task.id },
        state: 'TASK_LOST',
        message: `Agent ${agent.info.hostname} disconnected`,
        reason: 'REASON_AGENT_DISCONNECTED',
        agent_id: { value: agent.info.id },
      })
    }
    registered.timer = this.#timers.after(this.#timing.unreachableMs, () => this.markUnreachable(agent))
  }

  /** Pings were not answered for too long. */
  markUnreachable(agent: Agent): void {
    const since = this.#timers.now()
    this.unreachable.set(agent.info.id, since)
    this.#removeAgent(agent, 'TASK_UNREACHABLE', {
      message: 'health check timed out',
      reason: 'REASON_AGENT_REMOVED',
      unreachable_time: { nanoseconds: since * 1e6 },
    })
  }

  /** The agent said goodbye and will not come back under this id. */
  unregistered(agent: Agent): void {
    this.#removeAgent(agent, 'TASK_GONE', {
      message: `Agent ${agent.info.hostname} removed: the agent unregistered`,
      reason: 'REASON_AGENT_REMOVED',
    })
  }

  markGone(agent: Agent): void {
    this.gone.add(agent.info.id)
    this.#removeAgent(agent, 'TASK_GONE_BY_OPERATOR', {
      message: 'Agent has been marked gone',
      reason: 'REASON_AGENT_REMOVED_BY_OPERATOR',
    })
    agent.loseTasks()
  }

  *#tasksOn(agentId: string): Iterable<readonly [Framework, AgentTask]> {
    for (const framework of this.#master.frameworks.values())
      for (const task of [...framework.tasks.values()]) if (task.agentId === agentId) yield [framework, task]
  }

  #removeAgent(agent: Agent, state: string, why: Partial<WireStatus>): void {
    const { id } = agent.info
    const registered = this.agents.get(id)
    if (registered === undefined) return
    this.#timers.cancel(registered.timer)
    if (agent.listener === this.#master) agent.listener = undefined
    for (const [framework, task] of this.#tasksOn(id)) {
      framework.tasks.delete(task.id)
      if (state === 'TASK_UNREACHABLE') framework.unreachable.set(task.id, task)
      this.#master.tell(framework, { task_id: { value: task.id }, state, agent_id: { value: id }, ...why })
    }
    for (const offer of [...registered.offers]) this.#master.rescind(offer)
    this.#master.maintenance.agentRemoved(id)
    this.agents.delete(id)
    this.room.cpus -= 1_000 * quantity(agent.total, 'cpus')
    this.room.mem -= 1_000 * quantity(agent.total, 'mem')
    for (const framework of this.#master.frameworks.values())
      framework.send({ type: 'FAILURE', failure: { agent_id: { value: id } } })
  }
}
