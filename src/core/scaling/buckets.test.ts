import { describe, expect, test } from 'vitest'
import { buildInstance, buildTask } from '../../../tests/support/in-condition.ts'
import { conditionNames, countsTowardsTarget } from '../instances/condition.ts'
import type { Condition, Goal } from '../instances/instance.ts'
import { type BucketName, bucketNames, bucketOf, sortIntoBuckets } from './buckets.ts'

const wanted: Readonly<Record<Condition, BucketName>> = {
  Scheduled: 'scheduled',
  Provisioned: 'starting',
  Staging: 'starting',
  Starting: 'starting',
  Running: 'running',
  Killing: 'restarting',
  Unreachable: 'unreachable',
  UnreachableInactive: 'inactive',
  Finished: 'scheduled',
  Killed: 'scheduled',
  Error: 'scheduled',
  Failed: 'scheduled',
  Gone: 'scheduled',
  Dropped: 'scheduled',
  Unknown: 'scheduled',
}
const unwanted = (condition: Condition): BucketName =>
  wanted[condition] === 'scheduled' ? 'stopped' : 'ending'
const goals: readonly Goal[] = ['Running', 'Stopped', 'Decommissioned']

describe.each(goals)('goal %s', (goal) => {
  test.each(conditionNames)('%s', (condition) => {
    expect(bucketOf(buildInstance(condition, { goal }))).toBe(
      goal === 'Running' ? wanted[condition] : unwanted(condition),
    )
  })
})

test('an unwanted pod is ending until its last task has ended', () => {
  const tasks = [buildTask('Failed'), buildTask('Running')]
  expect(bucketOf(buildInstance('Failed', { goal: 'Stopped', tasks }))).toBe('ending')
})

test('every instance is in exactly one bucket, in the order given', () => {
  const all = goals.flatMap((goal) =>
    conditionNames.map((condition) => buildInstance(condition, { goal, id: `${goal}-${condition}` })),
  )
  const buckets = sortIntoBuckets(all)
  expect(Object.keys(buckets)).toEqual([...bucketNames])
  const sorted = bucketNames.flatMap((name) => [...buckets[name]])
  expect(sorted).toHaveLength(all.length)
  expect(new Set(sorted)).toEqual(new Set(all))
  for (const name of bucketNames) {
    const places = buckets[name].map((instance) => all.indexOf(instance))
    expect(places).toEqual(places.slice().sort((a, b) => a - b))
  }
})

test('what counts towards the target are whole buckets', () => {
  const counting = ['scheduled', 'starting', 'running', 'restarting', 'unreachable']
  for (const goal of goals) {
    for (const condition of conditionNames) {
      const instance = buildInstance(condition, { goal })
      expect(countsTowardsTarget(instance)).toBe(counting.includes(bucketOf(instance)))
    }
  }
})
