import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { placedApp, placedInstance } from '../../../tests/support/build-placement.ts'
import type { Instance } from '../instances/instance.ts'
import { fieldText } from '../placement/field-text.ts'
import { selectByGroupBy } from './group-by-kill.ts'

const byRack = placedApp({ constraints: [['rack', 'GROUP_BY']] })
const byRackAndZone = placedApp({
  constraints: [
    ['rack', 'GROUP_BY', '2'],
    ['zone', 'GROUP_BY'],
  ],
})

/** `A10 B5`: so many instances on each rack. */
const onRacks = (text: string): Instance[] =>
  text
    .split(' ')
    .flatMap((each) =>
      Array.from({ length: Number(each.slice(1)) }, () => placedInstance({ rack: each[0]! })),
    )

const fieldOf = (instance: Instance, field: string): string => fieldText(instance.agent!, field) ?? '-'

/** How many of each value, as `A5 B5`. */
function tally(instances: readonly Instance[], field = 'rack'): string {
  const counts = new Map<string, number>()
  for (const instance of instances)
    counts.set(fieldOf(instance, field), (counts.get(fieldOf(instance, field)) ?? 0) + 1)
  return [...counts]
    .map(([value, count]) => `${value}${count}`)
    .sort()
    .join(' ')
}

describe('scaling down with GROUP_BY (worked-examples 2.3)', () => {
  test.each([
    ['A10 B10', 10, 'A5 B5'],
    ['A20 B10', 10, 'A10'],
    ['A3 B1', 1, 'A1'],
    ['A2 B2 C1', 2, 'A1 B1'],
    ['A5', 2, 'A2'],
  ])('of %s remove %d: %s', (running, toKill, removed) => {
    expect(tally(selectByGroupBy(onRacks(running), toKill, byRack))).toBe(removed)
  })

  test('two constraints: what helps one must not harm the other', () => {
    const running = [
      placedInstance({ rack: 'A', zone: 'z1' }),
      placedInstance({ rack: 'A', zone: 'z2' }),
      placedInstance({ rack: 'A', zone: 'z2' }),
      placedInstance({ rack: 'B', zone: 'z2' }),
    ]
    const [removed, ...others] = selectByGroupBy(running, 1, byRackAndZone)
    expect(others).toEqual([])
    expect(removed).toBe(running[1])
  })

  test('when all are to go, all go', () => {
    const running = onRacks('A3 B1')
    expect(selectByGroupBy(running, 4, byRack)).toEqual(running)
  })

  test('without GROUP_BY nothing is chosen', () => {
    expect(
      selectByGroupBy(onRacks('A3 B1'), 2, placedApp({ constraints: [['rack', 'MAX_PER', '3']] })),
    ).toEqual([])
  })

  test('when none fits, the rest is left to killSelection', () => {
    // Racks differ by 2 and zones by 2; whatever goes evens out at most one of them.
    const crossed = [
      placedInstance({ rack: 'A', zone: 'z1' }),
      placedInstance({ rack: 'A', zone: 'z1' }),
      placedInstance({ rack: 'B', zone: 'z1' }),
      placedInstance({ rack: 'C', zone: 'z2' }),
      placedInstance({ rack: 'C', zone: 'z2' }),
      placedInstance({ rack: 'C', zone: 'z3' }),
    ]
    expect(selectByGroupBy(crossed, 1, byRackAndZone)).toEqual([])
  })

  test('among equals the first given goes first', () => {
    const running = onRacks('A3 B1')
    expect(selectByGroupBy(running, 1, byRack)[0]).toBe(running[0])
  })

  test('instances without the attribute are a group', () => {
    const running = [...onRacks('A1'), placedInstance({}), placedInstance({}), placedInstance({})]
    expect(tally(selectByGroupBy(running, 2, byRack))).toBe('-2')
  })
})

const anyRunning = fc.array(
  fc
    .record({ rack: fc.constantFrom('A', 'B', 'C', 'D'), zone: fc.constantFrom('z1', 'z2') })
    .map((f) => placedInstance(f)),
  { minLength: 1, maxLength: 25 },
)

/** Sizes of the groups that were there at first, emptied ones included. */
function difference(first: readonly Instance[], now: readonly Instance[], field: string): number {
  const sizes = [...new Set(first.map((each) => fieldOf(each, field)))].map(
    (value) => now.filter((each) => fieldOf(each, field) === value).length,
  )
  return Math.max(...sizes) - Math.min(...sizes)
}

test('no constraint ends up less even than it may, and nothing is chosen twice', () => {
  fc.assert(
    fc.property(anyRunning, fc.nat(25), (running, wanted) => {
      const toKill = Math.min(wanted, running.length)
      const removed = selectByGroupBy(running, toKill, byRackAndZone)
      expect(removed.length).toBeLessThanOrEqual(toKill)
      expect(new Set(removed).size).toBe(removed.length)
      const rest = running.filter((each) => !removed.includes(each))
      for (const field of ['rack', 'zone']) {
        const after = difference(running, rest, field)
        expect(
          after <= 1 ||
            after < difference(running, running, field) ||
            removed.length === 0 ||
            rest.length === 0,
        ).toBe(true)
      }
      if (removed.length === toKill) return
      // Stopped early: no single further removal would have been allowed.
      for (const each of rest) {
        const without = rest.filter((other) => other !== each)
        const isAllowed = ['rack', 'zone'].every((field) => {
          const after = difference(running, without, field)
          return after <= 1 || after < difference(running, running, field)
        })
        expect(isAllowed).toBe(false)
      }
    }),
    { numRuns: 300 },
  )
})

test('100,000 instances on 5,000 hosts are decided over their groups', () => {
  const hosts = Array.from({ length: 5_000 }, (_, i) =>
    placedInstance({ hostname: `h${i}`, rack: `r${i % 20}` }),
  )
  const running = Array.from({ length: 100_000 }, (_, i) => ({ ...hosts[i % 5_000]!, id: `i${i}` }))
  const app = placedApp({
    constraints: [
      ['hostname', 'GROUP_BY'],
      ['rack', 'GROUP_BY'],
    ],
  })
  const removed = selectByGroupBy(running, 5_000, app)
  expect(removed).toHaveLength(5_000)
  expect(new Set(removed.map((each) => fieldOf(each, 'hostname'))).size).toBe(5_000)
})
