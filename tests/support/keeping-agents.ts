// Agents that keep what they are told to keep: operations of accepted offers are performed on what they have, as a
// master would, and what is free is offered when a test says so. Tasks do what the test says.

import type { Offer, Operation, TaskInfo, TaskState } from '../../src/core/mesos.ts'
import type { Ready } from '../../src/core/ready.ts'
import { type Amounts, amountsOf, isEmpty, minus, plus, resourcesOf } from '../../src/engine/sim/amounts.ts'
import { performKeeping } from '../../src/engine/sim/operations.ts'
import { volumeIdOf } from '../../src/engine/sim/parcels.ts'
import { assert } from '../../src/lib/assert.ts'
import type { HandCore } from './hand-core.ts'

interface Agent {
  free: Amounts
  /** What its tasks hold. */
  readonly used: Map<string, Amounts>
  readonly volumes: Set<string>
  offer: Offer | undefined
}

const whole = amountsOf([
  { name: 'cpus', scalar: 4, role: '*' },
  { name: 'mem', scalar: 4_096, role: '*' },
  { name: 'disk', scalar: 10_000, role: '*' },
  { name: 'ports', ranges: [{ begin: 31_000, end: 31_099 }], role: '*' },
])

export class KeepingAgents {
  readonly #agents = new Map<string, Agent>()
  #core: HandCore
  #seen = 0
  #offers = 0

  constructor(core: HandCore, ids: readonly string[]) {
    this.#core = core
    for (const id of ids)
      this.#agents.set(id, { free: whole, used: new Map(), volumes: new Set(), offer: undefined })
  }

  /** Everything free is offered to a role, and not again when something was made of it. */
  offerOnce(only?: readonly string[]): void {
    this.offer(only, undefined, 1)
  }

  /** Another process is told from now on; what the last one said is done. */
  serve(core: HandCore): void {
    this.#perform()
    this.#core = core
    this.#seen = 0
  }

  /** Whether a task has something of an agent. */
  holds(taskId: string): boolean {
    this.#perform()
    return [...this.#agents.values()].some(({ used }) => used.has(taskId))
  }

  /** Everything free is offered to a role, until nothing more is made of it. `only`: by these agents. */
  offer(only: readonly string[] = [...this.#agents.keys()], role = 'db', rounds = 10): void {
    this.#perform()
    for (let round = 0; round < rounds; round++) {
      const before = this.#core.effects.length
      const offers: Offer[] = []
      for (const id of only) {
        const agent = this.#agents.get(id)!
        if (agent.offer !== undefined || isEmpty(agent.free)) continue
        agent.offer = {
          id: `o${++this.#offers}`,
          agentId: id,
          hostname: id,
          resources: resourcesOf(agent.free),
          attributes: [],
          role,
        }
        offers.push(agent.offer)
      }
      if (offers.length === 0) return
      this.#core.offers(...offers)
      this.#perform()
      if (this.#core.effects.length === before) return
    }
  }

  /** A task is in this state; one that has ended gives back what it held. */
  tell(taskId: string, state: TaskState): Ready {
    this.#perform()
    const [agentId, agent] = [...this.#agents].find(([, { used }]) => used.has(taskId))!
    const hasEnded = !['TASK_RUNNING', 'TASK_STARTING', 'TASK_UNREACHABLE'].includes(state)
    if (hasEnded) {
      const held = agent.used.get(taskId)!
      agent.used.delete(taskId)
      agent.free = plus(agent.free, held)
    }
    const ready = this.#core.status(taskId, state, { agentId })
    this.#perform()
    // What has become free comes with the rest in another offer.
    if (hasEnded) this.#withdraw(agent)
    return ready
  }

  /** A task has ended and given back what it held, and nobody tells. */
  endUntold(taskId: string): void {
    this.#perform()
    const agent = [...this.#agents.values()].find(({ used }) => used.has(taskId))!
    agent.free = plus(agent.free, agent.used.get(taskId)!)
    agent.used.delete(taskId)
    this.#withdraw(agent)
  }

  /** What was offered and not taken is not offered any more. */
  withdrawAll(): void {
    this.#perform()
    for (const agent of this.#agents.values()) this.#withdraw(agent)
  }

  #withdraw(agent: Agent): void {
    if (agent.offer === undefined) return
    this.#core.engine({ kind: 'offer-rescinded', offerId: agent.offer.id })
    agent.offer = undefined
  }

  /** Everything that was launched runs. */
  runAll(): void {
    for (const { taskId } of this.#core.launched.splice(0)) this.tell(taskId, 'TASK_RUNNING')
  }

  /** It never comes back, and everything on it is lost. */
  lose(id: string): readonly string[] {
    const agent = this.#agents.get(id)!
    const tasks = [...agent.used.keys()]
    for (const taskId of tasks) this.#core.status(taskId, 'TASK_GONE_BY_OPERATOR', { agentId: id })
    this.#withdraw(agent)
    this.#agents.delete(id)
    this.#perform()
    return tasks
  }

  volumesOn(id: string): readonly string[] {
    return [...this.#agents.get(id)!.volumes]
  }

  /** Everything there is for nobody in particular, as on the first day. */
  isBlank(id: string): boolean {
    const { free, used, volumes } = this.#agents.get(id)!
    return used.size === 0 && volumes.size === 0 && free.parcels.length === 0 && free.cpus === whole.cpus
  }

  #perform(): void {
    for (; this.#seen < this.#core.effects.length; this.#seen++) {
      const effect = this.#core.effects[this.#seen]!
      if (effect.kind !== 'accept') continue
      const agent = this.#agents.get(effect.agentId)
      assert(agent?.offer !== undefined && effect.offerIds.includes(agent.offer.id), 'an offer is taken once')
      agent.offer = undefined
      for (const operation of effect.operations) this.#one(agent, operation)
    }
  }

  #one(agent: Agent, operation: Operation): void {
    if (operation.type === 'LAUNCH' || operation.type === 'LAUNCH_GROUP') {
      const shared = operation.type === 'LAUNCH_GROUP' ? operation.executor.resources : []
      operation.tasks.forEach((task, index) => {
        this.#launch(agent, task, index === 0 ? shared : [])
      })
      return
    }
    const rules = {
      role: undefined,
      principal: 'marathon',
      isVolume: (persistenceId: string) => agent.volumes.has(persistenceId),
    }
    const free = performKeeping(agent.free, operation, rules)
    assert(typeof free !== 'string', `a master performs what it is asked for: ${String(free)}`)
    agent.free = free
    agent.volumes.clear()
    for (const { parcels } of [free, ...agent.used.values()]) {
      for (const parcel of parcels) {
        const volume = volumeIdOf(parcel)
        if (volume !== undefined) agent.volumes.add(volume)
      }
    }
  }

  #launch(agent: Agent, { taskId, resources }: TaskInfo, shared: TaskInfo['resources']): void {
    const held = amountsOf([...resources, ...shared])
    const left = minus(agent.free, held)
    assert(
      typeof left !== 'string',
      `a task is launched on what is there, and there is too little ${String(left)}`,
    )
    agent.free = left
    agent.used.set(taskId, held)
  }
}
