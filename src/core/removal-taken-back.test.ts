// A removal that is not done may be taken back, by its user or because what came with it could not be carried out:
// until then nothing that its instances wrote is destroyed, and what comes back finds it.

import { describe, expect, test } from 'vitest'
import { HandCore } from '../../tests/support/hand-core.ts'
import { KeepingAgents } from '../../tests/support/keeping-agents.ts'
import { residentApp } from '../../tests/support/resident-core.ts'

const settings = {
  mesosRole: 'db',
  mesosPrincipal: 'marathon',
  artifactsUrl: 'http://m1.example:8080/v2/artifacts',
}
const id = '/data/db'

class World {
  readonly core = new HandCore({ holdsOffers: false, settings })
  readonly agents = new KeepingAgents(this.core, ['a', 'b', 'c'])

  /** Two run, and a third one is stopped. */
  constructor() {
    this.core.create(residentApp({ id, instances: 3 }))
    this.agents.offer()
    this.agents.runAll()
    this.core.update(id, { instances: 2 })
    this.endAll()
    expect(this.core.view.deployments()).toEqual([])
    expect(this.states).toEqual(['Killed Stopped', 'Running Running', 'Running Running'])
  }

  get states(): string[] {
    return this.core.view
      .instancesOf(id)
      .map(({ condition, goal }) => `${condition} ${goal}`)
      .sort()
  }

  get volumes(): string[] {
    return ['a', 'b', 'c'].flatMap((agent) => this.agents.volumesOn(agent)).sort()
  }

  get ids(): string[] {
    return this.core.view
      .instancesOf(id)
      .map((instance) => instance.id)
      .sort()
  }

  /** What was told to end has ended, but for the first `spared`. */
  endAll(spared = 0): void {
    const ending = this.core.view
      .instancesOf(id)
      .filter(({ kill, condition }) => kill !== undefined && condition === 'Running')
    for (const { tasks } of ending.slice(spared)) this.agents.tell(tasks[0]!.id, 'TASK_KILLED')
  }

  offerAgain(): void {
    this.agents.withdrawAll()
    this.agents.offer()
  }

  /** The group has another app instead. */
  replaceBy(app: object): void {
    const body = { id: '/data', apps: [{ id: '/data/web', cmd: 'serve', cpus: 0.1, role: 'db', ...app }] }
    const outcome = this.core.ask({ kind: 'update-group', id: '/data', body, force: false })
    expect(outcome).toMatchObject({ kind: 'deployed' })
  }

  rollBack(): void {
    const [deployment] = this.core.view.deployments()
    this.core.ask({ kind: 'cancel-deployment', id: deployment!.id, force: false })
  }

  /** All of it runs as before, on what it had. */
  expectAsBefore(ids: readonly string[], volumes: readonly string[]): void {
    for (let turn = 0; turn < 5; turn++) {
      this.endAll()
      this.offerAgain()
      this.agents.runAll()
      this.core.run(1_000)
    }
    expect(this.core.view.deployments()).toEqual([])
    expect(this.volumes).toEqual(volumes)
    expect(this.ids).toEqual(ids)
    expect(this.states).toEqual(['Killed Stopped', 'Running Running', 'Running Running'])
  }
}

describe('nothing is destroyed', () => {
  test('before the removal has begun, while files of what comes with it are fetched', () => {
    const world = new World()
    const { ids, volumes } = world
    world.replaceBy({ storeUrls: ['http://files.example/web.tgz'] })
    world.offerAgain()
    expect(world.volumes).toEqual(volumes)
    world.rollBack()
    world.expectAsBefore(ids, volumes)
  })

  test('when its instances have ended, and what comes with it does not get well in time', () => {
    const world = new World()
    const { ids, volumes } = world
    world.replaceBy({
      upgradeStrategy: { minimumHealthCapacity: 1, maximumOverCapacity: 1, progressDeadlineSeconds: 60 },
      constraints: [['hostname', 'LIKE', 'nowhere']],
    })
    world.endAll()
    world.offerAgain()
    expect(world.states).toEqual(['Killed Stopped', 'Killed Stopped', 'Killed Stopped'])
    world.core.run(61_000)
    expect(world.core.view.app(id)).toBeDefined()
    world.expectAsBefore(ids, volumes)
  })

  test('when the user takes the removal back half-way', () => {
    const world = new World()
    const { ids, volumes } = world
    world.core.remove(id)
    world.endAll(1)
    world.offerAgain()
    world.rollBack()
    world.expectAsBefore(ids, volumes)
  })

  test('by a process that goes on with it', () => {
    const world = new World()
    world.core.remove(id)
    const next = new HandCore({ records: world.core.records, now: world.core.now, settings, seed: 2 })
    const [deployment] = next.view.deployments()
    next.ask({ kind: 'cancel-deployment', id: deployment!.id, force: false })
    expect(next.view.instancesOf(id).map(({ goal }) => goal)).not.toContain('Decommissioned')
  })
})

describe('all is destroyed', () => {
  const gone = (world: World): void => {
    world.offerAgain()
    expect(world.ids).toEqual([])
    expect(world.volumes).toEqual([])
  }

  test('when the removal is done', () => {
    const world = new World()
    world.core.remove(id)
    world.endAll()
    gone(world)
  })

  test('when it is ended by force, which takes nothing back', () => {
    const world = new World()
    world.core.remove(id)
    const [deployment] = world.core.view.deployments()
    world.core.ask({ kind: 'cancel-deployment', id: deployment!.id, force: true })
    world.endAll()
    gone(world)
  })

  test('when another app takes the name meanwhile: that one has nothing of it', () => {
    const world = new World()
    const { ids, volumes } = world
    world.core.remove(id)
    world.core.ask({
      kind: 'create-app',
      body: residentApp({ id }),
      force: true,
      origin: { clientIp: '10.0.0.99', uri: '/v2/apps' },
    })
    for (let turn = 0; turn < 3; turn++) {
      world.endAll()
      world.offerAgain()
      world.agents.runAll()
    }
    expect(world.states).toEqual(['Running Running'])
    expect(ids).not.toContain(world.ids[0])
    expect(world.volumes).toHaveLength(1)
    expect(volumes).not.toContain(world.volumes[0])
  })
})
