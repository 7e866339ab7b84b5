// Who is asked how it is, and when no longer (runtime 9).

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
  pass,
  probesOf,
  running,
  taskOf,
  tellRunning,
  told,
} from '../../tests/support/health-core.ts'
import { parseProbeId } from './health/probe-id.ts'

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
