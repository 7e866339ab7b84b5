// The rolling restart with readiness checks and with canaries; what it does without either is replace.test.ts.

import { expect, test } from 'vitest'
import { buildApp, buildInstance, residentContainer } from '../../../tests/support/rollout.ts'
import type { Instance } from '../instances/instance.ts'
import { decideReplace, type ReplaceInput } from './replace.ts'
import { RunningReplaceSets } from './replace-sets.ts'

const newVersion = '2031-01-02T00:00:00.000Z'

interface Case {
  readonly n: number
  readonly min: number
  readonly over: number
  readonly isResident?: boolean
  readonly isReadinessChecked?: boolean
}

const check = {
  name: 'ready',
  protocol: 'HTTP',
  path: '/',
  portName: 'http',
  intervalSeconds: 30,
  timeoutSeconds: 10,
  httpStatusCodesForReady: [200],
  preserveLastResponse: false,
} as const

const decide = (
  { n, min, over, isResident = false, isReadinessChecked = false }: Case,
  instances: readonly Instance[],
  trial: Pick<ReplaceInput, 'canaries' | 'isHeld' | 'former'> = {},
) =>
  decideReplace({
    runSpec: buildApp({
      version: newVersion,
      instances: n,
      upgradeStrategy: { minimumHealthCapacity: min, maximumOverCapacity: over },
      ...(isResident && { container: residentContainer }),
      ...(isReadinessChecked && { readinessChecks: [check] }),
    }),
    sets: new RunningReplaceSets(
      newVersion,
      { isNew: (instance) => instance.runSpecVersion === newVersion, mustBeReady: isReadinessChecked },
      instances,
    ),
    most: 1_000,
    ...trial,
  })

const named = (prefix: string, count: number, change: Partial<Instance> = {}): Instance[] =>
  Array.from({ length: count }, (_, i) => buildInstance({ ...change, id: `${prefix}${i + 1}` }))
const olds = (count: number, change: Partial<Instance> = {}) => named('O', count, change)
const news = (count: number, change: Partial<Instance> = {}) =>
  named('N', count, { runSpecVersion: newVersion, ...change })
const ready = { ready: true } as const
const checked = { checkedBy: 'marathon' } as const

const moves = (decision: ReturnType<typeof decide>): [killed: string, started: number] => [
  decision.actions
    .flatMap((action) => (action.kind === 'set-goal' ? [action.instanceId] : []))
    .sort()
    .join(' '),
  decision.actions.reduce((sum, action) => sum + (action.kind === 'schedule' ? action.count : 0), 0),
]

const one: Case = { n: 1, min: 1, over: 1, isReadinessChecked: true }
test.each<[string, Instance[], string, boolean]>([
  ['ready, while its health is not checked', news(1, ready), '', true],
  ['not ready', news(1), '', false],
  ['ready and not healthy yet', news(1, { ...checked, ...ready }), '', false],
  ['healthy and not ready', news(1, { ...checked, alive: true }), '', false],
  ['healthy and ready', news(1, { ...checked, alive: true, ...ready }), '', true],
  ['ready, but its task has ended since', news(1, { ...ready, condition: 'Failed' }), '', false],
  ['not ready: the old one stays', [...news(1), ...olds(1)], '', false],
  ['ready: the old one, which nobody asks, goes', [...news(1, ready), ...olds(1)], 'O1', false],
])('one instance of an app with a readiness check, the new one is %s', (_, instances, kills, isDone) => {
  const decision = decide(one, instances)
  expect([moves(decision)[0], decision.isDone]).toEqual([kills, isDone])
})

test('what it waits for: health first, then readiness', () => {
  const instances = [
    ...named('A', 1, { runSpecVersion: newVersion, ...checked, alive: false }),
    ...named('B', 2, { runSpecVersion: newVersion, ...checked, alive: true }),
    ...named('C', 1, { runSpecVersion: newVersion, condition: 'Staging' }),
  ]
  expect(decide({ ...one, n: 4 }, instances).waitingOn).toEqual([
    { kind: 'running', runSpecId: '/app', count: 1 },
    { kind: 'health', runSpecId: '/app', count: 1 },
    { kind: 'readiness', runSpecId: '/app', count: 2 },
  ])
})

test.each<[string, Case, Instance[], [string, number]]>([
  ['1/1: one new one, no old one goes before it is up', { n: 4, min: 1, over: 1 }, olds(4), ['', 1]],
  [
    '… when it is up, one old one makes way for it',
    { n: 4, min: 1, over: 1 },
    [...olds(4), ...news(1)],
    ['O1', 0],
  ],
  [
    '0.5/0: one old one makes room, though two could be spared',
    { n: 4, min: 0.5, over: 0 },
    olds(4),
    ['O1', 0],
  ],
  ['… when it has gone, one new one starts', { n: 4, min: 0.5, over: 0 }, olds(3), ['', 1]],
  ['1/0: one more than wanted', { n: 4, min: 1, over: 0 }, olds(4), ['', 1]],
  [
    'a resident one gives its volume up first',
    { n: 4, min: 1, over: 0, isResident: true },
    olds(4),
    ['O1', 0],
  ],
  [
    'one that is sick makes way first',
    { n: 4, min: 0.5, over: 0 },
    [...olds(3), ...named('S', 1, { healthy: false })],
    ['S1', 0],
  ],
  [
    'one that does not run makes way first of all',
    { n: 4, min: 0.5, over: 0 },
    [...olds(3), ...named('X', 1, { condition: 'Failed' })],
    ['X1', 1],
  ],
  [
    'of two that do not run the other waits for its relaunch, and has its place',
    { n: 4, min: 0.5, over: 0 },
    [...olds(2), ...named('X', 2, { condition: 'Failed' })],
    ['X1', 1],
  ],
  ['more old ones than wanted go as well', { n: 3, min: 0.5, over: 0 }, olds(5), ['O1 O2 O3', 0]],
  ['fewer old ones than wanted stay', { n: 10, min: 1, over: 0 }, olds(2), ['', 1]],
  ['with none to compare with', { n: 4, min: 1, over: 0 }, [], ['', 1]],
])('one canary: %s', (_, c, instances, expected) => {
  const decision = decide(c, instances, { canaries: 1 })
  expect(moves(decision)).toEqual(expected)
  expect([decision.isDone, decision.isReached]).toEqual([false, false])
})

test.each<[string, Instance[], boolean]>([
  ['it is up, and the old ones are as many as are left', [...olds(3), ...news(1)], true],
  ['it is not up', [...olds(3), ...news(1, { condition: 'Staging' })], false],
  ['an old one has not ended', [...olds(3), ...news(1), ...named('E', 1, { goal: 'Decommissioned' })], false],
  [
    'too few are well to let the sick go: they stay',
    [...olds(1), ...named('S', 3, { healthy: false }), ...news(1)],
    true,
  ],
])('reached? %s', (_, instances, isReached) => {
  const decision = decide({ n: 4, min: 1, over: 1 }, instances, { canaries: 1 })
  expect([decision.isReached, moves(decision)]).toEqual([isReached, ['', 0]])
})

const held = { canaries: 1, isHeld: true }
test.each<[string, Instance[], [string, number]]>([
  ['nothing happens', [...olds(3), ...news(1)], ['', 0]],
  [
    'one that is given up is replaced',
    [...olds(3), ...news(1, { condition: 'UnreachableInactive' })],
    ['', 1],
  ],
  ['… and is too many when it comes back', [...olds(3), ...news(2)], ['N1', 0]],
  ['one that failed is relaunched in its place', [...olds(3), ...news(1, { condition: 'Failed' })], ['', 0]],
  [
    'an old one that failed, too',
    [...olds(2), ...named('X', 1, { condition: 'Failed' }), ...news(1)],
    ['', 0],
  ],
  ['old ones beyond what is left stay', [...olds(4), ...news(1)], ['', 0]],
])('in a pause %s', (_, instances, expected) => {
  expect(moves(decide({ n: 4, min: 0.5, over: 0.5 }, instances, held))).toEqual(expected)
})

test('a trial with more new ones than it tries ends those that can be spared, and no more', () => {
  const full = { n: 2, min: 1, over: 1 }
  expect(moves(decide(full, news(2), { canaries: 1 }))).toEqual(['', 0])
  expect(moves(decide({ ...full, min: 0.5 }, news(2), { canaries: 1 }))[0]).toMatch(/^N[12]$/)
})

const former = buildApp({ instances: 4 })
test.each<[string, Instance[], Pick<ReplaceInput, 'canaries' | 'isHeld'>, [string, number]]>([
  ['one is gone', [...olds(2), ...news(1)], held, ['', 1]],
  [
    'one is given up: it may come back',
    [...olds(2), ...named('L', 1, { condition: 'UnreachableInactive' }), ...news(1)],
    held,
    ['', 1],
  ],
  [
    'another waits for its launch already',
    [...olds(2), ...named('A', 1, { condition: 'Scheduled' }), ...news(1)],
    held,
    ['', 0],
  ],
  ['the new one is not up yet', [...olds(2), ...news(1, { condition: 'Staging' })], { canaries: 1 }, ['', 1]],
  ['more are wanted than before', [...olds(1), ...news(1)], held, ['', 2]],
  ['there are more new ones than are tried', [...olds(1), ...news(2)], { canaries: 1 }, ['', 1]],
])('old ones missing in a trial are replaced by old ones: %s', (_, instances, trial, expected) => {
  const decision = decide({ n: 4, min: 1, over: 0 }, instances, { ...trial, former })
  expect(moves(decision)).toEqual(expected)
  const scheduled = decision.actions.find(({ kind }) => kind === 'schedule')
  if (expected[1] > 0) expect(scheduled).toMatchObject({ runSpec: { version: former.version } })
})

test('after the trial nobody waits for old ones that were given up', () => {
  const lost = named('L', 1, { condition: 'UnreachableInactive' })
  expect(moves(decide({ n: 1, min: 1, over: 1 }, [...lost, ...news(1)]))).toEqual(['L1', 0])
})
