import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  appVersion,
  newerVersion,
  placedApp,
  placedInstance,
} from '../../../tests/support/build-placement.ts'
import type { Condition, Goal } from '../instances/instance.ts'
import {
  addPlaced,
  buildPlacedIndex,
  excessOver,
  type FieldCounts,
  firstValue,
  isPlaced,
  type PlacedIndex,
  removePlaced,
} from './constraint-index.ts'

const app = placedApp({ constraints: [['rack', 'GROUP_BY', '2']] })

const counting: readonly (readonly [Condition, Goal, boolean])[] = [
  ['Scheduled', 'Running', false],
  ['Provisioned', 'Running', true],
  ['Staging', 'Running', true],
  ['Starting', 'Running', true],
  ['Running', 'Running', true],
  ['Killing', 'Decommissioned', true],
  ['Unreachable', 'Running', false],
  ['UnreachableInactive', 'Running', true],
  ['Gone', 'Stopped', false],
  ['Dropped', 'Stopped', false],
  ['Unknown', 'Stopped', false],
  ['Failed', 'Running', false],
  ['Killed', 'Running', false],
  ['Finished', 'Stopped', true],
  ['Killed', 'Stopped', true],
]

test.each(counting)('a %s instance with goal %s counts for constraints: %s', (condition, goal, counts) => {
  expect(isPlaced(placedInstance({ rack: 'a' }, { condition, goal }), app)).toBe(counts)
})

test('only versions since the last config change count', () => {
  const changed = placedApp({
    versionInfo: { lastScalingAt: newerVersion, lastConfigChangeAt: newerVersion },
  })
  expect(isPlaced(placedInstance({}, { runSpecVersion: appVersion }), changed)).toBe(false)
  expect(isPlaced(placedInstance({}, { runSpecVersion: newerVersion }), changed)).toBe(true)
})

test('an instance that was never launched is nowhere', () => {
  const { agent: _agent, ...nowhere } = placedInstance({})
  expect(isPlaced(nowhere, app)).toBe(false)
})

test('operators that look at the offer alone need no index', () => {
  const looking = placedApp({
    constraints: [
      ['rack', 'LIKE', 'a.*'],
      ['rack', 'UNLIKE', 'b.*'],
      ['rack', 'IS', 'a1'],
      ['rack', 'CLUSTER', 'a1'],
    ],
  })
  expect(buildPlacedIndex([placedInstance({ rack: 'a' })], looking).fields.size).toBe(0)
})

test('the first value is that of the oldest instance, and passes on when it is gone', () => {
  const a = placedInstance({ rack: 'a' })
  const index = buildPlacedIndex([a, placedInstance({ rack: 'b' })], app)
  expect(firstValue(countsOf(index))).toEqual({ value: 'a' })
  removePlaced(index, a.agent!)
  expect(firstValue(countsOf(index))).toEqual({ value: 'b' })
})

const racks = ['a', 'b', 'c', undefined] as const
const steps = fc.array(fc.tuple(fc.boolean(), fc.constantFrom(...racks), fc.nat(3)), { maxLength: 60 })

test('kept up to date or built anew, the index says the same', () => {
  fc.assert(
    fc.property(steps, (changes) => {
      const kept = buildPlacedIndex([], app)
      const present: ReturnType<typeof placedInstance>[] = []
      for (const [isRemoval, rack, quota] of changes) {
        const at = present.findIndex(({ agent }) => agent!.attributes[0]?.text === rack)
        if (!isRemoval) {
          const added = placedInstance({ rack })
          present.push(added)
          addPlaced(kept, added.agent!)
        } else if (at >= 0) {
          removePlaced(kept, present[at]!.agent!)
          present.splice(at, 1)
        }
        const anew = countsOf(buildPlacedIndex(present, app))
        const counts = countsOf(kept)
        const sizes = racks.map((each) => present.filter((i) => i.agent!.attributes[0]?.text === each).length)
        expect(new Map(counts.perValue)).toEqual(anew.perValue)
        expect(counts.smallest).toBe(Math.min(...sizes.filter((size) => size > 0), present.length))
        expect(excessOver(counts, quota)).toBe(
          sizes.reduce((sum, size) => sum + Math.max(0, size - quota), 0),
        )
        expect(excessOver(anew, quota)).toBe(excessOver(counts, quota))
      }
    }),
  )
})

const countsOf = (index: PlacedIndex): FieldCounts => index.fields.get('rack')!
