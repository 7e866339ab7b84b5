import { describe, expect, test } from 'vitest'
import { newerVersion, placedApp, placedInstance } from '../../../../tests/support/build-placement.ts'
import type { App, Constraint } from '../../../spec/app.ts'
import type { Instance } from '../../instances/instance.ts'
import type { Attribute } from '../../mesos.ts'
import { addPlaced, buildPlacedIndex } from '../constraint-index.ts'
import { compileConstraint, meetsConstraints } from './constraints.ts'

type Fields = Readonly<Record<string, string | undefined>>

/** Whether an agent with these fields is accepted next to what is placed. */
function accepts(app: App, placed: readonly Instance[], fields: Fields): boolean {
  const { agent } = placedInstance(fields)
  return meetsConstraints(
    app.constraints.map(compileConstraint),
    agent!,
    buildPlacedIndex(placed, app),
    app.instances,
  )
}

const appWith = (instances: number, ...constraints: Constraint[]): App =>
  placedApp({ instances, constraints })
const onRacks = (racks: string): Instance[] => [...racks].map((rack) => placedInstance({ rack }))

/** Offers one rack after the other, placing wherever it is accepted: `+` and `-` in the order of the offers. */
function offer(app: App, racks: string): string {
  const compiled = app.constraints.map(compileConstraint)
  const placed = buildPlacedIndex([], app)
  let marks = ''
  let count = 0
  for (const rack of racks) {
    const agent = placedInstance({ rack }).agent!
    const fits = count < app.instances && meetsConstraints(compiled, agent, placed, app.instances)
    if (fits) addPlaced(placed, agent)
    if (fits) count++
    marks += fits ? '+' : '-'
  }
  return marks
}

describe('GROUP_BY (worked-examples 2)', () => {
  test.each([
    ['5 instances in 2 groups', 5, '2', 'AAAABCBB', '+++-+-+-'],
    ['7 instances in 3 groups', 7, '3', 'ABABCCDAB', '++++++-+-'],
    ['7 instances in 3 groups, the seventh elsewhere', 7, '3', 'ABABCCDBA', '++++++-+-'],
    ['7 instances in 3 groups, the seventh on the last', 7, '3', 'ABABCCDCA', '++++++-+-'],
    ['one group takes all', 4, '1', 'AAAA', '++++'],
    ['more groups than instances take one each', 5, '8', 'AABBCADE', '+-+-+-++'],
    ['as many groups as can be', 3, 'inf', 'AABAC', '+-+-+'],
    ['text counts as no value', 4, 'two', 'AAABA', '++++-'],
    ['one rack only, no value', 4, undefined, 'AAABA', '++++-'],
    ['two racks in turn, no value', 4, undefined, 'ABAB', '++++'],
    ['two racks, the second twice, no value', 4, undefined, 'ABBA', '++++'],
    ['the fuller rack waits, no value', 6, undefined, 'ABAABB', '+++-++'],
    ['a new rack is taken at any time, no value', 6, undefined, 'ABBC', '++++'],
  ])('%s', (_name, instances, value, racks, marks) => {
    const constraint: Constraint = value === undefined ? ['rack', 'GROUP_BY'] : ['rack', 'GROUP_BY', value]
    expect(offer(appWith(instances, constraint), racks)).toBe(marks)
  })

  test.each([
    ['the remainder is used up', 5, '4', 'AAB', 'B', false],
    ['a group is still closed', 5, '4', 'AAB', 'C', true],
    ['the remainder is free', 5, '4', 'A', 'A', true],
  ])(
    '%s: %d instances, value %s, placed %s, offer %s',
    (_name, instances, value, placed, rack, isAccepted) => {
      expect(accepts(appWith(instances, ['rack', 'GROUP_BY', value]), onRacks(placed), { rack })).toBe(
        isAccepted,
      )
    },
  )

  test('an offer without the attribute is refused', () => {
    expect(accepts(appWith(5, ['rack', 'GROUP_BY', '2']), [], {})).toBe(false)
  })

  test('placed instances without the attribute form one more used value', () => {
    const app = appWith(5, ['rack', 'GROUP_BY', '2'])
    const placed = [placedInstance({})]
    expect(accepts(app, placed, { rack: 'A' })).toBe(true)
    expect(accepts(app, [...placed, ...onRacks('A')], { rack: 'B' })).toBe(false)
  })

  test('a new generation starts from an empty table', () => {
    const app = {
      ...appWith(2, ['rack', 'GROUP_BY', '1']),
      versionInfo: { lastScalingAt: newerVersion, lastConfigChangeAt: newerVersion },
    }
    expect(accepts(app, onRacks('A'), { rack: 'B' })).toBe(true)
    expect(
      accepts(app, [placedInstance({ rack: 'A' }, { runSpecVersion: newerVersion })], { rack: 'B' }),
    ).toBe(false)
  })

  test('groups by hostname too', () => {
    const app = appWith(4, ['hostname', 'GROUP_BY', '2'])
    const placed = [placedInstance({ hostname: 'h1' }), placedInstance({ hostname: 'h1' })]
    expect(accepts(app, placed, { hostname: 'h1' })).toBe(false)
    expect(accepts(app, placed, { hostname: 'h2' })).toBe(true)
  })
})

describe('MAX_PER (worked-examples 3)', () => {
  const web = appWith(10, ['hostname', 'MAX_PER', '2'])
  const onH1 = (change: Partial<Instance> = {}): Instance => placedInstance({ hostname: 'h1' }, change)

  test.each<[string, readonly Instance[], boolean]>([
    ['one of two', [onH1()], true],
    ['two of two', [onH1(), onH1()], false],
    ['one of the two is unreachable', [onH1(), onH1({ condition: 'Unreachable' })], true],
    [
      'one of the two is given up as unreachable',
      [onH1(), onH1({ condition: 'UnreachableInactive' })],
      false,
    ],
    ['one of the two failed and waits for relaunch', [onH1(), onH1({ condition: 'Failed' })], true],
    ['two just provisioned', [onH1({ condition: 'Provisioned' }), onH1({ condition: 'Provisioned' })], false],
  ])('%s', (_name, placed, isAccepted) => {
    expect(accepts(web, placed, { hostname: 'h1' })).toBe(isAccepted)
  })

  test('an older config version does not count', () => {
    const changed = { ...web, versionInfo: { lastScalingAt: newerVersion, lastConfigChangeAt: newerVersion } }
    expect(accepts(changed, [onH1(), onH1()], { hostname: 'h1' })).toBe(true)
  })

  test('every constraint must hold', () => {
    const app = appWith(10, ['hostname', 'MAX_PER', '2'], ['zone', 'MAX_PER', '3'])
    const placed = ['h1', 'h1', 'h2'].map((hostname) => placedInstance({ hostname, zone: 'z1' }))
    expect(accepts(app, placed, { hostname: 'h2', zone: 'z1' })).toBe(false)
    expect(accepts(app, placed, { hostname: 'h2', zone: 'z2' })).toBe(true)
  })
})

describe('the other operators (runtime 5.3)', () => {
  test.each<[Constraint, string, string | undefined, boolean]>([
    [['rack', 'UNIQUE'], '', 'A', true],
    [['rack', 'UNIQUE'], 'B', 'A', true],
    [['rack', 'UNIQUE'], 'A', 'A', false],
    [['rack', 'UNIQUE'], '', undefined, false],
    [['rack', 'CLUSTER'], '', 'A', true],
    [['rack', 'CLUSTER'], 'A', 'A', true],
    [['rack', 'CLUSTER'], 'A', 'B', false],
    [['rack', 'CLUSTER', ''], 'A', 'B', false],
    [['rack', 'CLUSTER'], '', undefined, false],
    [['rack', 'CLUSTER', 'A'], '', 'A', true],
    [['rack', 'CLUSTER', 'A'], '', 'B', false],
    [['rack', 'CLUSTER', 'A'], 'B', 'A', true],
    [['rack', 'CLUSTER', 'A'], '', undefined, false],
    [['rack', 'LIKE', 'rack-[1-3]'], '', 'rack-2', true],
    [['rack', 'LIKE', 'rack-[1-3]'], '', 'rack-25', false],
    [['rack', 'LIKE', 'rack'], '', 'my-rack', false],
    [['rack', 'LIKE', 'a|b'], '', 'ab', false],
    [['rack', 'LIKE', 'a|b'], '', 'b', true],
    [['rack', 'LIKE', ''], '', 'a', false],
    [['rack', 'LIKE', '.*'], '', undefined, false],
    [['rack', 'LIKE', '(unclosed'], '', 'a', false],
    [['rack', 'LIKE', '(.|.)*!'], '', 'a'.repeat(255), false],
    [['rack', 'UNLIKE', '(.*a){12}!'], '', 'a'.repeat(255), true],
    [['rack', 'UNLIKE', 'rack-[1-3]'], '', 'rack-2', false],
    [['rack', 'UNLIKE', 'rack-[1-3]'], '', 'rack-25', true],
    [['rack', 'UNLIKE', ''], '', 'a', false],
    [['rack', 'UNLIKE', 'a'], '', undefined, true],
    [['rack', 'IS', 'A'], '', 'A', true],
    [['rack', 'IS', 'A'], '', 'a', false],
    [['rack', 'IS', 'A'], '', undefined, false],
    [['rack', 'MAX_PER', '1'], '', undefined, false],
  ])('%j, placed on "%s", offer %s: %s', (constraint, placed, rack, isAccepted) => {
    expect(accepts(appWith(3, constraint), onRacks(placed), { rack })).toBe(isAccepted)
  })

  test.each<[string, Omit<Attribute, 'name'>, boolean]>([
    ['50', { scalar: 50 }, true],
    ['50.000', { scalar: 50 }, true],
    ['50.0001', { scalar: 50.0004 }, true],
    ['50.1', { scalar: 50 }, false],
    ['-1.50', { scalar: -1.5 }, true],
    ['007', { text: '007' }, true],
    ['7', { text: '007' }, false],
    ['', { text: '' }, true],
  ])('IS %s against %j: %s', (value, attribute, isAccepted) => {
    const agent = { hostname: 'h', attributes: [{ name: 'rack', ...attribute }] }
    const compiled = [compileConstraint(['rack', 'IS', value])]
    expect(meetsConstraints(compiled, agent, { fields: new Map() }, 1)).toBe(isAccepted)
  })

  test.each<[Constraint, boolean]>([
    [['@region', 'IS', 'eu'], true],
    [['@zone', 'LIKE', 'eu-.*'], true],
    [['@hostname', 'CLUSTER', 'node1'], true],
    [['@region', 'UNLIKE', 'eu'], false],
    [['region', 'IS', 'eu'], false],
  ])('%j sees where the agent is: %s', (constraint, isAccepted) => {
    const agent = { hostname: 'node1', region: 'eu', zone: 'eu-1', attributes: [] }
    expect(meetsConstraints([compileConstraint(constraint)], agent, { fields: new Map() }, 1)).toBe(
      isAccepted,
    )
  })
})
