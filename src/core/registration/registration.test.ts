// As whom a Marathon registers with a cluster that serves others, too, and what becomes of that when it is forgotten.

import { describe, expect, test } from 'vitest'
import { HandCore, type HandCoreOptions, offerOf } from '../../../tests/support/hand-core.ts'
import type { Ready } from '../ready.ts'
import type { StoredRecord } from '../records.ts'
import { createScheduler } from '../scheduler.ts'
import { defaultSettings, type EngineKind, type Settings } from '../settings.ts'

const shared = (options: HandCoreOptions = {}): HandCore =>
  new HandCore({ holdsOffers: false, ...options, settings: { mesosRole: 'foo', ...options.settings } })

/** What another process begins with. */
function nextProcess(records: readonly StoredRecord[], settings: Partial<Settings> = {}) {
  return createScheduler({
    settings: { ...defaultSettings, mesosRole: 'foo', ...settings },
    seed: 2,
    records,
    now: 0 as never,
    quarantines: false,
  })
}

const connected = (frameworkId: string, more: object = {}) =>
  ({ kind: 'engine-connected', frameworkId, master: 'm', holdsOffers: false, ...more }) as const

const types = ({ notices }: Ready): string[] => notices.map(({ type }) => type)

describe('to register with (runtime 1, 13)', () => {
  test('is at first no id, and the role of --mesos_role, without offers', () => {
    expect(nextProcess([]).view.registration()).toEqual({ roles: ['foo'], suppressedRoles: ['foo'] })
    expect(nextProcess([], { suppressOffers: false }).view.registration()).toEqual({
      roles: ['foo'],
      suppressedRoles: [],
    })
  })

  test('are later the id there was, the roles of all instances, and offers for those that wait', () => {
    const core = shared()
    core.create({ id: '/dev/app', cmd: 'serve', role: 'dev' })
    core.create({ id: '/ops/app', cmd: 'serve', role: 'ops' })
    core.offers(offerOf('a', { role: 'dev' }))
    core.tellAll('TASK_RUNNING')
    expect(nextProcess(core.records).view.registration()).toEqual({
      frameworkId: 'f',
      roles: ['dev', 'foo', 'ops'],
      suppressedRoles: ['dev', 'foo'],
    })
  })

  test('while connected is what the engine was told last', () => {
    const core = shared()
    core.run(1_000)
    core.create({ id: '/dev/app', cmd: 'serve', role: 'dev' })
    expect(core.view.registration()).toEqual({
      frameworkId: 'f',
      roles: ['dev', 'foo'],
      suppressedRoles: ['foo'],
    })
    core.offers(offerOf('a', { role: 'dev' }))
    core.run(1_000)
    expect(core.view.registration()).toMatchObject({ suppressedRoles: ['dev', 'foo'] })
  })

  test('is nothing new to a connection that was made so: nothing is suppressed a second time', () => {
    const core = nextProcess([])
    const { roles, suppressedRoles } = core.view.registration()
    core.step([connected('f', { subscribed: { roles, suppressedRoles } })], 1_000 as never)
    expect(core.takeReady().effects).toEqual([{ kind: 'reconcile', tasks: [] }])
  })

  test('an engine whose offers stay with us is told nothing of roles', () => {
    const core = new HandCore({ holdsOffers: true, settings: { mesosRole: 'foo' } })
    core.create({ id: '/dev/app', cmd: 'serve', role: 'dev' })
    core.run(10_000)
    expect(core.effects.filter(({ kind }) => kind !== 'reconcile')).toEqual([])
  })

  test('offers are asked for in the role of what is to be taken back, until it is', () => {
    const core = shared()
    core.create({ id: '/dev/app', cmd: 'serve', role: 'dev' })
    core.offers(offerOf('a', { role: 'dev' }))
    core.tellAll('TASK_RUNNING')
    core.run(1_000)
    const [instance] = core.view.instances()
    const reservation = { id: instance!.id, volumes: [], state: 'launched' } as const
    const stopped = core.records.map((record) =>
      record.table === 'instance'
        ? {
            ...record,
            value: {
              ...record.value,
              reservation: { ...reservation, state: 'suspended' as const },
              goal: 'Decommissioned' as const,
              condition: 'Killed' as const,
              tasks: record.value.tasks.map((task) => ({
                ...task,
                condition: 'Killed' as const,
                state: 'TASK_KILLED' as const,
              })),
            },
          }
        : record,
    )
    expect(nextProcess(stopped).view.registration()).toMatchObject({
      roles: ['dev', 'foo'],
      suppressedRoles: ['foo'],
    })
  })
})

describe('the id (runtime 1, exit codes 106, 108 and 110)', () => {
  test('is stored when it is new, and only then', () => {
    const core = nextProcess([])
    const stored = (id: string): unknown[] => {
      core.step([connected(id)], 0 as never)
      return core.takeReady().writes.filter(({ table }) => table === 'meta')
    }
    expect(stored('f-1')).toEqual([{ kind: 'put', table: 'meta', key: 'framework', value: { id: 'f-1' } }])
    expect(stored('f-1')).toEqual([])
  })

  test('is missing when instances are stored without it, and not when nothing is', () => {
    const core = shared()
    core.create({ id: '/app', cmd: 'serve' })
    const isMissing = (records: readonly StoredRecord[]) =>
      nextProcess(records).view.registration().isIdMissing
    expect(isMissing(core.records)).toBeUndefined()
    const withoutId = core.records.filter(({ table }) => table !== 'meta')
    expect(isMissing(withoutId)).toBe(true)
    expect(isMissing(withoutId.filter(({ table }) => table !== 'instance'))).toBeUndefined()
  })

  test('is that of the engine it came from, and another one that runs instances is told of', () => {
    const records = (engine: EngineKind): readonly StoredRecord[] => {
      const core = shared({ settings: { engine } })
      core.create({ id: '/app', cmd: 'serve' })
      return core.records
    }
    const registration = (stored: readonly StoredRecord[], engine: EngineKind) =>
      nextProcess(stored, { engine }).view.registration()
    expect(registration(records('mesos'), 'mesos')).toMatchObject({ frameworkId: 'f' })
    expect(registration(records('mesos'), 'mesos')).not.toHaveProperty('otherEngine')
    const moved = registration(records('local'), 'mesos')
    expect(moved).toMatchObject({ otherEngine: { engine: 'local', instances: 1 } })
    expect(moved).not.toHaveProperty('frameworkId')
    expect(registration(records('sim'), 'local')).not.toHaveProperty('otherEngine')
    const empty = records('local').filter(({ table }) => table !== 'instance')
    expect(registration(empty, 'mesos')).not.toHaveProperty('otherEngine')
  })

  test('is forgotten when the master has removed us, and the next process registers anew', () => {
    const core = shared()
    core.create({ id: '/app', cmd: 'serve' })
    const ready = core.engine({
      kind: 'engine-failed',
      message: 'Framework has been removed',
      isRemoved: true,
    })
    expect(ready.ending).toEqual({ kind: 'framework-removed', message: 'Framework has been removed' })
    expect(types(ready)).toEqual(['scheduler_disconnected_event'])
    expect(core.view.engine).toEqual({ isConnected: false, master: 'm' })
    const next = nextProcess(core.records)
    expect(next.view.registration()).toEqual({ roles: ['foo'], suppressedRoles: [] })
    next.step([connected('f-2')], 0 as never)
    const writes = next.takeReady().writes.filter(({ table }) => table === 'meta')
    expect(writes).toContainEqual({ kind: 'put', table: 'meta', key: 'framework', value: { id: 'f-2' } })
    expect(writes).toContainEqual({ kind: 'delete', table: 'meta', key: 'removed-framework' })
    expect(next.view.registration()).toMatchObject({ frameworkId: 'f-2' })
  })

  test('what ran under an id that was removed is asked about under the new one, and launched again', () => {
    const core = shared()
    core.create({ id: '/app', cmd: 'serve', backoffSeconds: 0 })
    core.offers(offerOf('a', { role: 'foo' }))
    const { taskId } = core.launched[0]!
    core.tellAll('TASK_RUNNING')
    core.engine({ kind: 'engine-failed', message: 'Framework has been removed', isRemoved: true })
    const next = shared({ records: core.records, now: core.now })
    expect(next.first.effects).toContainEqual({ kind: 'reconcile', tasks: [{ taskId, agentId: 'a' }] })
    next.status(taskId, 'TASK_GONE', { agentId: 'a', reason: 'REASON_RECONCILIATION' })
    next.offers(offerOf('a', { id: 'another', role: 'foo' }))
    expect(next.launched).toHaveLength(1)
  })

  test('stays after any other error, with which the process ends all the same', () => {
    const core = shared()
    const ready = core.engine({ kind: 'engine-failed', message: 'Not allowed to use role', isRemoved: false })
    expect(ready.ending).toEqual({ kind: 'engine-error', message: 'Not allowed to use role' })
    expect(ready.writes.filter(({ table }) => table === 'meta')).toEqual([])
    expect(nextProcess(core.records).view.registration()).toMatchObject({ frameworkId: 'f' })
  })

  test('of several reasons to end the first one counts, and it is told once', () => {
    const core = shared()
    const failed = (message: string) => ({ kind: 'engine-failed', message, isRemoved: false }) as const
    expect(core.step(failed('first'), failed('second')).ending).toMatchObject({ message: 'first' })
    core.engine({ kind: 'engine-disconnected' })
    expect(core.step({ kind: 'woke' })).not.toHaveProperty('ending')
  })
})

describe('what an executor says', () => {
  test('is told to listeners byte by byte, as a JVM has them', () => {
    const core = shared()
    const ready = core.engine({
      kind: 'framework-message',
      agentId: 'S0',
      executorId: 'ex1',
      data: 'aGn/gA==',
    })
    expect(ready.notices).toEqual([
      {
        type: 'framework_message_event',
        body: {
          executorId: 'ex1',
          slaveId: 'S0',
          message: [104, 105, -1, -128],
          eventType: 'framework_message_event',
          timestamp: expect.any(String),
        },
      },
    ])
  })

  test('is nothing when it ends: its tasks have statuses of their own', () => {
    const ready = shared().engine({ kind: 'executor-lost', agentId: 'S0', executorId: 'ex1', status: 256 })
    expect([ready.notices, ready.effects, ready.writes]).toEqual([[], [], []])
  })
})

test('reconciliation asks about no more tasks in one call than it may, and about all of them', () => {
  const core = shared()
  core.create({ id: '/app', cmd: 'serve', cpus: 0.001, mem: 1, instances: 5_200 })
  for (let agent = 0; core.view.gauges.launched < 5_200; agent++) {
    core.offers(offerOf(`n${agent}`, { role: 'foo' }))
  }
  core.tellAll('TASK_RUNNING')
  core.effects.length = 0
  core.engine({ kind: 'engine-disconnected' })
  core.engine(connected('f'))
  const asked = core.effects.flatMap((effect) => (effect.kind === 'reconcile' ? [effect.tasks.length] : []))
  expect(asked).toEqual([5_000, 200, 0])
})
