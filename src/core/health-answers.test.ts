// What the results of health checks lead to, and what is told of it (runtime 9). What one answer means is tested beside
// health/.

import { describe, expect, test } from 'vitest'
import { HandCore, offerOf } from '../../tests/support/hand-core.ts'
import {
  answer,
  bodyOf,
  busy,
  gone,
  healthOf,
  http,
  instanceOf,
  ok,
  pass,
  running,
  taskOf,
  tellRunning,
  told,
} from '../../tests/support/health-core.ts'
import type { ProbeOutcome } from './health/probe.ts'
import { probeIdOf } from './health/probe-id.ts'
import type { Ready } from './ready.ts'

describe('what an answer leads to', () => {
  test('the first success: alive, healthy, one write; the deployment was waiting for it', () => {
    const core = running()
    expect(core.view.deployments()).toHaveLength(1)
    const ready = answer(core, ok)
    expect(told(ready)).toEqual(['health_status_changed true', 'instance_health_changed true'])
    expect(ready.writes.filter(({ table }) => table === 'instance')).toHaveLength(1)
    expect(instanceOf(core).alive).toBe(true)
    expect(core.view.deployments()).toEqual([])
    expect(healthOf(core)).toEqual([
      { alive: true, consecutiveFailures: 0, firstSuccess: core.now, lastSuccess: core.now },
    ])
  })

  test('another success: nothing is told, nothing written', () => {
    const core = running()
    answer(core, ok)
    const { notices, writes, effects } = answer(core, ok)
    expect([notices, writes, effects]).toEqual([[], [], []])
  })

  test('a failure within the grace period: a result with nothing in it, so the instance is not well', () => {
    const core = running()
    const instance = instanceOf(core)
    expect(told(answer(core, busy))).toEqual(['instance_health_changed false'])
    expect(healthOf(core)).toEqual([{ alive: false, consecutiveFailures: 0 }])
    expect(instanceOf(core)).toEqual({ ...instance, alive: false })
    expect(told(answer(core, busy))).toEqual([])
    expect(healthOf(core)).toEqual([{ alive: false, consecutiveFailures: 0 }])
  })

  test('a failure once the grace period is over counts', () => {
    const core = running()
    pass(core, 29)
    expect(told(answer(core, busy))).toEqual(['instance_health_changed false'])
    pass(core, 1)
    expect(told(answer(core, busy))).toEqual(['failed'])
    expect(healthOf(core)).toEqual([
      {
        alive: false,
        consecutiveFailures: 1,
        lastFailure: core.now,
        lastFailureCause: '503 Service Unavailable',
      },
    ])
  })

  test('a failure after a success counts at once', () => {
    const core = running()
    answer(core, ok)
    const firstSuccess = core.now
    pass(core, 1)
    expect(told(answer(core, busy))).toEqual([
      'failed',
      'health_status_changed false',
      'instance_health_changed false',
    ])
    expect(healthOf(core)).toMatchObject([{ alive: false, consecutiveFailures: 1, firstSuccess }])
    expect(instanceOf(core).alive).toBe(false)
    pass(core, 1)
    expect(told(answer(core, ok))).toEqual(['health_status_changed true', 'instance_health_changed true'])
    expect(healthOf(core)).toEqual([
      {
        alive: true,
        consecutiveFailures: 0,
        firstSuccess,
        lastSuccess: core.now,
        lastFailure: core.now - 1_000,
        lastFailureCause: '503 Service Unavailable',
      },
    ])
  })

  test('a success and a failure of the same moment: the later one counts', () => {
    const core = running()
    answer(core, ok)
    answer(core, busy)
    answer(core, ok)
    expect(instanceOf(core).alive).toBe(true)
  })

  test('1xx, where it is to be ignored, leaves things as they were', () => {
    const core = running([{ ...http, ignoreHttp1xx: true }])
    answer(core, ok)
    const before = healthOf(core)
    expect(told(answer(core, { kind: 'answered', status: 102, statusText: 'Processing' }))).toEqual([])
    expect(healthOf(core)).toEqual(before)
  })

  test('an answer about a task that is not asked any more leads to nothing', () => {
    const core = running()
    const id = probeIdOf({ kind: 'health', taskId: taskOf(core), index: 0 })
    core.status(taskOf(core), 'TASK_KILLING')
    expect(told(core.step({ kind: 'probe-results', results: [{ id, outcome: busy }] }))).toEqual([])
    const unknown = probeIdOf({ kind: 'health', taskId: 'elsewhere', index: 7 })
    expect(told(core.step({ kind: 'probe-results', results: [{ id: unknown, outcome: busy }] }))).toEqual([])
  })
})

describe('several checks', () => {
  const both = [http, { ...http, protocol: 'TCP' }]
  const connected: ProbeOutcome = { kind: 'connected' }

  test('all have to find it alive', () => {
    const core = running(both)
    expect(told(answer(core, ok))).toEqual(['health_status_changed true'])
    expect(instanceOf(core).alive).toBeUndefined()
    expect(told(answer(core, connected, { index: 1 }))).toEqual([
      'health_status_changed true',
      'instance_health_changed true',
    ])
    expect(healthOf(core)).toHaveLength(2)
  })

  test('one that fails makes it sick, once; the other still counts for itself', () => {
    const core = running(both)
    answer(core, ok)
    answer(core, connected, { index: 1 })
    const refused: ProbeOutcome = {
      kind: 'failed',
      name: 'ECONNREFUSED',
      message: 'connect ECONNREFUSED a:1',
    }
    expect(told(answer(core, refused, { index: 1 }))).toEqual([
      'failed',
      'health_status_changed false',
      'instance_health_changed false',
    ])
    expect(told(answer(core, busy))).toEqual(['failed', 'health_status_changed false'])
    expect(healthOf(core)).toMatchObject([
      { lastFailureCause: '503 Service Unavailable' },
      { lastFailureCause: 'ECONNREFUSED: connect ECONNREFUSED a:1' },
    ])
  })
})

describe('kills', () => {
  const strict = { ...http, maxConsecutiveFailures: 2 }
  const killsOf = ({ effects }: Ready) =>
    effects.flatMap((effect) => (effect.kind === 'kill' ? [effect.cause] : []))

  test('at the failure after as many as are allowed, with the reason of the one before', () => {
    const core = running([strict])
    answer(core, ok)
    expect(killsOf(answer(core, busy))).toEqual([])
    pass(core, 1)
    const second = core.now
    expect(killsOf(answer(core, gone))).toEqual([])
    pass(core, 1)
    const ready = answer(core, busy)
    expect(told(ready)).toEqual(['failed', 'unhealthy_instance_kill 410 Gone'])
    expect(killsOf(ready)).toEqual(['unhealthy'])
    const { body } = ready.notices.find(({ type }) => type === 'unhealthy_instance_kill_event')!
    const timestamp = new Date(second).toISOString()
    expect(body).toMatchObject({ appId: '/web', taskId: taskOf(core), host: 'a', slaveId: 'a', timestamp })
    expect(core.view.taskFailure('/web')).toMatchObject({
      state: 'TASK_KILLED',
      message: 'Task was killed since health check failed. Reason: 410 Gone',
      taskId: taskOf(core),
      timestamp: second,
    })
    expect(instanceOf(core)).toMatchObject({ goal: 'Running', kill: { cause: 'unhealthy' } })
  })

  test('told again with each further failure as long as it runs', () => {
    const core = running([strict])
    for (const outcome of [ok, busy, busy, busy]) answer(core, outcome)
    const again = answer(core, busy)
    expect(told(again)).toEqual(['failed', 'unhealthy_instance_kill 503 Service Unavailable'])
    expect(killsOf(again)).toEqual([])
  })

  test('and the instance is launched again in its place, without a delay', () => {
    const core = running([strict])
    for (const outcome of [ok, busy, busy, busy]) answer(core, outcome)
    const { id } = instanceOf(core)
    core.status(taskOf(core), 'TASK_KILLED')
    core.offers(offerOf('b'))
    expect(core.launched.map(({ taskId }) => taskId)).toEqual([`${id}._app.2`])
    expect(core.view.instancesOf('/web')).toHaveLength(1)
    expect(instanceOf(core).alive).toBeUndefined()
  })

  test('never with a limit of 0', () => {
    const core = running([{ ...http, maxConsecutiveFailures: 0 }])
    answer(core, ok)
    for (let n = 0; n < 20; n++) expect(killsOf(answer(core, busy))).toEqual([])
    expect(healthOf(core)).toMatchObject([{ consecutiveFailures: 20 }])
  })

  test('a success in between begins the count anew', () => {
    const core = running([strict])
    for (const outcome of [ok, busy, busy, ok, busy, busy]) expect(killsOf(answer(core, outcome))).toEqual([])
    expect(killsOf(answer(core, busy))).toEqual(['unhealthy'])
  })
})

describe('checks that the engine runs', () => {
  const command = {
    protocol: 'COMMAND',
    command: { value: 'true' },
    gracePeriodSeconds: 0,
    maxConsecutiveFailures: 1,
  }
  const flag = (core: HandCore, healthy: boolean): Ready =>
    core.status(taskOf(core), 'TASK_RUNNING', { healthy })

  test('tell by the flag of their statuses: of the update, then of the checks', () => {
    const core = running([command])
    expect(told(flag(core, true))).toEqual([
      'instance_health_changed true',
      'health_status_changed true',
      'instance_health_changed true',
    ])
    expect(told(flag(core, true))).toEqual([])
    pass(core, 1)
    expect(told(flag(core, false))).toEqual([
      'instance_health_changed false',
      'failed',
      'health_status_changed false',
      'instance_health_changed false',
    ])
    expect(healthOf(core)).toMatchObject([{ alive: false, consecutiveFailures: 1, lastFailureCause: '' }])
    expect(told(flag(core, true))).toContain('health_status_changed true')
  })

  test('are not asked by us, and beside one that is both count', () => {
    const core = running([command, http])
    expect(told(flag(core, true))).toEqual(['instance_health_changed true', 'health_status_changed true'])
    expect(instanceOf(core).alive).toBeUndefined()
    expect(core.view.deployments()).toHaveLength(1)
    expect(told(answer(core, ok, { index: 1 }))).toEqual([
      'health_status_changed true',
      'instance_health_changed true',
    ])
    expect(core.view.deployments()).toEqual([])
  })
})

describe('what lists show', () => {
  test('repeated successes change it at most once in half a minute per app, failures at once', () => {
    const core = running([http], { instances: 50 })
    pass(core, 5)
    answer(core, ok)
    const shownAt = healthOf(core)[0]!.lastSuccess
    const revision = core.view.revision
    const health = core.view.healthRevisionOf('/web')
    pass(core, 10)
    answer(core, ok)
    const first = core.view.revision
    expect(first - revision).toBeLessThanOrEqual(1)
    for (let n = 0; n < 2; n++) {
      pass(core, 10)
      answer(core, ok)
    }
    expect(core.view.revision).toBe(first)
    pass(core, 10)
    answer(core, ok)
    expect(core.view.revision).toBe(first + 1)
    expect(core.view.healthRevisionOf('/web')).toBeGreaterThan(health)
    expect(healthOf(core)[0]!.lastSuccess).toBeGreaterThan(shownAt!)
    const before = core.view.revision
    answer(core, busy)
    expect(core.view.revision).toBeGreaterThan(before)
    // Nothing of the successes is lost.
    expect(healthOf(core)[0]!.lastSuccess).toBe(core.now)
  })
})

describe('most of many apps fail at once', () => {
  const quick = { ...http, maxConsecutiveFailures: 1 }
  const apps = ['/a', '/b', '/c', '/d']
  const many = (check: object = quick): HandCore => {
    const core = new HandCore()
    for (const id of apps) {
      core.offers(offerOf(`of ${id}`, {}, 1_000))
      core.create(bodyOf(id, [check], { instances: 4 }))
    }
    tellRunning(core)
    for (const id of apps) answer(core, ok, { id })
    return core
  }
  const killed = (core: HandCore): number =>
    [...core.view.instances()].filter(({ kill }) => kill !== undefined).length

  test('nobody is killed until most answer again', () => {
    const core = many()
    expect(told(answer(core, busy, { id: '/a' }))).not.toContain('unhealthy_kills_suspended')
    answer(core, busy, { id: '/b' })
    const ready = answer(core, busy, { id: '/c' })
    expect(told(ready)).toContain('unhealthy_kills_suspended')
    const { body } = ready.notices.find(({ type }) => type === 'unhealthy_kills_suspended_event')!
    expect(body).toMatchObject({ checkedInstances: 16, failingApps: 3 })
    expect(core.view.unhealthyKills).toMatchObject({
      suspendedSince: core.now,
      failing: 12,
      counted: 16,
      apps: 3,
    })
    pass(core, 300)
    for (let n = 0; n < 5; n++) for (const id of apps) answer(core, busy, { id })
    expect(killed(core)).toBe(0)
    expect(told(answer(core, ok, { id: '/a' }))).not.toContain('unhealthy_kills_resumed')
    answer(core, ok, { id: '/b' })
    expect(told(answer(core, ok, { id: '/c' }))).toContain('unhealthy_kills_resumed')
    expect(core.view.unhealthyKills.suspendedSince).toBeUndefined()
    // What is bad for reasons of its own is killed then; how often it failed meanwhile counts nothing.
    answer(core, busy, { id: '/d' })
    expect(killed(core)).toBe(0)
    answer(core, busy, { id: '/d' })
    expect(killed(core)).toBe(4)
  })

  test('what failed too often before the others did is killed at its first failure afterwards', () => {
    const core = many()
    for (const id of ['/d', '/a', '/b', '/c', '/d', '/d']) answer(core, busy, { id })
    for (const id of ['/a', '/b', '/c']) answer(core, ok, { id })
    expect(core.view.unhealthyKills.suspendedSince).toBeUndefined()
    expect(killed(core)).toBe(0)
    answer(core, busy, { id: '/d' })
    expect(killed(core)).toBe(4)
  })

  test('also when they are asked so seldom that it takes hours until all have been', () => {
    const core = many({ ...quick, intervalSeconds: 3_600 })
    const ready = apps.map((id) => {
      pass(core, 900)
      return answer(core, busy, { id })
    })
    expect(ready.flatMap(told)).toContain('unhealthy_kills_suspended')
  })

  test('a new process knows of it, and of its end', () => {
    const core = many()
    for (const id of apps) answer(core, busy, { id })
    const suspendedSince = core.now
    const next = new HandCore({ records: core.records })
    expect(next.view.unhealthyKills).toEqual({ suspendedSince, failing: 16, counted: 16, apps: 4 })
    expect(told(next.first)).not.toContain('unhealthy_kills_suspended')
    for (let n = 0; n < 5; n++) for (const id of apps) answer(next, busy, { id })
    expect(killed(next)).toBe(0)
    for (const id of ['/a', '/b']) answer(next, ok, { id })
    expect(told(answer(next, ok, { id: '/c' }))).toContain('unhealthy_kills_resumed')
    const last = new HandCore({ records: next.records })
    expect(last.view.unhealthyKills.suspendedSince).toBeUndefined()
    pass(last, 60)
    answer(last, busy, { id: '/d' })
    answer(last, busy, { id: '/d' })
    expect(killed(last)).toBe(4)
  })

  test('a new process that finds nobody bad any more says that it is over', () => {
    const core = many()
    for (const id of apps) answer(core, busy, { id })
    const without = core.records.filter(({ table }) => table !== 'instance')
    const next = new HandCore({ records: without })
    expect(next.view.unhealthyKills.suspendedSince).toBeUndefined()
  })

  test('an app that fails all by itself is killed', () => {
    const core = many()
    for (let n = 0; n < 2; n++) answer(core, busy, { id: '/a' })
    expect(killed(core)).toBe(4)
    expect(core.view.unhealthyKills.suspendedSince).toBeUndefined()
  })
})
