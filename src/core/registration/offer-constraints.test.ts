// What a master is told of the constraints of what waits (`--mesos_offer_constraints`), and when.

import { describe, expect, test } from 'vitest'
import { HandCore, offerOf } from '../../../tests/support/hand-core.ts'
import { assert } from '../../lib/assert.ts'
import { limits } from '../../lib/limits.ts'
import type { AttributeConstraint, OfferConstraints } from '../ready.ts'
import { offerConstraintsOf } from './offer-constraints.ts'

const shared = (settings: object = {}): HandCore =>
  new HandCore({
    holdsOffers: false,
    settings: { mesosRole: 'role', mesosOfferConstraints: true, ...settings },
  })

const app = (id: string, constraints: readonly unknown[] = [], more: object = {}) => ({
  id,
  cmd: 'serve',
  cpus: 0.001,
  constraints,
  ...more,
})

const on = (agentId: string, foo?: string) =>
  offerOf(agentId, {
    id: `${agentId} ${Math.random()}`,
    role: 'role',
    attributes: foo === undefined ? [] : [{ name: 'foo', text: foo }],
  })

const found = (core: HandCore): OfferConstraints => offerConstraintsOf(core.scheduler.core, ['role'])

const selectorText = ({ selector }: AttributeConstraint): string =>
  'attribute' in selector ? selector.attribute : `<${selector.pseudo}>`

/** `foo exists`, `foo text-equals bar`, one list for each group. */
const told = (constraints: OfferConstraints): unknown =>
  Object.fromEntries(
    Object.entries(constraints).map(([role, groups]) => [
      role,
      groups.map((group) =>
        group.map((constraint) => {
          const { kind, ...rest } = constraint.predicate
          return [selectorText(constraint), kind, ...Object.values(rest)].join(' ')
        }),
      ),
    ]),
  )

describe('what is told of one constraint', () => {
  test.each([
    [['foo', 'LIKE', 'bar'], ['foo text-matches bar']],
    [['foo', 'UNLIKE', 'baz'], ['foo text-not-matches baz']],
    [['foo', 'LIKE', '(?!b)a'], ['foo exists']],
    [['foo', 'IS', 'bar'], ['foo text-equals bar']],
    [['foo', 'IS', '2.0'], ['foo exists']],
    [['foo', 'CLUSTER', 'bar'], ['foo text-equals bar']],
    [['foo', 'CLUSTER'], ['foo exists']],
    [['foo', 'UNIQUE'], ['foo exists']],
    [['foo', 'GROUP_BY', '3'], ['foo exists']],
    [['foo', 'MAX_PER', '2'], ['foo exists']],
    [['hostname', 'UNLIKE', 'n1'], ['<HOSTNAME> text-not-matches n1']],
    [['@hostname', 'IS', 'n1'], ['<HOSTNAME> text-equals n1']],
    [['@region', 'IS', 'eu'], ['<REGION> text-equals eu']],
    [['@zone', 'UNIQUE'], ['<ZONE> exists']],
  ])('%j', (constraint, group) => {
    const core = shared()
    core.create(app('/app', [constraint]))
    expect(told(found(core))).toEqual({ role: [group] })
  })

  test('all of an app hold together, those of several apps are alternatives, and the same ones come once', () => {
    const core = shared()
    core.create(
      app('/a', [
        ['foo', 'LIKE', 'bar'],
        ['foo', 'UNLIKE', 'baz'],
      ]),
    )
    core.create(app('/b', [['foo', 'IS', 'other']]))
    core.create(app('/c', [['foo', 'IS', 'other']]))
    expect(told(found(core))).toEqual({
      role: [['foo text-equals other'], ['foo text-matches bar', 'foo text-not-matches baz']],
    })
  })

  test('is nothing when it cannot be said as a master understands it, and something may fit anywhere then', () => {
    const core = shared()
    core.create(app('/a', [['foo', 'UNLIKE', '(?!b)a']]))
    core.create(app('/b', [['foo', 'IS', 'other']]))
    expect(found(core)).toEqual({})
  })
})

describe('where the others are', () => {
  test('MAX_PER leaves a value out once it has as many as it may, and says nothing when nothing waits', () => {
    const core = shared()
    core.create(app('/app', [['foo', 'MAX_PER', '2']], { instances: 3 }))
    const exists = { role: [['foo exists']] }
    expect(told(found(core))).toEqual(exists)
    core.offers(on('a', 'bar'))
    core.tellAll('TASK_RUNNING')
    // Two fit on it: they have been launched.
    expect(told(found(core))).toEqual({ role: [['foo exists', 'foo text-not-equals bar']] })
    core.remove('/app', true)
    expect(found(core)).toEqual({})
  })

  test('UNIQUE leaves out every value in use, CLUSTER all but one', () => {
    const core = shared()
    core.create(app('/u', [['foo', 'UNIQUE']], { instances: 3 }))
    core.offers(on('a', 'bar'), on('b', 'baz'))
    expect(told(found(core))).toEqual({
      role: [['foo exists', 'foo text-not-equals bar', 'foo text-not-equals baz']],
    })
    const other = shared()
    other.create(app('/c', [['foo', 'CLUSTER']], { instances: 2, cpus: 5 }))
    other.offers(on('a', 'bar'))
    expect(told(found(other))).toEqual({ role: [['foo exists', 'foo text-equals bar']] })
  })

  test('an agent without the attribute is left out by nothing but that', () => {
    const core = shared()
    core.create(app('/u', [['hostname', 'GROUP_BY', '2']], { instances: 3, cpus: 5 }))
    core.offers(on('a'))
    expect(told(found(core))).toEqual({ role: [['<HOSTNAME> exists']] })
  })

  test('of very many values in use some are left to our own matching', () => {
    const core = shared()
    const count = limits.toldConstraintsPerGroup + 10
    core.create(app('/u', [['hostname', 'UNIQUE']], { instances: count + 1 }))
    core.offers(...Array.from({ length: count }, (_, n) => on(`n${n}`)))
    expect(core.launched).toHaveLength(count)
    expect(found(core).role![0]).toHaveLength(limits.toldConstraintsPerGroup)
  })
})

describe('a role', () => {
  test('of which something unconstrained waits has no constraints until that is launched', () => {
    const core = shared()
    core.create(app('/free', [], { cpus: 6 }))
    core.create(app('/tied', [['foo', 'IS', 'bar']], { cpus: 6 }))
    expect(found(core)).toEqual({})
    core.offers(on('a'))
    expect(told(found(core))).toEqual({ role: [['foo text-equals bar']] })
  })

  test('of too many different groups has none', () => {
    const core = shared({ maxRunningDeployments: 1_000 })
    for (let n = 0; n <= limits.toldConstraintGroups; n++)
      core.create(app(`/a${n}`, [['hostname', 'IS', `n-${n}`]]))
    expect(found(core)).toEqual({})
  })

  test('we are not in yet is not spoken of: the master would refuse the call', () => {
    const core = shared()
    core.create(app('/dev/other', [['foo', 'IS', 'bar']], { role: 'dev' }))
    expect(offerConstraintsOf(core.scheduler.core, ['role'])).toEqual({})
    expect(told(offerConstraintsOf(core.scheduler.core, ['role', 'dev']))).toEqual({
      dev: [['foo text-equals bar']],
    })
  })
})

describe('the master is told', () => {
  const tiedTo = (host: string) => app(`/tied/${host}`, [['hostname', 'IS', host]])
  /** Each update since the last look: its roles, and the hosts named in constraints. */
  const updates = (core: HandCore): unknown[] => {
    const effects = core.effects.splice(0)
    return effects.flatMap((effect) =>
      effect.kind === 'update-framework'
        ? [
            [
              effect.roles.join(' '),
              ...(effect.offerConstraints?.role ?? []).map(
                ([constraint]) => (constraint!.predicate as { value: string }).value,
              ),
            ],
          ]
        : [],
    )
  }

  test('what changes within the interval in one call', () => {
    const core = shared({ minOfferConstraintsUpdateInterval: 200 })
    core.run(300)
    core.create(tiedTo('foo'))
    expect(updates(core)).toEqual([['role', 'foo']])
    core.create(tiedTo('bar'))
    core.run(100)
    core.create(tiedTo('baz'))
    expect(updates(core)).toEqual([])
    core.run(100)
    expect(updates(core)).toEqual([['role', 'bar', 'baz', 'foo']])
    core.run(60_000)
    expect(updates(core)).toEqual([])
  })

  test('what changes later in another one, and what is as before in none', () => {
    const core = shared({ minOfferConstraintsUpdateInterval: 200 })
    core.run(300)
    core.create(tiedTo('foo'))
    core.run(300)
    core.create(tiedTo('bar'))
    expect(updates(core)).toEqual([
      ['role', 'foo'],
      ['role', 'bar', 'foo'],
    ])
    core.run(300)
    core.update('/tied/bar', { instances: 2 }, true)
    core.run(300)
    expect(updates(core)).toEqual([])
  })

  test('again with every change of roles, which would take them back, and on every new connection', () => {
    const core = shared()
    core.create(tiedTo('foo'))
    core.run(5_000)
    core.create({ id: '/dev/app', cmd: 'serve', role: 'dev' })
    core.run(1_000)
    expect(updates(core)).toEqual([
      ['role', 'foo'],
      ['dev role', 'foo'],
    ])
    core.engine({ kind: 'engine-disconnected' })
    core.engine({ kind: 'engine-connected', frameworkId: 'f', master: 'm', holdsOffers: false })
    expect(updates(core)).toEqual([['dev role', 'foo']])
  })

  test('that none are in force any more, when a connection was made with those of before', () => {
    const core = shared()
    core.create(tiedTo('foo'))
    core.run(2_000)
    const update = core.effects.find(({ kind }) => kind === 'update-framework')
    assert(update?.kind === 'update-framework', 'constraints were told')
    core.engine({ kind: 'engine-disconnected' })
    core.create({ id: '/free', cmd: 'serve' })
    core.effects.length = 0
    const { kind: _kind, ...subscribed } = update
    core.engine({ kind: 'engine-connected', frameworkId: 'f', master: 'm', holdsOffers: false, subscribed })
    core.run(1_000)
    expect(updates(core)).toEqual([['role']])
  })

  test('nothing of them unless a flag says so', () => {
    const core = shared({ mesosOfferConstraints: false })
    core.create(tiedTo('foo'))
    core.create({ id: '/dev/app', cmd: 'serve', role: 'dev' })
    core.run(60_000)
    const [update] = core.effects.filter(({ kind }) => kind === 'update-framework')
    expect(update).toEqual({ kind: 'update-framework', roles: ['dev', 'role'], suppressedRoles: [] })
  })
})
