// Apps and pods with volumes on agents that keep them, through the whole core: reserved for, launched on, found again
// after whatever happens, and given back.

import { describe, expect, test } from 'vitest'
import { HandCore } from '../../tests/support/hand-core.ts'
import { answer, ok } from '../../tests/support/health-core.ts'
import { KeepingAgents } from '../../tests/support/keeping-agents.ts'
import { type More, origin, residentApp, residentPod } from '../../tests/support/resident-core.ts'
import { isHealthy } from './instances/condition.ts'
import type { Instance } from './instances/instance.ts'

const settings = { mesosRole: 'db', mesosPrincipal: 'marathon' }
const hosts = ['n1', 'n2', 'n3', 'n4', 'n5']

class World {
  readonly core = new HandCore({ settings })
  readonly agents: KeepingAgents
  /** The fewest that ran at any time. */
  least = Number.POSITIVE_INFINITY

  constructor(ids: readonly string[] = hosts) {
    this.agents = new KeepingAgents(this.core, ids)
  }

  /** What waits is launched, what is launched runs, and what is to end ends, until nothing moves. */
  settle(): void {
    for (let round = 0; round < 30; round++) {
      const before = this.core.effects.length
      this.agents.offer()
      this.agents.runAll()
      this.least = Math.min(this.least, this.running().length)
      const ending = this.all().filter(({ kill }) => kill !== undefined)
      for (const { tasks } of ending) for (const { id } of tasks) this.agents.tell(id, 'TASK_KILLED')
      this.least = Math.min(this.least, this.running().length)
      if (this.core.effects.length === before && ending.length === 0) return
      this.core.run(1_000)
    }
    throw new Error('nothing comes to rest')
  }

  all(): readonly Instance[] {
    return [...this.core.scheduler.core.state.instances()]
  }

  running(): readonly Instance[] {
    return this.all().filter(({ condition }) => condition === 'Running')
  }

  get isDeploying(): boolean {
    return this.core.view.deployments().length > 0
  }

  change(body: object, id = '/db'): void {
    expect(this.core.update(id, body)).toMatchObject({ kind: 'deployed' })
    this.settle()
    expect(this.isDeploying).toBe(false)
  }
}

function deployed(more: More = {}, ids?: readonly string[]): World {
  const world = new World(ids)
  expect(world.core.create(residentApp(more))).toMatchObject({ kind: 'deployed' })
  world.settle()
  expect(world.isDeploying).toBe(false)
  return world
}

const taskOf = (instance: Instance): string => instance.tasks[0]!.id
const placeOf = ({ id, agent, reservation }: Instance) => [
  id,
  agent?.hostname,
  reservation?.volumes.map(({ persistenceId }) => persistenceId),
]
const places = (instances: readonly Instance[]) => instances.map(placeOf).toSorted()

describe('an app with a volume', () => {
  test('finds its volume again when the master has removed the framework, and gave us another id', () => {
    const world = deployed()
    const before = places(world.running())
    const { core, agents } = world
    const taskId = taskOf(world.running()[0]!)
    core.engine({ kind: 'engine-failed', message: 'Framework has been removed', isRemoved: true })
    agents.endUntold(taskId)

    const next = new HandCore({
      settings,
      records: core.records,
      now: core.now,
      seed: 2,
      frameworkId: 'another',
    })
    agents.serve(next)
    next.status(taskId, 'TASK_GONE')
    next.run(2_000)
    agents.offer()
    agents.runAll()
    const after = [...next.scheduler.core.state.instances()]
    expect(after.map(({ condition, attempt }) => [condition, attempt])).toEqual([['Running', 2]])
    expect(places(after)).toEqual(before)
  })

  test('runs on what was reserved for it, all of it, and gives nothing of it back while it is stopped', () => {
    const world = deployed()
    const [instance] = world.running()
    const { volumes } = instance!.reservation!
    expect(world.agents.volumesOn(instance!.agent!.hostname)).toEqual(
      volumes.map(({ persistenceId }) => persistenceId),
    )
    world.change({ instances: 0 })
    expect(world.all()).toMatchObject([{ goal: 'Stopped', reservation: { state: 'suspended', volumes } }])
    expect(world.agents.volumesOn(instance!.agent!.hostname)).toHaveLength(1)
  })

  test('finds it again after its task failed, as the next task of the same instance', () => {
    const world = deployed()
    const [before] = world.running()
    world.agents.tell(taskOf(before!), 'TASK_FAILED')
    world.core.run(5_000)
    world.settle()
    const [after] = world.running()
    expect(placeOf(after!)).toEqual(placeOf(before!))
    expect(taskOf(after!)).toBe(taskOf(before!).replace(/1$/, '2'))
  })

  test('finds it again after it was stopped, with another command', () => {
    const world = deployed()
    const [before] = world.running()
    world.change({ instances: 0 })
    world.change({ instances: 1, cmd: 'test -e data/data && serve' })
    const [after] = world.running()
    expect(placeOf(after!)).toEqual(placeOf(before!))
    expect(after!.runSpecVersion).toBe(world.core.view.app('/db')!.version)
  })

  test('waits for its own agent, whatever the others offer', () => {
    const world = deployed()
    const [before] = world.running()
    world.agents.tell(taskOf(before!), 'TASK_FAILED')
    world.core.run(5_000)
    world.agents.offer(hosts.filter((host) => host !== before!.agent!.hostname))
    expect(world.all()).toMatchObject([{ condition: 'Failed', attempt: 1 }])
    world.settle()
    expect(places(world.running())).toEqual(places([before!]))
  })

  test('is launched on another agent when its own is gone for good, as the next task of the same instance', () => {
    const world = deployed()
    const [before] = world.running()
    world.agents.lose(before!.agent!.hostname)
    world.settle()
    const [after] = world.running()
    expect(after).toMatchObject({ id: before!.id, attempt: 2 })
    expect(after!.agent!.hostname).not.toBe(before!.agent!.hostname)
    expect(after!.reservation!.volumes).not.toEqual(before!.reservation!.volumes)
  })
})

describe('five of them', () => {
  test('come up from none', () => {
    const world = deployed({ instances: 0 })
    world.change({ instances: 5 })
    expect(world.running()).toHaveLength(5)
  })

  test('are all stopped and none is forgotten', () => {
    const world = deployed({ instances: 5 })
    const before = places(world.running())
    world.change({ instances: 0 })
    expect(world.all().map(({ goal, condition }) => `${condition} ${goal}`)).toEqual(
      Array.from({ length: 5 }, () => 'Killed Stopped'),
    )
    world.change({ instances: 5 })
    expect(places(world.running())).toEqual(before)
  })

  test.each([
    ['a restart', (world: World) => world.core.ask({ kind: 'restart-app', id: '/db', force: false })],
    ['a new command', (world: World) => world.core.update('/db', { cmd: 'sleep 1234' })],
  ])('are replaced where they are by %s, and none is made beside them', (_, change) => {
    const world = deployed({ instances: 5 })
    const before = places(world.running())
    change(world)
    world.least = 5
    world.settle()
    expect(world.isDeploying).toBe(false)
    expect(places(world.running())).toEqual(before)
    expect(world.all()).toHaveLength(5)
    const { version } = world.core.view.app('/db')!
    expect(world.all().every(({ runSpecVersion }) => runSpecVersion === version)).toBe(true)
    // Half of them, rounded up, stay healthy by default, and no more are waited for than have to be.
    expect(world.least).toBe(3)
  })
})

describe('with a host each', () => {
  const unique = { constraints: [['hostname', 'UNIQUE']] }

  test('what is reserved for one does not keep it from being launched', () => {
    const world = deployed({ ...unique, instances: 3 }, ['n1', 'n2', 'n3'])
    expect(
      world
        .running()
        .map(({ agent }) => agent!.hostname)
        .toSorted(),
    ).toEqual(['n1', 'n2', 'n3'])
  })

  test('one that has failed keeps its host: no other is reserved for there', () => {
    const world = deployed({ ...unique }, ['n1'])
    const [first] = world.running()
    world.agents.tell(taskOf(first!), 'TASK_FAILED')
    world.core.update('/db', { instances: 2 })
    world.agents.offer()
    const [again, second] = world.all()
    expect(again!.id).toBe(first!.id)
    expect(second).toMatchObject({ condition: 'Scheduled' })
    expect(second).not.toHaveProperty('reservation')
    world.core.run(5_000)
    world.settle()
    expect(places(world.running())).toEqual(places([first!]))
  })
})

describe('given back', () => {
  test('when the app is removed: the agents are as they were', () => {
    const world = deployed({ instances: 2 })
    expect(hosts.every((host) => world.agents.isBlank(host))).toBe(false)
    world.core.remove('/db')
    world.settle()
    expect(world.all()).toEqual([])
    expect(hosts.every((host) => world.agents.isBlank(host))).toBe(true)
  })

  test('when one is wiped: another is made, with nothing on its volume', () => {
    const world = deployed({ instances: 1 })
    const [before] = world.running()
    world.core.ask({ kind: 'kill-tasks', selection: { kind: 'app', id: '/db' }, wipe: true })
    world.agents.tell(taskOf(before!), 'TASK_KILLED')
    world.settle()
    const [after] = world.running()
    expect(after!.id).not.toBe(before!.id)
    const kept = hosts.flatMap((host) => world.agents.volumesOn(host))
    expect(kept).toEqual(after!.reservation!.volumes.map(({ persistenceId }) => persistenceId))
  })

  test('when it is wiped while it is stopped', () => {
    const world = deployed()
    world.change({ instances: 0 })
    world.core.ask({ kind: 'kill-tasks', selection: { kind: 'app', id: '/db' }, wipe: true })
    world.settle()
    expect(world.all()).toEqual([])
    expect(hosts.every((host) => world.agents.isBlank(host))).toBe(true)
  })

  test('not before its tasks have ended, and only what was its own', () => {
    const world = deployed({ instances: 2 })
    world.core.create(residentApp({ id: '/other' }))
    world.settle()
    const other = world.running().filter(({ runSpecId }) => runSpecId === '/other')
    world.core.remove('/db')
    world.agents.offer()
    expect(hosts.flatMap((host) => world.agents.volumesOn(host))).toHaveLength(3)
    world.settle()
    expect(places(world.all())).toEqual(places(other))
    expect(hosts.flatMap((host) => world.agents.volumesOn(host))).toHaveLength(1)
  })
})

test('in another role what is there stays in the old one, and what is new is in the new one', () => {
  const world = deployed({ id: '/dev/db' })
  const [before] = world.running()
  world.core.update('/dev/db', { role: 'dev', acceptedResourceRoles: ['*'] }, true)
  world.settle()
  expect(world.running()).toMatchObject([{ id: before!.id, role: 'db', attempt: 2 }])

  world.core.update('/dev/db', { instances: 2 })
  world.settle()
  expect(world.running()).toHaveLength(1)
  world.agents.withdrawAll()
  world.agents.offer(hosts, 'dev')
  world.agents.runAll()
  expect(world.running().map(({ role }) => role)).toEqual(['db', 'dev'])
  expect(world.isDeploying).toBe(false)
})

describe('with health checks', () => {
  const check = { path: '/up', gracePeriodSeconds: 30, intervalSeconds: 10 }
  const start = (protocol: string): World => {
    const world = new World()
    world.core.create(residentApp({ portDefinitions: [{ port: 0 }], healthChecks: [{ ...check, protocol }] }))
    world.agents.offer()
    world.agents.runAll()
    return world
  }
  const standing = ({ core }: World) => {
    const [instance] = core.view.instancesOf('/db')
    return [
      instance!.condition,
      isHealthy(instance!),
      core.view.healthOf(instance!).map(({ alive }) => alive),
    ]
  }

  test('that Marathon runs, it is healthy once it has answered, and asked anew after it was stopped', () => {
    const world = start('HTTP')
    expect([standing(world), world.isDeploying]).toEqual([['Running', false, []], true])
    answer(world.core, ok, { id: '/db' })
    expect([standing(world), world.isDeploying]).toEqual([['Running', true, [true]], false])

    world.change({ instances: 0 })
    expect(standing(world)).toEqual(['Killed', false, []])
    world.core.update('/db', { instances: 1 })
    world.agents.offer()
    world.agents.runAll()
    expect([standing(world), world.isDeploying]).toEqual([['Running', false, []], true])
    answer(world.core, ok, { id: '/db' })
    expect([standing(world), world.isDeploying]).toEqual([['Running', true, [true]], false])
  })

  test('that its executor runs, it is healthy as its statuses say', () => {
    const world = start('MESOS_HTTP')
    expect(world.isDeploying).toBe(true)
    const [instance] = world.running()
    world.core.status(taskOf(instance!), 'TASK_RUNNING', { healthy: true })
    expect([standing(world), world.isDeploying]).toEqual([['Running', true, [true]], false])
    world.agents.tell(taskOf(instance!), 'TASK_FAILED')
    world.core.run(5_000)
    world.agents.offer()
    world.agents.runAll()
    expect(standing(world)).toEqual(['Running', false, []])
  })
})

describe('a version that is tried first', () => {
  const trial = {
    instances: 3,
    upgradeStrategy: { minimumHealthCapacity: 0.5, maximumOverCapacity: 0, canarySteps: [{ instances: 1 }] },
  }
  const newOnes = (world: World) => {
    const { version } = world.core.view.app('/db')!
    return world.running().filter(({ runSpecVersion }) => runSpecVersion === version)
  }

  test('runs on the data of one of them, and on that of all when it is promoted', () => {
    const world = deployed(trial)
    const before = places(world.running())
    world.core.update('/db', { cmd: 'serve --new' })
    world.settle()
    expect([world.running().length, newOnes(world).length, world.isDeploying]).toEqual([3, 1, true])
    expect(places(world.running())).toEqual(before)
    const [deployment] = world.core.view.deployments()
    world.core.ask({ kind: 'promote-deployment', id: deployment!.id, all: false })
    world.settle()
    expect([newOnes(world).length, world.isDeploying]).toEqual([3, false])
    expect(places(world.running())).toEqual(before)
  })

  test('and taken back, leaves its data to the old one', () => {
    const world = deployed(trial)
    const before = places(world.running())
    world.core.update('/db', { cmd: 'serve --new' })
    world.settle()
    const [deployment] = world.core.view.deployments()
    world.core.ask({ kind: 'cancel-deployment', id: deployment!.id, force: false })
    world.settle()
    expect([world.core.view.app('/db')!.cmd, world.isDeploying]).toEqual(['serve', false])
    expect(places(world.running())).toEqual(before)
    expect(world.all()).toHaveLength(3)
  })
})

test('a change that is given up half-way leaves as many instances as are wanted, on the data there is', () => {
  const world = deployed({ instances: 4 })
  const before = places(world.running())
  world.core.update('/db', { cmd: 'serve --new' })
  const [deployment] = world.core.view.deployments()
  for (const { tasks, kill } of world.all())
    if (kill !== undefined) world.agents.tell(tasks[0]!.id, 'TASK_KILLED')
  world.core.ask({ kind: 'cancel-deployment', id: deployment!.id, force: true })
  world.settle()
  expect(places(world.running())).toEqual(before)
  world.change({ instances: 3 })
  expect([world.running().length, world.all().length]).toEqual([3, 4])
  world.change({ instances: 4 })
  expect(places(world.running())).toEqual(before)
})

describe('a version that fails', () => {
  test('is taken back, and the old one finds its data', () => {
    const world = deployed({ instances: 2 })
    const before = places(world.running())
    world.core.update('/db', { cmd: 'exit 1' })
    for (const { tasks, kill } of world.all())
      if (kill !== undefined) world.agents.tell(tasks[0]!.id, 'TASK_KILLED')
    world.agents.offer()
    for (const { taskId } of world.core.launched.splice(0)) world.agents.tell(taskId, 'TASK_FAILED')
    expect(world.running()).toHaveLength(1)
    const [deployment] = world.core.view.deployments()
    world.core.ask({ kind: 'cancel-deployment', id: deployment!.id, force: false })
    world.core.run(5_000)
    world.settle()
    expect(world.isDeploying).toBe(false)
    expect(world.core.view.app('/db')).toMatchObject({ cmd: 'serve' })
    expect(places(world.running())).toEqual(before)
  })
})

describe('a pod with a volume', () => {
  function deployedPod(): World {
    const world = new World()
    const outcome = world.core.ask({ kind: 'create-pod', body: residentPod(), force: false, origin })
    expect(outcome).toMatchObject({ kind: 'deployed' })
    world.settle()
    expect(world.isDeploying).toBe(false)
    return world
  }

  test('recovers on it when all its containers have ended', () => {
    const world = deployedPod()
    const [before] = world.running()
    for (const { id } of before!.tasks) world.agents.tell(id, 'TASK_FAILED')
    world.core.run(5_000)
    world.settle()
    const [after] = world.running()
    expect(placeOf(after!)).toEqual(placeOf(before!))
    expect(after!.tasks.map(({ id }) => id)).toEqual(before!.tasks.map(({ id }) => id.replace(/1$/, '2')))
  })

  test('is wiped while its agent is away: replaced, ended when that is back, and its volume is destroyed', () => {
    const world = deployedPod()
    const [before] = world.running()
    const taskIds = before!.tasks.map(({ id }) => id)
    for (const id of taskIds) world.agents.tell(id, 'TASK_UNREACHABLE')
    world.core.ask({
      kind: 'kill-tasks',
      selection: { kind: 'instances', runSpecId: '/pods/db', instanceIds: [before!.id] },
      wipe: true,
    })
    world.agents.offer(hosts.filter((host) => host !== before!.agent!.hostname))
    world.agents.runAll()
    expect(world.running()).toHaveLength(1)
    for (const id of taskIds) world.agents.tell(id, 'TASK_RUNNING')
    for (const id of taskIds) {
      expect(world.core.effects).toContainEqual(
        expect.objectContaining({ kind: 'kill', taskId: id, cause: 'unknown-instance' }),
      )
      world.agents.tell(id, 'TASK_KILLED')
    }
    world.settle()
    expect(world.agents.isBlank(before!.agent!.hostname)).toBe(true)
    world.core.ask({ kind: 'remove-pod', id: '/pods/db', force: false, origin })
    world.settle()
    expect(hosts.every((host) => world.agents.isBlank(host))).toBe(true)
  })
})
