// When what was reserved for an instance is given up, and what does not count as waiting for it.

import { describe, expect, test } from 'vitest'
import { HandCore, type HandCoreOptions } from '../../../tests/support/hand-core.ts'
import { KeepingAgents } from '../../../tests/support/keeping-agents.ts'
import { residentApp } from '../../../tests/support/resident-core.ts'
import { millis } from '../../lib/instant.ts'
import type { Offer } from '../mesos.ts'

const settings = { mesosRole: 'db', mesosPrincipal: 'marathon' }
const connected = {
  kind: 'engine-connected',
  frameworkId: 'f',
  master: 'm',
  holdsOffers: false,
  reserves: true,
} as const

/** An agent that nothing is reserved on. */
const plain: Offer = {
  id: 'plain',
  agentId: 'b',
  hostname: 'b',
  role: 'db',
  attributes: [],
  resources: [
    { name: 'cpus', scalar: 4, role: '*' },
    { name: 'mem', scalar: 4_096, role: '*' },
    { name: 'disk', scalar: 10_000, role: '*' },
    { name: 'ports', ranges: [{ begin: 31_000, end: 31_099 }], role: '*' },
  ],
}

const start = (more: HandCoreOptions['settings'] = {}): HandCore =>
  new HandCore({ holdsOffers: false, settings: { ...settings, ...more } })
const ids = (core: HandCore): string[] => core.view.instancesOf('/db').map(({ id }) => id)
const states = (core: HandCore): string[] =>
  core.view.instancesOf('/db').map(({ condition, reservation }) => `${condition} ${reservation?.state}`)

/** Every agent offers once a second what it has, and what is launched runs. */
function live(core: HandCore, agents: KeepingAgents, seconds: number): void {
  for (let second = 0; second < seconds; second++) {
    agents.withdrawAll()
    agents.offer()
    agents.runAll()
    core.run(1_000)
  }
}

describe('what was reserved is not given up', () => {
  test('for want of launch tokens: more instances than there are tokens are launched all the same', () => {
    const core = start({ launchTokens: 2 })
    const agents = new KeepingAgents(core, ['a', 'b'])
    core.run(1_000)
    core.create(residentApp({ instances: 4 }))
    live(core, agents, 120)
    expect(states(core)).toEqual(Array(4).fill('Running launched'))
    expect([...agents.volumesOn('a'), ...agents.volumesOn('b')]).toHaveLength(4)
  })

  test('while its app is delayed after the failure of another instance', () => {
    const core = start()
    const agents = new KeepingAgents(core, ['a'])
    core.create(residentApp({ backoffSeconds: 60 }))
    agents.offer()
    const { taskId } = core.launched[0]!
    core.update('/db', { instances: 2 }, true)
    const offers = core.effects.length
    core.offers(plain)
    expect(core.effects.slice(offers)).toMatchObject([{ kind: 'accept', agentId: 'b' }])
    const before = ids(core)
    core.status(taskId, 'TASK_FAILED')
    core.run(60_000 + 19_999)
    expect(ids(core)).toEqual(before)
    core.run(1)
    expect(ids(core)).not.toEqual(before)
  })

  test('while there is no connection, nor before the next one had time to offer it', () => {
    const core = start()
    core.create(residentApp())
    core.offers(plain)
    const before = ids(core)
    core.engine({ kind: 'engine-disconnected' })
    core.run(600_000)
    expect(ids(core)).toEqual(before)
    core.engine(connected)
    core.run(19_999)
    expect(ids(core)).toEqual(before)
    core.run(1)
    expect(ids(core)).not.toEqual(before)
  })
})

test('a master that offers less often than a reservation is waited for gets its turn all the same', () => {
  const core = start({ taskReservationTimeout: millis(5_000) })
  const agents = new KeepingAgents(core, ['a', 'b'])
  core.create(residentApp({ instances: 3 }))
  for (let cycle = 0; cycle < 12; cycle++) {
    agents.withdrawAll()
    agents.offerOnce()
    agents.runAll()
    core.run(25_000)
  }
  expect(states(core)).toEqual(Array(3).fill('Running launched'))
  expect([...agents.volumesOn('a'), ...agents.volumesOn('b')]).toHaveLength(3)
  // From then on it is as patient as on the first day.
  expect(core.scheduler.core.patience.of('/db')).toBe(5_000)
})

test('what is given up together is given up once, and patience has an end', () => {
  const core = start()
  core.create(residentApp({ instances: 3 }))
  const waited: number[] = []
  for (let n = 0; n < 6; n++) {
    core.offers({ ...plain, id: `plain ${n}` })
    const { deadline } = core.view.instancesOf('/db')[0]!.reservation!
    waited.push(deadline! - core.now)
    core.run(deadline! - core.now)
  }
  expect(waited).toEqual([20_000, 40_000, 80_000, 160_000, 160_000, 160_000])
})
