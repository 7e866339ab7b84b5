import { describe, expect, it } from 'vitest'
import {
  ManualClock,
  ManualStore,
  RecordingEngine,
  type Script,
  ScriptedScheduler,
  settle,
} from '../../tests/support/scripted-core.ts'
import type { Event } from '../core/events.ts'
import type { EngineEffect, Ready } from '../core/ready.ts'
import type { Write } from '../core/records.ts'
import type { Outcome, Request } from '../core/requests.ts'
import { instant } from '../lib/instant.ts'
import { limits } from '../lib/limits.ts'
import { silentLogger } from '../logging/logger.ts'
import { EngineError } from '../ports/engine.ts'
import { StoreError } from '../ports/store.ts'
import { Driver } from './driver.ts'
import { exitOf } from './exit-codes.ts'

const request: Request = { kind: 'reset-delay', id: '/a' }
const done: Outcome = { kind: 'done' }
const revive: EngineEffect = { kind: 'revive', roles: ['*'] }
const suppress: EngineEffect = { kind: 'suppress', roles: ['*'] }
const notice = (n: number) => ({ eventType: 'test', n }) as unknown as Ready['notices'][number]
const write = (key: string, n = 0): Write => ({ kind: 'put', table: 'meta', key, value: { n } })
const status = (n: number): Event => ({
  kind: 'status',
  status: { taskId: `t-${n}`, state: 'TASK_RUNNING', timestamp: instant(0), uuid: `u-${n}` },
})
const repliesTo = (slice: readonly Event[]): Ready['replies'] =>
  slice.flatMap((event) => (event.kind === 'request' ? [{ requestId: event.requestId, outcome: done }] : []))

function created(script: Script) {
  const log: string[] = []
  const scheduler = new ScriptedScheduler(script)
  const store = new ManualStore()
  const engine = new RecordingEngine(log)
  const clock = new ManualClock()
  const driver = new Driver({
    scheduler,
    store,
    engine,
    clock,
    log: {
      ...silentLogger,
      warn: (message) => log.push(message),
      info: (message) => log.push(message),
      error: (message, fields) => {
        if (fields?.['id'] !== undefined) log.push(`${message}: ${fields['id']}`)
        if (fields?.['failing'] !== undefined) log.push(message)
      },
    },
    halt: (reason, error) =>
      log.push(`halt ${reason}${error instanceof EngineError ? `: ${error.message}` : ''}`),
  })
  return { driver, scheduler, store, engine, clock, log }
}

async function running(script: Script) {
  const { driver, scheduler, store, engine, clock, log } = created(script)
  driver.subscribe((notices) => log.push(`notices ${notices.map((n) => (n as unknown as { n: number }).n)}`))
  const submit = () =>
    driver.submit(request).then(
      (outcome) => log.push(`reply ${outcome.kind}`),
      (error) => log.push(`${error.name} ${error.reason}`),
    )
  await driver.start()
  await settle()
  scheduler.slices.length = 0
  return { driver, scheduler, store, engine, clock, log, submit }
}

describe('an engine that others use, too', () => {
  const registration = { frameworkId: 'f-1', roles: ['dev'], suppressedRoles: ['dev'] }

  it('is started with what the core says it registers as', async () => {
    const { driver, scheduler, engine } = created(() => ({}))
    scheduler.registration = registration
    await driver.start()
    expect(engine.registration).toEqual(registration)
  })

  it('is not started when instances are stored without the id they were launched under', async () => {
    const { driver, scheduler, engine } = created(() => ({}))
    scheduler.registration = { isIdMissing: true, roles: [], suppressedRoles: [] }
    engine.needsFrameworkId = true
    const error = await driver.start().catch((thrown) => thrown)
    expect(error).toBeInstanceOf(EngineError)
    expect([exitOf(error), error.message]).toEqual(['FrameworkIdMissing', expect.stringContaining('id')])
    expect(engine.registration).toBeUndefined()
  })

  it('which knows no ids is started all the same', async () => {
    const { driver, scheduler, engine } = created(() => ({}))
    scheduler.registration = { isIdMissing: true, roles: [], suppressedRoles: [] }
    await driver.start()
    expect(engine.registration).toBeDefined()
  })

  it.each([
    ['framework-removed', 'FrameworkHasBeenRemoved'],
    ['engine-error', 'MesosSchedulerError'],
  ] as const)(
    'that ends with %s ends the process once that is durable, and nothing follows',
    async (kind, exit) => {
      let steps = 0
      const { driver, store, engine, log } = await running((slice) => {
        if (slice.length === 0) return {}
        steps++
        return steps === 1
          ? { writes: [write('a')], ending: { kind, message: 'Framework is gone' }, notices: [notice(1)] }
          : { writes: [write('b')], effects: [revive] }
      })
      engine.report({ kind: 'engine-failed', message: 'Framework is gone', isRemoved: true })
      await settle()
      engine.report({ kind: 'agent-lost', agentId: 'n1' })
      await settle()
      expect(log).toEqual([])
      await store.succeed()
      expect(log).toEqual(['notices 1', `halt ${exit}: Framework is gone`])
      await store.succeed()
      engine.report({ kind: 'agent-lost', agentId: 'n2' })
      await settle()
      await driver.stop()
      expect(log).toHaveLength(2)
      expect(steps).toBe(2)
    },
  )
})

describe('the driver', () => {
  it('says once in the log which run spec is set aside, and again when it happens anew', async () => {
    const { scheduler, submit, log } = await running((slice) => ({ replies: repliesTo(slice) }))
    const told = () => log.filter((line) => line.startsWith('a decision failed'))
    const step = async () => {
      await submit()
      await settle()
    }
    scheduler.quarantined.set('/poison', 'Error: no such thing')
    await step()
    await step()
    expect(told()).toEqual([
      'a decision failed; nothing is done about this run spec until it changes: /poison',
    ])
    scheduler.quarantined.delete('/poison')
    await step()
    scheduler.quarantined.set('/poison', 'Error: no such thing')
    await step()
    expect(told()).toHaveLength(2)
  })

  it('says in the log that unhealthy instances are let live, and that they are no longer, each once', async () => {
    const { scheduler, submit, log } = await running((slice) => ({ replies: repliesTo(slice) }))
    const told = () => log.filter((line) => line.includes('unhealthy instances'))
    const outage = { failing: 12, counted: 16, apps: 3 }
    for (const suspendedSince of [1, 1, undefined, undefined]) {
      scheduler.unhealthyKills =
        suspendedSince === undefined ? outage : { ...outage, suspendedSince: instant(suspendedSince) }
      await submit()
      await settle()
    }
    expect(told()).toEqual([
      'most health checks of many apps fail at once; unhealthy instances are let live',
      'unhealthy instances are killed again',
    ])
  })

  it('lets the core act on what was loaded before anything happens', async () => {
    const { store, log } = await running(() => ({ writes: [write('a')], effects: [revive] }))
    expect(store.commits).toEqual([[write('a')]])
    expect(log).toEqual([])
    await store.succeed()
    expect(log).toEqual(['effect revive'])
  })

  it('commits the writes, then performs effects, then tells notices, then replies', async () => {
    const { store, log, submit } = await running((slice) =>
      slice.length === 0
        ? {}
        : { writes: [write('a')], effects: [revive], notices: [notice(1)], replies: repliesTo(slice) },
    )
    void submit()
    await settle()
    expect(store.commits).toEqual([[write('a')]])
    expect(log).toEqual([])
    await store.succeed()
    expect(log).toEqual(['effect revive', 'notices 1', 'reply done'])
  })

  it('answers at once what writes nothing', async () => {
    const { store, log, submit } = await running((slice) => ({ replies: repliesTo(slice) }))
    void submit()
    await settle()
    expect(store.commits).toEqual([])
    expect(log).toEqual(['reply done'])
  })

  it('holds back what writes nothing until the batches before it are out', async () => {
    const { store, engine, log, submit } = await running((slice) =>
      slice.some((event) => event.kind === 'status')
        ? { writes: [write('a')], effects: [revive] }
        : { replies: repliesTo(slice) },
    )
    engine.report(status(1) as never)
    await settle()
    void submit()
    await settle()
    expect(log).toEqual([])
    await store.succeed()
    expect(log).toEqual(['effect revive', 'reply done'])
  })

  it('goes on deciding while a commit is in flight, and commits that together, in order, the last write of a record', async () => {
    let turn = 0
    const { store, engine, log } = await running(() => {
      turn += 1
      return { writes: [write('a', turn), write(`k-${turn}`)], notices: [notice(turn)] }
    })
    engine.report(status(1) as never)
    await settle()
    engine.report(status(2) as never)
    await settle()
    expect(store.commits).toHaveLength(1)
    await store.succeed()
    expect(log).toEqual(['notices 1'])
    expect(store.commits).toHaveLength(2)
    expect(store.commits[1]).toEqual([write('a', 3), write('k-2'), write('k-3')])
    await store.succeed()
    expect(log).toEqual(['notices 1', 'notices 2', 'notices 3'])
  })

  it('pauses the core when too many writes wait, and goes on when they are being committed', async () => {
    const { scheduler, store, engine } = await running(() => ({
      writes: Array.from({ length: limits.writesAhead }, (_, n) => write(`k-${n}`)),
    }))
    for (const n of [1, 2, 3, 4, 5]) {
      engine.report(status(n) as never)
      await settle()
    }
    expect(scheduler.slices).toEqual([[status(1)], [status(2)]])
    await store.succeed()
    expect(scheduler.slices).toEqual([[status(1)], [status(2)], [status(3), status(4), status(5)]])
  })

  it('releases nothing after a commit that failed, and halts with the reason', async () => {
    const { store, scheduler, engine, log, submit } = await running((slice) => ({
      writes: [write('a')],
      effects: [suppress],
      notices: [notice(1)],
      replies: repliesTo(slice),
    }))
    await store.succeed()
    log.length = 0
    void submit()
    await settle()
    void submit()
    await settle()
    await store.fail(new StoreError('full', 'no space'))
    expect(log).toEqual(['halt StoreFull'])
    const steps = scheduler.slices.length
    engine.report(status(1) as never)
    void submit()
    await settle()
    expect(scheduler.slices).toHaveLength(steps)
    expect(store.commits).toHaveLength(2)
    expect(log).toEqual(['halt StoreFull', 'NotTakenError stopping'])
  })

  it('releases nothing of a commit in flight when the core breaks meanwhile', async () => {
    const { store, engine, log } = await running((slice) => {
      if (slice.length > 0) throw new Error('broken truth')
      return { writes: [write('a')], effects: [revive] }
    })
    engine.report(status(1) as never)
    await settle()
    expect(log).toEqual(['halt UncaughtException'])
    await store.succeed()
    expect(log).toEqual(['halt UncaughtException'])
  })

  it('halts when the engine throws, which it must not', async () => {
    const { engine, log, submit } = await running((slice) => ({
      effects: [revive],
      replies: repliesTo(slice),
    }))
    log.length = 0
    engine.perform = () => {
      throw new Error('cannot')
    }
    void submit()
    await settle()
    expect(log).toEqual(['halt UncaughtException'])
  })

  it('goes on when a listener fails, and stops telling one that has left', async () => {
    const { driver, log, submit } = await running((slice) =>
      slice.length === 0 ? {} : { notices: [notice(1)], replies: repliesTo(slice) },
    )
    const told: string[] = []
    driver.subscribe(() => {
      throw new Error('full stream')
    })
    const leave = driver.subscribe(() => told.push('told'))
    await submit()
    leave()
    await submit()
    expect(log).toEqual(['notices 1', 'reply done', 'notices 1', 'reply done'])
    expect(told).toEqual(['told'])
  })

  it('matches replies to requests whatever their order', async () => {
    const { driver } = await running((slice) => ({
      replies: slice
        .flatMap((event) =>
          event.kind === 'request' && event.request.kind === 'reset-delay'
            ? [
                {
                  requestId: event.requestId,
                  outcome: { kind: 'refused', refusal: { kind: 'app-not-found', id: event.request.id } },
                } as const,
              ]
            : [],
        )
        .reverse(),
    }))
    const outcomes = await Promise.all(
      ['/a', '/b', '/c'].map((id) => driver.submit({ kind: 'reset-delay', id })),
    )
    expect(
      outcomes.map((outcome) => outcome.kind === 'refused' && 'id' in outcome.refusal && outcome.refusal.id),
    ).toEqual(['/a', '/b', '/c'])
  })

  it('gives the core events in slices, and lets the event loop run between them', async () => {
    const order: string[] = []
    const { scheduler, engine } = await running((slice) => {
      if (slice.length > 0) order.push(`slice of ${slice.length}`)
      return {}
    })
    for (let n = 0; n < limits.eventsPerSlice * 2 + 1; n++) engine.report(status(n) as never)
    setImmediate(() => setImmediate(() => order.push('something else')))
    await settle()
    expect(order).toEqual(['slice of 4096', 'slice of 4096', 'something else', 'slice of 1'])
    expect(scheduler.slices.flat()).toHaveLength(8_193)
  })

  it('cuts the slices shorter when a step takes long, and longer again when it does not', async () => {
    const { scheduler, engine, clock } = await running((slice) => {
      if (slice.length > 2_000) clock.spend(limits.stepMs + 1)
      return {}
    })
    for (let n = 0; n < 9_000; n++) engine.report(status(n) as never)
    await settle()
    expect(scheduler.slices.map((slice) => slice.length)).toEqual([4_096, 2_048, 1_024, 1_832])
  })

  it('takes a least number of events however long steps take, or the mailbox would overflow', async () => {
    const { scheduler, engine, clock } = await running((slice) => {
      if (slice.length > 0) clock.spend(limits.stepMs + 1)
      return {}
    })
    for (let n = 0; n < 9_000; n++) engine.report(status(n) as never)
    await settle()
    const sizes = scheduler.slices.map((slice) => slice.length)
    expect(sizes).toEqual([4_096, 2_048, 1_024, 1_024, 808])
    expect(limits.launchesPerTurn).toBeLessThanOrEqual(limits.eventsPerSliceLeast)
  })

  it('turns requests away when too much waits, and leaves statuses for the engine to repeat', async () => {
    const { scheduler, engine, log, submit } = await running((slice) => ({ replies: repliesTo(slice) }))
    for (let n = 0; n < limits.mailboxEvents; n++)
      engine.report({ kind: 'offer-rescinded', offerId: `o-${n}` })
    engine.report(status(1) as never)
    engine.report(status(2) as never)
    await submit()
    expect(log).toEqual([
      'too many events wait, statuses are left for the engine to repeat',
      'NotTakenError overloaded',
    ])
    while (scheduler.slices.flat().length < limits.mailboxEvents) await settle()
    engine.report(status(1) as never)
    await submit()
    expect(scheduler.slices.flat().filter((event) => event.kind === 'status')).toEqual([status(1)])
    expect(log.slice(2)).toEqual(['events are taken again', 'reply done'])
  })

  it('tells the core when it refused statuses that nobody repeats, once there is room again', async () => {
    const { scheduler, engine } = await running((slice) => ({ replies: repliesTo(slice) }))
    const fill = () => {
      for (let n = 0; n < limits.mailboxEvents; n++)
        engine.report({ kind: 'offer-rescinded', offerId: `o-${n}` })
    }
    const drained = async (count: number) => {
      while (scheduler.slices.flat().length < count) await settle()
      await settle()
    }
    const toldOf = () => scheduler.slices.flat().filter(({ kind }) => kind === 'statuses-missed').length
    fill()
    engine.report(status(1) as never)
    await drained(limits.mailboxEvents)
    expect(toldOf()).toBe(0)
    fill()
    for (const taskId of ['t-1', 't-2']) {
      const answer = { taskId, state: 'TASK_GONE', timestamp: instant(0) } as const
      engine.report({ kind: 'status', status: answer })
    }
    await drained(2 * limits.mailboxEvents + 1)
    expect(toldOf()).toBe(1)
  })

  it('wakes the core when its deadline has come, after the events of that moment', async () => {
    const { scheduler, engine, clock } = await running((slice) => {
      if (slice.some((event) => event.kind === 'woke')) scheduler.wakeAt = undefined
      return {}
    })
    scheduler.wakeAt = instant(5_000)
    engine.report(status(1) as never)
    await settle()
    expect(clock.armed).toEqual([5_000])
    const moved = clock.moveTo(5_000)
    engine.report(status(2) as never)
    await moved
    expect(scheduler.slices).toEqual([[status(1)], [status(2), { kind: 'woke' }]])
    expect(scheduler.times.at(-1)).toBe(5_000)
    expect(clock.armed).toEqual([])
  })

  it('arms one alarm, anew only when the deadline moves, and again when it rang early', async () => {
    const { scheduler, engine, clock } = await running(() => ({}))
    const turn = async (wakeAt: number | undefined) => {
      scheduler.wakeAt = wakeAt === undefined ? undefined : instant(wakeAt)
      engine.report(status(1) as never)
      await settle()
    }
    await turn(5_000)
    await turn(5_000)
    expect(clock.alarms).toHaveLength(1)
    await turn(3_000)
    expect(clock.armed).toEqual([3_000])
    const steps = scheduler.slices.length
    await clock.ringEarly()
    expect(scheduler.slices).toHaveLength(steps)
    expect(clock.armed).toEqual([3_000])
    await turn(undefined)
    expect(clock.armed).toEqual([])
  })

  it('goes on without an event while the deadline has already passed', async () => {
    let left = 3
    const { scheduler, engine, clock } = await running(() => {
      left -= 1
      return {}
    })
    Object.defineProperty(scheduler, 'wakeAt', { get: () => (left > 0 ? clock.now() : undefined) })
    left = 3
    engine.report(status(1) as never)
    await settle()
    expect(scheduler.slices).toEqual([[status(1), { kind: 'woke' }], [{ kind: 'woke' }], [{ kind: 'woke' }]])
  })

  it('stops after what was decided has left, and turns away what was not', async () => {
    const { driver, store, engine, clock, scheduler, log, submit } = await running((slice) =>
      slice.length === 0 ? {} : { writes: [write('a')], effects: [revive], replies: repliesTo(slice) },
    )
    scheduler.wakeAt = instant(9_000)
    void submit()
    await settle()
    void submit()
    const stopped = driver.stop().then(() => log.push('stopped'))
    await settle()
    expect(log).toEqual(['NotTakenError stopping'])
    expect(engine.isStopped).toBe(false)
    await store.succeed()
    await stopped
    expect(log).toEqual(['NotTakenError stopping', 'effect revive', 'reply done', 'stopped'])
    expect(engine.isStopped).toBe(true)
    expect(clock.armed).toEqual([])
    await submit()
    expect(log.at(-1)).toBe('NotTakenError stopping')
    await driver.stop()
  })
})
