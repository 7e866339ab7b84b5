import { describe, expect, test } from 'vitest'
import { buildInstance, buildTask } from '../../../tests/support/in-condition.ts'
import type { Condition, Instance } from '../../core/instances/instance.ts'
import { countTasks } from './task-counts.ts'

const none = { staged: 0, running: 0, healthy: 0, unhealthy: 0 }

describe('the tasks of an app are counted', () => {
  test('none', () => expect(countTasks([])).toEqual(none))

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
    expect(countTasks([buildInstance(condition)])).toEqual({ ...none, ...counts })
  })

  test('by the state the engine told: before the first it is staged', () => {
    const { state: _state, ...untold } = buildTask('Running')
    expect(countTasks([buildInstance('Running', { tasks: [untold] })])).toEqual({ ...none, staged: 1 })
  })

  test('each instance once, by its first task', () => {
    const pair = (a: Condition, b: Condition): Instance =>
      buildInstance('Running', { tasks: [buildTask(a, { id: 'a' }), buildTask(b, { id: 'b' })] })
    const instances = [pair('Running', 'Staging'), pair('Staging', 'Running'), buildInstance('Running')]
    expect(countTasks(instances)).toEqual({ ...none, running: 2, staged: 1 })
  })

  test('neither healthy nor unhealthy without results of checks', () => {
    const instances = [buildInstance('Staging'), ...Array.from({ length: 3 }, () => buildInstance('Running'))]
    expect(countTasks(instances)).toEqual({ ...none, staged: 1, running: 3 })
  })
})
