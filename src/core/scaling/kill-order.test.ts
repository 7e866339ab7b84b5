import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { at, buildInstance, buildTask } from '../../../tests/support/in-condition.ts'
import { conditionNames, countsTowardsTarget } from '../instances/condition.ts'
import type { Condition, Goal, Instance } from '../instances/instance.ts'
import { firstToGo, killOrder, selectToKill } from './kill-order.ts'

const minute = (m: number) => at(m * 60)

/** worked-examples 5; minutes after 10:00 become minutes after the morning of the fixtures. */
const eight: readonly Instance[] = [
  buildInstance('Running', { id: 'a', activeSince: minute(0) }),
  buildInstance('Running', { id: 'b', activeSince: minute(5) }),
  buildInstance('Staging', { id: 'c', tasks: [buildTask('Staging', { stagedAt: minute(20) })] }),
  buildInstance('Unreachable', { id: 'd', activeSince: minute(1) }),
  buildInstance('Provisioned', { id: 'e' }),
  buildInstance('Failed', { id: 'f' }),
  buildInstance('UnreachableInactive', { id: 'g', activeSince: minute(-60) }),
  buildInstance('Killing', { id: 'h', goal: 'Decommissioned', activeSince: minute(-30) }),
]

describe('worked-examples 5: six of eight count', () => {
  const ids = (
    target: number,
    killSelection: 'YOUNGEST_FIRST' | 'OLDEST_FIRST',
    ...selected: readonly string[]
  ): string => {
    const answer = selectToKill({ instances: eight, target, killSelection, selected: new Set(selected) })
    return `${answer.toKill.map((instance) => instance.id).join(' ')}, start ${answer.toStart}`
  }

  test.each([
    [3, 'YOUNGEST_FIRST', [], 'd c b, start 0'],
    [3, 'OLDEST_FIRST', [], 'd c a, start 0'],
    [5, 'YOUNGEST_FIRST', ['a'], 'a, start 0'],
    [5, 'OLDEST_FIRST', ['a'], 'a, start 0'],
    [4, 'YOUNGEST_FIRST', ['a', 'b'], 'a b, start 0'],
    [3, 'YOUNGEST_FIRST', ['c'], 'c d b, start 0'],
    [6, 'YOUNGEST_FIRST', [], ', start 0'],
    [9, 'YOUNGEST_FIRST', [], ', start 3'],
    [6, 'YOUNGEST_FIRST', ['e'], 'e, start 1'],
    [3, 'YOUNGEST_FIRST', ['g', 'h', 'unknown'], 'd c b, start 0'],
    [0, 'YOUNGEST_FIRST', [], 'd c b a e f, start 0'],
  ] as const)('target %d, %s, named %j: %s', (target, killSelection, selected, expected) => {
    expect(ids(target, killSelection, ...selected)).toBe(expected)
  })
})

test('constraints choose after the named ones and before age', () => {
  const asked: string[] = []
  const answer = selectToKill({
    instances: eight,
    target: 2,
    killSelection: 'YOUNGEST_FIRST',
    selected: new Set(['f']),
    selectByConstraints: (candidates, count) => {
      asked.push(`${candidates.map((instance) => instance.id).join('')} ${count}`)
      return candidates.filter((instance) => instance.id === 'e')
    },
  })
  expect(asked).toEqual(['abcde 3'])
  expect(answer.toKill.map((instance) => instance.id)).toEqual(['f', 'e', 'd', 'c'])
})

test('constraints are not asked when nobody but the named goes', () => {
  const question = {
    instances: eight,
    target: 5,
    killSelection: 'OLDEST_FIRST',
    selected: new Set(['a']),
  } as const
  expect(
    selectToKill({
      ...question,
      selectByConstraints: () => {
        throw new Error('asked')
      },
    }).toKill,
  ).toHaveLength(1)
})

describe('the order by condition, then by age', () => {
  const ofAge = (condition: Condition, minutes: number, id: string): Instance =>
    buildInstance(condition, {
      id,
      since: minute(minutes),
      activeSince: minute(minutes),
      tasks: [buildTask(condition, { stagedAt: minute(minutes) })],
    })

  test('Unreachable, Staging, Starting, Running, then all others alike', () => {
    const order = killOrder(
      conditionNames.map((condition) => ofAge(condition, 0, condition)),
      'OLDEST_FIRST',
    ).map((instance) => instance.condition)
    expect(order.slice(0, 4)).toEqual(['Unreachable', 'Staging', 'Starting', 'Running'])
    expect(order.slice(4)).toEqual(
      conditionNames.filter((condition) => !order.slice(0, 4).includes(condition)).sort(),
    )
  })

  test.each(['Unreachable', 'Staging', 'Starting', 'Running', 'Killing'] as const)(
    '%s by age',
    (condition) => {
      const three = [ofAge(condition, 5, 'mid'), ofAge(condition, 9, 'new'), ofAge(condition, 1, 'old')]
      expect(killOrder(three, 'YOUNGEST_FIRST').map((instance) => instance.id)).toEqual(['new', 'mid', 'old'])
      expect(killOrder(three, 'OLDEST_FIRST').map((instance) => instance.id)).toEqual(['old', 'mid', 'new'])
    },
  )

  test('Starting goes by its last change, Staging by the last of its tasks', () => {
    const starting = [
      buildInstance('Starting', { id: 'a', since: minute(1), activeSince: minute(9) }),
      buildInstance('Starting', { id: 'b', since: minute(2), activeSince: minute(8) }),
    ]
    expect(killOrder(starting, 'YOUNGEST_FIRST')[0]!.id).toBe('b')
    const pods = [
      buildInstance('Staging', {
        id: 'a',
        tasks: [buildTask('Staging', { stagedAt: minute(1) }), buildTask('Staging', { stagedAt: minute(9) })],
      }),
      buildInstance('Staging', { id: 'b', tasks: [buildTask('Staging', { stagedAt: minute(5) })] }),
    ]
    expect(killOrder(pods, 'YOUNGEST_FIRST')[0]!.id).toBe('a')
  })

  test.each(['YOUNGEST_FIRST', 'OLDEST_FIRST'] as const)('never active first, %s', (killSelection) => {
    const two = [
      buildInstance('Killed', { id: 'was', activeSince: minute(1) }),
      buildInstance('Scheduled', { id: 'never' }),
    ]
    expect(killOrder(two, killSelection).map((instance) => instance.id)).toEqual(['never', 'was'])
  })
})

const anyInstance = fc
  .record({
    condition: fc.constantFrom(...conditionNames),
    goal: fc.constantFrom<Goal>('Running', 'Stopped', 'Decommissioned'),
    age: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
  })
  .map(({ condition, goal, age }) => ({
    condition,
    given: { goal, ...(age === undefined ? {} : { activeSince: minute(age) }) },
  }))

test('any mixture: never more or fewer go than must, all named go, only counted ones go, whatever the input order', () => {
  fc.assert(
    fc.property(
      fc.array(anyInstance, { maxLength: 12 }),
      fc.nat(12),
      fc.array(fc.nat(12), { maxLength: 4 }),
      fc.constantFrom('YOUNGEST_FIRST' as const, 'OLDEST_FIRST' as const),
      (made, target, named, killSelection) => {
        const instances = made.map(({ condition, given }, index) =>
          buildInstance(condition, { ...given, id: `i${index}` }),
        )
        const selected = new Set(named.map((index) => `i${index}`))
        const { toKill, toStart } = selectToKill({ instances, target, killSelection, selected })
        const counted = instances.filter(countsTowardsTarget)
        const namedCounted = counted.filter((instance) => selected.has(instance.id))
        expect(toKill).toHaveLength(Math.max(0, counted.length - target, namedCounted.length))
        expect(new Set(toKill).size).toBe(toKill.length)
        for (const instance of toKill) expect(counted).toContain(instance)
        for (const instance of namedCounted) expect(toKill).toContain(instance)
        expect(counted.length - toKill.length + toStart).toBe(
          Math.max(target, counted.length - toKill.length),
        )
        const reversed = selectToKill({
          instances: instances.slice().reverse(),
          target,
          killSelection,
          selected,
        })
        expect(new Set(reversed.toKill)).toEqual(new Set(toKill))
      },
    ),
  )
})

test('the first few to go are those the whole order begins with', () => {
  fc.assert(
    fc.property(
      fc.array(anyInstance, { maxLength: 40 }),
      fc.nat(45),
      fc.constantFrom('YOUNGEST_FIRST' as const, 'OLDEST_FIRST' as const),
      (made, count, killSelection) => {
        const instances = made.map(({ condition, given }, i) =>
          buildInstance(condition, { ...given, id: `i${i}` }),
        )
        const order = killOrder(instances, killSelection)
        expect(firstToGo(instances, count, killSelection)).toEqual(order.slice(0, count))
        const answer = selectToKill({ instances, target: 3, killSelection, most: count })
        const all = selectToKill({ instances, target: 3, killSelection })
        expect(answer).toEqual({ ...all, toKill: all.toKill.slice(0, count) })
      },
    ),
  )
})
