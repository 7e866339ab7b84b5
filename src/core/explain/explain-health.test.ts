// What is said of each failing check, and when the instance is killed for it if that goes on: held against when it is.

import { describe, expect, test } from 'vitest'
import { HandCore, offerOf } from '../../../tests/support/hand-core.ts'
import {
  answer,
  bodyOf,
  busy,
  http,
  instanceOf,
  ok,
  pass,
  running,
  taskOf,
  tellRunning,
} from '../../../tests/support/health-core.ts'
import { failingChecks } from './explain-health.ts'

const checksOf = (core: HandCore, id = '/web') =>
  failingChecks(core.scheduler.core, instanceOf(core, id)).map(({ fact }) => fact)

const command = {
  protocol: 'COMMAND',
  command: { value: 'true' },
  gracePeriodSeconds: 0,
  intervalSeconds: 10,
  maxConsecutiveFailures: 2,
}

describe('failing checks', () => {
  test('kill at the moment that is told', () => {
    const core = running([{ ...http, maxConsecutiveFailures: 2 }])
    answer(core, ok)
    answer(core, busy)
    const [fact] = checksOf(core)
    expect(fact).toMatchObject({ failures: 1, most: 2, killAt: core.now + 20_000, isSuspended: false })
    pass(core, 10)
    answer(core, busy)
    expect(instanceOf(core).kill).toBeUndefined()
    pass(core, 10)
    answer(core, busy)
    expect(instanceOf(core).kill).toMatchObject({ requestedAt: fact?.kind === 'check' && fact.killAt })
  })

  test('with an interval of 0 are asked each second', () => {
    const core = running([{ ...http, intervalSeconds: 0, maxConsecutiveFailures: 2 }])
    answer(core, ok)
    answer(core, busy)
    expect(checksOf(core)).toMatchObject([{ killAt: core.now + 2_000 }])
  })

  test('of the engine kill one failure earlier: it counts the last one, too', () => {
    const core = running([command])
    core.status(taskOf(core), 'TASK_RUNNING', { healthy: true })
    core.status(taskOf(core), 'TASK_RUNNING', { healthy: false })
    expect(checksOf(core)).toMatchObject([{ protocol: 'COMMAND', failures: 1, killAt: core.now + 10_000 }])
  })

  test('without an answer tell the end of their grace period until it is over', () => {
    const core = running([{ ...http, gracePeriodSeconds: 3, intervalSeconds: 60 }])
    const { since } = instanceOf(core)
    expect(checksOf(core)).toMatchObject([{ failures: 0, graceUntil: since + 3_000 }])
    pass(core, 3)
    core.step({ kind: 'woke' })
    expect(checksOf(core)[0]).not.toHaveProperty('graceUntil')
  })

  test('are none of those that the process before this one found alive', () => {
    const core = running([http, { ...http, path: '/other' }])
    answer(core, ok)
    answer(core, ok, { index: 1 })
    const next = new HandCore({ records: core.records })
    answer(next, busy)
    expect(checksOf(next)).toMatchObject([{ index: 0 }])
  })
})

describe('while most of many apps fail', () => {
  const apps = ['/a', '/b', '/c', '/d', '/e']
  const outage = (): HandCore => {
    const core = new HandCore()
    for (const id of apps) {
      core.offers(offerOf(`of ${id}`))
      core.create(bodyOf(id, [{ ...http, maxConsecutiveFailures: 2 }, command]))
    }
    tellRunning(core, { healthy: true })
    for (const id of apps) answer(core, ok, { id })
    for (const id of ['/a', '/b', '/c']) answer(core, busy, { id })
    return core
  }

  test('checks of ours let live, those of the engine do not', () => {
    const core = outage()
    core.status(taskOf(core, '/a'), 'TASK_RUNNING', { healthy: false })
    expect(checksOf(core, '/a')).toMatchObject([
      { protocol: 'HTTP', isSuspended: true },
      { protocol: 'COMMAND', isSuspended: false, killAt: core.now + 10_000 },
    ])
    expect(checksOf(core, '/a')[0]).not.toHaveProperty('killAt')
  })

  test('and afterwards what failed meanwhile does not count', () => {
    const core = outage()
    for (let n = 0; n < 5; n++) answer(core, busy, { id: '/a' })
    for (const id of ['/b', '/c']) answer(core, ok, { id })
    answer(core, busy, { id: '/a' })
    const [fact] = checksOf(core, '/a')
    expect(fact).toMatchObject({ failures: 7, isSuspended: false, killAt: core.now + 10_000 })
    pass(core, 10)
    answer(core, busy, { id: '/a' })
    expect(instanceOf(core, '/a').kill).toMatchObject({ requestedAt: core.now })
  })
})
