import { describe, expect, test } from 'vitest'
import { at, buildInstance, buildTask } from '../../../tests/support/in-condition.ts'
import { conditionNames, conditions } from './condition.ts'
import { changeGoal } from './goal.ts'
import type { Condition, Goal } from './instance.ts'

const goals: readonly Goal[] = ['Running', 'Stopped', 'Decommissioned']
const hasNothingRunning = (condition: Condition): boolean =>
  condition === 'Scheduled' || conditions[condition].isTerminal

/** From any goal to any other in any condition: what follows, in words. */
const expected = (condition: Condition, from: Goal, to: Goal): string => {
  if (from === to) return 'same'
  if (to === 'Decommissioned' && hasNothingRunning(condition)) return 'expunged'
  if (to === 'Running') return 'updated'
  return hasNothingRunning(condition) ? 'updated' : 'updated, to be killed'
}

describe.each(goals)('from goal %s', (from) => {
  describe.each(goals)('to %s', (to) => {
    test.each(conditionNames)('%s', (condition) => {
      const before = buildInstance(condition, { goal: from })
      const update = changeGoal(before, to, 'scale-down', at(9))
      const { instance } = update
      const described =
        instance === before ? 'same' : `${update.kind}${instance.kill === undefined ? '' : ', to be killed'}`
      expect(described).toBe(expected(condition, from, to))
      expect(instance).toMatchObject({ goal: to, condition, since: before.since, tasks: before.tasks })
      if (instance.kill !== undefined) {
        expect(instance.kill).toEqual({ cause: 'scale-down', requestedAt: at(9) })
      }
    })
  })
})

test('a kill under way keeps its cause and its time', () => {
  const kill = { cause: 'api-request', requestedAt: at(1) } as const
  expect(
    changeGoal(buildInstance('Running', { kill }), 'Decommissioned', 'deployment', at(9)).instance.kill,
  ).toEqual(kill)
})

test('wanted again, a stopped instance waits for an offer from now on', () => {
  const stopped = buildInstance('Finished', { goal: 'Stopped' })
  expect(changeGoal(stopped, 'Running', 'deployment', at(9)).instance.scheduledAt).toBe(at(9))
  const running = buildInstance('Running', { goal: 'Stopped' })
  expect(changeGoal(running, 'Running', 'deployment', at(9)).instance.scheduledAt).toBe(at(0))
})

test('a pod with one task left is not gone yet', () => {
  const pod = buildInstance('Failed', { tasks: [buildTask('Failed'), buildTask('Running')] })
  expect(changeGoal(pod, 'Decommissioned', 'scale-down', at(9)).kind).toBe('updated')
})
