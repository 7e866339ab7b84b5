// The master of the simulated cluster towards a framework that keeps things: what it offers to whom, and what becomes
// of it when tasks end, agents are lost, and masters change.

import { beforeEach, describe, expect, test } from 'vitest'
import type { EngineEvent } from '../../core/events.ts'
import type { Offer, Operation, Resource, TaskInfo, TaskStatus } from '../../core/mesos.ts'
import type { EngineEffect } from '../../core/ready.ts'
import { type Instant, instant, millis } from '../../lib/instant.ts'
import { fleet } from './agents.ts'
import { flat, plus } from './amounts.ts'
import { type ClusterOptions, SimCluster } from './cluster.ts'
import { calmTiming } from './timing.ts'

const labels = { marathon_framework_id: 'fw', marathon_task_id: 'db.instance-1' }
const kept = (name: string, scalar: number, over: Partial<Resource> = {}): Resource => ({
  name,
  scalar,
  role: 'web',
  reservations: [{ type: 'DYNAMIC', role: 'web', principal: 'marathon', labels }],
  ...over,
})
const own = [kept('cpus', 1), kept('mem', 64)]
const disk = kept('disk', 10)
const volume = kept('disk', 10, {
  disk: { persistence: { id: 'v' }, volume: { containerPath: 'data', mode: 'RW' } },
})
const keeping: readonly Operation[] = [
  { type: 'RESERVE', resources: [...own, disk] },
  { type: 'CREATE', volumes: [volume] },
]

let cluster: SimCluster
let now: Instant
let events: EngineEvent[]

function start(options: Partial<ClusterOptions> = {}, roles: readonly string[] = ['web']): void {
  now = instant(0)
  events = []
  cluster = new SimCluster({
    agents: fleet({ agents: 1, agentsPerRack: 1, cpus: 4, mem: 1_024, disk: 1_000, ports: [31_000, 31_009] }),
    holdsOffers: false,
    role: 'web',
    seed: 1,
    timing: calmTiming,
    ...options,
  })
  cluster.connect(now, { roles, suppressedRoles: [] })
  take()
}

function take(): readonly EngineEvent[] {
  const news = cluster.take()
  events.push(...news)
  for (const event of news)
    if (event.kind === 'status' && event.status.uuid !== undefined)
      tell({ kind: 'acknowledge', taskId: event.status.taskId, uuid: event.status.uuid })
  return news
}

function tell(...effects: readonly EngineEffect[]): void {
  cluster.perform(effects, now)
}

/** Until then everything that is due happens, in its order. */
function pass(ms: number): void {
  const end = now + ms
  for (;;) {
    const { nextAt } = cluster
    if (nextAt === undefined || nextAt > end) break
    now = Math.max(now, nextAt) as Instant
    cluster.advance(now)
    take()
  }
  now = instant(end)
  cluster.advance(now)
  take()
}

/** Offers that are out, the newest last. */
function offers(role?: string): readonly Offer[] {
  const out = new Map<string, Offer>()
  for (const event of events) {
    if (event.kind === 'offers') for (const offer of event.offers) out.set(offer.id, offer)
    if (event.kind === 'offer-rescinded') out.delete(event.offerId)
    if (event.kind === 'engine-connected') out.clear()
  }
  const held = new Set([...cluster.agents.values()].flatMap((agent) => [...agent.offers].map(({ id }) => id)))
  return [...out.values()].filter(
    (offer) => held.has(offer.id) && (role === undefined || offer.role === role),
  )
}

const statuses = (): readonly TaskStatus[] =>
  events.flatMap((event) => (event.kind === 'status' ? [event.status] : []))

function accept(operations: readonly Operation[], offer = offers().at(-1)!): void {
  tell({ kind: 'accept', offerIds: [offer.id], agentId: offer.agentId, operations })
}

const task = (attempt: number, resources: readonly Resource[], over: Partial<TaskInfo> = {}): TaskInfo => ({
  name: 'db',
  taskId: `db.instance-1._app.${attempt}`,
  agentId: 'agent-1',
  resources,
  command: { shell: true, value: 'serve', environment: [], uris: [] },
  labels: {},
  discovery: { visibility: 'FRAMEWORK', name: 'db', ports: [] },
  ...over,
})

const shown = (offer: Offer | undefined): readonly string[] =>
  (offer?.resources ?? []).map(({ name, scalar, role, disk: on }) =>
    `${name} ${scalar ?? ''} ${role} ${on?.persistence?.id ?? ''}`.trim(),
  )

/** Nothing appears or is lost, whatever is done. */
function soldiersOn(): void {
  for (const agent of cluster.agents.values()) {
    const groups = new Set([...agent.tasks].flatMap(({ group }) => (group === undefined ? [] : [group])))
    const parts = [
      ...[...agent.offers].map(({ amounts }) => amounts),
      ...[...agent.tasks].filter(({ hasEnded }) => !hasEnded).map(({ amounts }) => amounts),
      ...[...groups]
        .filter(({ tasks }) => tasks.some(({ hasEnded }) => !hasEnded))
        .map(({ amounts }) => amounts),
    ]
    expect(flat(parts.reduce(plus, agent.free))).toEqual(flat(agent.config.total))
  }
}

describe('a volume', () => {
  beforeEach(() => {
    start()
    pass(1_000)
    accept([...keeping, { type: 'LAUNCH', tasks: [task(1, [...own, volume])] }])
    pass(3_000)
  })

  test('is not offered while its task runs, and is offered with its reservation once it has ended', () => {
    expect(statuses().map(({ state }) => state)).toEqual(['TASK_STARTING', 'TASK_RUNNING'])
    expect(shown(offers().at(-1))).toEqual(['cpus 3 *', 'mem 960 *', 'disk 990 *', 'ports  *'])
    soldiersOn()
    cluster.failTask('db.instance-1._app.1', now)
    take()
    pass(2_000)
    expect(shown(offers().at(-1))).toEqual(['cpus 1 web', 'mem 64 web', 'disk 10 web v'])
    expect(cluster.violations).toEqual([])
    soldiersOn()
  })

  test('knows who has written to it, and who destroys it is known as well', () => {
    const [written] = cluster.volumes.all
    expect([...written!.writers]).toEqual(['db.instance-1'])
    expect(written!.labels).toEqual(labels)
    cluster.failTask('db.instance-1._app.1', now)
    pass(2_000)
    accept([
      { type: 'DESTROY', volumes: [volume] },
      { type: 'UNRESERVE', resources: [...own, disk] },
    ])
    pass(2_000)
    expect(cluster.volumes.destroyed.map(({ by }) => by)).toEqual(['framework'])
    expect(offers().flatMap(({ resources }) => resources.filter(({ role }) => role !== '*'))).toEqual([])
    soldiersOn()
  })

  test('that is in use cannot be destroyed by an operator; afterwards it can, and its offers are taken back', () => {
    expect(cluster.tidyUp('agent-1', { kind: 'destroy', persistenceId: 'v' }, now)).toBe(false)
    cluster.failTask('db.instance-1._app.1', now)
    pass(2_000)
    const withVolume = offers().find(({ resources }) =>
      resources.some(({ disk: on }) => on?.persistence?.id === 'v'),
    )!
    expect(cluster.tidyUp('agent-1', { kind: 'destroy', persistenceId: 'v' }, now)).toBe(true)
    take()
    accept([{ type: 'LAUNCH', tasks: [task(2, [...own, volume])] }], withVolume)
    take()
    expect(statuses().at(-1)).toMatchObject({ state: 'TASK_DROPPED', reason: 'REASON_INVALID_OFFERS' })
    expect(cluster.tidyUp('agent-1', { kind: 'unreserve', labels }, now)).toBe(true)
    expect(cluster.volumes.destroyed.map(({ by }) => by)).toEqual(['operator'])
    soldiersOn()
  })

  test('is there with its reservation when a dead agent comes back, and is not when it was given up', () => {
    cluster.loseAgent('agent-1', 'crash', now)
    take()
    cluster.returnAgent('agent-1', now)
    take()
    pass(2_000)
    expect(shown(offers().at(-1))).toContain('disk 10 web v')
    cluster.loseAgent('agent-1', 'gone-by-operator', now)
    take()
    tell({ kind: 'reconcile', tasks: [{ taskId: 'db.instance-1._app.1', agentId: 'agent-1' }] })
    take()
    expect(statuses().at(-1)?.state).toBe('TASK_GONE_BY_OPERATOR')
    cluster.returnAgent('agent-1', now)
    pass(2_000)
    expect(offers().map(({ agentId }) => agentId)).toEqual(['agent-1.2'])
    expect(shown(offers()[0])).toEqual(['cpus 4 *', 'mem 1024 *', 'disk 1000 *', 'ports  *'])
    expect(cluster.volumes.destroyed.map(({ by }) => by)).toEqual(['operator'])
  })

  test('takes part in a launch once: what asks for it while it is used gets an error', () => {
    accept([{ type: 'LAUNCH', tasks: [task(2, [...own, volume])] }])
    take()
    expect(statuses().at(-1)).toMatchObject({ state: 'TASK_ERROR', reason: 'REASON_TASK_INVALID' })
    expect(cluster.violations).toHaveLength(1)
    soldiersOn()
  })
})

test('an operation that is refused leaves nothing behind, and what builds on it is refused as well', () => {
  start({ principal: 'marathon' })
  pass(1_000)
  const stranger = kept('disk', 10, {
    reservations: [{ type: 'DYNAMIC', role: 'web', principal: 'stranger', labels }],
  })
  accept([
    { type: 'RESERVE', resources: [...own, stranger] },
    { type: 'CREATE', volumes: [volume] },
    { type: 'LAUNCH', tasks: [task(1, [...own, volume])] },
  ])
  take()
  expect(statuses().map(({ state }) => state)).toEqual(['TASK_ERROR'])
  expect(cluster.violations).toHaveLength(3)
  pass(1_000)
  expect(shown(offers().at(-1))).toEqual(['cpus 4 *', 'mem 1024 *', 'disk 1000 *', 'ports  *'])
})

describe('several roles', () => {
  test('what is reserved is offered to its role alone', () => {
    start({}, ['web', 'batch'])
    pass(1_000)
    accept(keeping, offers('web').at(-1)!)
    pass(20_000)
    const holders = offers().filter(({ resources }) => resources.some(({ role }) => role === 'web'))
    expect(holders.map(({ role }) => role)).toEqual(['web'])
  })

  test('each gets its turn at what is nobody’s; one that is suppressed gets none until it is revived', () => {
    start({}, ['web', 'batch'])
    pass(1_000)
    const seen = new Set<string | undefined>()
    for (let i = 0; i < 4; i++) {
      const [offer] = offers()
      seen.add(offer?.role)
      if (offer !== undefined) tell({ kind: 'decline', offerIds: [offer.id], refuseFor: millis(100) })
      pass(2_000)
    }
    expect(seen).toEqual(new Set(['web', 'batch']))
    tell({ kind: 'suppress', roles: ['web'] })
    for (const { id } of offers()) tell({ kind: 'decline', offerIds: [id], refuseFor: millis(100) })
    pass(5_000)
    expect(offers().map(({ role }) => role)).toEqual(['batch'])
    tell({ kind: 'suppress', roles: ['batch'] })
    for (const { id } of offers()) tell({ kind: 'decline', offerIds: [id], refuseFor: millis(100) })
    pass(5_000)
    expect(offers()).toEqual([])
    tell({ kind: 'revive', roles: ['web'] })
    pass(2_000)
    expect(offers().map(({ role }) => role)).toEqual(['web'])
  })

  test('what one has declined is offered to the other', () => {
    start({}, ['web', 'batch'])
    pass(1_000)
    const [first] = offers()
    tell({ kind: 'decline', offerIds: [first!.id], refuseFor: millis(600_000) })
    pass(2_000)
    const [second] = offers()
    expect(new Set([first!.role, second!.role])).toEqual(new Set(['web', 'batch']))
  })

  test('a role that says what it wants gets offers of nothing else', () => {
    start({}, ['web', 'batch'])
    const exists = [[{ selector: { attribute: 'rack_id' }, predicate: { kind: 'exists' } }]] as const
    const elsewhere = [
      [{ selector: { pseudo: 'HOSTNAME' }, predicate: { kind: 'text-matches', regex: 'agent-[2-9].*' } }],
      [{ selector: { attribute: 'rack_id' }, predicate: { kind: 'text-not-equals', value: 'rack-1' } }],
    ] as const
    tell({
      kind: 'update-framework',
      roles: ['web', 'batch'],
      suppressedRoles: [],
      offerConstraints: { web: elsewhere, batch: exists },
    })
    for (let i = 0; i < 3; i++) {
      pass(2_000)
      expect(offers().map(({ role }) => role)).toEqual(['batch'])
      for (const { id } of offers()) tell({ kind: 'decline', offerIds: [id], refuseFor: millis(100) })
    }
    tell({ kind: 'update-framework', roles: ['web'], suppressedRoles: [], offerConstraints: {} })
    pass(2_000)
    expect(offers().map(({ role }) => role)).toEqual(['web'])
  })

  test('offers of a role that is left are taken back', () => {
    start({}, ['web', 'batch'])
    pass(1_000)
    const [offer] = offers()
    const stays = offer!.role === 'web' ? 'batch' : 'web'
    tell({ kind: 'update-framework', roles: [stays], suppressedRoles: [] })
    take()
    expect(offers()).toEqual([])
    pass(2_000)
    expect(offers().map(({ role }) => role)).toEqual([stays])
  })

  test('offers of two roles are good for nothing together', () => {
    start({}, ['web', 'batch'])
    pass(1_000)
    // What is kept for one is offered to it beside what the other gets when that comes first.
    accept(keeping, offers('web').at(-1)!)
    for (let i = 0; i < 5 && offers().length < 2; i++) {
      for (const { id } of offers()) tell({ kind: 'decline', offerIds: [id], refuseFor: millis(100) })
      pass(2_000)
    }
    expect(new Set(offers().map(({ role }) => role))).toEqual(new Set(['web', 'batch']))
    const offerIds = offers().map(({ id }) => id)
    const operations: readonly Operation[] = [{ type: 'LAUNCH', tasks: [task(9, own)] }]
    tell({ kind: 'accept', offerIds, agentId: 'agent-1', operations })
    take()
    expect(statuses().at(-1)?.state).toBe('TASK_DROPPED')
  })
})

describe('a change of masters', () => {
  beforeEach(() => {
    start()
    pass(1_000)
    accept([{ type: 'LAUNCH', tasks: [task(1, [{ name: 'cpus', scalar: 1, role: '*' }])] }])
    pass(2_000)
    cluster.failOver(now)
    events = []
    cluster.connect(now, { frameworkId: cluster.frameworkId, roles: ['web'], suppressedRoles: [] })
    take()
  })

  test('nobody answers for a task until its agent is heard of, and then it runs on', () => {
    const asked = { taskId: 'db.instance-1._app.1', agentId: 'agent-1' }
    tell({ kind: 'reconcile', tasks: [asked, { taskId: 'ghost' }] }, { kind: 'reconcile', tasks: [] })
    take()
    expect(statuses()).toEqual([])
    expect(offers()).toEqual([])
    pass(13_000)
    expect(statuses()).toEqual([])
    tell({ kind: 'reconcile', tasks: [asked, { taskId: 'ghost' }] })
    take()
    expect(statuses().map(({ state }) => state)).toEqual(['TASK_RUNNING', 'TASK_UNKNOWN'])
    expect(offers()).toHaveLength(1)
  })

  test('what an agent tells meanwhile waits for it', () => {
    cluster.failTask('db.instance-1._app.1', now)
    take()
    expect(statuses()).toEqual([])
    pass(13_000)
    expect(statuses().map(({ state }) => state)).toEqual(['TASK_FAILED'])
  })
})

describe('a framework that is away', () => {
  beforeEach(() => {
    start({ failoverTimeout: millis(60_000) })
    pass(1_000)
    accept([...keeping, { type: 'LAUNCH', tasks: [task(1, [{ name: 'cpus', scalar: 1, role: '*' }])] }])
    pass(2_000)
    cluster.disconnect(now)
    events = []
  })

  test('comes back in time to all it had', () => {
    pass(59_000)
    cluster.connect(now, { frameworkId: 'sim-framework', roles: ['web'], suppressedRoles: [] })
    pass(1_000)
    expect(events[0]).toMatchObject({
      kind: 'engine-connected',
      frameworkId: 'sim-framework',
      reserves: true,
    })
    expect(cluster.tasks.size).toBe(1)
  })

  test('is removed with its tasks when it takes too long; what it has reserved stays', () => {
    pass(61_000)
    cluster.connect(now, { frameworkId: 'sim-framework', roles: ['web'], suppressedRoles: [] })
    take()
    expect(events).toEqual([
      { kind: 'engine-failed', message: 'Framework has been removed', isRemoved: true },
    ])
    expect(cluster.tasks.size).toBe(0)
    cluster.disconnect(now)
    cluster.connect(now, { roles: ['web'], suppressedRoles: [] })
    pass(2_000)
    expect(events.find(({ kind }) => kind === 'engine-connected')).toMatchObject({
      frameworkId: 'sim-framework-2',
    })
    expect(shown(offers().at(-1))).toContain('disk 10 web v')
  })
})

describe('maintenance', () => {
  const unavailability = { start: instant(60_000), duration: millis(30_000) }
  beforeEach(() => {
    start()
    pass(1_000)
    accept([{ type: 'LAUNCH', tasks: [task(1, [{ name: 'cpus', scalar: 1, role: '*' }])] }])
    pass(2_000)
    cluster.plan('agent-1', unavailability, now)
    pass(2_000)
  })

  test('is told of in offers, and what is in use is asked for', () => {
    expect(offers().at(-1)?.unavailability).toEqual(unavailability)
    const [asked] = events.flatMap((event) => (event.kind === 'inverse-offers' ? event.offers : []))
    expect(asked).toMatchObject({ agentId: 'agent-1', unavailability })
    tell({
      kind: 'answer-inverse-offers',
      answer: 'decline',
      offerIds: [asked!.id],
      refuseFor: millis(5_000),
    })
    pass(6_000)
    expect(events.filter(({ kind }) => kind === 'inverse-offers')).toHaveLength(2)
    expect(cluster.maintenance.answers).toEqual([{ agentId: 'agent-1', answer: 'decline' }])
  })

  test('ends what still runs, for as long as was said', () => {
    pass(56_000)
    expect(statuses().at(-1)?.state).toBe('TASK_LOST')
    expect(offers()).toEqual([])
    pass(32_000)
    expect(offers().at(-1)?.unavailability).toBeUndefined()
  })

  test('of an agent that is given up meanwhile does not bring it back', () => {
    cluster.loseAgent('agent-1', 'gone-by-operator', now)
    pass(200_000)
    expect(offers()).toEqual([])
    expect([...cluster.agents.keys()]).toEqual([])
  })

  test('that is called off is taken back', () => {
    cluster.plan('agent-1', undefined, now)
    pass(2_000)
    expect(events.some(({ kind }) => kind === 'inverse-offer-rescinded')).toBe(true)
    expect(offers().at(-1)?.unavailability).toBeUndefined()
    pass(60_000)
    expect(statuses().at(-1)?.state).toBe('TASK_RUNNING')
  })
})

describe('an executor', () => {
  const groupTask = (name: string): TaskInfo => ({
    ...task(1, [{ name: 'cpus', scalar: 1, role: '*' }]),
    name,
    taskId: `pod.instance-1.${name}.1`,
  })
  const lost = () => events.filter(({ kind }) => kind === 'executor-lost')
  beforeEach(() => {
    start()
    pass(1_000)
    accept([
      {
        type: 'LAUNCH_GROUP',
        executor: {
          executorId: 'instance-pod.1',
          resources: [{ name: 'mem', scalar: 32, role: '*' }],
          labels: {},
        },
        tasks: [groupTask('a'), groupTask('b')],
      },
    ])
    pass(2_000)
  })

  test('is told of when the last of its tasks has ended', () => {
    cluster.failTask('pod.instance-1.a.1', now)
    pass(5_000)
    expect(lost()).toEqual([
      { kind: 'executor-lost', agentId: 'agent-1', executorId: 'instance-pod.1', status: 0 },
    ])
  })

  test('that dies takes all of them with it', () => {
    cluster.failExecutor('pod.instance-1.a.1', now)
    pass(100)
    expect(lost()).toMatchObject([{ status: 9 }])
    expect(statuses().filter(({ reason }) => reason === 'REASON_EXECUTOR_TERMINATED')).toHaveLength(2)
    soldiersOn()
  })
})

test('an end that was forgotten is told by nobody, but to who asks', () => {
  start()
  pass(1_000)
  accept([{ type: 'LAUNCH', tasks: [task(1, [{ name: 'cpus', scalar: 1, role: '*' }])] }])
  pass(2_000)
  events = []
  cluster.forgetTask('db.instance-1._app.1', now)
  pass(60_000)
  expect(statuses()).toEqual([])
  tell({ kind: 'reconcile', tasks: [{ taskId: 'db.instance-1._app.1', agentId: 'agent-1' }] })
  take()
  expect(statuses().map(({ state }) => state)).toEqual(['TASK_GONE'])
})
