// The simulated cluster, as its master: agents come and go, offers go out, launches, kills and questions come in. No
// clock and no chance but its seed: whoever drives it says what time it is, asks when to come back, and takes the
// events. What it is told to do and cannot be right is kept as a violation.

import type { EngineEvent } from '../../core/events.ts'
import { type AgentId, launchedTasks, type TaskId } from '../../core/mesos.ts'
import type { EngineEffect } from '../../core/ready.ts'
import { unreachable } from '../../lib/assert.ts'
import type { Instant } from '../../lib/instant.ts'
import { stream } from '../../lib/rng.ts'
import { agentAddress } from './addresses.ts'
import { Agenda } from './agenda.ts'
import { type Listener, Listeners } from './listeners.ts'
import { Offers } from './offers.ts'
import type { Loss, SimAgent, SimAgentConfig, SimTask } from './parts.ts'
import { Statuses } from './statuses.ts'
import { Subscription } from './subscription.ts'
import { Tasks } from './tasks.ts'
import type { ClusterTiming } from './timing.ts'

export interface ClusterOptions {
  readonly agents: readonly SimAgentConfig[]
  /** False: as a shared Mesos, where declined offers stay away and nothing is offered while suppressed. */
  readonly holdsOffers: boolean
  readonly role: string
  readonly seed: number | string
  readonly timing: ClusterTiming
}

export class SimCluster {
  readonly #holdsOffers: boolean
  readonly #agents: ReadonlyMap<AgentId, SimAgent>
  readonly #agenda = new Agenda()
  readonly #scheduler = new Subscription()
  readonly #statuses = new Statuses(this.#agenda, this.#scheduler)
  readonly #offers: Offers
  readonly #listeners: Listeners
  readonly #tasks: Tasks

  constructor({ agents, holdsOffers, role, seed, timing }: ClusterOptions) {
    this.#holdsOffers = holdsOffers
    this.#agents = new Map(agents.map((config, index) => [config.id, newAgent(config, index)]))
    const { allocation } = timing
    this.#offers = new Offers({ holdsOffers, role, allocation }, this.#agenda, this.#scheduler, this.#agents)
    this.#listeners = new Listeners(this.#agents)
    this.#tasks = new Tasks({
      timing,
      rng: stream(seed, 'cluster'),
      agenda: this.#agenda,
      statuses: this.#statuses,
      offers: this.#offers,
      listeners: this.#listeners,
    })
  }

  get agents(): ReadonlyMap<AgentId, SimAgent> {
    return this.#agents
  }

  get tasks(): ReadonlyMap<TaskId, SimTask> {
    return this.#tasks.all
  }

  get violations(): readonly string[] {
    return this.#tasks.violations
  }

  /** Launches taken, for figures. */
  get launched(): number {
    return this.#tasks.launched
  }

  get running(): number {
    return this.#tasks.running
  }

  get isConnected(): boolean {
    return this.#scheduler.isOpen
  }

  /** When to call `advance` next; undefined: when something else has happened. */
  get nextAt(): Instant | undefined {
    return this.#agenda.nextAt
  }

  /** The events since the last call, in order. */
  take(): EngineEvent[] {
    return this.#scheduler.take()
  }

  /** A scheduler subscribes: offers of an earlier connection are void, everything is offered anew. */
  connect(now: Instant): void {
    this.#agenda.now = now
    this.#offers.recall()
    this.#scheduler.open()
    this.#scheduler.tell({
      kind: 'engine-connected',
      frameworkId: 'sim-framework',
      master: 'sim',
      holdsOffers: this.#holdsOffers,
    })
    this.#offers.revive()
    this.#offers.offerStale()
  }

  /** The connection is lost. Events not yet taken are lost with it. */
  disconnect(now: Instant): void {
    this.#agenda.now = now
    this.#scheduler.close()
    this.#offers.recall()
  }

  /** Lets everything happen that is due. */
  advance(now: Instant): void {
    this.#agenda.advance(now)
    this.#offers.offerStale()
  }

  perform(effects: readonly EngineEffect[], now: Instant): void {
    this.#agenda.now = now
    for (const effect of effects) this.#performOne(effect)
    this.#offers.offerStale()
  }

  loseAgent(id: AgentId, loss: Loss, now: Instant): void {
    this.#agenda.now = now
    const agent = this.#agents.get(id)
    if (agent === undefined || !agent.isConnected) return
    agent.isConnected = false
    agent.lostAt = now
    this.#offers.rescind(agent)
    for (const task of [...agent.tasks]) this.#tasks.lose(task, loss)
    this.#scheduler.tell({ kind: 'agent-lost', agentId: id })
  }

  returnAgent(id: AgentId, now: Instant): void {
    this.#agenda.now = now
    const agent = this.#agents.get(id)
    if (agent === undefined || agent.isConnected) return
    agent.isConnected = true
    agent.lostAt = undefined
    for (const task of agent.tasks) {
      if (task.unacknowledged.length > 0) this.#statuses.send(task)
      else this.#statuses.report(task, task.state, 'REASON_SLAVE_REREGISTERED', 'Agent reregistered')
    }
    this.#offers.welcome(agent)
    this.#offers.offerStale()
  }

  /** Takes an offer back, as an allocator does that has other plans, and offers again. */
  rescindOffers(id: AgentId, now: Instant): void {
    this.#agenda.now = now
    const agent = this.#agents.get(id)
    if (agent === undefined) return
    this.#offers.rescind(agent)
    this.#offers.offerStale()
  }

  /** Ends a task by its own doing. */
  failTask(id: TaskId, now: Instant): void {
    this.#agenda.now = now
    const task = this.#tasks.all.get(id)
    if (task !== undefined) this.#tasks.fail(task)
    this.#offers.offerStale()
  }

  /** A running task turns so, whatever its command says. */
  setHealth(id: TaskId, isHealthy: boolean, now: Instant): void {
    this.#agenda.now = now
    const task = this.#tasks.all.get(id)
    if (task !== undefined) this.#tasks.setHealth(task, isHealthy)
  }

  /** Who would answer a question from outside. */
  listenerAt(address: string, port: number): Listener {
    return this.#listeners.at(address, port)
  }

  #performOne(effect: EngineEffect): void {
    switch (effect.kind) {
      case 'accept':
        this.#accept(effect)
        return
      case 'decline':
        for (const id of effect.offerIds) this.#offers.decline(id, effect.refuseFor)
        return
      case 'kill': {
        const task = this.#tasks.all.get(effect.taskId)
        if (task?.agent.isConnected === true) this.#tasks.kill(task, effect.gracePeriod)
        else this.#answer(effect.taskId, effect.agentId)
        return
      }
      case 'acknowledge': {
        const task = this.#tasks.all.get(effect.taskId)
        if (task !== undefined) this.#tasks.acknowledge(task, effect.uuid)
        return
      }
      case 'reconcile':
        this.#reconcile(effect.tasks)
        return
      case 'revive':
        this.#offers.revive()
        return
      case 'suppress':
        this.#offers.suppress()
        return
      case 'update-framework':
      case 'answer-inverse-offers':
        return
      default:
        unreachable(effect)
    }
  }

  #accept({ offerIds, agentId, operations }: Extract<EngineEffect, { kind: 'accept' }>): void {
    const agent = this.#agents.get(agentId)
    const isValid = this.#offers.accept(offerIds, agent)
    for (const operation of operations) {
      if (agent === undefined || !isValid)
        for (const info of launchedTasks(operation)) this.#statuses.reportDropped(info)
      else if (operation.type === 'LAUNCH_GROUP') this.#tasks.launchGroup(agent, operation)
      else for (const info of launchedTasks(operation)) this.#tasks.launch(agent, info)
    }
  }

  #reconcile(tasks: readonly { readonly taskId: TaskId; readonly agentId?: AgentId }[]): void {
    if (tasks.length > 0) {
      for (const { taskId, agentId } of tasks) this.#answer(taskId, agentId)
      return
    }
    for (const task of this.#tasks.all.values())
      if (task.agent.isConnected) this.#answer(task.id, task.agent.config.id)
  }

  /** What the master knows of a task. */
  #answer(id: TaskId, agentId: AgentId | undefined): void {
    const task = this.#tasks.all.get(id)
    const isAgentKnown = agentId !== undefined && this.#agents.has(agentId)
    const reason = 'REASON_RECONCILIATION'
    if (task?.agent.isConnected === true)
      this.#statuses.report(task, task.state, reason, 'Reconciliation: Latest task state')
    else if (task !== undefined && isAgentKnown)
      this.#statuses.report(task, 'TASK_UNREACHABLE', reason, 'Reconciliation: Task is unreachable')
    else this.#statuses.reportUnknown(id, agentId, isAgentKnown)
  }
}

const newAgent = (config: SimAgentConfig, index: number): SimAgent => ({
  config,
  addresses: [agentAddress(index)],
  tasks: new Set(),
  offers: new Set(),
  free: config.total,
  isConnected: true,
  lostAt: undefined,
  refusal: undefined,
})
