// On a cluster that is shared: offers are allocated to roles, what nobody here wants goes back, and for how long.

import { describe, expect, test } from 'vitest'
import { HandCore, type HandCoreOptions, offerOf } from '../../../tests/support/hand-core.ts'
import { KeepingAgents } from '../../../tests/support/keeping-agents.ts'
import { residentApp } from '../../../tests/support/resident-core.ts'
import { limits } from '../../lib/limits.ts'
import { launchedTasks } from '../mesos.ts'

function shared(settings: HandCoreOptions['settings'] = {}): HandCore {
  return new HandCore({ holdsOffers: false, settings })
}

/** What the engine is told by this step, without acknowledgements. */
const told = (core: HandCore, act: () => void): unknown[] => {
  const before = core.effects.length
  act()
  return core.effects.slice(before).filter(({ kind }) => kind !== 'acknowledge' && kind !== 'reconcile')
}

const instances = (core: HandCore) =>
  [...core.view.instances()].map(({ runSpecId, condition, role, agent }) => ({
    runSpecId,
    condition,
    role,
    ...(agent && { on: agent.agentId }),
  }))

describe('roles (runtime 5, 13)', () => {
  test('a task is launched on offers of its role alone, each role on its own', () => {
    const core = shared({ mesosRole: 'foo' })
    core.create({ id: '/dev/app', cmd: 'serve', role: 'dev', acceptedResourceRoles: ['*'] })
    core.create({ id: '/metrics/app', cmd: 'serve', role: 'metrics', acceptedResourceRoles: ['*'] })
    core.offers(offerOf('a', { role: 'foo' }))
    expect(core.launched).toEqual([])
    core.offers(offerOf('b', { role: 'dev' }))
    core.offers(offerOf('c', { role: 'metrics' }))
    expect(instances(core)).toEqual([
      { runSpecId: '/dev/app', condition: 'Provisioned', role: 'dev', on: 'b' },
      { runSpecId: '/metrics/app', condition: 'Provisioned', role: 'metrics', on: 'c' },
    ])
  })

  test('offers of another role say nothing about why it waits', () => {
    const core = shared({ mesosRole: 'foo' })
    core.create({ id: '/dev/app', cmd: 'serve', role: 'dev', cpus: 64 })
    core.offers(offerOf('a', { role: 'foo' }))
    expect(core.view.queue()).toMatchObject([{ processedOffers: 0 }])
    core.offers(offerOf('b', { role: 'dev' }))
    expect(core.view.queue()).toMatchObject([{ processedOffers: 1 }])
  })

  test('offers are asked for in the roles that wait, and in none once all have been launched', () => {
    const core = shared({ mesosRole: 'foo' })
    const asked = (ms: number): unknown[] => told(core, () => core.run(ms))
    expect(asked(1_000)).toEqual([])
    expect(core.effects).toContainEqual({ kind: 'suppress', roles: ['foo'] })
    expect(told(core, () => core.create({ id: '/dev/app', cmd: 'serve', role: 'dev' }))).toEqual([
      { kind: 'update-framework', roles: ['dev', 'foo'], suppressedRoles: ['foo'] },
      { kind: 'revive', roles: ['dev'] },
    ])
    core.offers(offerOf('b', { role: 'dev' }))
    expect(asked(1_000)).toEqual([{ kind: 'suppress', roles: ['dev'] }])
  })

  test('an instance keeps the role it was made with until it is replaced by one of the new role', () => {
    const core = shared({ mesosRole: 'foo' })
    core.create({ id: '/dev/app', cmd: 'serve', role: 'dev' })
    core.offers(offerOf('a', { role: 'dev' }))
    core.tellAll('TASK_RUNNING')
    expect(core.update('/dev/app', { role: 'foo' })).toMatchObject({ kind: 'deployed' })
    expect(instances(core)).toEqual([
      { runSpecId: '/dev/app', condition: 'Running', role: 'dev', on: 'a' },
      { runSpecId: '/dev/app', condition: 'Scheduled', role: 'foo' },
    ])
    core.offers(offerOf('b', { role: 'dev' }))
    expect(core.launched).toEqual([])
    core.offers(offerOf('c', { role: 'foo' }))
    core.tellAll('TASK_RUNNING')
    expect(instances(core)).toMatchObject([
      { role: 'dev', on: 'a' },
      { role: 'foo', on: 'c', condition: 'Running' },
    ])
  })

  test('a failed task is launched again in the role its instance has', () => {
    const core = shared({ mesosRole: 'foo' })
    core.create({ id: '/dev/app', cmd: 'serve', role: 'dev', backoffSeconds: 0 })
    core.offers(offerOf('a', { role: 'dev' }))
    core.tellAll('TASK_FAILED')
    core.run(1)
    core.offers(offerOf('b', { role: 'foo' }))
    expect(instances(core)).toMatchObject([{ condition: 'Failed', role: 'dev' }])
    core.offers(offerOf('c', { role: 'dev' }))
    expect(instances(core)).toMatchObject([{ condition: 'Provisioned', role: 'dev', on: 'c' }])
  })
})

describe('what goes back (runtime 5)', () => {
  const declined = (core: HandCore, act: () => void): unknown[] =>
    told(core, act).filter((effect) => (effect as { kind: string }).kind === 'decline')

  test('an offer while nothing waits, and one that fits nothing, for the whole decline duration', () => {
    const core = shared()
    const whole = (id: string) => [{ kind: 'decline', offerIds: [`offer of ${id}`], refuseFor: 120_000 }]
    expect(declined(core, () => core.offers(offerOf('a')))).toEqual(whole('a'))
    core.create({ id: '/huge', cmd: 'serve', cpus: 64 })
    expect(declined(core, () => core.offers(offerOf('b')))).toEqual(whole('b'))
  })

  test('the duration is that of the flag', () => {
    const core = shared({ declineOfferDuration: 1_000 as never })
    expect(declined(core, () => core.offers(offerOf('a')))).toMatchObject([{ refuseFor: 1_000 }])
  })

  test('nothing of what a turn had no time for: the next one launches on it', () => {
    const core = shared()
    const constraints = [['hostname', 'GROUP_BY']]
    const body = { id: '/web', cmd: 'serve', constraints, instances: 2_500 }
    const origin = { clientIp: '10.0.0.99', uri: '/v2/apps' }
    const agents = Array.from({ length: 2_500 }, (_, n) => offerOf(`n${n}`, { role: '*' }))
    const steps = [
      core.step(
        { kind: 'request', requestId: 1, request: { kind: 'create-app', body, force: false, origin } },
        { kind: 'offers', offers: agents.slice(0, 1_000) },
        { kind: 'offers', offers: agents.slice(1_000) },
      ),
    ]
    expect(core.scheduler.wakeAt).toBe(core.now)
    while (core.scheduler.wakeAt === core.now) steps.push(core.step({ kind: 'woke' }))
    const kinds = steps.map(({ effects }) => new Set(effects.map(({ kind }) => kind)))
    expect(kinds.slice(0, -1).some((each) => each.has('decline'))).toBe(false)
    expect(core.launched).toHaveLength(2_500)
  })

  test('an offer that something would take, were there launch tokens, for five seconds', () => {
    const core = shared({ launchTokens: 1 })
    core.create({ id: '/web', cmd: 'serve', instances: 2 })
    core.offers(offerOf('a'))
    expect(core.launched).toHaveLength(1)
    expect(declined(core, () => core.offers(offerOf('b')))).toEqual([
      { kind: 'decline', offerIds: ['offer of b'], refuseFor: 5_000 },
    ])
    core.tellAll('TASK_RUNNING')
    expect(declined(core, () => core.offers(offerOf('c')))).toEqual([])
    expect(core.launched).toHaveLength(1)
  })

  test('with as many launch tokens as there are, so many are launched of one offer', () => {
    for (const launchTokens of [0, 1, 5]) {
      const core = shared({ launchTokens })
      core.create({ id: '/web', cmd: 'serve', cpus: 0.01, instances: 10 })
      core.offers(offerOf('a'))
      expect(core.launched).toHaveLength(launchTokens)
    }
  })

  test('one offer serves everything that waits, again and again, as long as it has room', () => {
    const core = shared()
    core.create({ id: '/one', cmd: 'serve', cpus: 1, instances: 2 })
    core.create({ id: '/two', cmd: 'serve', cpus: 1, instances: 3 })
    core.offers(offerOf('a', {}, 4))
    expect(core.launched).toHaveLength(4)
    expect(new Set(core.launched.map(({ taskId }) => taskId.split('.')[0]))).toEqual(new Set(['one', 'two']))
  })

  test('without a connection nothing is launched, and nothing is given back', () => {
    const core = shared()
    core.engine({ kind: 'engine-disconnected' })
    core.create({ id: '/web', cmd: 'serve' })
    expect(told(core, () => core.offers(offerOf('a')))).toEqual([])
  })
})

describe('more offers than can be used at once (runtime 5)', () => {
  test('those that wait longest go back when too many are at hand', () => {
    const core = new HandCore()
    const offers = Array.from({ length: limits.heldOffers + 2 }, (_, n) => offerOf(`n${n}`))
    const { effects } = core.offers(...offers)
    expect(effects).toEqual(
      ['offer of n0', 'offer of n1'].map((id) => ({ kind: 'decline', offerIds: [id], refuseFor: 120_000 })),
    )
  })

  test('what has a volume on the agent comes before all others on its offer', () => {
    const settings = { mesosRole: 'db', mesosPrincipal: 'marathon', maxInstancesPerOffer: 1 }
    const core = new HandCore({ settings, holdsOffers: false })
    const agents = new KeepingAgents(core, ['a', 'b'])
    core.create(residentApp())
    agents.offer(['a'])
    agents.runAll()
    const [db] = [...core.view.instances()]
    agents.tell(db!.tasks[0]!.id, 'TASK_FAILED')
    core.create({ id: '/web', cmd: 'serve', cpus: 0.1, instances: 5 })
    core.run(10_000)
    agents.withdrawAll()
    const before = core.effects.length
    agents.offer(['a'])
    const launches = core.effects
      .slice(before)
      .flatMap((effect) => (effect.kind === 'accept' ? effect.operations : []))
    expect(launches.flatMap(launchedTasks)[0]!.taskId).toBe(`${db!.id}._app.2`)
  })

  test('what is to be taken back is, and the offer is used for nothing else', () => {
    const core = new HandCore({
      settings: { mesosRole: 'db', mesosPrincipal: 'marathon' },
      holdsOffers: false,
    })
    const agents = new KeepingAgents(core, ['a'])
    core.create(residentApp())
    agents.offer()
    agents.runAll()
    const [db] = [...core.view.instances()]
    core.remove('/db')
    agents.tell(db!.tasks[0]!.id, 'TASK_KILLED')
    core.create({ id: '/web', cmd: 'serve', cpus: 0.1 })
    const before = core.effects.length
    agents.withdrawAll()
    agents.offer()
    const accepted = core.effects
      .slice(before)
      .flatMap((effect) => (effect.kind === 'accept' ? [effect.operations.map(({ type }) => type)] : []))
    expect(accepted).toEqual([['DESTROY', 'UNRESERVE'], ['LAUNCH']])
  })
})

describe('few offers (runtime 5)', () => {
  test('are for each app in turn: one that fails again and again does not get all of them', () => {
    const core = shared({ maxInstancesPerOffer: 1 })
    core.create({ id: '/failing', cmd: 'false', instances: 3, backoffSeconds: 0 })
    core.create({ id: '/web', cmd: 'serve', instances: 2 })
    const served: unknown[] = []
    for (const id of ['a', 'b', 'c', 'd']) {
      core.offers(offerOf(id))
      served.push(core.launched.at(-1)!.taskId.replace(/\..*/, ''))
      core.tellAll(served.at(-1) === 'failing' ? 'TASK_FAILED' : 'TASK_RUNNING')
    }
    expect(served).toEqual(['failing', 'web', 'failing', 'web'])
  })
})
