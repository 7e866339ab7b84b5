import { expect, test } from 'vitest'
import { instant } from '../../lib/instant.ts'
import type { CanaryStep } from '../../spec/app.ts'
import {
  begun,
  instancesAt,
  isHolding,
  isTrial,
  pauseEndsAt,
  promoted,
  promotedToAll,
  reached,
} from './canary.ts'

const upgraded = (instances: number, ...canarySteps: CanaryStep[]) => ({
  instances,
  upgradeStrategy: { minimumHealthCapacity: 1, maximumOverCapacity: 1, canarySteps },
})

test.each<[string, number, CanaryStep[], (number | undefined)[]]>([
  ['none', 10, [], [undefined]],
  ['a number', 10, [{ instances: 3 }], [3, undefined]],
  ['percent, rounded up', 10, [{ percent: 1 }, { percent: 25 }, { percent: 50 }], [1, 3, 5, undefined]],
  ['exact percent are exact', 100, [{ percent: 7 }, { percent: 29 }], [7, 29]],
  ['as many as there are is no trial', 2, [{ instances: 2 }], [undefined]],
  ['100 percent is none either', 5, [{ percent: 20 }, { percent: 100 }], [1, undefined]],
  ['a step never has fewer than those before', 10, [{ instances: 4 }, { percent: 20 }], [4, 4]],
  ['a single instance has no trial', 1, [{ percent: 10 }], [undefined]],
])('new instances by step: %s', (_, instances, steps, expected) => {
  const runSpec = upgraded(instances, ...steps)
  expect(expected.map((_, step) => instancesAt(runSpec, step))).toEqual(expected)
})

test('a trial holds from when its instances are up until it is promoted', () => {
  const runSpec = upgraded(4, { instances: 1 }, { instances: 2 })
  const first = { id: '/web', step: 0 }
  expect([isTrial(first, runSpec), isHolding(first, runSpec)]).toEqual([true, false])
  const up = reached(first, instant(5))
  expect(isHolding(up, runSpec)).toBe(true)
  expect(isHolding(promoted(up), runSpec)).toBe(false)
  expect(isTrial(promoted(promoted(up)), runSpec)).toBe(false)
  expect(isTrial(promotedToAll(up, runSpec), runSpec)).toBe(false)
})

test('a pause ends by itself where its step says after how long', () => {
  const runSpec = upgraded(4, { instances: 1, pauseSeconds: 60 }, { instances: 2 })
  expect(pauseEndsAt(runSpec, { id: '/web', step: 0 })).toBeUndefined()
  expect(pauseEndsAt(runSpec, { id: '/web', step: 0, reachedAt: instant(1_000) })).toBe(61_000)
  expect(pauseEndsAt(runSpec, { id: '/web', step: 1, reachedAt: instant(1_000) })).toBeUndefined()
})

test.each([
  [0, 0],
  [1, 0],
  [2, 1],
  [3, 1],
  [5, 2],
  [6, 2],
  [10, 2],
])('with %d new ones already a trial of 1, 3 and all begins at step %d', (already, step) => {
  const runSpec = upgraded(10, { instances: 1 }, { instances: 3 })
  expect(begun('/web', runSpec, already)).toEqual({ id: '/web', step })
})
