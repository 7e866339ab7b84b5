// Which health checks are in force, and what becomes of them when a process starts (runtime 9).

import { describe, expect, test } from 'vitest'
import { HandCore, offerOf } from '../../tests/support/hand-core.ts'
import {
  answer,
  bodyOf,
  busy,
  healthOf,
  http,
  instanceOf,
  ok,
  probesOf,
  running,
  taskOf,
  tellRunning,
  told,
} from '../../tests/support/health-core.ts'
import type { Ready } from './ready.ts'

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

  test('an answer that says nothing does not shake the verdict', () => {
    const core = running([{ ...http, ignoreHttp1xx: true }])
    answer(core, ok)
    const { next } = restarted(core)
    expect(told(answer(next, { kind: 'answered', status: 102, statusText: 'Processing' }))).toEqual([])
    expect(instanceOf(next).alive).toBe(true)
    expect(healthOf(next)).toEqual([{ alive: true, consecutiveFailures: 0 }])
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
