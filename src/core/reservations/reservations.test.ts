// Reservations through the whole core: asked for, launched on, given up and taken back, told of and remembered.

import { describe, expect, test } from 'vitest'
import { HandCore, type HandCoreOptions } from '../../../tests/support/hand-core.ts'
import { residentApp, residentPod } from '../../../tests/support/resident-core.ts'
import type { Instance } from '../instances/instance.ts'
import { launchedTasks, type Offer, type Operation, type Resource } from '../mesos.ts'
import type { Ready } from '../ready.ts'

const settings = { mesosRole: 'db', mesosPrincipal: 'marathon' }

const start = (more: Partial<HandCoreOptions> = {}): HandCore =>
  new HandCore({ holdsOffers: false, ...more, settings: { ...settings, ...more.settings } })

let offers = 0
const offerOf = (agentId: string, resources: readonly Resource[], more: Partial<Offer> = {}): Offer => ({
  id: `${agentId} ${++offers}`,
  agentId,
  hostname: `${agentId}.example`,
  role: 'db',
  resources,
  attributes: [],
  ...more,
})

/** What an agent has that is nobody's. */
const plain: readonly Resource[] = [
  { name: 'cpus', scalar: 4, role: '*' },
  { name: 'mem', scalar: 4_096, role: '*' },
  { name: 'disk', scalar: 10_000, role: '*' },
  { name: 'ports', ranges: [{ begin: 31_000, end: 31_099 }], role: '*' },
]

const operationsOf = ({ effects }: Pick<Ready, 'effects'>): readonly Operation[] =>
  effects.flatMap((effect) => (effect.kind === 'accept' ? effect.operations : []))

/** What an agent keeps once it has done what it was told, volumes in the place of their disks. */
function keptAfter(ready: Ready): readonly Resource[] {
  const operations = operationsOf(ready)
  const volumes = operations.flatMap((operation) => (operation.type === 'CREATE' ? operation.volumes : []))
  const sizes = volumes.map(({ scalar }) => scalar)
  const reserved = operations.flatMap((operation) =>
    operation.type === 'RESERVE' ? operation.resources : [],
  )
  return [...reserved.filter(({ name, scalar }) => name !== 'disk' || !sizes.includes(scalar)), ...volumes]
}

const types = (ready: Ready): string[] => operationsOf(ready).map(({ type }) => type)
const all = (core: HandCore): readonly Instance[] => [...core.view.instances()]
const told = ({ notices }: Ready): string[] =>
  notices.flatMap(({ type, body }) => {
    const { condition, agentId } = body as { condition?: string; agentId?: string | null }
    return type === 'instance_changed_event' ? [`${condition} on ${agentId}`] : []
  })
/** The first reason why each offer was not used, latest last. */
const refusals = (core: HandCore): readonly (readonly string[])[] =>
  core.view.queue()[0]?.lastUnusedOffers.map(({ reasons }) => reasons) ?? []

/** The app waits, reserved for on agent a; `kept` is what that agent has for it. */
function reserved(more: Parameters<typeof residentApp>[0] = {}, options: Partial<HandCoreOptions> = {}) {
  const core = start(options)
  core.create(residentApp(more))
  const ready = core.offers(offerOf('a', plain))
  return { core, ready, kept: keptAfter(ready) }
}

describe('an instance with a volume (runtime 12)', () => {
  test('is reserved for first: still Scheduled, with its agent, and so for 20 s at most', () => {
    const { core, ready } = reserved()
    expect(types(ready)).toEqual(['RESERVE', 'CREATE'])
    expect(told(ready)).toEqual(['Scheduled on a'])
    const [instance] = all(core)
    expect(instance).toMatchObject({
      condition: 'Scheduled',
      goal: 'Running',
      attempt: 0,
      tasks: [],
      agent: { agentId: 'a', hostname: 'a.example' },
      reservation: { id: instance!.id, state: 'new', deadline: core.now + 20_000 },
    })
    const [volume] = instance!.reservation!.volumes
    expect(volume!.name).toBe('data')
    expect(volume!.persistenceId).toMatch(/^db#data#[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    expect(core.records.find(({ table }) => table === 'instance')?.value).toEqual(instance)
  })

  test('is launched on the next offer that has what was reserved, on all of that and nothing else', () => {
    const { core, kept } = reserved({ portDefinitions: [{ port: 0 }] })
    const ready = core.offers(offerOf('a', [...plain, ...kept]))
    const [launch, ...more] = operationsOf(ready)
    expect(more).toEqual([])
    const [task] = launchedTasks(launch!)
    expect(task!.resources).toHaveLength(kept.length)
    expect(task!.resources).toEqual(expect.arrayContaining([...kept]))
    expect(task!.resources.at(-1)).toBe(kept.at(-1))
    expect(task!.container).toEqual({ type: 'MESOS' })
    expect(told(ready)).toEqual(['Provisioned on a'])
    const [instance] = all(core)
    expect(instance!.reservation).toEqual({
      id: instance!.id,
      volumes: instance!.reservation!.volumes,
      state: 'launched',
    })
    expect(task!.taskId).toBe(`${instance!.id}._app.1`)
  })

  test('a reservation and a launch leave in one accept each, after their records', () => {
    const { ready } = reserved()
    expect(ready.effects.filter(({ kind }) => kind === 'accept')).toHaveLength(1)
    expect(ready.writes).toContainEqual(
      expect.objectContaining({
        kind: 'put',
        table: 'instance',
        value: expect.objectContaining({ reservation: expect.objectContaining({ state: 'new' }) }),
      }),
    )
  })

  test('with a sandbox on disk takes both from what was reserved', () => {
    const { core, kept } = reserved({ disk: 100 })
    const ready = core.offers(offerOf('a', kept))
    const disks = operationsOf(ready)
      .flatMap(launchedTasks)[0]!
      .resources.filter(({ name }) => name === 'disk')
    expect(disks.map(({ scalar, disk }) => [scalar, disk?.volume?.containerPath])).toEqual([
      [100, undefined],
      [512, 'data'],
    ])
  })

  test('its agent may have another id and name by now: it is told as it is', () => {
    const { core, kept } = reserved()
    core.offers(offerOf('a-again', kept, { hostname: 'other.example' }))
    expect(all(core)).toMatchObject([
      { condition: 'Provisioned', agent: { agentId: 'a-again', hostname: 'other.example' } },
    ])
  })

  test('keeps its role in what is reserved, whatever framework id and labels others use', () => {
    const { core, kept } = reserved()
    const theirs = kept.map((resource) => ({
      ...resource,
      reservations: resource.reservations!.map((reservation) => ({
        ...reservation,
        labels: { ...reservation.labels, marathon_framework_id: 'another' },
      })),
    }))
    // Neither launched on, nor taken back, nor reserved again.
    expect(types(core.offers(offerOf('b', theirs)))).toEqual([])
    expect(refusals(core)).toEqual([['NoCorrespondingReservationFound']])
  })
})

describe('which offer is for whom (runtime 12)', () => {
  test('one without its volumes is not for an instance that has some', () => {
    const { core } = reserved()
    const { effects } = core.offers(offerOf('b', plain))
    expect(effects).toMatchObject([{ kind: 'decline' }])
    expect(refusals(core)).toEqual([['NoCorrespondingReservationFound']])
  })

  test('and is reserved of for the next one that has none', () => {
    const { core, kept } = reserved({ instances: 2 }, { settings: { maxInstancesPerOffer: 1 } })
    expect(types(core.offers(offerOf('b', plain)))).toEqual(['RESERVE', 'CREATE'])
    expect(all(core).map(({ agent }) => agent?.agentId)).toEqual(['a', 'b'])
    expect(types(core.offers(offerOf('a', [...plain, ...kept])))).toEqual(['LAUNCH'])
  })

  test('one that has some of its volumes only is not for it', () => {
    const { core, kept } = reserved()
    const [first] = all(core)
    const without = kept.filter(({ disk }) => disk?.persistence === undefined)
    const other = { ...kept.at(-1)!, disk: { ...kept.at(-1)!.disk!, persistence: { id: 'unwanted' } } }
    core.offers(offerOf('a', [...without, other]))
    expect(all(core)).toEqual([first])
  })

  test('where it does not fit any more, it is refused, and nothing is reserved there for another', () => {
    const { core, kept } = reserved({ instances: 2 }, { settings: { maxInstancesPerOffer: 1 } })
    const without = kept.filter(({ name }) => name !== 'mem')
    const { effects } = core.offers(offerOf('a', [...plain, ...without]))
    expect(effects).toMatchObject([{ kind: 'decline' }])
    expect(refusals(core)).toEqual([['InsufficientMemory']])
    expect(types(core.offers(offerOf('b', plain)))).toEqual(['RESERVE', 'CREATE'])
  })

  test('several on one offer are launched together, and the rest is reserved of', () => {
    const core = start()
    core.create(residentApp({ instances: 3 }))
    const ready = core.offers(offerOf('a', [...plain, ...plain.slice(0, 3)]))
    expect(types(ready)).toEqual(['RESERVE', 'CREATE', 'RESERVE', 'CREATE', 'RESERVE', 'CREATE'])
    const ids = all(core).flatMap(({ reservation }) =>
      reservation!.volumes.map(({ persistenceId }) => persistenceId),
    )
    expect(new Set(ids).size).toBe(3)
    core.update('/db', { instances: 4 }, true)
    const next = core.offers(offerOf('a', [...plain, ...keptAfter(ready)]))
    expect(types(next)).toEqual(['LAUNCH', 'RESERVE', 'CREATE'])
    expect(operationsOf(next).flatMap(launchedTasks)).toHaveLength(3)
  })

  test('what is reserved for another role is not for it', () => {
    const { core, kept } = reserved()
    expect(types(core.offers(offerOf('a', kept, { role: 'other' })))).toEqual([])
  })

  test('nothing is launched while its app is delayed, and on the same agent afterwards', () => {
    const { core, kept } = reserved({ backoffSeconds: 5 })
    const { taskId } = operationsOf(core.offers(offerOf('a', kept))).flatMap(launchedTasks)[0]!
    core.status(taskId, 'TASK_FAILED')
    expect(core.offers(offerOf('a', kept)).effects).toMatchObject([{ kind: 'decline' }])
    core.run(6_000)
    expect(types(core.offers(offerOf('b', plain)))).toEqual([])
    const again = operationsOf(core.offers(offerOf('a', kept))).flatMap(launchedTasks)
    expect(again.map((task) => task.taskId)).toEqual([taskId.replace(/1$/, '2')])
  })

  test('offers that stay are used when the delay is over', () => {
    const { core, kept } = reserved({ backoffSeconds: 5 }, { holdsOffers: true })
    const { taskId } = operationsOf(core.offers(offerOf('a', kept))).flatMap(launchedTasks)[0]!
    core.status(taskId, 'TASK_FAILED')
    core.offers(offerOf('a', kept))
    expect(all(core)).toMatchObject([{ condition: 'Failed', attempt: 1 }])
    core.run(6_000)
    expect(all(core)).toMatchObject([{ condition: 'Provisioned', attempt: 2 }])
  })
})

describe('nothing can be reserved', () => {
  test.each([
    ['by an engine that keeps nothing', { reserves: false }],
    ['without a principal', { reserves: true, settings: { mesosRole: 'db' } }],
  ])('%s', (_name, options) => {
    const core = new HandCore({ holdsOffers: false, settings, ...options })
    expect(core.create(residentApp())).toMatchObject({ kind: 'deployed' })
    expect(types(core.offers(offerOf('a', plain)))).toEqual([])
    expect(refusals(core)).toEqual([['NoCorrespondingReservationFound']])
  })

  test('without launch tokens, which a reservation takes like a launch', () => {
    const core = start({ settings: { launchTokens: 1 } })
    core.create(residentApp({ instances: 2 }))
    expect(types(core.offers(offerOf('a', plain)))).toEqual(['RESERVE', 'CREATE'])
    expect(types(core.offers(offerOf('b', plain)))).toEqual([])
  })
})

describe('what was reserved and is not launched on in time (runtime 7)', () => {
  test('is given up with its instance, and another is made', () => {
    const { core } = reserved()
    const [before] = all(core)
    core.run(19_999)
    expect(all(core)).toEqual([before])
    core.now = core.scheduler.wakeAt!
    const ready = core.step({ kind: 'woke' })
    expect(core.now).toBe(before!.reservation!.deadline)
    expect(told(ready)).toEqual(['Killed on a', 'Scheduled on null'])
    const [after] = all(core)
    expect(after!.id).not.toBe(before!.id)
    expect(after).not.toHaveProperty('reservation')
    // Nothing has failed: it waits for an offer alone.
    expect(core.view.queue()).toMatchObject([{ count: 1 }])
    expect(core.view.queue()[0]).not.toHaveProperty('delayUntil')
  })

  test('and taken back when it shows up after all', () => {
    const { core, kept } = reserved()
    core.run(21_000)
    const ready = core.offers(offerOf('a', [...plain, ...kept]))
    expect(types(ready)).toEqual(['DESTROY', 'UNRESERVE'])
    expect(told(ready)).toEqual([])
  })

  test('is waited for no longer when nobody wants it any more', () => {
    const { core } = reserved()
    core.remove('/db', true)
    expect(all(core)).toMatchObject([{ goal: 'Decommissioned', condition: 'Scheduled' }])
    core.run(21_000)
    expect(all(core)).toEqual([])
  })

  test('is kept when it was launched on, whatever becomes of the launch', () => {
    const { core, kept } = reserved({ backoffSeconds: 0 })
    core.offers(offerOf('a', kept))
    core.run(19_000)
    core.tellAll('TASK_FAILED')
    const [before] = all(core)
    core.run(60_000)
    expect(all(core)).toEqual([before])
  })

  test('by a new process, at the time the former had set', () => {
    const { core } = reserved()
    const deadline = all(core)[0]!.reservation!.deadline!
    const next = new HandCore({ settings, records: core.records, holdsOffers: false, now: core.now, seed: 2 })
    expect(all(next)).toEqual(all(core))
    next.run(deadline - next.now - 1)
    expect(all(next)).toEqual(all(core))
    next.run(2)
    expect(all(next)).toMatchObject([{ condition: 'Scheduled' }])
    expect(all(next)[0]).not.toHaveProperty('reservation')
  })

  test('a new process launches on what the former had reserved', () => {
    const { core, kept } = reserved()
    const next = new HandCore({ settings, records: core.records, holdsOffers: false, now: core.now, seed: 2 })
    expect(types(next.offers(offerOf('a', kept)))).toEqual(['LAUNCH'])
  })
})

describe('what nobody wants (runtime 5)', () => {
  /** Reserved for an instance that this core never knew. */
  const left = keptAfter(reserved().ready)

  test('an offer without reservations is nothing to take back of', () => {
    expect(types(start().offers(offerOf('a', plain)))).toEqual([])
  })

  test('is destroyed and unreserved, and the offer is used for nothing else', () => {
    const core = start()
    core.create({ id: '/web', cmd: 'serve', cpus: 0.1 })
    const ready = core.offers(offerOf('a', [...plain, ...left]))
    expect(types(ready)).toEqual(['DESTROY', 'UNRESERVE'])
    expect(ready.effects.map(({ kind }) => kind)).toEqual(['accept'])
    const [destroy, unreserve] = operationsOf(ready)
    const volume = left.at(-1)!
    const { disk: _disk, ...space } = volume
    expect(destroy).toEqual({ type: 'DESTROY', volumes: [volume] })
    expect(unreserve).toEqual({ type: 'UNRESERVE', resources: [...left.slice(0, -1), space] })
    expect(types(core.offers(offerOf('a', plain)))).toEqual(['LAUNCH'])
  })

  test('is asked for again where it stays, but not for ever: its agent is there for others, too', () => {
    const core = start()
    core.create({ id: '/web', cmd: 'serve', cpus: 0.1 })
    const told = ['first', 'second', 'third', 'fourth'].map(() =>
      types(core.offers(offerOf('a', [...plain, ...left]))),
    )
    expect(told).toEqual([...Array(3).fill(['DESTROY', 'UNRESERVE']), ['LAUNCH']])
    expect(types(core.offers(offerOf('a', left)))).toEqual([])
    // What comes in pieces is asked for piece by piece, and another agent knows nothing of this one.
    expect(types(core.offers(offerOf('a', left.slice(0, 1))))).toEqual(['UNRESERVE'])
    expect(types(core.offers(offerOf('b', left)))).toEqual(['DESTROY', 'UNRESERVE'])
    core.run(59_999)
    expect(types(core.offers(offerOf('a', left)))).toEqual([])
    core.run(1)
    expect(types(core.offers(offerOf('a', left)))).toEqual(['DESTROY', 'UNRESERVE'])
    expect(types(core.offers(offerOf('a', left)))).toEqual([])
  })

  test('is taken back while nothing waits at all', () => {
    expect(types(start().offers(offerOf('a', left)))).toEqual(['DESTROY', 'UNRESERVE'])
  })

  test('is left alone when another Marathon has reserved it', () => {
    const core = start()
    const theirs = new HandCore({ settings, holdsOffers: false })
    theirs.engine({
      kind: 'engine-connected',
      frameworkId: 'g',
      master: 'm',
      holdsOffers: false,
      reserves: true,
    })
    theirs.create(residentApp())
    const kept = keptAfter(theirs.offers(offerOf('a', plain)))
    expect(types(core.offers(offerOf('a', kept)))).toEqual([])
  })

  test('of a removed app is taken back on an offer that is asked for, and its instance is gone', () => {
    const { core, kept } = reserved()
    core.offers(offerOf('a', kept))
    core.tellAll('TASK_RUNNING')
    core.run(1_000)
    const [{ tasks }] = all(core) as [Instance]
    core.remove('/db')
    core.status(tasks[0]!.id, 'TASK_KILLED')
    expect(all(core)).toMatchObject([{ goal: 'Decommissioned', condition: 'Killed' }])
    const before = core.effects.length
    core.run(1_000)
    expect(core.effects.slice(before)).toContainEqual({ kind: 'revive', roles: ['db'] })
    const ready = core.offers(offerOf('a', kept))
    expect(types(ready)).toEqual(['DESTROY', 'UNRESERVE'])
    // Its last condition was the same: there is nothing to tell.
    expect(told(ready)).toEqual([])
    expect(all(core)).toEqual([])
    core.run(1_000)
    expect(core.effects.at(-1)).toMatchObject({ kind: 'suppress', roles: ['db'] })
  })

  test('of one that never ran is gone with its reservation, as Killed', () => {
    const { core, kept } = reserved()
    core.remove('/db', true)
    const ready = core.offers(offerOf('a', kept))
    expect(types(ready)).toEqual(['DESTROY', 'UNRESERVE'])
    expect(told(ready)).toEqual(['Killed on a'])
    expect(all(core)).toEqual([])
  })

  test('of one that is wanted stays, whether it waits, runs or is stopped', () => {
    const { core, kept } = reserved()
    core.offers(offerOf('a', kept))
    expect(types(core.offers(offerOf('b', kept)))).toEqual([])
    core.tellAll('TASK_RUNNING')
    expect(types(core.offers(offerOf('c', kept)))).toEqual([])
    const [{ tasks }] = all(core) as [Instance]
    core.update('/db', { instances: 0 })
    core.status(tasks[0]!.id, 'TASK_KILLED')
    expect(types(core.offers(offerOf('d', kept)))).toEqual([])
  })

  test('of several instances goes with one accept', () => {
    const other = keptAfter(reserved().ready)
    const renamed = other.map((resource) => ({
      ...resource,
      reservations: resource.reservations!.map((each) => ({
        ...each,
        labels: { ...each.labels, marathon_task_id: each.labels['marathon_task_id']!.replace(/.$/, 'e') },
      })),
    }))
    const ready = start().offers(offerOf('a', [...left, ...renamed]))
    expect(types(ready)).toEqual(['DESTROY', 'UNRESERVE', 'DESTROY', 'UNRESERVE'])
    expect(ready.effects).toHaveLength(1)
  })
})

describe('a pod with a volume', () => {
  const pod = residentPod({ networks: [{ mode: 'host' }] })
  const deploy = () => {
    const core = start()
    core.ask({ kind: 'create-pod', body: pod, force: false, origin: { clientIp: '10.0.0.1', uri: '/' } })
    const ready = core.offers(offerOf('a', plain))
    return { core, ready, kept: keptAfter(ready) }
  }

  test('has all that its containers and its executor take reserved in one go', () => {
    const { core, ready, kept } = deploy()
    expect(types(ready)).toEqual(['RESERVE', 'CREATE'])
    expect(kept.map(({ name, scalar, disk }) => [name, scalar, disk?.volume?.containerPath])).toEqual([
      ['cpus', 0.7, undefined],
      ['mem', 128, undefined],
      ['disk', 10, undefined],
      ['disk', 512, 'data'],
    ])
    expect(all(core)[0]!.reservation!.volumes[0]!.persistenceId).toMatch(/^pods_db#data#/)
  })

  test('is launched with the volume on its executor, where its containers mount it from', () => {
    const { core, kept } = deploy()
    const [group] = operationsOf(core.offers(offerOf('a', [...plain, ...kept])))
    if (group?.type !== 'LAUNCH_GROUP') throw new Error('a pod is launched as a group')
    expect(group.executor.resources.at(-1)).toBe(kept.at(-1))
    const taken = [...group.executor.resources, ...group.tasks.flatMap(({ resources }) => resources)]
    expect(taken.every(({ role, reservations }) => role === 'db' && reservations !== undefined)).toBe(true)
    const sum = (name: string) =>
      taken.reduce((total, resource) => total + (resource.name === name ? (resource.scalar ?? 0) : 0), 0)
    expect([sum('cpus'), sum('mem'), sum('disk')]).toEqual([0.7, 128, 522])
    expect(group.tasks.map(({ container }) => container?.volumes)).toEqual([
      [
        {
          containerPath: 'data',
          mode: 'RW',
          source: { type: 'SANDBOX_PATH', sandboxPath: { type: 'PARENT', path: 'data' } },
        },
      ],
      undefined,
    ])
  })

  test('recovers on it, with the next tasks of the same instance', () => {
    const { core, kept } = deploy()
    core.offers(offerOf('a', kept))
    const [{ id }] = all(core) as [Instance]
    core.tellAll('TASK_RUNNING')
    const [{ tasks }] = all(core) as [Instance]
    for (const task of tasks) core.status(task.id, 'TASK_FAILED')
    core.run(5_000)
    const again = operationsOf(core.offers(offerOf('a', kept))).flatMap(launchedTasks)
    expect(again.map(({ taskId }) => taskId)).toEqual([`${id}.store.2`, `${id}.side.2`])
  })
})
