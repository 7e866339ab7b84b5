import { describe, expect, test } from 'vitest'
import { buildInstance, buildTask } from '../../../tests/support/in-condition.ts'
import type { Condition, Instance } from '../../core/instances/instance.ts'
import { countTasks } from './task-counts.ts'

const unchecked = { healthOf: () => [] }
const none = { staged: 0, running: 0, healthy: 0, unhealthy: 0 }

describe('the tasks of an app are counted', () => {
  test('none', () => expect(countTasks(unchecked, [])).toEqual(none))

  test.each<readonly [Condition, object]>([
    ['Scheduled', {}],
    ['Provisioned', { staged: 1 }],
    ['Staging', { staged: 1 }],
    ['Starting', {}],
    ['Running', { running: 1 }],
    ['Killing', {}],
    ['Unreachable', {}],
    ['UnreachableInactive', {}],
    ['Finished', {}],
    ['Killed', {}],
    ['Error', {}],
    ['Failed', {}],
    ['Gone', {}],
    ['Dropped', {}],
    ['Unknown', {}],
  ])('%s: %j', (condition, counts) => {
    expect(countTasks(unchecked, [buildInstance(condition)])).toEqual({ ...none, ...counts })
  })

  test('by the state the engine told: before the first it is staged', () => {
    const { state: _state, ...untold } = buildTask('Running')
    expect(countTasks(unchecked, [buildInstance('Running', { tasks: [untold] })])).toEqual({
      ...none,
      staged: 1,
    })
  })

  test('each instance once, by its first task', () => {
    const pair = (a: Condition, b: Condition): Instance =>
      buildInstance('Running', { tasks: [buildTask(a, { id: 'a' }), buildTask(b, { id: 'b' })] })
    const instances = [pair('Running', 'Staging'), pair('Staging', 'Running'), buildInstance('Running')]
    expect(countTasks(unchecked, instances)).toEqual({ ...none, running: 2, staged: 1 })
  })

  test('neither healthy nor unhealthy without results of checks', () => {
    const instances = [buildInstance('Staging'), ...Array.from({ length: 3 }, () => buildInstance('Running'))]
    expect(countTasks(unchecked, instances)).toEqual({ ...none, staged: 1, running: 3 })
  })

  const alive = { alive: true, consecutiveFailures: 0 }
  const sick = { alive: false, consecutiveFailures: 1 }

  test.each<readonly [string, readonly (typeof alive)[], Partial<Instance>, object]>([
    ['no results', [], {}, {}],
    ['one that is alive', [alive], { alive: true }, { healthy: 1 }],
    ['one that is not', [sick], { alive: false }, { unhealthy: 1 }],
    ['one of each', [alive, sick], { alive: false }, { unhealthy: 1 }],
    ['one that is not, another without a result', [sick], {}, { unhealthy: 1 }],
    ['all alive', [alive, alive], { alive: true }, { healthy: 1 }],
    [
      'one alive after a restart, another that nobody knows of and was not',
      [alive],
      { alive: false },
      { unhealthy: 1 },
    ],
  ])('by health: %s', (_, results, given, counts) => {
    const counted = countTasks({ healthOf: () => results }, [buildInstance('Running', given)])
    expect(counted).toEqual({ ...none, running: 1, ...counts })
  })

  test('what has ended is of neither health, whatever was known of it', () => {
    const stopped = buildInstance('Killed', { goal: 'Stopped', alive: true })
    expect(countTasks({ healthOf: () => [alive] }, [stopped])).toEqual(none)
  })

  test('one of each kind', () => {
    const known = new Map([
      ['a', [alive]],
      ['b', [sick]],
    ])
    const instances = [
      buildInstance('Staging'),
      ...['a', 'b', 'c'].map((id) => buildInstance('Running', { id })),
    ]
    expect(countTasks({ healthOf: ({ id }) => known.get(id) ?? [] }, instances)).toEqual({
      staged: 1,
      running: 3,
      healthy: 1,
      unhealthy: 1,
    })
  })
})
