// What every engine must do, in Mesos' words (D2). Each implementation passes this suite with a harness that says how
// to make one, how long to wait, and what a task that runs, ends or fails looks like there. The suite holds the
// engine to the rules the scheduler relies on; how tasks are isolated is each engine's own matter.

import { afterEach, describe, expect, it } from 'vitest'
import type { EngineEvent } from '../../src/core/events.ts'
import {
  type AgentId,
  type CheckInfo,
  type HealthCheckInfo,
  type Offer,
  type Operation,
  type Resource,
  reservationOf,
  type TaskInfo,
  type TaskState,
  type TaskStatus,
} from '../../src/core/mesos.ts'
import { millis } from '../../src/lib/instant.ts'
import type { Engine, Registration } from '../../src/ports/engine.ts'

export interface EngineHarness {
  readonly engine: Engine
  /** A new process on what the last one left behind. */
  restart?(): Promise<Engine>
  /** Frees everything, tasks included. */
  remove(): Promise<void>
}

export interface EngineContractOptions {
  /** At least two agents with 1 cpu, 256 MiB, 100 MiB of disk if pods run there, and 10 ports each. */
  create(): Promise<EngineHarness>
  /** Commands by what becomes of them. */
  readonly commands: {
    readonly runs: string
    readonly finishes: string
    readonly fails: string
    /** Runs, and is at first what `whileWell` finds well, and from some time on no more. */
    readonly turnsBad: string
  }
  /** Commands of checks: one that always ends well, one that never does, and one that tells how `turnsBad` is. */
  readonly checkCommands: { readonly well: string; readonly badly: string; readonly whileWell: string }
  /** Longest wait for an event, in milliseconds of the real clock. */
  readonly patienceMs: number
  /** Whether unacknowledged statuses are repeated within the patience. */
  readonly repeatsInTime: boolean
  /** Tasks go on without the server: the harness can restart. */
  readonly outlivesProcess: boolean
  /** Agents can be unplugged here. */
  readonly controlsAgents: boolean
  /** Runs the tasks of a pod together; else it refuses them with this message. */
  readonly pods: 'run' | { readonly refusedWith: RegExp }
  /** Keeps resources and volumes for a role; in operations they carry this principal. At least 64 MiB of disk then. */
  readonly reserves?: { readonly role: string; readonly principal: string }
  /** Lets time pass for engines that do not live in real time. Called while waiting. */
  tick?(): Promise<void> | void
}

/** An engine with everything it reported. */
class Listener {
  readonly events: EngineEvent[] = []
  readonly #engine: Engine
  readonly #options: EngineContractOptions
  acknowledges = true

  constructor(engine: Engine, options: EngineContractOptions) {
    this.#engine = engine
    this.#options = options
  }

  async start(registration?: Registration): Promise<void> {
    await this.#engine.start((event) => {
      this.events.push(event)
      if (event.kind === 'status' && event.status.uuid !== undefined && this.acknowledges)
        this.acknowledge(event.status)
    }, registration)
  }

  acknowledge({ taskId, uuid, agentId }: TaskStatus): void {
    this.#engine.perform([
      { kind: 'acknowledge', taskId, uuid: uuid!, ...(agentId === undefined ? {} : { agentId }) },
    ])
  }

  async until<T>(what: string, find: () => T | undefined): Promise<T> {
    const end = Date.now() + this.#options.patienceMs
    for (;;) {
      const found = find()
      if (found !== undefined) return found
      if (Date.now() > end)
        throw new Error(
          `no ${what} within ${this.#options.patienceMs} ms; reported: ${JSON.stringify(this.events.map(short))}`,
        )
      await this.#options.tick?.()
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  status(taskId: string, state: TaskState, since = 0): Promise<TaskStatus> {
    return this.until(`${state} of ${taskId}`, () =>
      this.statuses(taskId)
        .slice(since)
        .find((status) => status.state === state),
    )
  }

  statuses(taskId: string): TaskStatus[] {
    return this.events.flatMap((event) =>
      event.kind === 'status' && event.status.taskId === taskId ? [event.status] : [],
    )
  }

  /** The offers that stand: made, not rescinded, not used by these accepts. */
  standing(used: ReadonlySet<string> = new Set()): Offer[] {
    const offers = new Map<string, Offer>()
    for (const event of this.events) {
      if (event.kind === 'offers') for (const offer of event.offers) offers.set(offer.id, offer)
      if (event.kind === 'offer-rescinded') offers.delete(event.offerId)
    }
    return [...offers.values()].filter((offer) => !used.has(offer.id))
  }

  /** All that stands of an agent: shared clusters offer what becomes free beside what they have offered before. */
  offered(agentId: AgentId, used: ReadonlySet<string>): readonly Resource[] {
    return this.standing(used).flatMap((offer) => (offer.agentId === agentId ? offer.resources : []))
  }
}

const short = (event: EngineEvent): string =>
  event.kind === 'status' ? `${event.status.taskId} ${event.status.state}` : event.kind

const firstPort = (offer: Offer): number =>
  offer.resources.find(({ name }) => name === 'ports')!.ranges![0]!.begin

const scalar = (offer: Pick<Offer, 'resources'>, name: string): number =>
  offer.resources.reduce((sum, resource) => (resource.name === name ? sum + (resource.scalar ?? 0) : sum), 0)

const hasPort = (offer: Pick<Offer, 'resources'>, port: number): boolean =>
  offer.resources.some(
    ({ name, ranges }) => name === 'ports' && ranges!.some(({ begin, end }) => begin <= port && port <= end),
  )

/** What an engine is not made for is no test of its, rather than a skipped one. */
const when =
  (isMeantTo: boolean) =>
  (name: string, run: () => Promise<void>): void => {
    if (isMeantTo) it(name, run)
  }

export function describeEngine(name: string, options: EngineContractOptions): void {
  describe(`an engine (${name})`, () => {
    const harnesses: EngineHarness[] = []
    let tasks = 0

    afterEach(async () => {
      for (const harness of harnesses.splice(0)) await harness.remove()
    })

    async function started(): Promise<{ harness: EngineHarness; engine: Engine; listener: Listener }> {
      const harness = await options.create()
      harnesses.push(harness)
      const listener = new Listener(harness.engine, options)
      await listener.start()
      return { harness, engine: harness.engine, listener }
    }

    function taskOn(offer: Offer, command: string, resources?: readonly Resource[]): TaskInfo {
      const uuid = `6ba7b810-9dad-11d1-80b4-${String(++tasks).padStart(12, '0')}`
      return {
        name: 'contract',
        taskId: `contract.instance-${uuid}._app.1`,
        agentId: offer.agentId,
        resources: resources ?? [
          { name: 'cpus', scalar: 0.1, role: '*' },
          { name: 'mem', scalar: 32, role: '*' },
        ],
        command: { shell: true, value: command, environment: [], uris: [] },
        labels: {},
        discovery: { visibility: 'FRAMEWORK', name: 'contract', ports: [] },
      }
    }

    const launch = (engine: Engine, offer: Offer, ...infos: readonly TaskInfo[]): void =>
      engine.perform([
        {
          kind: 'accept',
          offerIds: [offer.id],
          agentId: offer.agentId,
          operations: [{ type: 'LAUNCH', tasks: infos }],
        },
      ])

    const anOffer = (listener: Listener): Promise<Offer> =>
      listener.until('offer', () => listener.standing()[0])

    async function running(): Promise<{
      harness: EngineHarness
      engine: Engine
      listener: Listener
      task: TaskInfo
      offer: Offer
    }> {
      const context = await started()
      const offer = await anOffer(context.listener)
      const task = taskOn(offer, options.commands.runs)
      launch(context.engine, offer, task)
      await context.listener.status(task.taskId, 'TASK_RUNNING')
      return { ...context, task, offer }
    }

    it('first says that it is connected, then offers every agent once', async () => {
      const { listener } = await started()
      await anOffer(listener)
      expect(listener.events[0]).toMatchObject({ kind: 'engine-connected' })
      const agents = await listener.until('offers of two agents', () => {
        const ids = listener.standing().map((offer) => offer.agentId)
        return ids.length > 1 ? ids : undefined
      })
      expect(new Set(agents).size).toBe(agents.length)
    })

    it('never reports from within start or perform', async () => {
      const { engine, listener } = await started()
      const offer = await anOffer(listener)
      const before = listener.events.length
      launch(engine, offer, taskOn(offer, options.commands.runs))
      engine.perform([{ kind: 'reconcile', tasks: [] }])
      expect(listener.events.length).toBe(before)
    })

    it('runs what is accepted and says so with the agent, a time and a uuid', async () => {
      const { listener, task, offer } = await running()
      const status = await listener.status(task.taskId, 'TASK_RUNNING')
      expect(status.agentId).toBe(offer.agentId)
      expect(status.uuid).toBeTypeOf('string')
      expect(status.timestamp).toBeGreaterThan(0)
    })

    const checkTimes = { delay: millis(0), interval: millis(200), timeout: millis(5_000) }
    const healthReason = 'REASON_TASK_HEALTH_CHECK_STATUS_UPDATED'

    async function checked(
      command: string,
      checks: { readonly healthCheck?: HealthCheckInfo; readonly check?: CheckInfo },
    ) {
      const context = await started()
      const offer = await anOffer(context.listener)
      const task = { ...taskOn(offer, command), ...checks }
      launch(context.engine, offer, task)
      return { ...context, task, id: task.taskId }
    }

    const healthCheck = (value: string, more: Partial<HealthCheckInfo> = {}): HealthCheckInfo => ({
      ...checkTimes,
      command: { shell: true, value },
      gracePeriod: millis(0),
      consecutiveFailures: 3,
      ...more,
    })

    const flagsOf = (listener: Listener, id: string): readonly (boolean | undefined)[] =>
      listener
        .statuses(id)
        .filter(({ reason, uuid }) => reason === healthReason && uuid !== undefined)
        .map(({ healthy }) => healthy)

    it('tells that a task is healthy once, with a uuid, and keeps saying so when it is asked', async () => {
      const { engine, listener, id } = await checked(options.commands.runs, {
        healthCheck: healthCheck(options.checkCommands.well),
      })
      const first = await listener.until('healthy', () => listener.statuses(id).find((one) => one.healthy))
      expect(first).toMatchObject({ state: 'TASK_RUNNING', reason: healthReason, uuid: expect.any(String) })
      const before = listener.statuses(id).length
      engine.perform([{ kind: 'reconcile', tasks: [{ taskId: id }] }])
      expect(await listener.status(id, 'TASK_RUNNING', before)).toMatchObject({ healthy: true })
      expect(flagsOf(listener, id)).toEqual([true])
    })

    it('tells every failure of a health check, and kills the task at the last one', async () => {
      const { listener, id } = await checked(options.commands.runs, {
        healthCheck: healthCheck(options.checkCommands.badly),
      })
      const end = await listener.status(id, 'TASK_KILLED')
      expect(end).toMatchObject({ healthy: false, message: 'Command terminated with signal Terminated' })
      expect(flagsOf(listener, id)).toEqual([false, false, false])
    })

    it('kills a task that was healthy and is no more', async () => {
      const { listener, id } = await checked(options.commands.turnsBad, {
        healthCheck: healthCheck(options.checkCommands.whileWell, { gracePeriod: millis(600_000) }),
      })
      await listener.status(id, 'TASK_KILLED')
      expect(flagsOf(listener, id)).toEqual([true, false, false, false])
    })

    it('never kills a task for its health where no number of failures is too many', async () => {
      const { listener, id } = await checked(options.commands.runs, {
        healthCheck: healthCheck(options.checkCommands.badly, { consecutiveFailures: 0 }),
      })
      await listener.until('five failures', () => (flagsOf(listener, id).length >= 5 ? true : undefined))
      expect(listener.statuses(id).map(({ state }) => state)).not.toContain('TASK_KILLED')
    })

    it('tells what a check finds, and nothing follows', async () => {
      const { listener, id } = await checked(options.commands.turnsBad, {
        check: { ...checkTimes, command: { shell: true, value: options.checkCommands.whileWell } },
      })
      const found = () => listener.statuses(id).flatMap(({ check }) => check?.command?.exitCode ?? [])
      // The first question may come before the task has done anything.
      await listener.until('a good result', () => found().includes(0))
      const sinceGood = () => found().slice(found().indexOf(0))
      await listener.until('another result', () => sinceGood().find((exitCode) => exitCode !== 0))
      const last = listener.statuses(id).at(-1)!
      expect(last).toMatchObject({ state: 'TASK_RUNNING', reason: 'REASON_TASK_CHECK_STATUS_UPDATED' })
      expect(last).not.toHaveProperty('healthy')
    })

    it('offers what is left of an agent after a launch, and everything again when the task has ended', async () => {
      const { engine, listener } = await started()
      const offer = await anOffer(listener)
      const port = firstPort(offer)
      const task = taskOn(offer, options.commands.runs, [
        { name: 'cpus', scalar: 0.1, role: '*' },
        { name: 'mem', scalar: 32, role: '*' },
        { name: 'ports', ranges: [{ begin: port, end: port }], role: '*' },
      ])
      launch(engine, offer, task)
      const used = new Set([offer.id])
      const next = await listener.until('offer of the rest', () =>
        listener.standing(used).find((candidate) => candidate.agentId === offer.agentId),
      )
      expect(scalar(next, 'mem')).toBeCloseTo(scalar(offer, 'mem') - 32, 3)
      expect(scalar(next, 'cpus')).toBeCloseTo(scalar(offer, 'cpus') - 0.1, 3)
      expect(hasPort(next, port)).toBe(false)
      await listener.status(task.taskId, 'TASK_RUNNING')
      engine.perform([{ kind: 'kill', taskId: task.taskId, cause: 'api-request' }])
      await listener.status(task.taskId, 'TASK_KILLED')
      await listener.until('offer of everything', () => {
        const resources = listener.offered(offer.agentId, used)
        const isAll = hasPort({ resources }, port) && scalar({ resources }, 'mem') >= scalar(offer, 'mem')
        return isAll ? true : undefined
      })
    })

    it('reports a task that ends well as finished and one that does not as failed', async () => {
      const { engine, listener } = await started()
      const offer = await anOffer(listener)
      const well = taskOn(offer, options.commands.finishes)
      const badly = taskOn(offer, options.commands.fails)
      launch(engine, offer, well, badly)
      await listener.status(well.taskId, 'TASK_FINISHED')
      await listener.status(badly.taskId, 'TASK_FAILED')
    })

    it('kills, and says so once the task has ended', async () => {
      const { engine, listener, task } = await running()
      engine.perform([{ kind: 'kill', taskId: task.taskId, cause: 'api-request', gracePeriod: millis(500) }])
      const status = await listener.status(task.taskId, 'TASK_KILLED')
      expect(status.uuid).toBeTypeOf('string')
    })

    it('drops what is launched on an offer that is gone', async () => {
      const { engine, listener } = await started()
      const offer = await anOffer(listener)
      launch(engine, offer, taskOn(offer, options.commands.runs))
      const late = taskOn(offer, options.commands.runs)
      launch(engine, offer, late)
      const status = await listener.status(late.taskId, 'TASK_DROPPED')
      expect(status.reason).toBe('REASON_INVALID_OFFERS')
    })

    it('holds later statuses of a task back until the earlier are acknowledged, in order', async () => {
      const { engine, listener } = await started()
      listener.acknowledges = false
      const offer = await anOffer(listener)
      const task = taskOn(offer, options.commands.finishes)
      launch(engine, offer, task)
      const seen: TaskState[] = []
      for (;;) {
        const status = await listener.until('next status', () =>
          listener
            .statuses(task.taskId)
            .find(({ state, uuid }) => uuid !== undefined && !seen.includes(state)),
        )
        seen.push(status.state)
        if (status.state === 'TASK_FINISHED') break
        listener.acknowledge(status)
      }
      expect(seen.at(-2)).toBe('TASK_RUNNING')
    })

    when(options.repeatsInTime)('repeats a status until it is acknowledged', async () => {
      const { engine, listener } = await started()
      listener.acknowledges = false
      const offer = await anOffer(listener)
      const task = taskOn(offer, options.commands.runs)
      launch(engine, offer, task)
      const first = await listener.until('status', () => listener.statuses(task.taskId)[0])
      await listener.until('the same status again', () =>
        listener.statuses(task.taskId).filter(({ uuid }) => uuid === first.uuid).length > 1
          ? true
          : undefined,
      )
    })

    it('takes an acknowledgement twice, and one of something unknown, without a word', async () => {
      const { engine, listener, task } = await running()
      const status = listener.statuses(task.taskId)[0]!
      listener.acknowledge(status)
      engine.perform([{ kind: 'acknowledge', taskId: 'nobody', uuid: 'nothing' }])
      engine.perform([{ kind: 'reconcile', tasks: [{ taskId: task.taskId, agentId: task.agentId }] }])
      await listener.until('answer', () =>
        listener.statuses(task.taskId).find(({ reason }) => reason === 'REASON_RECONCILIATION'),
      )
    })

    it.each([
      [
        'a known task: its state',
        (task: TaskInfo) => ({ taskId: task.taskId, agentId: task.agentId }),
        'TASK_RUNNING',
      ],
      [
        'an unknown task on a known agent: gone',
        (task: TaskInfo) => ({ taskId: 'ghost', agentId: task.agentId }),
        'TASK_GONE',
      ],
      [
        'an unknown agent: unknown',
        () => ({ taskId: 'ghost', agentId: 'nowhere' as AgentId }),
        'TASK_UNKNOWN',
      ],
      ['no agent at all: unknown', () => ({ taskId: 'ghost' }), 'TASK_UNKNOWN'],
    ] as const)('answers reconciliation of %s, without a uuid', async (_, question, state) => {
      const { engine, listener, task } = await running()
      const asked = question(task)
      engine.perform([{ kind: 'reconcile', tasks: [asked] }])
      const answer = await listener.until('answer', () =>
        listener.statuses(asked.taskId).find(({ reason }) => reason === 'REASON_RECONCILIATION'),
      )
      expect(answer.state).toBe(state)
      expect(answer.uuid).toBeUndefined()
    })

    it('answers an empty reconciliation with all it knows', async () => {
      const { engine, listener, task } = await running()
      const before = listener.statuses(task.taskId).length
      engine.perform([{ kind: 'reconcile', tasks: [] }])
      const answer = await listener.status(task.taskId, 'TASK_RUNNING', before)
      expect(answer.reason).toBe('REASON_RECONCILIATION')
    })

    /** One task per command, as the containers of one instance. */
    function groupOn(offer: Offer, commands: readonly string[]): readonly TaskInfo[] {
      const { taskId } = taskOn(offer, '')
      const instance = taskId.slice(0, taskId.lastIndexOf('._app'))
      return commands.map((command, i) => ({
        ...taskOn(offer, command),
        name: `c${i}`,
        taskId: `${instance}.c${i}.1`,
      }))
    }

    const launchGroup = (engine: Engine, offer: Offer, tasks: readonly TaskInfo[]): void => {
      const resources: readonly Resource[] = [
        { name: 'cpus', scalar: 0.1, role: '*' },
        { name: 'mem', scalar: 32, role: '*' },
        { name: 'disk', scalar: 10, role: '*' },
      ]
      engine.perform([
        {
          kind: 'accept',
          offerIds: [offer.id],
          agentId: offer.agentId,
          operations: [
            {
              type: 'LAUNCH_GROUP',
              executor: { executorId: 'instance-contract', resources, labels: {} },
              tasks,
            },
          ],
        },
      ])
    }

    const { pods, commands } = options
    const runsPods = when(pods === 'run')

    async function group(...what: readonly (keyof typeof commands)[]) {
      const context = await started()
      const offer = await anOffer(context.listener)
      const tasks = groupOn(
        offer,
        what.map((each) => commands[each]),
      )
      launchGroup(context.engine, offer, tasks)
      return { ...context, offer, tasks, ids: tasks.map(({ taskId }) => taskId) as [string, string] }
    }

    /** The offer that has everything of the agent again. */
    const everythingAgain = (listener: Listener, offer: Offer): Promise<true> =>
      listener.until('offer of everything', () => {
        const resources = listener.offered(offer.agentId, new Set([offer.id]))
        return scalar({ resources }, 'mem') >= scalar(offer, 'mem') - 0.0005 ? true : undefined
      })

    runsPods('runs the tasks of a group, and takes what the executor needs as well', async () => {
      const { listener, ids, offer } = await group('runs', 'runs')
      for (const id of ids) await listener.status(id, 'TASK_RUNNING')
      const rest = await listener.until('offer of the rest', () =>
        listener.standing(new Set([offer.id])).find(({ agentId }) => agentId === offer.agentId),
      )
      expect(scalar(rest, 'mem')).toBeCloseTo(scalar(offer, 'mem') - 96, 3)
      expect(scalar(rest, 'cpus')).toBeCloseTo(scalar(offer, 'cpus') - 0.3, 3)
    })

    runsPods('ends the rest of a group when one of it fails, and then has everything back', async () => {
      const { listener, ids, offer } = await group('runs', 'fails')
      await listener.status(ids[1], 'TASK_FAILED')
      const ended = await listener.status(ids[0], 'TASK_KILLED')
      expect(ended.uuid).toBeTypeOf('string')
      await everythingAgain(listener, offer)
    })

    runsPods('ends the rest of a group when one of it is killed', async () => {
      const { engine, listener, ids, offer } = await group('runs', 'runs')
      for (const id of ids) await listener.status(id, 'TASK_RUNNING')
      engine.perform([{ kind: 'kill', taskId: ids[1], cause: 'api-request' }])
      for (const id of ids) await listener.status(id, 'TASK_KILLED')
      await everythingAgain(listener, offer)
    })

    runsPods('lets the rest of a group run on when one of it ends well', async () => {
      const { engine, listener, ids } = await group('runs', 'finishes')
      await listener.status(ids[1], 'TASK_FINISHED')
      await listener.status(ids[0], 'TASK_RUNNING')
      engine.perform([{ kind: 'reconcile', tasks: ids.map((taskId) => ({ taskId })) }])
      const answer = await listener.until('answer', () =>
        listener.statuses(ids[0]).find(({ reason }) => reason === 'REASON_RECONCILIATION'),
      )
      expect(answer.state).toBe('TASK_RUNNING')
    })

    runsPods('drops all of a group on an offer that is gone', async () => {
      const { engine, listener, offer } = await group('runs')
      const late = groupOn(offer, [commands.runs, commands.runs])
      launchGroup(engine, offer, late)
      for (const { taskId } of late) await listener.status(taskId, 'TASK_DROPPED')
    })

    when(pods !== 'run')('refuses the tasks of a group by name, and offers the agent again', async () => {
      const { listener, ids, offer } = await group('runs', 'runs')
      for (const id of ids) {
        const status = await listener.status(id, 'TASK_ERROR')
        expect(status.message).toMatch(pods === 'run' ? '' : pods.refusedWith)
      }
      await everythingAgain(listener, offer)
    })

    when(options.reserves !== undefined)(
      'keeps what is reserved, and the volume on it, for the next task, until they are given up',
      async () => {
        const { role, principal } = options.reserves!
        const labels = { for: 'contract' }
        const reserved = (name: string, amount: number): Resource => ({
          name,
          scalar: amount,
          role,
          reservations: [{ type: 'DYNAMIC', role, principal, labels }],
        })
        const disk = { persistence: { id: 'contract-1', principal } }
        const volume: Resource = {
          ...reserved('disk', 64),
          disk: { ...disk, volume: { containerPath: 'data', mode: 'RW' } },
        }
        const room = [reserved('cpus', 0.1), reserved('mem', 32)]
        const harness = await options.create()
        harnesses.push(harness)
        const { engine } = harness
        const listener = new Listener(engine, options)
        await listener.start({ roles: [role], suppressedRoles: [] })
        const first = await anOffer(listener)
        const { agentId } = first
        const used = new Set<string>()
        const accept = (offers: readonly Offer[], ...operations: readonly Operation[]): void => {
          for (const { id } of offers) used.add(id)
          engine.perform([{ kind: 'accept', offerIds: offers.map(({ id }) => id), agentId, operations }])
        }
        /** The offers that have the volume and what is reserved beside it. */
        const kept = (): Promise<readonly Offer[]> =>
          listener.until('offer of what is reserved', () => {
            const offers = listener.standing(used).filter((offer) => offer.agentId === agentId)
            const own = offers.flatMap(({ resources }) => resources).filter((each) => each.role === role)
            const isAll =
              own.some((each) => each.disk?.persistence?.id === 'contract-1') &&
              scalar({ resources: own }, 'mem') >= 32 &&
              scalar({ resources: own }, 'cpus') >= 0.1
            return isAll ? offers : undefined
          })
        const runOn = async (offers: readonly Offer[], ...before: readonly Operation[]): Promise<void> => {
          const task = taskOn(offers[0]!, options.commands.runs, [...room, volume])
          accept(offers, ...before, { type: 'LAUNCH', tasks: [task] })
          await listener.status(task.taskId, 'TASK_RUNNING')
          engine.perform([{ kind: 'kill', taskId: task.taskId, cause: 'api-request' }])
          await listener.status(task.taskId, 'TASK_KILLED')
        }

        await runOn(
          [first],
          { type: 'RESERVE', resources: [...room, reserved('disk', 64)] },
          { type: 'CREATE', volumes: [volume] },
        )
        const offers = await kept()
        const shown = offers.flatMap(({ resources }) => resources).find((each) => each.disk !== undefined)
        expect(reservationOf(shown!)).toMatchObject({ type: 'DYNAMIC', role, labels })
        expect(shown).toMatchObject({ scalar: 64, disk: { persistence: { id: 'contract-1' } } })
        await runOn(offers)
        accept(
          await kept(),
          { type: 'DESTROY', volumes: [volume] },
          { type: 'UNRESERVE', resources: [...room, reserved('disk', 64)] },
        )
        const rest = await listener.until('offer of everything, unreserved', () => {
          const resources = listener.offered(agentId, used)
          const isAll = (['cpus', 'mem', 'disk'] as const).every(
            (name) => scalar({ resources }, name) >= scalar(first, name) - 0.0005,
          )
          return isAll ? resources : undefined
        })
        expect(rest.filter((each) => reservationOf(each) !== undefined)).toEqual([])
      },
    )

    it('answers a kill of a task it does not know as it would a reconciliation', async () => {
      const { engine, listener, task } = await running()
      engine.perform([{ kind: 'kill', taskId: 'ghost', agentId: task.agentId, cause: 'unknown-instance' }])
      await listener.status('ghost', 'TASK_GONE')
    })

    when(options.controlsAgents)(
      'ends the tasks of an agent that is unplugged, offers nothing of it, and everything when it is plugged in again',
      async () => {
        const { engine, listener, task, offer } = await running()
        const agents = engine.agents!
        expect(agents.unplug('nobody')).toBeUndefined()
        expect(agents.unplug(offer.agentId)).toMatchObject({ id: offer.agentId, connected: false })
        await listener.until('end of the task', () =>
          listener
            .statuses(task.taskId)
            .find(({ state }) => /^TASK_(GONE|LOST|FAILED|KILLED|UNREACHABLE)/.test(state)),
        )
        await listener.until('word of the lost agent', () =>
          listener.events.find((event) => event.kind === 'agent-lost' && event.agentId === offer.agentId),
        )
        const used = new Set([offer.id])
        expect(listener.standing(used).filter(({ agentId }) => agentId === offer.agentId)).toEqual([])
        expect(agents.plug(offer.agentId)).toMatchObject({ connected: true })
        await listener.until('offer', () =>
          listener.standing(used).find(({ agentId }) => agentId === offer.agentId),
        )
      },
    )

    it('is silent once it is stopped', async () => {
      const { engine, listener } = await running()
      await engine.stop()
      const before = listener.events.length
      engine.perform([{ kind: 'reconcile', tasks: [] }])
      await options.tick?.()
      await new Promise((resolve) => setTimeout(resolve, 20))
      expect(listener.events.length).toBe(before)
    })

    when(options.outlivesProcess)('knows its tasks again after a restart of the server', async () => {
      const { harness, engine, task } = await running()
      await engine.stop()
      const next = await harness.restart!()
      const listener = new Listener(next, options)
      await listener.start()
      await listener.until('connection', () => listener.events[0])
      expect(listener.events[0]).toMatchObject({ kind: 'engine-connected' })
      next.perform([{ kind: 'reconcile', tasks: [{ taskId: task.taskId, agentId: task.agentId }] }])
      await listener.status(task.taskId, 'TASK_RUNNING')
    })

    when(options.outlivesProcess)('goes on with checks after a restart, from what was known', async () => {
      const { harness, engine, listener, id } = await checked(options.commands.turnsBad, {
        healthCheck: healthCheck(options.checkCommands.whileWell),
      })
      await listener.until('healthy', () => listener.statuses(id).find(({ healthy }) => healthy === true))
      await engine.stop()
      const restarted = await harness.restart!()
      const next = new Listener(restarted, options)
      await next.start()
      await next.until('connection', () => next.events[0])
      restarted.perform([{ kind: 'reconcile', tasks: [{ taskId: id }] }])
      expect(await next.status(id, 'TASK_RUNNING')).toMatchObject({ healthy: true })
      await next.status(id, 'TASK_KILLED')
      expect(flagsOf(next, id)).toEqual([false, false, false])
    })
  })
}
