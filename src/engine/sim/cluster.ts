// The simulated cluster, as its master: agents come and go, offers go out, launches, kills and questions come in. No
// clock and no chance but its seed: whoever drives it says what time it is, asks when to come back, and takes the
// events. What it is told to do and cannot be right is kept as a violation.

import type { EngineEvent } from '../../core/events.ts'
import { type AgentId, launchedTasks, type TaskId } from '../../core/mesos.ts'
import type { EngineEffect } from '../../core/ready.ts'
import type { Registration } from '../../core/registration/registration.ts'
import { unreachable } from '../../lib/assert.ts'
import type { Duration, Instant } from '../../lib/instant.ts'
import { stream } from '../../lib/rng.ts'
import { agentAddress } from './addresses.ts'
import { Agenda } from './agenda.ts'
import { type Listener, Listeners } from './listeners.ts'
import { Maintenance } from './maintenance.ts'
import { Offers } from './offers.ts'
import { type Keeping, operationOf, performKeeping, type Tidying } from './operations.ts'
import type { Loss, SimAgent, SimAgentConfig, SimTask, Unavailability } from './parts.ts'
import { newAgent, Registry } from './registry.ts'
import { Statuses } from './statuses.ts'
import { Subscription } from './subscription.ts'
import { Tasks } from './tasks.ts'
import type { ClusterTiming } from './timing.ts'
import { Volumes } from './volumes.ts'

export interface ClusterOptions {
  readonly agents: readonly SimAgentConfig[]
  /** False: as a shared Mesos, where declined offers stay away and nothing is offered while suppressed. */
  readonly holdsOffers: boolean
  /** Of a scheduler that does not say in which it is. */
  readonly role: string
  readonly seed: number | string
  readonly timing: ClusterTiming
  /** What may reserve; absent: whoever says so. */
  readonly principal?: string
  /** How long the framework may be away before all of it is ended; absent: for ever. */
  readonly failoverTimeout?: Duration
}

export class SimCluster {
  readonly #options: ClusterOptions
  readonly #registry: Registry
  readonly #agenda = new Agenda()
  readonly #scheduler = new Subscription()
  readonly #statuses = new Statuses(this.#agenda, this.#scheduler)
  readonly #volumes = new Volumes()
  readonly #offers: Offers
  readonly #listeners: Listeners
  readonly #tasks: Tasks
  readonly #maintenance: Maintenance
  readonly #violations: string[] = []
  #frameworkId = firstFramework
  #frameworks = 0
  readonly #removed = new Set<string>()
  #connections = 0

  constructor(options: ClusterOptions) {
    this.#options = options
    const { agents, holdsOffers, role, seed, timing } = options
    const known = new Map(agents.map((config, index) => [config.id, newAgent(config, [agentAddress(index)])]))
    const rules = { holdsOffers, roles: [role], allocation: timing.allocation }
    this.#offers = new Offers(rules, this.#agenda, this.#scheduler, known)
    this.#listeners = new Listeners(known)
    this.#tasks = new Tasks({
      timing,
      rng: stream(seed, 'cluster'),
      agenda: this.#agenda,
      scheduler: this.#scheduler,
      statuses: this.#statuses,
      offers: this.#offers,
      listeners: this.#listeners,
      volumes: this.#volumes,
    })
    this.#registry = new Registry({
      agents: known,
      rng: stream(seed, 'master'),
      agenda: this.#agenda,
      scheduler: this.#scheduler,
      statuses: this.#statuses,
      offers: this.#offers,
      listeners: this.#listeners,
      volumes: this.#volumes,
      tasks: this.#tasks,
    })
    this.#maintenance = new Maintenance({
      agenda: this.#agenda,
      scheduler: this.#scheduler,
      offers: this.#offers,
      down: (agent) => this.#registry.lose(agent, 'down'),
      up: (agent) => this.#registry.welcome(agent),
    })
  }

  get agents(): ReadonlyMap<AgentId, SimAgent> {
    return this.#registry.agents
  }

  get tasks(): ReadonlyMap<TaskId, SimTask> {
    return this.#tasks.all
  }

  get violations(): readonly string[] {
    return this.#violations.length === 0
      ? this.#tasks.violations
      : [...this.#violations, ...this.#tasks.violations]
  }

  get volumes(): Volumes {
    return this.#volumes
  }

  get maintenance(): Maintenance {
    return this.#maintenance
  }

  get frameworkId(): string {
    return this.#frameworkId
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
  connect(now: Instant, registration?: Registration): void {
    this.#agenda.now = now
    this.#connections++
    this.#offers.recall()
    this.#scheduler.open()
    const { frameworkId = registration === undefined ? this.#frameworkId : undefined } = registration ?? {}
    const { roles, suppressedRoles } = registration ?? { roles: [this.#options.role], suppressedRoles: [] }
    if (frameworkId !== undefined && this.#removed.has(frameworkId)) {
      this.#scheduler.tell({ kind: 'engine-failed', message: 'Framework has been removed', isRemoved: true })
      this.#scheduler.end()
      return
    }
    this.#frameworkId = frameworkId ?? this.#newFramework()
    this.#offers.forgiveAll()
    this.#scheduler.tell({
      kind: 'engine-connected',
      frameworkId: this.#frameworkId,
      master: 'sim',
      holdsOffers: this.#options.holdsOffers,
      reserves: true,
      ...(registration === undefined ? {} : { subscribed: { roles, suppressedRoles } }),
    })
    this.#offers.setRoles({ roles, suppressedRoles })
    this.#maintenance.askAgain()
    this.#offers.offerStale()
  }

  /** The connection is lost. Events not yet taken are lost with it. */
  disconnect(now: Instant): void {
    this.#agenda.now = now
    this.#scheduler.close()
    this.#offers.recall()
    const { failoverTimeout } = this.#options
    if (failoverTimeout === undefined) return
    const connection = this.#connections
    this.#agenda.in(failoverTimeout, () => {
      if (connection === this.#connections) this.#removeFramework()
    })
  }

  /** Another master takes over: it knows of every agent, and hears of each again after a while. */
  failOver(now: Instant): void {
    this.#agenda.now = now
    this.#scheduler.close()
    this.#offers.recall()
    this.#registry.failOver()
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
    const agent = this.agents.get(id)
    if (agent === undefined) return
    this.#registry.lose(agent, loss)
    this.#offers.offerStale()
  }

  /** Of one that was given up, what comes is another agent. */
  returnAgent(id: AgentId, now: Instant): void {
    this.#agenda.now = now
    this.#registry.bringBack(id)
    this.#offers.offerStale()
  }

  /** An operator announces maintenance of an agent, or takes it back. */
  plan(id: AgentId, unavailability: Unavailability | undefined, now: Instant): void {
    this.#agenda.now = now
    const agent = this.agents.get(id)
    if (agent === undefined) return
    if (unavailability === undefined) this.#maintenance.cancel(agent)
    else this.#maintenance.schedule(agent, unavailability)
    this.#offers.offerStale()
  }

  /** An operator destroys a volume, or frees what is reserved with these labels. False: it is in use, or not there. */
  tidyUp(id: AgentId, what: Tidying, now: Instant): boolean {
    this.#agenda.now = now
    const agent = this.agents.get(id)
    if (agent?.isConnected !== true) return false
    this.#offers.rescind(agent)
    const operation = operationOf(what, agent.free)
    const isDone = operation !== undefined && this.#keep(agent, operation, 'operator') === undefined
    this.#offers.offerStale()
    return isDone
  }

  /** Takes an offer back, as an allocator does that has other plans, and offers again. */
  rescindOffers(id: AgentId, now: Instant): void {
    this.#agenda.now = now
    const agent = this.agents.get(id)
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

  /** The executor of a task dies. */
  failExecutor(id: TaskId, now: Instant): void {
    this.#agenda.now = now
    const task = this.#tasks.all.get(id)
    if (task !== undefined) this.#tasks.failExecutor(task)
    this.#offers.offerStale()
  }

  /** A task ends, and no status ever tells of it: the agent has lost what it was about to tell. */
  forgetTask(id: TaskId, now: Instant): void {
    this.#agenda.now = now
    const task = this.#tasks.all.get(id)
    if (task !== undefined) for (const each of task.group?.tasks ?? [task]) this.#tasks.forget(each)
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
        this.#offers.revive(effect.roles)
        return
      case 'suppress':
        this.#offers.suppress(effect.roles)
        return
      case 'update-framework':
        this.#offers.setRoles(effect)
        return
      case 'answer-inverse-offers':
        this.#maintenance.answer(effect.offerIds, effect.answer, effect.refuseFor)
        return
      default:
        unreachable(effect)
    }
  }

  #accept({ offerIds, agentId, operations }: Extract<EngineEffect, { kind: 'accept' }>): void {
    const agent = this.agents.get(agentId)
    const offer = this.#offers.accept(offerIds, agent)
    for (const operation of operations) {
      if (agent === undefined || offer === undefined)
        for (const info of launchedTasks(operation)) this.#statuses.reportDropped(info)
      else if (operation.type === 'LAUNCH')
        for (const info of operation.tasks) this.#tasks.launch(agent, info)
      else if (operation.type === 'LAUNCH_GROUP') this.#tasks.launchGroup(agent, operation)
      else {
        const refused = this.#keep(agent, operation, 'framework', offer.role)
        if (refused !== undefined) this.#violations.push(refused)
      }
    }
  }

  /** Why not; undefined: it is done. */
  #keep(
    agent: SimAgent,
    operation: Keeping,
    by: 'framework' | 'operator',
    role?: string,
  ): string | undefined {
    const { id } = agent.config
    const free = performKeeping(agent.free, operation, {
      role,
      principal: by === 'operator' ? undefined : this.#options.principal,
      isVolume: (persistenceId) => this.#volumes.get(id, persistenceId) !== undefined,
    })
    if (typeof free === 'string') return `agent ${id}: ${free}`
    agent.free = free
    this.#volumes.follow(id, operation, by)
    return undefined
  }

  #newFramework(): string {
    this.#frameworks++
    return this.#frameworks === 1 ? firstFramework : `${firstFramework}-${this.#frameworks}`
  }

  /** Its tasks are ended. What it has reserved stays. */
  #removeFramework(): void {
    this.#removed.add(this.#frameworkId)
    for (const task of [...this.#tasks.all.values()]) this.#tasks.forget(task)
  }

  #reconcile(tasks: readonly { readonly taskId: TaskId; readonly agentId?: AgentId }[]): void {
    if (tasks.length > 0) {
      for (const { taskId, agentId } of tasks) this.#answer(taskId, agentId)
      return
    }
    for (const task of this.#tasks.all.values())
      if (task.agent.isConnected) this.#answer(task.id, task.agent.config.id)
  }

  /** What the master knows of a task. While it has not heard of the agent again, or of some, nothing at all. */
  #answer(id: TaskId, agentId: AgentId | undefined): void {
    const task = this.#tasks.all.get(id)
    if (task?.agent.isConnected === true) {
      this.#statuses.report(task, task.state, 'REASON_RECONCILIATION', 'Reconciliation: Latest task state')
      return
    }
    const standing = this.#registry.standingOf(agentId)
    if (standing !== undefined) this.#statuses.reportUnknown(id, agentId, standing)
  }
}

const firstFramework = 'sim-framework'
