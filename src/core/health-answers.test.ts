// Health checks in the core, by events: who is asked, what answers lead to, and what is told of it (runtime 9). What one
// answer means is tested beside health/.

import { describe, expect, test } from 'vitest'
import { HandCore, offerOf } from '../../tests/support/hand-core.ts'
import { seconds } from '../lib/instant.ts'
import type { ProbeEffect, ProbeOutcome } from './health/probe.ts'
import { parseProbeId, probeIdOf } from './health/probe-id.ts'
import type { Notice } from './notices/notice.ts'
import type { Ready } from './ready.ts'

const healthTypes = new Set([
  'add_health_check_event',
  'remove_health_check_event',
  'failed_health_check_event',
  'health_status_changed_event',
  'unhealthy_instance_kill_event',
  'instance_health_changed_event',
  'unhealthy_kills_suspended_event',
  'unhealthy_kills_resumed_event',
])

/** The events of health, each in a few words. */
const told = ({ notices }: Pick<Ready, 'notices'>): string[] =>
  notices.filter(({ type }) => healthTypes.has(type)).map(inWords)

const inWords = ({ type, body }: Notice): string => {
  const short = type.replace(/_event$/, '').replace(/_health_check$/, '')
  if (type === 'health_status_changed_event') return `${short} ${String(body['alive'])}`
  if (type === 'instance_health_changed_event') return `${short} ${String(body['healthy'])}`
  if (type === 'unhealthy_instance_kill_event') return `${short} ${String(body['reason'])}`
  return short
}

const ok: ProbeOutcome = { kind: 'answered', status: 200, statusText: 'OK' }
const busy: ProbeOutcome = { kind: 'answered', status: 503, statusText: 'Service Unavailable' }
const gone: ProbeOutcome = { kind: 'answered', status: 410, statusText: 'Gone' }

const http = { protocol: 'HTTP', path: '/up', gracePeriodSeconds: 30, intervalSeconds: 10 }

const bodyOf = (id: string, healthChecks: readonly object[], more: object = {}): object => ({
  id,
  cmd: 'serve',
  cpus: 0.1,
  mem: 32,
  instances: 1,
  portDefinitions: [{ port: 0, name: 'web' }],
  healthChecks,
  ...more,
})

const tellRunning = (core: HandCore, more: object = {}): Ready => {
  const told = core.launched
  core.launched = []
  return core.step(
    ...told.map(({ taskId, agentId }) => ({
      kind: 'status' as const,
      status: { taskId, agentId, state: 'TASK_RUNNING' as const, timestamp: core.now, ...more },
    })),
  )
}

/** A core with an app of these checks whose instances run. */
function running(healthChecks: readonly object[] = [http], more: object = {}): HandCore {
  const core = new HandCore()
  core.offers(offerOf('a', {}, 1_000))
  core.create(bodyOf('/web', healthChecks, more))
  tellRunning(core)
  return core
}

const instanceOf = (core: HandCore, id = '/web') => core.view.instancesOf(id)[0]!
const taskOf = (core: HandCore, id = '/web') => instanceOf(core, id).tasks[0]!.id

const answer = (core: HandCore, outcome: ProbeOutcome, { id = '/web', index = 0 } = {}): Ready =>
  core.step({
    kind: 'probe-results',
    results: core.view.instancesOf(id).map(({ tasks }) => ({
      id: probeIdOf({ kind: 'health', taskId: tasks[0]!.id, index }),
      outcome,
    })),
  })

const pass = (core: HandCore, s: number): void => core.run(seconds(s))
const healthOf = (core: HandCore, id = '/web') => core.view.healthOf(instanceOf(core, id))
const probesOf = ({ probes }: Ready): readonly ProbeEffect[] => probes

describe('who is asked', () => {
  test('nobody while the task stages, and what runs after the shorter of the interval and five seconds', () => {
    const core = new HandCore()
    core.offers(offerOf('a'))
    const created = core.tell({
      kind: 'create-app',
      body: bodyOf('/web', [http]),
      force: false,
      origin: { clientIp: '', uri: '' },
    }).ready
    expect(probesOf(created)).toEqual([])
    const staged = core.tellAll('TASK_STAGING')
    expect(probesOf(staged)).toEqual([])
    const ready = core.status(taskOf(core), 'TASK_RUNNING')
    const [port] = instanceOf(core).tasks[0]!.hostPorts
    expect(probesOf(ready)).toEqual([
      {
        kind: 'begin-probe',
        probe: {
          id: `health/0/${taskOf(core)}`,
          target: { protocol: 'HTTP', address: 'a', port, path: '/up' },
          firstAfter: 5_000,
          pace: 'fixed',
          interval: 10_000,
          timeout: 20_000,
          bodyBytes: 0,
        },
      },
    ])
  })

  test.each(['TASK_UNREACHABLE', 'TASK_KILLING', 'TASK_FAILED', 'TASK_KILLED', 'TASK_LOST'] as const)(
    'not any more after %s',
    (state) => {
      const core = running()
      const task = taskOf(core)
      expect(probesOf(core.status(task, state))).toEqual([{ kind: 'end-probe', id: `health/0/${task}` }])
    },
  )

  test('again when it comes back from being unreachable, and what was known of it still is', () => {
    const core = running([http], { unreachableStrategy: 'disabled' })
    answer(core, ok)
    const before = healthOf(core)
    core.status(taskOf(core), 'TASK_UNREACHABLE')
    expect(healthOf(core)).toEqual(before)
    const back = core.status(taskOf(core), 'TASK_RUNNING')
    expect(probesOf(back).map(({ kind }) => kind)).toEqual(['begin-probe'])
    expect(instanceOf(core).alive).toBe(true)
  })

  test('the next task of the same instance, of which nothing is known', () => {
    const core = running([{ ...http, maxConsecutiveFailures: 1 }])
    answer(core, ok)
    answer(core, busy)
    const first = taskOf(core)
    core.status(first, 'TASK_FAILED')
    expect(healthOf(core)).toEqual([])
    pass(core, 5)
    core.offers(offerOf('b'))
    expect(taskOf(core)).not.toBe(first)
    const ready = tellRunning(core)
    expect(probesOf(ready)).toMatchObject([
      { kind: 'begin-probe', probe: { id: `health/0/${taskOf(core)}` } },
    ])
    // A failure of the first task is no failure of the second: the grace period begins anew.
    expect(told(answer(core, busy))).toEqual(['instance_health_changed false'])
  })

  test('nobody in an app without checks', () => {
    const core = running([])
    expect(core.scheduler.core.health.taskCount).toBe(0)
    expect(core.scheduler.core.health.apps.size).toBe(0)
    expect(healthOf(core)).toEqual([])
    expect(instanceOf(core).alive).toBeUndefined()
  })

  test('only by checks that are not the engine’s', () => {
    const core = running([
      http,
      { protocol: 'COMMAND', command: { value: 'true' } },
      { ...http, protocol: 'TCP' },
    ])
    const ended = probesOf(core.status(taskOf(core), 'TASK_FAILED'))
    expect(ended.map((effect) => effect.kind === 'end-probe' && parseProbeId(effect.id))).toMatchObject([
      { index: 0 },
      { index: 2 },
    ])
  })

  test('nobody after the app is removed', () => {
    const core = running([http, { ...http, protocol: 'TCP' }])
    const { ready } = core.tell({ kind: 'remove-app', id: '/web', force: true })
    expect(told(ready)).toEqual(['remove', 'remove'])
    const types = ready.notices.map(({ type }) => type)
    expect(types.indexOf('remove_health_check_event')).toBeLessThan(types.indexOf('instance_changed_event'))
    expect(probesOf(ready).map(({ kind }) => kind)).toEqual(['end-probe', 'end-probe'])
    expect(core.scheduler.core.health.taskCount).toBe(0)
  })
})

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

describe('nowhere to ask', () => {
  const onNetwork = {
    networks: [{ mode: 'container', name: 'blue' }],
    container: { type: 'MESOS', portMappings: [{ containerPort: 80 }] },
    portDefinitions: undefined,
  }
  const quick = {
    ...http,
    gracePeriodSeconds: 0,
    intervalSeconds: 3,
    maxConsecutiveFailures: 2,
    portIndex: 0,
  }

  test('fails as often as it would be asked, and kills', () => {
    const core = running([quick], onNetwork)
    pass(core, 2)
    expect(healthOf(core)).toEqual([])
    pass(core, 1)
    expect(healthOf(core)).toMatchObject([
      {
        consecutiveFailures: 1,
        lastFailureCause: 'NoAddressError: the container has no address in its network',
      },
    ])
    pass(core, 6)
    expect(instanceOf(core).kill?.cause).toBe('unhealthy')
    core.status(taskOf(core), 'TASK_KILLED')
    const before = core.scheduler.core.health.taskCount
    pass(core, 60)
    expect(before).toBe(0)
  })

  test('until it has an address: then that is asked', () => {
    const core = running([quick], onNetwork)
    const ready = core.status(taskOf(core), 'TASK_RUNNING', {
      healthy: true,
      ipAddresses: [{ ipAddress: '172.16.0.7', protocol: 'IPv4', network: 'blue' }],
    })
    expect(probesOf(ready)).toMatchObject([
      { kind: 'begin-probe', probe: { target: { address: '172.16.0.7', port: 80 } } },
    ])
    pass(core, 30)
    expect(healthOf(core)).toEqual([])
  })
})

describe('checks of versions', () => {
  const adds = (ready: Pick<Ready, 'notices'>) => told(ready).filter((word) => word === 'add').length

  test('are told of at the first step that touches the app, each once', () => {
    const core = new HandCore()
    const body = bodyOf('/web', [http, { ...http, protocol: 'TCP' }])
    const { ready } = core.tell({ kind: 'create-app', body, force: false, origin: { clientIp: '', uri: '' } })
    expect(adds(ready)).toBe(2)
    const types = ready.notices.map(({ type }) => type)
    expect(types.indexOf('deployment_info')).toBeLessThan(types.indexOf('add_health_check_event'))
    const add = ready.notices.find(({ type }) => type === 'add_health_check_event')!
    expect(JSON.stringify(add.body)).toBe(
      `{"appId":"/web","eventType":"add_health_check_event","healthCheck":{"gracePeriodSeconds":30,"ignoreHttp1xx":false,"intervalSeconds":10,"maxConsecutiveFailures":3,"path":"/up","portIndex":0,"protocol":"HTTP","ipProtocol":"IPv4","timeoutSeconds":20,"delaySeconds":15},"timestamp":"2031-04-02T09:00:00.000Z","version":"2031-04-02T09:00:00.000Z"}`,
    )
  })

  test('again when the app is only scaled, as that makes a version; and the old ones go once nobody runs them', () => {
    const core = running()
    answer(core, ok)
    const { ready } = core.tell({
      kind: 'update-app',
      id: '/web',
      body: { instances: 2 },
      mode: 'partial',
      force: false,
      origin: { clientIp: '', uri: '' },
    })
    expect(told(ready)).toEqual(['add'])
    core.offers(offerOf('b'))
    tellRunning(core)
    answer(core, ok)
    const notices: string[] = []
    const until = (minutes: number): void => {
      for (let n = 0; n < minutes; n++) {
        core.now = (core.now + 60_000) as typeof core.now
        notices.push(...told(core.step({ kind: 'woke' })))
      }
    }
    until(30)
    expect(notices).toEqual([])
    const first = core.view.instancesOf('/web')[0]!
    core.ask({
      kind: 'kill-and-scale',
      selection: { kind: 'tasks', taskIds: [first.tasks[0]!.id] },
      force: false,
    })
    core.status(first.tasks[0]!.id, 'TASK_KILLED')
    until(30)
    // Two versions are left: the one that runs, and the present one.
    expect(notices).toEqual(['remove'])
    expect(core.scheduler.core.health.apps.get('/web')?.versions.size).toBe(2)
  })
})

describe('after a restart', () => {
  const restarted = (core: HandCore): { readonly next: HandCore; readonly ready: Ready } => {
    const next = new HandCore({ records: core.records })
    return { next, ready: next.first }
  }

  test('the verdict is what it was, what runs is asked, and nothing is told of it', () => {
    const core = running()
    answer(core, ok)
    const { next, ready } = restarted(core)
    expect(told(ready)).toEqual(['add'])
    expect(probesOf(ready)).toMatchObject([
      { kind: 'begin-probe', probe: { id: `health/0/${taskOf(core)}` } },
    ])
    expect(instanceOf(next).alive).toBe(true)
    expect(healthOf(next)).toEqual([{ alive: true, consecutiveFailures: 0 }])
    expect(told(answer(next, ok))).toEqual([])
    expect(healthOf(next)).toMatchObject([{ alive: true, firstSuccess: next.now }])
  })

  test('the grace period is not granted twice', () => {
    const core = running()
    answer(core, ok)
    const { next } = restarted(core)
    expect(told(answer(next, busy))).toEqual([
      'failed',
      'health_status_changed false',
      'instance_health_changed false',
    ])
  })

  test('with several checks each result counts from then on', () => {
    const core = running([http, { ...http, protocol: 'TCP' }])
    answer(core, ok)
    answer(core, { kind: 'connected' }, { index: 1 })
    const { next } = restarted(core)
    expect(told(answer(next, ok))).toEqual([])
    expect(instanceOf(next).alive).toBe(true)
  })

  test('the engine’s flag is known from the record, and counts without being told', () => {
    const core = running([{ protocol: 'COMMAND', command: { value: 'true' }, gracePeriodSeconds: 0 }])
    core.status(taskOf(core), 'TASK_RUNNING', { healthy: false })
    const { next, ready } = restarted(core)
    expect(told(ready)).toEqual(['add'])
    expect(healthOf(next)).toMatchObject([{ alive: false, consecutiveFailures: 1, lastFailure: next.now }])
  })

  test('questions to what was well are spread over the interval', () => {
    const core = running([http], { instances: 40 })
    answer(core, ok)
    expect(core.view.gauges.running).toBe(40)
    const { ready } = restarted(core)
    const firsts = probesOf(ready).flatMap((effect) =>
      effect.kind === 'begin-probe' ? [effect.probe.firstAfter] : [],
    )
    expect(firsts).toHaveLength(40)
    for (const quarter of [0, 1, 2, 3]) {
      const within = firsts.filter((at) => at >= quarter * 2_500 && at < (quarter + 1) * 2_500)
      expect(within.length).toBeGreaterThan(7)
    }
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
  const many = (): HandCore => {
    const core = new HandCore()
    for (const id of apps) {
      core.offers(offerOf(`of ${id}`, {}, 1_000))
      core.create(bodyOf(id, [quick], { instances: 4 }))
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
    // What is bad for reasons of its own is killed at its next failure.
    expect(killed(core)).toBe(0)
    answer(core, busy, { id: '/d' })
    expect(killed(core)).toBe(4)
  })

  test('an app that fails all by itself is killed', () => {
    const core = many()
    for (let n = 0; n < 2; n++) answer(core, busy, { id: '/a' })
    expect(killed(core)).toBe(4)
    expect(core.view.unhealthyKills.suspendedSince).toBeUndefined()
  })
})
