// A master: frameworks, agents that are registered with it, offers. It knows of tasks what agents tell it. Several can
// live in one cluster, one after the other or, as it should not be, beside each other.

import { randomUUID } from 'node:crypto'
import { accept } from './accept.ts'
import { type Agent, type AgentListener, type AgentTask, type Executor, urlOf } from './agent.ts'
import { allocate, takers } from './allocation.ts'
import { type EventSink, type FakeOffer, Framework, infoError } from './framework.ts'
import { Maintenance } from './maintenance.ts'
import { Membership, type Registered } from './membership.ts'
import { reconcile } from './reconciliation.ts'
import { add, type Bundle, quantity, subtract, toWire } from './resources.ts'
import type { Timers, Timing } from './timing.ts'
import {
  terminalStates,
  type WireCall,
  type WireFilters,
  type WireFrameworkInfo,
  type WireStatus,
} from './wire.ts'

const defaultFilterSeconds = 5

export class Master implements AgentListener {
  readonly id = randomUUID()
  readonly port: number
  readonly membership: Membership
  readonly frameworks = new Map<string, Framework>()
  readonly removedFrameworks = new Set<string>()
  readonly maintenance: Maintenance
  readonly startTime: number
  readonly #timers: Timers
  readonly #timing: Timing
  #offers = 0
  #frameworkIds = 0
  #isClosed = false

  constructor(port: number, parts: { readonly timers: Timers; readonly timing: Timing }) {
    this.port = port
    this.#timers = parts.timers
    this.#timing = parts.timing
    this.membership = new Membership(this, parts)
    this.maintenance = new Maintenance(this, this.#timers)
    this.startTime = this.#timers.now() / 1_000
    const round = (): void => {
      if (this.#isClosed) return
      this.allocate(this.agents.values())
      this.#timers.after(this.#timing.allocationMs, round)
    }
    this.#timers.after(this.#timing.allocationMs, round)
  }

  get agents(): ReadonlyMap<string, Registered> {
    return this.membership.agents
  }

  get masterInfo(): Readonly<Record<string, unknown>> {
    return {
      id: this.id,
      ip: 16_777_343,
      port: this.port,
      pid: `master@127.0.0.1:${this.port}`,
      hostname: '127.0.0.1',
      version: '1.12.0',
      address: { hostname: '127.0.0.1', ip: '127.0.0.1', port: this.port },
      capabilities: [{ type: 'AGENT_UPDATE' }, { type: 'AGENT_DRAINING' }, { type: 'QUOTA_V2' }],
    }
  }

  /** No more rounds; streams break as if the process had died. */
  close(): void {
    this.#isClosed = true
    for (const framework of this.frameworks.values()) this.#timers.cancel(framework.heartbeat)
  }

  /** @returns the framework, or undefined when the stream has told an error and is closed */
  subscribe(
    call: NonNullable<WireCall['subscribe']>,
    principal: string | undefined,
    sink: EventSink,
    streamId: string,
  ): Framework | undefined {
    const { framework_info: info } = call
    const id = info.id?.value
    const problem =
      infoError(info) ?? (id !== undefined && this.removedFrameworks.has(id) ? removed : undefined)
    if (problem !== undefined) {
      sink.send({ type: 'ERROR', error: { message: problem } })
      sink.close()
      return undefined
    }
    const framework = this.#frameworkOf(id, info)
    const wasConnected = framework.isConnected
    this.#disconnect(framework, (old) => {
      old.send({ type: 'ERROR', error: { message: 'Framework failed over' } })
      old.close()
    })
    this.#timers.cancel(framework.failover)
    framework.update(info)
    framework.principal = principal
    framework.sink = sink
    framework.streamId = streamId
    this.#setAppetite(framework, call)
    framework.send({
      type: 'SUBSCRIBED',
      subscribed: {
        framework_id: { value: framework.id },
        heartbeat_interval_seconds: this.#timing.heartbeatMs / 1_000,
        master_info: this.masterInfo,
      },
    })
    this.#beat(framework)
    for (const { agent } of this.agents.values()) agent.resume(framework.id)
    if (!wasConnected) setImmediate(() => this.allocate(this.agents.values()))
    return framework
  }

  /** The connection of a stream is gone. The framework has its failover timeout to come back. */
  disconnected(framework: Framework, sink: EventSink): void {
    if (framework.sink !== sink) return
    this.#disconnect(framework)
    framework.failover = this.#timers.after((framework.info.failover_timeout ?? 0) * 1_000, () =>
      this.#remove(framework),
    )
  }

  /** Any call but SUBSCRIBE, of a framework that is subscribed. */
  call(framework: Framework, call: WireCall): void {
    switch (call.type) {
      case 'TEARDOWN': {
        const { sink } = framework
        this.#remove(framework)
        sink?.close()
        return
      }
      case 'ACCEPT':
        accept(this, framework, call.accept!)
        return
      case 'DECLINE':
        for (const { value } of call.decline!.offer_ids) {
          const offer = framework.offers.get(value)
          if (offer === undefined) continue
          this.takeBack(offer)
          const registered = this.agents.get(offer.agentId)!
          this.refuse(framework, offer.role, registered, offer.resources, call.decline!.filters)
        }
        return
      case 'ACCEPT_INVERSE_OFFERS':
        this.maintenance.answer(framework, call.accept_inverse_offers!, 'ACCEPT')
        return
      case 'DECLINE_INVERSE_OFFERS':
        this.maintenance.answer(framework, call.decline_inverse_offers!, 'DECLINE')
        return
      case 'REVIVE': {
        const roles = rolesOf(framework, call.revive?.roles)
        framework.revive(roles)
        for (const role of roles) framework.suppressed.delete(role)
        setImmediate(() => this.allocate(this.agents.values()))
        return
      }
      case 'SUPPRESS':
        for (const role of rolesOf(framework, call.suppress?.roles)) framework.suppressed.add(role)
        return
      case 'UPDATE_FRAMEWORK':
        this.#update(framework, call.update_framework!)
        return
      case 'KILL':
        this.#kill(framework, call.kill!)
        return
      case 'SHUTDOWN': {
        const { executor_id, agent_id } = call.shutdown!
        this.agents.get(agent_id.value)?.agent.shutDown(framework.id, executor_id.value)
        return
      }
      case 'ACKNOWLEDGE': {
        const { agent_id, task_id, uuid } = call.acknowledge!
        const registered = this.agents.get(agent_id.value)
        if (registered?.isConnected) registered.agent.acknowledge(framework.id, task_id.value, uuid)
        return
      }
      case 'RECONCILE':
        reconcile(this, framework, call.reconcile!.tasks ?? [])
        return
      case 'RECONCILE_OPERATIONS':
        for (const { operation_id, agent_id } of call.reconcile_operations!.operations ?? []) {
          framework.send({
            type: 'UPDATE_OPERATION_STATUS',
            update_operation_status: {
              status: {
                operation_id,
                state: 'OPERATION_UNKNOWN',
                message: 'Reconciliation: Operation is unknown',
                ...(agent_id === undefined ? {} : { agent_id }),
              },
            },
          })
        }
        return
      case 'MESSAGE': {
        const { agent_id, executor_id, data } = call.message!
        this.agents.get(agent_id.value)?.agent.message(framework.id, executor_id.value, data)
      }
    }
  }

  /** A status of the master's own: it has no uuid, and none is waited for. */
  tell(framework: Framework, status: Pick<WireStatus, 'task_id' | 'state'> & Partial<WireStatus>): void {
    const { task_id, state, message, reason, agent_id, ...more } = status
    framework.send({
      type: 'UPDATE',
      update: {
        status: {
          task_id,
          state: stateFor(framework, state),
          ...(message === undefined ? {} : { message }),
          source: 'SOURCE_MASTER',
          ...(reason === undefined ? {} : { reason }),
          ...(agent_id === undefined ? {} : { agent_id }),
          timestamp: this.#timers.now() / 1_000,
          ...more,
        },
      },
    })
  }

  update(agent: Agent, task: AgentTask, status: WireStatus): void {
    const registered = this.agents.get(agent.info.id)
    const framework = this.frameworks.get(task.frameworkId)
    task.told = status.state
    if (registered === undefined || framework === undefined) return
    if (terminalStates.has(task.state)) this.recoverTask(framework, registered, task)
    const state = stateFor(framework, status.state)
    framework.send({
      type: 'UPDATE',
      update: { status: state === status.state ? status : { ...status, state } },
    })
  }

  executorEnded(agent: Agent, executor: Executor, status: number): void {
    const registered = this.agents.get(agent.info.id)
    const framework = this.frameworks.get(executor.frameworkId)
    if (registered === undefined || framework === undefined) return
    this.recover(framework, registered, executor.resources)
    framework.send({
      type: 'FAILURE',
      failure: { agent_id: { value: agent.info.id }, executor_id: { value: executor.id }, status },
    })
  }

  message(agent: Agent, executor: Executor, data: string): void {
    this.frameworks.get(executor.frameworkId)?.send({
      type: 'MESSAGE',
      message: { agent_id: { value: agent.info.id }, executor_id: { value: executor.id }, data },
    })
  }

  forgotten(agent: Agent, task: AgentTask): void {
    const framework = this.frameworks.get(task.frameworkId)
    if (framework?.tasks.get(task.id) !== task) return
    framework.tasks.delete(task.id)
    const registered = this.agents.get(agent.info.id)
    if (registered !== undefined) this.recoverTask(framework, registered, task)
  }

  recoverTask(framework: Framework, registered: Registered, task: AgentTask): void {
    if (task.isRecovered) return
    task.isRecovered = true
    this.recover(framework, registered, task.resources)
  }

  /** Resources are free again. Volumes look as they were created, wherever a task had mounted them. */
  recover(framework: Framework, registered: Registered, resources: Bundle): void {
    const { total } = registered.agent
    const asCreated = resources.map((piece) =>
      piece.disk?.persistence === undefined ? piece : (total.find(({ key }) => key === piece.key) ?? piece),
    )
    registered.free = add(registered.free, asCreated)
    framework.allocated.cpus -= 1_000 * quantity(resources, 'cpus')
    framework.allocated.mem -= 1_000 * quantity(resources, 'mem')
  }

  /** What was refused is not offered again before the filter has run out; none with 0 seconds. */
  refuse(
    framework: Framework,
    role: string,
    registered: Registered,
    resources: Bundle,
    filters: WireFilters | undefined,
  ): void {
    const asked = filters?.refuse_seconds ?? defaultFilterSeconds
    const seconds = asked < 0 ? defaultFilterSeconds : asked
    if (seconds === 0) return
    const ms = Math.max(this.#timing.allocationMs, seconds * 1_000)
    framework.refuse(role, registered.agent.info.id, resources, this.#timers.now() + ms)
  }

  /** The offer is accepted: its resources are no longer offered, and not free yet. */
  useUp(offer: FakeOffer): void {
    this.frameworks.get(offer.frameworkId)?.offers.delete(offer.id)
    this.agents.get(offer.agentId)?.offers.delete(offer)
  }

  takeBack(offer: FakeOffer): void {
    this.useUp(offer)
    const framework = this.frameworks.get(offer.frameworkId)
    const registered = this.agents.get(offer.agentId)
    if (framework !== undefined && registered !== undefined)
      this.recover(framework, registered, offer.resources)
  }

  rescind(offer: FakeOffer): void {
    this.takeBack(offer)
    this.frameworks
      .get(offer.frameworkId)
      ?.send({ type: 'RESCIND', rescind: { offer_id: { value: offer.id } } })
  }

  /** One round of offers: one event per framework. */
  allocate(agents: Iterable<Registered>): void {
    if (this.#isClosed) return
    const shares = takers(this.frameworks.values(), this.membership.room)
    if (shares.length === 0) return
    const byFramework = new Map<Framework, Record<string, unknown>[]>()
    for (const registered of agents) {
      const { agent, free } = registered
      if (free.length === 0 || !registered.isConnected || !registered.isActive) continue
      for (const { framework, role, resources } of allocate(agent.info, agent.total, free, shares)) {
        registered.free = subtract(registered.free, resources)
        const list = byFramework.get(framework)
        const wire = this.#offer(framework, role, registered, resources)
        if (list === undefined) byFramework.set(framework, [wire])
        else list.push(wire)
      }
    }
    for (const [framework, offers] of byFramework) framework.send({ type: 'OFFERS', offers: { offers } })
    this.maintenance.ask()
  }

  #offer(
    framework: Framework,
    role: string,
    registered: Registered,
    resources: Bundle,
  ): Record<string, unknown> {
    const { info, executors } = registered.agent
    const id = this.nextOfferId()
    const offer: FakeOffer = { id, frameworkId: framework.id, agentId: info.id, role, resources }
    framework.offers.set(id, offer)
    registered.offers.add(offer)
    framework.allocated.cpus += 1_000 * quantity(resources, 'cpus')
    framework.allocated.mem += 1_000 * quantity(resources, 'mem')
    const allocation = framework.has('MULTI_ROLE') ? { role } : {}
    const executorIds = [...executors.values()].filter(({ frameworkId }) => frameworkId === framework.id)
    const unavailability = this.maintenance.unavailabilityOf(info)
    const attributes = Object.entries(info.attributes)
    return {
      id: { value: id },
      framework_id: { value: framework.id },
      agent_id: { value: info.id },
      hostname: info.hostname,
      url: urlOf(info),
      ...(info.region === undefined || info.zone === undefined
        ? {}
        : { domain: { fault_domain: { region: { name: info.region }, zone: { name: info.zone } } } }),
      resources: toWire(resources, { refined: framework.has('RESERVATION_REFINEMENT'), ...allocation }),
      ...(attributes.length === 0
        ? {}
        : { attributes: attributes.map(([name, value]) => ({ name, type: 'TEXT', text: { value } })) }),
      ...(executorIds.length === 0
        ? {}
        : { executor_ids: executorIds.map(({ id: executorId }) => ({ value: executorId })) }),
      ...(unavailability === undefined ? {} : { unavailability }),
      ...(framework.has('MULTI_ROLE') ? { allocation_info: { role } } : {}),
    }
  }

  nextOfferId(): string {
    return `${this.id}-O${this.#offers++}`
  }

  #frameworkOf(id: string | undefined, info: WireFrameworkInfo): Framework {
    const known = id === undefined ? undefined : this.frameworks.get(id)
    if (known !== undefined) return known
    const number = String(this.#frameworkIds++).padStart(4, '0')
    const framework = new Framework(id ?? `${this.id}-${number}`, info, this.#timers)
    this.frameworks.set(framework.id, framework)
    for (const { agent } of this.agents.values())
      for (const task of agent.tasks.values())
        if (task.frameworkId === framework.id) framework.tasks.set(task.id, task)
    return framework
  }

  /** Its offers go back, its stream is forgotten. */
  #disconnect(framework: Framework, farewell?: (sink: EventSink) => void): void {
    const { sink } = framework
    framework.sink = undefined
    framework.streamId = undefined
    this.#timers.cancel(framework.heartbeat)
    for (const offer of [...framework.offers.values()]) this.takeBack(offer)
    this.maintenance.forget(framework)
    if (sink !== undefined) farewell?.(sink)
  }

  #remove(framework: Framework): void {
    this.#disconnect(framework)
    this.#timers.cancel(framework.failover)
    this.removedFrameworks.add(framework.id)
    for (const { agent } of this.agents.values()) agent.removeFramework(framework.id)
    this.frameworks.delete(framework.id)
  }

  #beat(framework: Framework): void {
    framework.send({ type: 'HEARTBEAT' })
    framework.heartbeat = this.#timers.after(this.#timing.heartbeatMs, () => this.#beat(framework))
  }

  #setAppetite(
    framework: Framework,
    call: Pick<NonNullable<WireCall['subscribe']>, 'suppressed_roles' | 'offer_constraints'>,
  ): void {
    framework.suppressed = new Set(call.suppressed_roles ?? [])
    framework.constraints = call.offer_constraints
  }

  #update(framework: Framework, call: NonNullable<WireCall['update_framework']>): void {
    const before = framework.suppressed
    framework.update(call.framework_info)
    this.#setAppetite(framework, call)
    for (const offer of [...framework.offers.values()])
      if (!framework.roles.includes(offer.role)) this.rescind(offer)
    const isHungrier = framework.roles.some((role) => before.has(role) && !framework.suppressed.has(role))
    if (isHungrier) setImmediate(() => this.allocate(this.agents.values()))
  }

  #kill(
    framework: Framework,
    { task_id, agent_id, kill_policy: policy }: NonNullable<WireCall['kill']>,
  ): void {
    const task = framework.tasks.get(task_id.value)
    if (task === undefined) {
      reconcile(this, framework, [{ task_id, ...(agent_id === undefined ? {} : { agent_id }) }])
      return
    }
    if (agent_id !== undefined && agent_id.value !== task.agentId) return
    const registered = this.agents.get(task.agentId)
    if (registered === undefined) return
    const graceMs = policy?.grace_period === undefined ? undefined : policy.grace_period.nanoseconds / 1e6
    if (registered.isConnected) registered.agent.kill(task, graceMs)
    else registered.killed.add(task)
  }
}

const removed = 'Framework has been removed'

/** Frameworks that do not know of partitions hear of one kind of loss. */
function stateFor(framework: Framework, state: string): string {
  const isNew = /^TASK_(UNREACHABLE|DROPPED|GONE|GONE_BY_OPERATOR|UNKNOWN)$/.test(state)
  return isNew && !framework.has('PARTITION_AWARE') ? 'TASK_LOST' : state
}

const rolesOf = (framework: Framework, roles: readonly string[] | undefined): readonly string[] =>
  roles === undefined || roles.length === 0
    ? framework.roles
    : roles.filter((role) => framework.roles.includes(role))
