import { describe, expect, test } from 'vitest'
import { at, buildInstance, buildTask } from '../../../tests/support/in-condition.ts'
import { conditionNames, conditions } from './condition.ts'
import {
  combinedCondition,
  combinedHealth,
  earliestStart,
  unreachableSince,
  withTasks,
} from './from-tasks.ts'
import type { Condition, Task } from './instance.ts'

const tasks = (...given: readonly Condition[]): Task[] => given.map((condition) => buildTask(condition))

test('every pair of tasks gives the condition of the lower rank, in either order, but for one that is cut off', () => {
  const ofTasks = conditionNames.filter((name) => name !== 'Scheduled' && name !== 'UnreachableInactive')
  for (const a of ofTasks) {
    for (const b of ofTasks) {
      const lower = conditions[a].rank < conditions[b].rank ? a : b
      const isCutOff = (a === 'Unreachable' || b === 'Unreachable') && conditions[lower].isTerminal
      expect(combinedCondition(tasks(a, b))).toBe(isCutOff ? 'Unreachable' : lower)
    }
  }
})

test('no task is Unknown', () => {
  expect(combinedCondition([])).toBe('Unknown')
})

describe('health of several tasks: R running, F finished, others pending; + healthy, - unhealthy', () => {
  const read = (text: string): Task[] =>
    text
      .split(' ')
      .filter((word) => word !== '')
      .map((word) =>
        buildTask(word[0] === 'R' ? 'Running' : word[0] === 'F' ? 'Finished' : 'Staging', {
          ...(word[1] === undefined ? {} : { healthy: word[1] === '+' }),
        }),
      )

  test.each([
    ['', undefined],
    ['R', undefined],
    ['R+', true],
    ['R-', false],
    ['R R+', true],
    ['R+ R', true],
    ['R+ R-', false],
    ['R- R+', false],
    ['S', undefined],
    ['S+', undefined],
    ['S R-', undefined],
    ['R- S', false],
    ['R+ S', undefined],
    ['F', undefined],
    ['F+', undefined],
    ['F R+', true],
    ['R+ F', true],
  ] as const)('%s: %s', (text, health) => {
    expect(combinedHealth(read(text))).toBe(health)
  })
})

test('the times are those of the earliest task', () => {
  const started = [buildTask('Running', { startedAt: at(9) }), buildTask('Running', { startedAt: at(4) })]
  expect(earliestStart(started)).toBe(at(4))
  expect(earliestStart(tasks('Staging'))).toBeUndefined()
  const lost = [
    buildTask('Unreachable', { unreachableSince: at(7) }),
    buildTask('Unreachable', { unreachableSince: at(3) }),
    buildTask('Running', { startedAt: at(1) }),
  ]
  expect(unreachableSince(lost)).toBe(at(3))
  expect(unreachableSince(tasks('Running', 'Failed'))).toBeUndefined()
})

test('times stay while neither condition nor health change', () => {
  const before = buildInstance('Running', { activeSince: at(1) })
  const after = withTasks(before, [buildTask('Running', { startedAt: at(0) })], 'disabled', at(50))
  expect(after.since).toBe(before.since)
  expect(after.activeSince).toBe(at(1))
})

test('a kill lasts until the last task has ended', () => {
  const kill = { cause: 'api-request', requestedAt: at(1) } as const
  const before = buildInstance('Failed', { kill, tasks: tasks('Failed', 'Running') })
  const one = withTasks(before, tasks('Failed', 'Killing'), 'disabled', at(2))
  expect(one.kill).toEqual(kill)
  expect(withTasks(one, tasks('Failed', 'Killed'), 'disabled', at(3)).kill).toBeUndefined()
})
