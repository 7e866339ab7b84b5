import { describe, expect, test } from 'vitest'
import { buildApp, buildInstance, reserved, residentContainer } from '../../../tests/support/rollout.ts'
import { instant } from '../../lib/instant.ts'
import type { App } from '../../spec/app.ts'
import type { Condition, Goal, Instance } from '../instances/instance.ts'
import { decideScale, type ScaleDecision, type ScaleInput } from './decide-scale.ts'
import { tallyOf } from './tally.ts'

const clock = (text: string) => instant(Date.parse(`2031-01-01T${text}:00Z`))

const running = (id: string, since = '10:00'): Instance => buildInstance({ id, since: clock(since) })
const inState = (id: string, condition: Condition, change: Partial<Instance> = {}): Instance =>
  buildInstance({ id, condition, ...change })

const decide = (
  instances: readonly Instance[],
  change: Partial<ScaleInput> & { app?: Partial<App> } = {},
) => {
  const { app, ...rest } = change
  return decideScale({
    runSpec: buildApp(app),
    tally: tallyOf(instances),
    instances: () => instances,
    most: 100,
    ...rest,
  })
}

const stopped = (decision: ScaleDecision): string[] =>
  decision.actions.flatMap((action) => (action.kind === 'set-goal' ? [action.instanceId] : []))
const started = (decision: ScaleDecision): number =>
  decision.actions.reduce((sum, action) => sum + (action.kind === 'schedule' ? action.count : 0), 0)

describe('kill selection (worked-examples 5)', () => {
  const eight = [
    { ...running('a', '10:00') },
    { ...running('b', '10:05') },
    inState('c', 'Staging', { since: clock('10:20') }),
    inState('d', 'Unreachable', { activeSince: clock('10:01') }),
    inState('e', 'Provisioned'),
    inState('f', 'Failed'),
    inState('g', 'UnreachableInactive', { activeSince: clock('09:00') }),
    inState('h', 'Killing', { goal: 'Decommissioned', activeSince: clock('09:30') }),
  ]

  test.each<[App['killSelection'], string[]]>([
    ['YOUNGEST_FIRST', ['d', 'c', 'b']],
    ['OLDEST_FIRST', ['d', 'c', 'a']],
  ])('%s: the counted ones beyond the target go', (killSelection, expected) => {
    const decision = decide(eight, { app: { instances: 3, killSelection } })
    expect(stopped(decision)).toEqual(expected)
    expect(started(decision)).toBe(0)
  })

  test.each<[string, number, string[], string[]]>([
    ['one named goes, whatever the order', 5, ['a'], ['a']],
    ['two named go', 4, ['a', 'b'], ['a', 'b']],
    ['the named goes first, then the others in order', 3, ['c'], ['c', 'd', 'b']],
  ])('%s', (_, target, selected, expected) => {
    const decision = decide(eight, { target, selected: new Set(selected) })
    expect(stopped(decision)).toEqual(expected)
    expect(started(decision)).toBe(0)
  })

  test('naming more than are surplus starts as many anew', () => {
    const decision = decide(eight, { target: 6, selected: new Set(['a', 'b', 'g', 'h', 'unknown']) })
    expect(stopped(decision)).toEqual(['a', 'b'])
    expect(started(decision)).toBe(2)
  })
})

test('GROUP_BY evens out before kill selection has its say', () => {
  const onRack = (id: string, rack: string, since: string): Instance => ({
    ...running(id, since),
    agent: { agentId: rack, hostname: rack, address: rack, attributes: [{ name: 'rack', text: rack }] },
  })
  const instances = [
    onRack('x', 'B', '12:00'),
    ...['1', '2', '3'].map((i) => onRack(`a${i}`, 'A', `10:0${i}`)),
  ]
  expect(stopped(decide(instances, { app: { instances: 3 } }))).toEqual(['x'])
  expect(stopped(decide(instances, { app: { instances: 3, constraints: [['rack', 'GROUP_BY']] } }))).toEqual([
    'a3',
  ])
})

test.each<[string, Instance[], number, boolean]>([
  ['as many as wanted', [running('a'), running('b')], 0, true],
  ['one failed and waits for its relaunch', [running('a'), inState('b', 'Failed')], 0, true],
  ['one is cut off for long: replaced', [running('a'), inState('b', 'UnreachableInactive')], 1, false],
  ['one is cut off since a moment: waited for', [running('a'), inState('b', 'Unreachable')], 0, true],
  ['none', [], 2, false],
  [
    'one is ending',
    [running('a'), running('b'), inState('c', 'Killing', { goal: 'Decommissioned' })],
    0,
    false,
  ],
  [
    'one ending is not counted',
    [running('a'), inState('c', 'Running', { goal: 'Decommissioned' })],
    1,
    false,
  ],
  [
    'one told to end is cut off',
    [running('a'), running('b'), inState('c', 'Unreachable', { goal: 'Decommissioned' })],
    0,
    true,
  ],
  [
    'one is kept for its volume',
    [running('a'), running('b'), inState('c', 'Killed', { goal: 'Stopped' })],
    0,
    true,
  ],
  [
    'one never launched is kept for its volume',
    [running('a'), running('b'), inState('c', 'Scheduled', { goal: 'Stopped' })],
    0,
    true,
  ],
])('two are wanted, and there is %s', (_, instances, starts, isSettled) => {
  const decision = decide(instances, { app: { instances: 2 } })
  expect(started(decision)).toBe(starts)
  expect(stopped(decision)).toEqual([])
  expect(decision.isSettled).toBe(isSettled)
})

test.each<[string, Instance, Goal]>([
  ['an ephemeral one', running('a'), 'Decommissioned'],
  ['one with a volume, running', reserved(running('a')), 'Stopped'],
  ['one with a volume, failed', reserved(inState('a', 'Failed')), 'Stopped'],
  ['one with a volume, cut off', reserved(inState('a', 'Unreachable')), 'Stopped'],
  ['one that is to be reserved for', inState('a', 'Scheduled'), 'Decommissioned'],
  ['one whose volume was never launched on', reserved(inState('a', 'Scheduled'), 'new'), 'Decommissioned'],
  ['one whose volume waits for its next launch', reserved(inState('a', 'Scheduled')), 'Stopped'],
])('one too many, %s', (_, instance, goal) => {
  expect(decide([instance], { app: { instances: 0, container: residentContainer } }).actions).toEqual([
    { kind: 'set-goal', instanceId: 'a', goal, cause: 'scale-down' },
  ])
})

test('a resident app waits for the volumes that become free and starts the rest', () => {
  const ending = inState('c', 'Killing', { goal: 'Stopped' })
  const wiped = inState('d', 'Killing', { goal: 'Decommissioned' })
  const app = { instances: 3, container: residentContainer }
  expect(started(decide([running('a'), ending, wiped], { app }))).toBe(1)
  expect(started(decide([running('a'), inState('c', 'Killed', { goal: 'Stopped' })], { app }))).toBe(2)
})

test('at most as much as one decision may do, the rest in the next slice', () => {
  const up = decide([], { app: { instances: 10 }, most: 4 })
  expect(up).toMatchObject({ spent: 4, waitingOn: [{ kind: 'next-slice', runSpecId: '/app', count: 6 }] })
  expect(started(up)).toBe(4)
  const down = decide(
    ['a', 'b', 'c'].map((id) => running(id)),
    { app: { instances: 0 }, most: 2 },
  )
  expect(stopped(down)).toHaveLength(2)
  expect(down.waitingOn).toEqual([
    { kind: 'ending', runSpecId: '/app', count: 2 },
    { kind: 'next-slice', runSpecId: '/app', count: 1 },
  ])
  expect(decide([], { app: { instances: 1 }, most: 0 })).toMatchObject({ actions: [], isSettled: false })
})
