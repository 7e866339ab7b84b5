import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  appVersion,
  newerVersion,
  placedApp,
  placedInstance,
} from '../../../tests/support/build-placement.ts'
import { buildTask } from '../../../tests/support/in-condition.ts'
import type { Condition, Goal } from '../instances/instance.ts'
import {
  addPlaced,
  buildPlacedIndex,
  excessOver,
  type FieldCounts,
  firstValue,
  holdsPlace,
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

/** Of an instance with a reservation: whether it counts for a launch of another one, and for its reservation. */
const withVolume: readonly (readonly [Condition, Goal, launch: boolean, reservation: boolean])[] = [
  ['Scheduled', 'Running', false, true],
  ['Running', 'Running', true, true],
  ['Failed', 'Running', false, true],
  ['Unreachable', 'Running', false, true],
  ['Gone', 'Running', false, true],
  ['Killed', 'Stopped', true, true],
  ['Unreachable', 'Stopped', false, true],
  ['Scheduled', 'Stopped', true, true],
  ['Running', 'Decommissioned', true, true],
  ['Unreachable', 'Decommissioned', false, false],
  ['Killed', 'Decommissioned', false, false],
  ['Scheduled', 'Decommissioned', false, false],
]

test.each(withVolume)(
  'one with a volume, %s with goal %s, counts for the launch of another: %s, for its reservation: %s',
  (condition, goal, launch, reservation) => {
    const id = 'shop_cart.instance-6c1e5d0a-0b1f-11ec-9a03-0242ac110002'
    const ended = condition !== 'Running' && condition !== 'Unreachable'
    const instance = placedInstance(
      { rack: 'a' },
      {
        condition,
        goal,
        reservation: { id, volumes: [], state: ended ? 'suspended' : 'launched' },
        tasks: condition === 'Scheduled' ? [] : [buildTask(condition)],
      },
    )
    expect([isPlaced(instance, app), holdsPlace(instance, app)]).toEqual([launch, reservation])
  },
)

test('a reservation binds an instance to its agent whatever version it will run', () => {
  const versionInfo = { lastScalingAt: newerVersion, lastConfigChangeAt: newerVersion }
  const changed = placedApp({ version: newerVersion, versionInfo })
  const reservation = { id: 'x', volumes: [], state: 'launched' as const }
  const old = placedInstance({}, { runSpecVersion: appVersion, reservation, tasks: [buildTask('Running')] })
  expect([isPlaced(old, changed), holdsPlace(old, changed)]).toEqual([false, true])
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
