import { expect, test } from 'vitest'
import { type Instant, instant } from '../lib/instant.ts'
import { bodiesIn } from './event-log/segment.ts'
import type { Event } from './events.ts'
import { launchedTasks, type Offer } from './mesos.ts'
import type { Ready } from './ready.ts'
import type { StoredRecord } from './records.ts'
import type { Outcome } from './requests.ts'
import { createScheduler, type Scheduler } from './scheduler.ts'
import { defaultSettings } from './settings.ts'

const start = instant(Date.parse('2031-04-02T09:15:20.480Z'))

function offer(id: string, agentId: string): Offer {
  return {
    id,
    agentId,
    hostname: `${agentId}.example`,
    resources: [
      { name: 'cpus', scalar: 4, role: '*' },
      { name: 'mem', scalar: 4096, role: '*' },
      { name: 'ports', ranges: [{ begin: 31000, end: 31999 }], role: '*' },
    ],
    attributes: [],
  }
}

class Bench {
  readonly scheduler: Scheduler
  now: Instant = start
  #requests = 0

  constructor() {
    this.scheduler = createScheduler({
      settings: defaultSettings,
      seed: 7,
      records: [],
      now: start,
      quarantines: false,
    })
  }

  step(...events: Event[]): Ready {
    this.scheduler.step(events, this.now)
    return this.scheduler.takeReady()
  }

  connect(): Ready {
    return this.step({ kind: 'engine-connected', frameworkId: 'f-1', master: 'here', holdsOffers: true })
  }

  request(request: Extract<Event, { kind: 'request' }>['request']): { outcome: Outcome; ready: Ready } {
    const requestId = ++this.#requests
    const ready = this.step({ kind: 'request', requestId, request })
    const reply = ready.replies.find((candidate) => candidate.requestId === requestId)
    return { outcome: reply!.outcome, ready }
  }
}

const origin = { clientIp: '10.0.0.99', uri: '/v2/apps' }

test('an app that is posted is launched in the same step on an offer held, and its deployment ends when it runs', () => {
  const bench = new Bench()
  bench.connect()
  bench.step({ kind: 'offers', offers: [offer('o1', 'n1')] })
  const { outcome, ready } = bench.request({
    kind: 'create-app',
    body: { id: '/sleep', cmd: 'sleep 600' },
    force: false,
    origin,
  })
  expect(outcome).toMatchObject({ kind: 'deployed', wasCreated: true })
  const accept = ready.effects.find((effect) => effect.kind === 'accept')
  expect(accept).toMatchObject({ offerIds: ['o1'], agentId: 'n1' })
  const task = accept!.operations.flatMap(launchedTasks)[0]!
  expect(task.taskId).toMatch(/^sleep\.instance-[0-9a-f-]{36}\._app\.1$/)
  expect(ready.notices.map((notice) => notice.type)).toEqual([
    'group_change_success',
    'deployment_info',
    'api_post_event',
    'deployment_step_success',
    'deployment_info',
    'instance_changed_event',
    'instance_changed_event',
  ])
  const running = bench.step({
    kind: 'status',
    status: { taskId: task.taskId, state: 'TASK_RUNNING', timestamp: start, agentId: 'n1', uuid: 'u1' },
  })
  expect(running.effects).toEqual([{ kind: 'acknowledge', taskId: task.taskId, uuid: 'u1', agentId: 'n1' }])
  expect(running.notices.map((notice) => notice.type)).toEqual([
    'status_update_event',
    'instance_changed_event',
    'deployment_step_success',
    'deployment_success',
  ])
  expect(bench.scheduler.view.deployments()).toEqual([])
  expect(bench.scheduler.view.instancesOf('/sleep')).toMatchObject([
    { condition: 'Running', goal: 'Running' },
  ])
})

test('events are written with what they tell of, numbered, and the numbers go on in the next process', () => {
  const bench = new Bench()
  const connected = bench.connect()
  expect(connected.logged?.first).toBe(1)
  const { ready } = bench.request({
    kind: 'create-app',
    body: { id: '/web', cmd: 'serve', instances: 2 },
    force: false,
    origin,
  })
  expect(ready.logged?.first).toBe(1 + connected.notices.length)
  expect(ready.logged?.texts.flatMap(bodiesIn)).toEqual(ready.notices.map(({ body }) => JSON.stringify(body)))
  const tables = new Set(ready.writes.map(({ table }) => table))
  expect([tables.has('run-spec'), tables.has('event-log')]).toEqual([true, true])
  const last = connected.notices.length + ready.notices.length
  expect(bench.scheduler.view.eventLog.last).toBe(last)

  const disk = new Map<string, StoredRecord>()
  for (const write of [...connected.writes, ...ready.writes])
    if (write.kind === 'put') disk.set(`${write.table} ${write.key}`, write as unknown as StoredRecord)
  const next = createScheduler({
    settings: defaultSettings,
    seed: 8,
    records: disk.values(),
    now: bench.now,
    quarantines: false,
  })
  next.step([], bench.now)
  // The deployment that is under way is told of again.
  expect(next.takeReady().logged?.first).toBe(last + 1)
})

test('without a log nothing of events is written, and none has a number', () => {
  const scheduler = createScheduler({
    settings: { ...defaultSettings, eventLogMaxEvents: 0 },
    seed: 7,
    records: [],
    now: start,
    quarantines: false,
  })
  scheduler.step([{ kind: 'engine-connected', frameworkId: 'f-1', master: 'here', holdsOffers: true }], start)
  const { notices, logged, writes } = scheduler.takeReady()
  expect(notices).not.toEqual([])
  expect(logged).toBeUndefined()
  expect(writes.filter(({ table }) => table === 'event-log')).toEqual([])
})
