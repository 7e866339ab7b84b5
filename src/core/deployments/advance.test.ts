import { expect, test } from 'vitest'
import { instant } from '../../lib/instant.ts'
import { advance, currentActions, isOver } from './advance.ts'
import { conflictsWith } from './conflicts.ts'
import type { Deployment } from './deployment.ts'

const deployment: Deployment = {
  id: 'd1',
  version: '2031-01-02T00:00:00.000Z',
  steps: [
    { actions: [{ kind: 'StartApplication', runSpecId: '/a' }] },
    {
      actions: [
        { kind: 'ScaleApplication', runSpecId: '/a' },
        { kind: 'RestartApplication', runSpecId: '/b' },
      ],
    },
  ],
  changes: [
    { id: '/a', to: '2' },
    { id: '/b', from: '1', to: '2' },
  ],
  currentStep: 0,
  startedAt: instant(0),
}

test('steps follow one another until there is none', () => {
  const second = advance(deployment)
  expect(second).toEqual({ ...deployment, currentStep: 1 })
  expect(currentActions(second!).map((action) => action.runSpecId)).toEqual(['/a', '/b'])
  expect(advance(second!)).toBeUndefined()
})

test('a deployment without steps is over before it begins', () => {
  expect(isOver({ ...deployment, steps: [] })).toBe(true)
  expect(isOver(deployment)).toBe(false)
  expect(currentActions({ ...deployment, steps: [] })).toEqual([])
})

const affecting = (id: string, ...ids: string[]): Deployment => ({
  ...deployment,
  id,
  changes: ids.map((each) => ({ id: each, to: '2' })),
})

test.each<[string, Deployment[], string[], string[]]>([
  ['none is running', [], ['/a'], []],
  ['another run spec', [affecting('x', '/b')], ['/a'], []],
  ['a common run spec', [affecting('x', '/b', '/a')], ['/a'], ['x']],
  ['an app below is another app', [affecting('x', '/a/b')], ['/a'], []],
  ['several', [affecting('x', '/a'), affecting('y', '/c'), affecting('z', '/b')], ['/b', '/a'], ['x', 'z']],
  ['a change of nothing', [affecting('x', '/a')], [], []],
])('conflicts: %s', (_, running, ids, expected) => {
  const found = conflictsWith(running, affecting('new', ...ids))
  expect(found.map((each) => each.id)).toEqual(expected)
})
