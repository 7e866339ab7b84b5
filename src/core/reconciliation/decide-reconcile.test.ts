import { describe, expect, test } from 'vitest'
import { at, buildInstance, buildTask } from '../../../tests/support/in-condition.ts'
import { conditionNames, conditions } from '../instances/condition.ts'
import type { Instance } from '../instances/instance.ts'
import { decideReconcile } from './decide-reconcile.ts'

const isKnown = (): boolean => true
const named = (instances: readonly Instance[], launchedBefore?: number): string[] =>
  decideReconcile({
    instances,
    isKnown,
    ...(launchedBefore === undefined ? {} : { launchedBefore: at(launchedBefore) }),
  }).tasks.map((task) => task.taskId)

test.each(conditionNames)('%s', (condition) => {
  const shown = condition === 'UnreachableInactive' || conditions[condition].isActive
  expect(named([buildInstance(condition)])).toHaveLength(shown && condition !== 'Provisioned' ? 1 : 0)
})

test('the question names the agent', () => {
  const running = buildInstance('Running')
  expect(decideReconcile({ instances: [running], isKnown }).tasks).toEqual([
    { taskId: running.tasks[0]!.id, agentId: 'S2' },
  ])
})

test('only those tasks of a pod that have not ended', () => {
  const pod = buildInstance('Failed', {
    tasks: [
      buildTask('Failed', { id: 'a' }),
      buildTask('Running', { id: 'b' }),
      buildTask('Provisioned', { id: 'c' }),
    ],
  })
  expect(named([pod])).toEqual(['b'])
})

describe('a launch that nobody has heard of since', () => {
  const silent = buildInstance('Provisioned', { tasks: [buildTask('Provisioned', { stagedAt: at(10) })] })
  test.each([
    [undefined, 0],
    [9, 0],
    [10, 0],
    [10.001, 1],
  ] as const)('launched at 10, asked about launches before %s: %d', (launchedBefore, count) => {
    expect(named([silent], launchedBefore)).toHaveLength(count)
  })
})

test('instances of a removed run spec are given up, once, and asked about like the others: a cut off one may be gone', () => {
  const orphan = buildInstance('Running', { id: 'gone', runSpecId: '/gone' })
  const leaving = buildInstance('Running', { id: 'leaving', runSpecId: '/gone', goal: 'Decommissioned' })
  const kept = buildInstance('Running')
  const answer = decideReconcile({
    instances: [orphan, leaving, kept],
    isKnown: (id) => id === '/shop/web',
  })
  expect(answer.orphans).toEqual(['gone'])
  expect(answer.tasks).toHaveLength(3)
})
