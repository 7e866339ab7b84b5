import { expect, test } from 'vitest'
import { HandCore, offerOf } from '../../../tests/support/hand-core.ts'
import { appOf, versioned } from '../../../tests/support/normalise.ts'
import { instant, millis } from '../../lib/instant.ts'
import type { App } from '../../spec/app.ts'
import { launchedTasks, type Offer } from '../mesos.ts'
import { createScheduler, type Scheduler } from '../scheduler.ts'
import { defaultSettings } from '../settings.ts'

const origin = { clientIp: '127.0.0.1', uri: '/v2/apps' }

const offer = (agentId: string, id = `${agentId}-1`, cpus = 8): Offer => ({
  id,
  agentId,
  hostname: agentId,
  resources: [
    { name: 'cpus', scalar: cpus, role: '*' },
    { name: 'mem', scalar: 8192, role: '*' },
    { name: 'ports', ranges: [{ begin: 31000, end: 31999 }], role: '*' },
  ],
  attributes: [],
})

class Cluster {
  readonly scheduler: Scheduler
  #now = 1_000_000
  #requests = 0

  constructor(holdsOffers = true, settings = defaultSettings) {
    const now = instant(this.#now)
    this.scheduler = createScheduler({ settings, seed: 1, records: [], now, quarantines: false })
    this.step({ kind: 'engine-connected', frameworkId: 'f', master: 'm', holdsOffers })
  }

  step(...events: Parameters<Scheduler['step']>[0]) {
    this.#now++
    this.scheduler.step(events, instant(this.#now))
    return this.scheduler.takeReady().effects
  }

  elapse(ms: number): void {
    this.#now += ms
    this.step({ kind: 'woke' })
  }

  offers(...offers: Offer[]) {
    return this.step({ kind: 'offers', offers })
  }

  create(body: object) {
    const request = { kind: 'create-app', body, force: false, origin } as const
    return this.step({ kind: 'request', requestId: ++this.#requests, request })
  }

  update(id: string, body: object) {
    const request = { kind: 'update-app', id, body, mode: 'partial', force: true, origin } as const
    return this.step({ kind: 'request', requestId: ++this.#requests, request })
  }

  perAgent(id: string): Record<string, number> {
    const counts: Record<string, number> = {}
    for (const { agent } of this.scheduler.view.instancesOf(id)) {
      if (agent !== undefined) counts[agent.agentId] = (counts[agent.agentId] ?? 0) + 1
    }
    return counts
  }
}

test('instances spread: every agent takes its share of an app before one takes more', () => {
  const cluster = new Cluster()
  cluster.offers(offer('a'), offer('b'), offer('c'))
  cluster.create({ id: '/web', cmd: 'serve', cpus: 0.1, instances: 7 })
  expect(Object.values(cluster.perAgent('/web')).sort()).toEqual([1, 3, 3])
})

test('what the fuller agents refuse, the others take', () => {
  const cluster = new Cluster()
  cluster.offers(offer('full', 'o1', 0.1), offer('free', 'o2', 8))
  cluster.create({ id: '/web', cmd: 'serve', cpus: 0.1, instances: 6 })
  expect(cluster.perAgent('/web')).toEqual({ full: 1, free: 5 })
})

const inRack = (agentId: string, rack: string, cpus?: number): Offer => ({
  ...offer(agentId, `${agentId}-1`, cpus),
  attributes: [{ name: 'rack', text: rack }],
})

test('GROUP_BY gives every rack its turn, however many agents it has and whoever comes first', () => {
  const cluster = new Cluster()
  cluster.offers(
    inRack('a1', 'a'),
    inRack('a2', 'a'),
    inRack('a3', 'a'),
    inRack('b1', 'b'),
    inRack('c1', 'c'),
  )
  cluster.create({ id: '/web', cmd: 'serve', cpus: 0.1, instances: 7, constraints: [['rack', 'GROUP_BY']] })
  const { a1 = 0, a2 = 0, a3 = 0, b1 = 0, c1 = 0 } = cluster.perAgent('/web')
  expect([a1 + a2 + a3, b1, c1].sort()).toEqual([2, 2, 3])
})

test('GROUP_BY asks an agent again once others are placed, when its rack has nobody else with room', () => {
  const cluster = new Cluster()
  cluster.offers(inRack('b1', 'b', 0.1), inRack('a1', 'a'), inRack('b2', 'b', 0.1), inRack('b3', 'b', 8))
  cluster.create({ id: '/web', cmd: 'serve', cpus: 0.1, instances: 8, constraints: [['rack', 'GROUP_BY']] })
  expect(cluster.perAgent('/web')).toEqual({ a1: 4, b1: 1, b2: 1, b3: 2 })
})

test('GROUP_BY asks each agent about as often as it launches on it, however uneven the racks are', () => {
  const cluster = new Cluster()
  const many = Array.from({ length: 200 }, (_, i) => inRack(`b${i}`, 'b'))
  cluster.offers(inRack('a', 'a', 1), ...many)
  cluster.create({ id: '/web', cmd: 'serve', cpus: 0.1, instances: 40, constraints: [['rack', 'GROUP_BY']] })
  expect(cluster.perAgent('/web')).toMatchObject({ a: 10, b0: 1, b10: 1 })
  const [item] = cluster.scheduler.view.queue()
  expect(item).toMatchObject({
    count: 40,
    waitingOn: [{ kind: 'no-match', reasons: ['UnfulfilledConstraint', 'InsufficientCpus'] }],
  })
  expect(item!.processedOffers).toBeLessThan(250)
})

test('two versions that wait at the same time keep a constraint together', () => {
  const cluster = new Cluster()
  const unique = { id: '/web', cmd: 'serve', constraints: [['hostname', 'MAX_PER', '1']], instances: 1 }
  cluster.create(unique)
  cluster.update('/web', { instances: 3 })
  expect(cluster.scheduler.view.instancesOf('/web').map((each) => each.runSpecVersion)).toHaveLength(3)
  cluster.offers(offer('a'), offer('b'))
  expect(cluster.perAgent('/web')).toEqual({ a: 1, b: 1 })
})

test('an instance that was launched counts once: what an agent loses, one that has room takes', () => {
  const cluster = new Cluster()
  cluster.offers(offer('a'), offer('b'))
  const constraints = [['hostname', 'MAX_PER', '2']]
  const effects = cluster.create({ id: '/web', cmd: 'serve', cpus: 0.1, constraints, instances: 2 })
  const tasks = effects.flatMap((effect) =>
    effect.kind === 'accept' ? effect.operations.flatMap(launchedTasks) : [],
  )
  const lost = tasks.find((task) => task.agentId === 'a')!
  cluster.offers(offer('b', 'b-2'))
  const at = instant(2_000_000)
  cluster.step({ kind: 'status', status: { taskId: lost.taskId, state: 'TASK_UNREACHABLE', timestamp: at } })
  cluster.elapse(16_000)
  expect(cluster.perAgent('/web')).toEqual({ b: 2 })
})

test('an engine of our own leaves unused offers with us, a shared cluster gets them back', () => {
  expect(new Cluster(true).offers(offer('a'))).toEqual([])
  expect(new Cluster(false).offers(offer('a'))).toMatchObject([
    { kind: 'decline', offerIds: ['a-1'], refuseFor: 120_000 },
  ])
})

test('no offer takes more instances than the flag allows', () => {
  const cluster = new Cluster(true, { ...defaultSettings, maxInstancesPerOffer: 2 })
  cluster.offers(offer('a'))
  cluster.create({ id: '/web', cmd: 'serve', cpus: 0.1, instances: 5 })
  expect(cluster.perAgent('/web')).toEqual({ a: 2 })
})

test('an app that waits again tells of the offers since then, not of what once was missing', () => {
  const core = new HandCore()
  core.offers(offerOf('small', {}, 0.5))
  core.create({ id: '/web', cmd: 'serve', cpus: 1 })
  expect(core.view.queue()).toMatchObject([{ waitingOn: [{ kind: 'no-match' }], processedOffers: 1 }])
  core.offers(offerOf('big', {}, 1))
  expect(core.view.queue()).toMatchObject([{ processedOffers: 2, count: 1 }])
  core.tellAll('TASK_RUNNING')
  core.engine({ kind: 'offer-rescinded', offerId: 'offer of small' })
  core.update('/web', { instances: 2 })
  expect(core.view.queue()).toMatchObject([
    { waitingOn: [{ kind: 'offers', count: 1 }], processedOffers: 0, lastUnusedOffers: [] },
  ])
})

test('an app whose placement throws is set aside, and the others are launched', () => {
  // Validation refuses a DOCKER container without an image; a store may still hold one.
  const poison = versioned(appOf({ id: '/poison', cmd: 'serve' }))
  const broken = { ...poison, container: { type: 'DOCKER', portMappings: [], volumes: [] } } as unknown as App
  const core = new HandCore({
    quarantines: true,
    records: [
      { table: 'run-spec-version', key: `/poison@${broken.version}`, value: broken },
      { table: 'run-spec', key: '/poison', value: { id: '/poison', version: broken.version } },
    ],
  })
  core.create({ id: '/web', cmd: 'serve' })
  core.offers(offerOf('a'), offerOf('b'))
  expect(core.launched).toHaveLength(1)
  expect([...core.view.quarantined().keys()]).toEqual(['/poison'])
  expect(core.view.queue()).toMatchObject([
    { runSpec: { id: '/poison' }, waitingOn: [{ kind: 'quarantine' }] },
    {},
  ])
})

test('with few tokens every app gets its turn, also beside one that always takes all it can', () => {
  const settings = { ...defaultSettings, launchTokens: 2, launchTokenRefreshInterval: millis(1_000) }
  const cluster = new Cluster(true, settings)
  cluster.create({ id: '/greedy', cmd: 'serve', cpus: 0.01, mem: 1, instances: 1_000 })
  cluster.create({ id: '/modest', cmd: 'serve', cpus: 0.01, mem: 1, instances: 1 })
  for (let i = 0; i < 40 && cluster.perAgent('/modest')['a'] !== 1; i++) {
    cluster.offers(offer('a', `a-${i}`))
    cluster.elapse(1_000)
  }
  expect(cluster.perAgent('/modest')).toEqual({ a: 1 })
})

test('an app that fits nowhere says what is missing', () => {
  const cluster = new Cluster()
  cluster.offers(offer('a'))
  cluster.create({ id: '/huge', cmd: 'serve', cpus: 64 })
  expect(cluster.scheduler.view.queue()).toMatchObject([
    { count: 1, waitingOn: [{ kind: 'no-match', count: 1, reasons: ['InsufficientCpus'] }], unusedOffers: 1 },
  ])
})
