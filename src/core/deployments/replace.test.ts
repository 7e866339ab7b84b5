import { expect, test } from 'vitest'
import {
  buildApp,
  buildInstance,
  inCondition,
  reserved,
  residentContainer,
} from '../../../tests/support/rollout.ts'
import { instant } from '../../lib/instant.ts'
import type { Condition, Instance } from '../instances/instance.ts'
import { decideReplace } from './replace.ts'
import { RunningReplaceSets } from './replace-sets.ts'

const newVersion = '2031-01-02T00:00:00.000Z'
const at = instant(1000)

interface Case {
  readonly n: number
  readonly min: number
  readonly over: number
  readonly isResident?: boolean
}

const appOf = ({ n, min, over, isResident = false }: Case) =>
  buildApp({
    version: newVersion,
    instances: n,
    upgradeStrategy: { minimumHealthCapacity: min, maximumOverCapacity: over },
    ...(isResident && { container: residentContainer }),
  })

const decide = (c: Case, instances: readonly Instance[], most = 1000) =>
  decideReplace({
    runSpec: appOf(c),
    sets: new RunningReplaceSets(
      newVersion,
      { isNew: (instance) => instance.runSpecVersion === newVersion, mustBeReady: false },
      instances,
    ),
    most,
  })

const named = (prefix: string, count: number, change: Partial<Instance> = {}): Instance[] =>
  Array.from({ length: count }, (_, i) => buildInstance({ ...change, id: `${prefix}${i + 1}` }))
const olds = (count: number, change: Partial<Instance> = {}) => named('O', count, change)
const news = (count: number, change: Partial<Instance> = {}) =>
  named('N', count, { runSpecVersion: newVersion, ...change })
const sick = { healthy: false }

const killed = (decision: ReturnType<typeof decide>): string[] =>
  decision.actions.flatMap((action) => (action.kind === 'set-goal' ? [action.instanceId] : []))
const started = (decision: ReturnType<typeof decide>): number =>
  decision.actions.reduce((sum, action) => sum + (action.kind === 'schedule' ? action.count : 0), 0)

// runtime 11.1's table and worked-examples 4.2: how many old ones go at once, how many new ones start at once.
test.each<[string, Case, Instance[], number, number]>([
  ['10, 1/1', { n: 10, min: 1, over: 1 }, olds(10), 0, 10],
  ['10, 0.5/0', { n: 10, min: 0.5, over: 0 }, olds(10), 5, 0],
  ['10, 1/0: one more than wanted', { n: 10, min: 1, over: 0 }, olds(10), 0, 1],
  ['10, 0/0', { n: 10, min: 0, over: 0 }, olds(10), 10, 0],
  ['1, resident 0.5/0', { n: 1, min: 0.5, over: 0, isResident: true }, olds(1), 1, 0],
  ['5, resident 0.5/0', { n: 5, min: 0.5, over: 0, isResident: true }, olds(5), 2, 0],
  ['5 of 7 resident, 1/0', { n: 5, min: 1, over: 0, isResident: true }, olds(7), 3, 0],
  ['1, 0.5/0', { n: 1, min: 0.5, over: 0 }, olds(1), 0, 1],
  ['2, 0.5/0', { n: 2, min: 0.5, over: 0 }, olds(2), 1, 0],
  ['2, 1/1', { n: 2, min: 1, over: 1 }, olds(2), 0, 2],
  ['3, 1/0', { n: 3, min: 1, over: 0 }, olds(3), 0, 1],
  ['3, 0.5/0.5', { n: 3, min: 0.5, over: 0.5 }, olds(3), 1, 1],
  ['5, 0.6/0.2', { n: 5, min: 0.6, over: 0.2 }, olds(5), 2, 1],
  [
    '5, 0.6/0.2, three of them sick',
    { n: 5, min: 0.6, over: 0.2 },
    [...olds(2), ...named('S', 3, sick)],
    0,
    1,
  ],
  ['3 of 5, 0.5/0.5', { n: 3, min: 0.5, over: 0.5 }, olds(5), 3, 0],
  ['6 from 2, 1/0', { n: 6, min: 1, over: 0 }, olds(2), 0, 4],
  ['1, resident 1/0', { n: 1, min: 1, over: 0, isResident: true }, olds(1), 1, 0],
  ['4, 0.75/0.25', { n: 4, min: 0.75, over: 0.25 }, olds(4), 1, 1],
  ['3 from none', { n: 3, min: 1, over: 0 }, [], 0, 3],
])('at the start: %s', (_, c, instances, kills, starts) => {
  const decision = decide(c, instances)
  expect([killed(decision).length, started(decision)]).toEqual([kills, starts])
  expect(decision.isDone).toBe(false)
})

test('starts begin when the second of three old ones told to die is gone (3 of 5, 0.5/0.5)', () => {
  const c = { n: 3, min: 0.5, over: 0.5 }
  const told = named('D', 3, { goal: 'Decommissioned' })
  expect(started(decide(c, [...olds(2), ...told.slice(1)]))).toBe(0)
  expect(started(decide(c, [...olds(2), ...told.slice(2)]))).toBe(1)
})

test('with too few healthy ones, the healthy new one that fills the minimum lets the sick go (5, 0.6/0.2)', () => {
  const c = { n: 5, min: 0.6, over: 0.2 }
  const instances = [...olds(2), ...named('S', 3, sick), ...news(1)]
  expect(killed(decide(c, instances)).sort()).toEqual(['S1', 'S2', 'S3'])
})

const beingKilled = { kill: { cause: 'api-request', requestedAt: at } } as const
test.each<[string, Case, Instance[], string[], number]>([
  [
    'they go, and no well one besides',
    { n: 4, min: 0.5, over: 0 },
    [...olds(2), ...named('K', 2, beingKilled)],
    ['K1', 'K2'],
    0,
  ],
  [
    'with too few others none that is well goes',
    { n: 4, min: 0.75, over: 0.5 },
    [...olds(2), ...named('K', 2, beingKilled)],
    [],
    2,
  ],
  [
    'a new one is not up, and no old one goes for it',
    { n: 2, min: 1, over: 0.5 },
    [...olds(2), ...news(1, beingKilled)],
    [],
    0,
  ],
])(
  'what somebody has told to end is not counted on while it still runs: %s',
  (_, c, instances, kills, starts) => {
    const decision = decide(c, instances)
    expect([killed(decision).sort(), started(decision)]).toEqual([kills, starts])
  },
)

test('a restart is not over while one of the new ones is being killed', () => {
  const decision = decide({ n: 1, min: 1, over: 1 }, news(1, beingKilled))
  expect(decision).toMatchObject({ isDone: false, actions: [], waitingOn: [{ kind: 'running', count: 1 }] })
})

test('a resident instance is stopped, not decommissioned, and its volume used again once its task has ended', () => {
  const c = { n: 1, min: 1, over: 0, isResident: true }
  const resident = (given: Partial<Instance> = {}) => olds(1, given).map((instance) => reserved(instance))
  expect(decide(c, resident()).actions).toEqual([
    { kind: 'set-goal', instanceId: 'O1', goal: 'Stopped', cause: 'deployment' },
  ])
  expect(decide(c, resident({ goal: 'Stopped' })).actions).toEqual([])
  expect(started(decide(c, resident({ goal: 'Stopped', condition: 'Killed' })))).toBe(1)
})

test('of residents that all have to be healthy one more goes only when nothing else makes room', () => {
  const c = { n: 2, min: 1, over: 0, isResident: true }
  expect(killed(decide(c, [...olds(2), ...named('S', 1, sick)]))).toEqual(['S1'])
  expect(killed(decide(c, [...olds(2), ...named('S', 1, { ...sick, goal: 'Stopped' })]))).toEqual([])
  expect(killed(decide(c, olds(2)))).toEqual(['O1'])
})

test.each<Condition>(['Scheduled', 'Failed', 'Finished', 'Killed', 'Gone', 'UnreachableInactive'])(
  'an old one that is %s makes way at once and costs no capacity',
  (condition) => {
    const decision = decide({ n: 3, min: 1, over: 0 }, [...olds(2), ...named('X', 1, { condition })])
    expect(killed(decision)).toEqual(['X1'])
    expect(started(decision)).toBe(1)
  },
)

test.each<[Condition, number]>([
  ['Provisioned', 0],
  ['Staging', 0],
  ['Starting', 0],
  ['Killing', 0],
  ['Unreachable', 1],
])(
  'an old one that is %s goes before healthy ones and holds its place until it has ended (%i starts)',
  (condition, starts) => {
    const decision = decide({ n: 3, min: 0.5, over: 0 }, [...olds(2), ...named('X', 1, { condition })])
    expect(killed(decision)).toEqual(['X1'])
    expect(started(decision)).toBe(starts)
  },
)

test('one that was told to end holds its place while it may run, one that is cut off does not', () => {
  const c = { n: 2, min: 0.5, over: 0 }
  const told = (condition: Condition) => buildInstance({ id: 'D', condition, goal: 'Decommissioned' })
  expect(started(decide(c, [...olds(1), told('Killing')]))).toBe(0)
  expect(started(decide(c, [...olds(1), told('Unreachable')]))).toBe(1)
})

test('where all old ones are sick and there is no room, one goes, and no other before something comes of it', () => {
  const c = { n: 10, min: 0.5, over: 0 }
  const first = decide(c, olds(10, sick))
  expect([killed(first).length, started(first)]).toEqual([1, 0])
  const told = buildInstance({ id: 'O10', goal: 'Decommissioned' })
  expect(decide(c, [...olds(9, sick), told]).actions).toEqual([])
  expect(started(decide(c, olds(9, sick)))).toBe(1)
  expect(decide(c, [...olds(9, sick), ...news(1, sick)]).actions).toEqual([])
})

test('where all old ones are cut off, one makes room and is replaced in the same decision', () => {
  const c = { n: 3, min: 1, over: 0 }
  const decision = decide(c, olds(3, { condition: 'Unreachable' }))
  expect([killed(decision).length, started(decision)]).toEqual([1, 1])
})

test('when fewer are wanted than there are, only sick ones go beyond what the minimum allows', () => {
  const c = { n: 5, min: 1, over: 0 }
  expect(killed(decide(c, [...olds(4), ...named('S', 3, sick)]))).toHaveLength(2)
  expect(killed(decide(c, [...olds(4), ...named('S', 1, sick)]))).toEqual(['S1'])
})

test('new ones beyond the wanted number go, those that do not run first', () => {
  const c = { n: 3, min: 1, over: 1 }
  const instances = [...news(3), ...named('P', 2, { runSpecVersion: newVersion, condition: 'Staging' })]
  expect(killed(decide(c, instances)).sort()).toEqual(['P1', 'P2'])
  expect(killed(decide(c, news(4)))).toHaveLength(1)
})

test.each<[string, Instance[], boolean]>([
  ['all new ones run and nothing else is left', news(2), true],
  ['an old one is left', [...news(2), ...olds(1)], false],
  ['an old one has not ended', [...news(2), ...olds(1, { goal: 'Decommissioned' })], false],
  [
    'an old one is cut off and was told to end',
    [...news(2), ...olds(1, { goal: 'Decommissioned', condition: 'Unreachable' })],
    true,
  ],
  [
    'an old one is kept for its volume',
    [...news(2), ...olds(1, { goal: 'Stopped', condition: 'Killed' })],
    true,
  ],
  [
    'a new one does not run yet',
    [...news(1), ...named('P', 1, { runSpecVersion: newVersion, condition: 'Starting' })],
    false,
  ],
  ['a new one is missing', news(1), false],
])('finished? %s', (_, instances, isDone) => {
  expect(decide({ n: 2, min: 1, over: 1 }, instances).isDone).toBe(isDone)
})

test('with no instance wanted there is nothing to do', () => {
  expect(decide({ n: 0, min: 1, over: 1 }, [])).toMatchObject({
    actions: [],
    waitingOn: [],
    isDone: true,
    spent: 0,
  })
})

test('more than one decision may do is done in slices: what does not run first, starts last', () => {
  const c = { n: 4, min: 0.5, over: 1 }
  const idle = named('X', 2, { condition: 'Failed' })
  const first = decide(c, [...olds(4), ...idle], 3)
  expect(killed(first).slice(0, 2)).toEqual(['X1', 'X2'])
  expect([killed(first).length, started(first), first.spent]).toEqual([3, 0, 3])
  expect(first.waitingOn).toContainEqual({ kind: 'next-slice', runSpecId: '/app', count: 5 })
})

test('what it waits for: the end of old ones, the start of new ones, room', () => {
  const c = { n: 4, min: 0.75, over: 0.25 }
  const scheduled = buildInstance({ id: 'P', runSpecVersion: newVersion, condition: 'Scheduled' })
  const staging = buildInstance({ id: 'Q', runSpecVersion: newVersion, condition: 'Staging' })
  const ending = buildInstance({ id: 'D', goal: 'Decommissioned', condition: 'Killing' })
  expect(decide(c, [...olds(2), scheduled, staging, ending]).waitingOn).toEqual([
    { kind: 'ending', runSpecId: '/app', count: 1 },
    { kind: 'offers', runSpecId: '/app', count: 1 },
    { kind: 'running', runSpecId: '/app', count: 1 },
    { kind: 'capacity', runSpecId: '/app', minHealthy: 3, maxCapacity: 5 },
  ])
})

// worked-examples 4.1, each row from the instances that exist at that moment. Row 10 differs on purpose: the fourth
// old one stays, because with it gone only two would be healthy where three are promised.
test('four instances, new ones fail and are killed meanwhile', () => {
  const c = { n: 4, min: 0.75, over: 0.25 }
  const state = new Map<string, Instance>(
    named('O', 4, { since: instant(0) }).map((instance, i) => [
      instance.id,
      { ...instance, activeSince: instant(100 - i) },
    ]),
  )
  let launched = 0
  const round = (): string => {
    const decision = decide(c, [...state.values()])
    for (const action of decision.actions) {
      if (action.kind === 'set-goal') {
        state.set(action.instanceId, { ...state.get(action.instanceId)!, goal: action.goal })
      } else if (action.kind === 'schedule') {
        for (let i = 0; i < action.count; i++) become(`N${++launched}`, 'Starting')
      }
    }
    expect(decide(c, [...state.values()]).actions).toEqual([])
    return [...killed(decision), ...(started(decision) > 0 ? [`start ${started(decision)}`] : [])].join(', ')
  }
  const become = (id: string, condition: Condition, healthy = false): void => {
    const before = state.get(id) ?? buildInstance({ id, runSpecVersion: newVersion })
    state.set(id, { ...inCondition(before, condition, at), healthy })
  }
  const rows: [string, () => void, string][] = [
    ['step begins', () => {}, 'O1, start 1'],
    ['O1 killed', () => state.delete('O1'), 'start 1'],
    ['N1 running', () => become('N1', 'Running'), ''],
    ['N1 healthy', () => become('N1', 'Running', true), 'O2'],
    ['O2 killed', () => state.delete('O2'), 'start 1'],
    ['N2 failed', () => become('N2', 'Failed'), ''],
    ['N3 healthy', () => become('N3', 'Running', true), 'O3'],
    ['O3 killed', () => state.delete('O3'), 'start 1'],
    ['N1 killed by its health check', () => become('N1', 'Killed'), ''],
    ['N4 healthy', () => become('N4', 'Running', true), ''],
    ['N2 healthy with its second task', () => become('N2', 'Running', true), 'O4'],
    ['O4 killed', () => state.delete('O4'), ''],
    ['N1 healthy again', () => become('N1', 'Running', true), ''],
  ]
  for (const instance of state.values()) state.set(instance.id, { ...instance, healthy: true })
  const told = rows.map(([name, happen]) => {
    happen()
    return [name, round()]
  })
  expect(told).toEqual(rows.map(([name, , action]) => [name, action]))
  expect(decide(c, [...state.values()]).isDone).toBe(true)
  expect(state.size).toBe(4)
})

test('an old pod of which a container has failed holds its place until the others have ended', () => {
  const [first] = olds(1)
  const task = first!.tasks[0]!
  const ending = (condition: Condition): Instance => ({
    ...first!,
    condition: 'Failed',
    tasks: [
      { ...task, condition: 'Failed' },
      { ...task, id: `${task.id}2`, condition },
    ],
  })
  const c = { n: 1, min: 0, over: 0 }
  expect([killed(decide(c, [ending('Running')])), started(decide(c, [ending('Running')]))]).toEqual([
    ['O1'],
    0,
  ])
  expect([killed(decide(c, [ending('Killed')])), started(decide(c, [ending('Killed')]))]).toEqual([['O1'], 1])
})
