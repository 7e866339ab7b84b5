// The simulated cluster: agents, offers, tasks and their statuses, as Mesos has them. No clock and no chance but its
// seed: whoever drives it says what time it is, asks when to come back, and takes the events. What it is told to do
// and cannot be right (more than an agent has, a port twice, two tasks of one instance) is kept as a violation.

import type { EngineEvent } from '../../core/events.ts'
import type {
  AgentId,
  Offer,
  OfferId,
  Operation,
  TaskId,
  TaskInfo,
  TaskState,
  TaskStatus,
} from '../../core/mesos.ts'
import type { EngineEffect } from '../../core/ready.ts'
import { assert, unreachable } from '../../lib/assert.ts'
import { DeadlineHeap } from '../../lib/deadline-heap.ts'
import { after, type Duration, type Instant, millis } from '../../lib/instant.ts'
import { type Rng, stream } from '../../lib/rng.ts'
import { type Amounts, amountsOf, exceeds, isEmpty, minus, plus, resourcesOf } from './amounts.ts'
import { behaviourOf, simCheckOf } from './behaviour.ts'
import type { Loss, SimAgent, SimAgentConfig, SimGroup, SimOffer, SimTask } from './parts.ts'

export interface ClusterOptions {
  readonly agents: readonly SimAgentConfig[]
  /** False: as a shared Mesos, where declined offers stay away and nothing is offered while suppressed. */
  readonly holdsOffers: boolean
  readonly role: string
  readonly seed: number | string
  readonly timing: ClusterTiming
}

/** Lower and upper bound of each delay; equal bounds draw nothing. */
export interface ClusterTiming {
  readonly starting: Span
  readonly running: Span
  readonly killing: Span
  /** How often a shared master makes offers. */
  readonly allocation: Duration
}

export type Span = readonly [least: number, most: number]

export const calmTiming: ClusterTiming = {
  starting: [10, 10],
  running: [90, 90],
  killing: [100, 100],
  allocation: millis(1_000),
}

interface TaskTimer {
  readonly kind: 'starting' | 'running' | 'checked' | 'exit' | 'killed' | 'repeat'
  readonly task: SimTask
  readonly update: number
}

type Timer =
  | TaskTimer
  | { readonly kind: 'allocate' }
  | { readonly kind: 'refusal-over'; readonly agent: SimAgent }

const terminal: ReadonlySet<TaskState> = new Set<TaskState>([
  'TASK_FINISHED',
  'TASK_FAILED',
  'TASK_KILLED',
  'TASK_ERROR',
  'TASK_LOST',
  'TASK_DROPPED',
  'TASK_GONE',
  'TASK_GONE_BY_OPERATOR',
])

const defaultGraceMs = 3_000
const firstRepeat = millis(10_000)
const laterRepeat = millis(20_000)

export class SimCluster {
  readonly violations: string[] = []
  /** Launches taken, for figures. */
  launched = 0
  running = 0
  readonly #options: ClusterOptions
  readonly #rng: Rng
  readonly #agents = new Map<AgentId, SimAgent>()
  readonly #tasks = new Map<TaskId, SimTask>()
  /** Tasks that may run, by the instance they belong to. */
  readonly #byInstance = new Map<string, number>()
  readonly #offers = new Map<OfferId, SimOffer>()
  readonly #timers = new DeadlineHeap<Timer>()
  /** Agents with something free that is not offered. */
  readonly #stale = new Set<SimAgent>()
  #events: EngineEvent[] = []
  #now = 0 as Instant
  #isConnected = false
  #isSuppressed = false
  #isAllocating = false
  #offerCount = 0
  #taskCount = 0

  constructor(options: ClusterOptions) {
    this.#options = options
    this.#rng = stream(options.seed, 'cluster')
    options.agents.forEach((config, index) => {
      const agent: SimAgent = {
        config,
        addresses: [
          { ipAddress: `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`, protocol: 'IPv4' },
        ],
        tasks: new Set(),
        offers: new Set(),
        free: config.total,
        isConnected: true,
        lostAt: undefined,
        refusal: undefined,
      }
      this.#agents.set(config.id, agent)
      this.#stale.add(agent)
    })
  }

  get agents(): ReadonlyMap<AgentId, SimAgent> {
    return this.#agents
  }

  get tasks(): ReadonlyMap<TaskId, SimTask> {
    return this.#tasks
  }

  get isConnected(): boolean {
    return this.#isConnected
  }

  /** When to call `advance` next; undefined: when something else has happened. */
  get nextAt(): Instant | undefined {
    return this.#timers.next
  }

  /** The events since the last call, in order. */
  take(): EngineEvent[] {
    const events = this.#events
    this.#events = []
    return events
  }

  /** A scheduler subscribes: offers of an earlier connection are void, everything is offered anew. */
  connect(now: Instant): void {
    this.#now = now
    this.#voidOffers()
    this.#isConnected = true
    this.#isSuppressed = false
    for (const agent of this.#agents.values()) {
      agent.refusal = undefined
      if (!isEmpty(agent.free)) this.#stale.add(agent)
    }
    const { holdsOffers } = this.#options
    this.#events.push({ kind: 'engine-connected', frameworkId: 'sim-framework', master: 'sim', holdsOffers })
    this.#offerStale()
  }

  /** The connection is lost. Events not yet taken are lost with it. */
  disconnect(now: Instant): void {
    this.#now = now
    this.#isConnected = false
    this.#events = []
    this.#voidOffers()
  }

  /** Lets everything happen that is due. */
  advance(now: Instant): void {
    this.#now = now
    for (let timer = this.#timers.popDue(now); timer !== undefined; timer = this.#timers.popDue(now)) {
      this.#ring(timer)
    }
    this.#offerStale()
  }

  perform(effects: readonly EngineEffect[], now: Instant): void {
    this.#now = now
    for (const effect of effects) this.#performOne(effect)
    this.#offerStale()
  }

  loseAgent(id: AgentId, loss: Loss, now: Instant): void {
    this.#now = now
    const agent = this.#agents.get(id)
    if (agent === undefined || !agent.isConnected) return
    agent.isConnected = false
    agent.lostAt = now
    for (const offer of agent.offers) this.#rescind(offer)
    for (const task of [...agent.tasks]) this.#loseTask(task, loss)
    this.#tell({ kind: 'agent-lost', agentId: id })
  }

  returnAgent(id: AgentId, now: Instant): void {
    this.#now = now
    const agent = this.#agents.get(id)
    if (agent === undefined || agent.isConnected) return
    agent.isConnected = true
    agent.lostAt = undefined
    agent.refusal = undefined
    for (const task of agent.tasks) {
      if (task.unacknowledged.length > 0) this.#send(task)
      else this.#report(task, task.state, 'REASON_SLAVE_REREGISTERED', 'Agent reregistered')
    }
    this.#stale.add(agent)
    this.#offerStale()
  }

  /** Takes an offer back, as an allocator does that has other plans, and offers again. */
  rescindOffers(id: AgentId, now: Instant): void {
    this.#now = now
    const agent = this.#agents.get(id)
    if (agent === undefined) return
    for (const offer of agent.offers) this.#rescind(offer)
    this.#offerStale()
  }

  /** Ends a task by its own doing. */
  failTask(id: TaskId, now: Instant): void {
    this.#now = now
    const task = this.#tasks.get(id)
    if (task !== undefined && !task.hasEnded)
      this.#update(task, 'TASK_FAILED', 'REASON_COMMAND_EXECUTOR_FAILED', 'Command exited with status 1')
    this.#offerStale()
  }

  #performOne(effect: EngineEffect): void {
    switch (effect.kind) {
      case 'accept':
        this.#accept(effect)
        return
      case 'decline':
        for (const id of effect.offerIds) this.#decline(id, effect.refuseFor)
        return
      case 'kill':
        this.#kill(effect.taskId, effect.agentId, effect.gracePeriod)
        return
      case 'acknowledge':
        this.#acknowledge(effect.taskId, effect.uuid)
        return
      case 'reconcile':
        this.#reconcile(effect.tasks)
        return
      case 'revive':
        this.#revive()
        return
      case 'suppress':
        this.#isSuppressed = true
        return
      default:
        unreachable(effect)
    }
  }

  #accept({ offerIds, agentId, operations }: Extract<EngineEffect, { kind: 'accept' }>): void {
    const agent = this.#agents.get(agentId)
    const offers = offerIds.map((id) => this.#offers.get(id))
    const isValid = agent?.isConnected === true && offers.every((offer) => offer?.agent === agent)
    for (const offer of offers) if (offer !== undefined) this.#takeBack(offer)
    for (const operation of operations) {
      if (agent === undefined || !isValid) for (const info of operation.tasks) this.#reportDropped(info)
      else if (operation.type === 'LAUNCH_GROUP') this.#launchGroup(agent, operation)
      else for (const info of operation.tasks) this.#launch(agent, info)
    }
  }

  #launch(agent: SimAgent, info: TaskInfo): void {
    const amounts = amountsOf(info.resources)
    if (!this.#takeFrom(agent, amounts, [info])) return
    this.#addToInstance(info.taskId, 1)
    const task = this.#add(agent, info, amounts)
    if (task.behaviour.start !== 'silent') this.#startSoon(task)
  }

  /** All of them or none: one that never reaches its agent keeps the others from it. */
  #launchGroup(agent: SimAgent, { tasks: infos, executor }: OperationOf<'LAUNCH_GROUP'>): void {
    const own = amountsOf(executor.resources)
    const shares = infos.map(({ resources }) => amountsOf(resources))
    if (infos.length === 0 || !this.#takeFrom(agent, shares.reduce(plus, own), infos)) return
    this.#addToInstance(infos[0]!.taskId, infos.length)
    const group: SimGroup = {
      amounts: own,
      tasks: infos.map((info, i) => this.#add(agent, info, shares[i]!)),
    }
    const arrives = group.tasks.every(({ behaviour }) => behaviour.start !== 'silent')
    for (const task of group.tasks) {
      task.group = group
      if (arrives) this.#startSoon(task)
    }
  }

  /** False, and nothing is taken, when the launch cannot be right; why not is kept as a violation. */
  #takeFrom(agent: SimAgent, amounts: Amounts, infos: readonly TaskInfo[]): boolean {
    const twice = infos.find(({ taskId }) => this.#tasks.has(taskId))
    if (twice !== undefined) {
      this.violations.push(`the task ${twice.taskId} was launched twice`)
      return false
    }
    const left = minus(agent.free, amounts)
    if (typeof left === 'string') {
      this.violations.push(`agent ${agent.config.id} has too little ${left} for ${infos[0]!.taskId}`)
      return false
    }
    agent.free = left
    return true
  }

  #addToInstance(taskId: TaskId, count: number): void {
    const instance = instanceOf(taskId)
    const before = this.#byInstance.get(instance)
    if (before !== undefined)
      this.violations.push(`instance ${instance} was launched while its last task may run`)
    this.#byInstance.set(instance, (before ?? 0) + count)
  }

  #startSoon(task: SimTask): void {
    this.#schedule(this.#draw(this.#options.timing.starting), 'starting', task)
  }

  #add(agent: SimAgent, info: TaskInfo, amounts: Amounts): SimTask {
    const task: SimTask = {
      id: info.taskId,
      serial: ++this.#taskCount,
      agent,
      amounts,
      behaviour: behaviourOf(info),
      check: info.check === undefined ? undefined : simCheckOf(info.check),
      checked: undefined,
      graceMs: info.killGracePeriod ?? defaultGraceMs,
      group: undefined,
      state: 'TASK_STAGING',
      hasEnded: false,
      isKillUnderWay: false,
      unacknowledged: [],
      updates: 0,
      sent: 0,
    }
    this.launched++
    this.#tasks.set(task.id, task)
    agent.tasks.add(task)
    return task
  }

  #reportDropped(info: TaskInfo): void {
    this.#tell({
      kind: 'status',
      status: {
        taskId: info.taskId,
        agentId: info.agentId,
        state: 'TASK_DROPPED',
        timestamp: this.#now,
        reason: 'REASON_INVALID_OFFERS',
        message: 'The offer is no longer valid',
      },
    })
  }

  #ring(timer: Timer): void {
    if (timer.kind === 'allocate') {
      this.#isAllocating = false
      this.#makeOffers()
      return
    }
    if (timer.kind === 'refusal-over') {
      const { agent } = timer
      if (agent.refusal !== undefined && agent.refusal.until <= this.#now) {
        agent.refusal = undefined
        this.#stale.add(agent)
      }
      return
    }
    const { kind, task } = timer
    if (kind === 'repeat') {
      if (task.unacknowledged.length > 0 && task.unacknowledged[0]!.uuid === `${task.serial}-${timer.update}`)
        this.#send(task)
      return
    }
    if (task.hasEnded) return
    if (kind === 'starting') {
      this.#update(task, 'TASK_STARTING')
      if (task.behaviour.start === 'normal')
        this.#schedule(this.#draw(this.#options.timing.running), 'running', task)
    } else if (kind === 'running') {
      if (task.isKillUnderWay) return
      this.#update(task, 'TASK_RUNNING')
      if (task.behaviour.runsFor !== undefined) this.#schedule(task.behaviour.runsFor, 'exit', task)
      if (task.check !== undefined) this.#schedule(task.check.delay, 'checked', task)
    } else if (kind === 'checked') {
      if (task.isKillUnderWay) return
      task.checked = task.check?.result
      this.#update(task, 'TASK_RUNNING', 'REASON_TASK_CHECK_STATUS_UPDATED')
    } else if (kind === 'killed') {
      this.#update(task, 'TASK_KILLED', undefined, 'Command terminated with signal Terminated')
    } else {
      const { exitCode } = task.behaviour
      if (exitCode === 0) this.#update(task, 'TASK_FINISHED', undefined, 'Command exited with status 0')
      else
        this.#update(
          task,
          'TASK_FAILED',
          'REASON_COMMAND_EXECUTOR_FAILED',
          `Command exited with status ${exitCode}`,
        )
    }
  }

  /** A status of the agent's: repeated until it is acknowledged, and later ones of the task wait for that. */
  #update(task: SimTask, state: TaskState, reason?: string, message?: string): void {
    if (state === 'TASK_RUNNING' && task.state !== state) this.running++
    if (terminal.has(state)) this.#end(task)
    task.state = state
    task.updates++
    const { agent } = task
    task.unacknowledged.push({
      taskId: task.id,
      agentId: agent.config.id,
      state,
      timestamp: this.#now,
      uuid: `${task.serial}-${task.updates}`,
      ...(task.checked === undefined ? {} : { check: task.checked }),
      ...(reason === undefined ? {} : { reason }),
      ...(message === undefined ? {} : { message }),
      ...(state === 'TASK_RUNNING' ? { ipAddresses: agent.addresses } : {}),
    })
    if (task.unacknowledged.length === 1) {
      task.sent = 0
      this.#send(task)
    }
    if (state === 'TASK_FAILED' || state === 'TASK_KILLED') this.#endGroup(task)
  }

  /** One that failed or was killed takes the others with it; one that ended well does not. */
  #endGroup({ group }: SimTask): void {
    for (const task of group?.tasks ?? []) this.#killSoon(task, undefined)
  }

  #end(task: SimTask): void {
    if (task.hasEnded) return
    task.hasEnded = true
    if (task.state === 'TASK_RUNNING') this.running--
    const instance = instanceOf(task.id)
    const left = this.#byInstance.get(instance)! - 1
    if (left === 0) this.#byInstance.delete(instance)
    else this.#byInstance.set(instance, left)
    const { agent, amounts, group } = task
    agent.free = plus(agent.free, amounts)
    if (group?.tasks.every(({ hasEnded }) => hasEnded)) agent.free = plus(agent.free, group.amounts)
    this.#stale.add(agent)
  }

  #send(task: SimTask): void {
    const status = task.unacknowledged[0]!
    task.sent++
    const update = Number(status.uuid!.slice(status.uuid!.indexOf('-') + 1))
    this.#timers.add(after(this.#now, task.sent === 1 ? firstRepeat : laterRepeat), {
      kind: 'repeat',
      task,
      update,
    })
    if (task.agent.isConnected) this.#tell({ kind: 'status', status })
  }

  #acknowledge(id: TaskId, uuid: string): void {
    const task = this.#tasks.get(id)
    if (task === undefined || !task.agent.isConnected || task.unacknowledged[0]?.uuid !== uuid) return
    task.unacknowledged.shift()
    task.sent = 0
    if (task.unacknowledged.length > 0) this.#send(task)
    else if (task.hasEnded) this.#forget(task)
  }

  #forget(task: SimTask): void {
    this.#tasks.delete(task.id)
    task.agent.tasks.delete(task)
  }

  #kill(id: TaskId, agentId: AgentId | undefined, grace: Duration | undefined): void {
    const task = this.#tasks.get(id)
    if (task === undefined || !task.agent.isConnected) {
      this.#answer(id, agentId)
      return
    }
    this.#killSoon(task, grace)
  }

  #killSoon(task: SimTask, grace: Duration | undefined): void {
    if (task.hasEnded || task.isKillUnderWay) return
    task.isKillUnderWay = true
    const delay = this.#draw(this.#options.timing.killing)
    this.#schedule(
      task.behaviour.ignoresTerm ? millis(delay + (grace ?? task.graceMs)) : delay,
      'killed',
      task,
    )
  }

  #reconcile(tasks: readonly { readonly taskId: TaskId; readonly agentId?: AgentId }[]): void {
    if (tasks.length > 0) {
      for (const { taskId, agentId } of tasks) this.#answer(taskId, agentId)
      return
    }
    for (const task of this.#tasks.values())
      if (task.agent.isConnected) this.#answer(task.id, task.agent.config.id)
  }

  /** What the master knows of a task. */
  #answer(id: TaskId, agentId: AgentId | undefined): void {
    const task = this.#tasks.get(id)
    const agent = agentId === undefined ? undefined : this.#agents.get(agentId)
    if (task?.agent.isConnected === true) {
      this.#report(task, task.state, 'REASON_RECONCILIATION', 'Reconciliation: Latest task state')
    } else if (task !== undefined && agent !== undefined) {
      this.#report(task, 'TASK_UNREACHABLE', 'REASON_RECONCILIATION', 'Reconciliation: Task is unreachable')
    } else {
      const isAgentKnown = agent !== undefined
      this.#tell({
        kind: 'status',
        status: {
          taskId: id,
          ...(agentId === undefined ? {} : { agentId }),
          state: isAgentKnown ? 'TASK_GONE' : 'TASK_UNKNOWN',
          timestamp: this.#now,
          reason: 'REASON_RECONCILIATION',
          message: `Reconciliation: Task is unknown to the ${isAgentKnown ? 'agent' : 'master'}`,
        },
      })
    }
  }

  /** A status of the master's own: not repeated, no acknowledgement wanted. */
  #report(task: SimTask, state: TaskState, reason: string, message: string): void {
    const { agent } = task
    const status: TaskStatus = {
      taskId: task.id,
      agentId: agent.config.id,
      state,
      timestamp: this.#now,
      reason,
      message,
      ...(task.checked === undefined ? {} : { check: task.checked }),
      ...(state === 'TASK_RUNNING' ? { ipAddresses: agent.addresses } : {}),
      ...(state === 'TASK_UNREACHABLE' && agent.lostAt !== undefined
        ? { unreachableSince: agent.lostAt }
        : {}),
    }
    this.#tell({ kind: 'status', status })
  }

  #loseTask(task: SimTask, loss: Loss): void {
    const wasEnded = task.hasEnded
    switch (loss) {
      case 'partition':
        break
      case 'crash':
        if (!wasEnded)
          this.#update(
            task,
            'TASK_GONE',
            'REASON_SLAVE_RESTARTED',
            'The agent has restarted without the task',
          )
        break
      case 'lost':
      case 'gone':
        this.#end(task)
        this.#forget(task)
        task.unacknowledged = []
        break
      default:
        unreachable(loss)
    }
    if (wasEnded && loss !== 'gone') return
    if (loss === 'lost') this.#report(task, 'TASK_LOST', 'REASON_SLAVE_DISCONNECTED', 'The agent is gone')
    else if (loss === 'gone') this.#report(task, 'TASK_GONE', 'REASON_SLAVE_REMOVED', 'The agent is gone')
    else this.#report(task, 'TASK_UNREACHABLE', 'REASON_SLAVE_REMOVED', 'The agent does not answer')
  }

  #revive(): void {
    this.#isSuppressed = false
    for (const agent of this.#agents.values()) {
      agent.refusal = undefined
      if (!isEmpty(agent.free)) this.#stale.add(agent)
    }
  }

  #decline(id: OfferId, refuseFor: Duration): void {
    const offer = this.#offers.get(id)
    if (offer === undefined) return
    this.#takeBack(offer)
    const { agent } = offer
    const until = after(this.#now, refuseFor)
    agent.refusal = { until, amounts: agent.free }
    this.#stale.delete(agent)
    this.#timers.add(until, { kind: 'refusal-over', agent })
  }

  #rescind(offer: SimOffer): void {
    this.#takeBack(offer)
    this.#tell({ kind: 'offer-rescinded', offerId: offer.id })
  }

  #takeBack(offer: SimOffer): void {
    this.#offers.delete(offer.id)
    offer.agent.offers.delete(offer)
    offer.agent.free = plus(offer.agent.free, offer.amounts)
    this.#stale.add(offer.agent)
  }

  #voidOffers(): void {
    for (const offer of [...this.#offers.values()]) this.#takeBack(offer)
  }

  #offerStale(): void {
    if (!this.#isConnected || this.#stale.size === 0) return
    if (this.#options.holdsOffers) {
      this.#makeOffers()
    } else if (!this.#isAllocating) {
      this.#isAllocating = true
      this.#timers.add(after(this.#now, this.#options.timing.allocation), { kind: 'allocate' })
    }
  }

  #makeOffers(): void {
    if (!this.#isConnected || this.#isSuppressed) return
    const offers: Offer[] = []
    for (const agent of this.#stale) {
      this.#stale.delete(agent)
      if (!agent.isConnected) continue
      // One offer per agent where offers are held: what became free goes out together with what was out already.
      if (this.#options.holdsOffers) for (const offer of agent.offers) this.#rescind(offer)
      this.#stale.delete(agent)
      if (isEmpty(agent.free) || isRefused(agent)) continue
      agent.refusal = undefined
      offers.push(this.#offer(agent))
    }
    if (offers.length > 0) this.#tell({ kind: 'offers', offers })
  }

  #offer(agent: SimAgent): Offer {
    const { config } = agent
    const offer: SimOffer = { id: `offer-${++this.#offerCount}`, agent, amounts: agent.free }
    agent.free = { cpus: 0, mem: 0, disk: 0, gpus: 0, ports: [] }
    this.#offers.set(offer.id, offer)
    agent.offers.add(offer)
    return {
      id: offer.id,
      agentId: config.id,
      hostname: config.hostname,
      resources: resourcesOf(offer.amounts),
      attributes: config.attributes,
      ...(this.#options.holdsOffers ? {} : { role: this.#options.role }),
      ...(config.region === undefined ? {} : { region: config.region }),
      ...(config.zone === undefined ? {} : { zone: config.zone }),
    }
  }

  #tell(event: EngineEvent): void {
    if (this.#isConnected) this.#events.push(event)
  }

  #draw([least, most]: Span): Duration {
    assert(least <= most, 'a span of delays begins before it ends')
    return millis(least === most ? least : least + this.#rng.int(most - least + 1))
  }

  #schedule(delay: Duration, kind: Exclude<TaskTimer['kind'], 'repeat'>, task: SimTask): void {
    this.#timers.add(after(this.#now, delay), { kind, task, update: 0 })
  }
}

/** A refused agent is offered again early when it has more than was refused. */
const isRefused = (agent: SimAgent): boolean =>
  agent.refusal !== undefined && !exceeds(agent.free, agent.refusal.amounts)

/** The instance part of a task id of ours: all but name and attempt. */
const instanceOf = (taskId: TaskId): string =>
  taskId.slice(0, taskId.lastIndexOf('.', taskId.lastIndexOf('.') - 1))

type OperationOf<T extends Operation['type']> = Extract<Operation, { readonly type: T }>
