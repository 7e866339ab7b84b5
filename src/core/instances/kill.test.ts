import { describe, expect, test } from 'vitest'
import { at, buildInstance, buildTask } from '../../../tests/support/in-condition.ts'
import { conditionNames } from './condition.ts'
import type { Condition, Goal } from './instance.ts'
import { dueKill, requestKill } from './kill.ts'

const kill = { cause: 'api-request', requestedAt: at(1) } as const
const running = new Set<Condition>(['Provisioned', 'Staging', 'Starting', 'Running', 'Killing'])

describe('asking for the end of what runs, goal Running', () => {
  test.each(conditionNames)('%s', (condition) => {
    const before = buildInstance(condition)
    const update = requestKill(before, 'unhealthy', at(9))
    const outcome =
      update.instance === before
        ? 'nothing'
        : update.kind === 'expunged'
          ? 'replaced'
          : update.instance.goal === 'Decommissioned'
            ? 'given up'
            : 'killed'
    const expected: Readonly<Partial<Record<Condition, string>>> = {
      Provisioned: 'killed',
      Staging: 'killed',
      Starting: 'killed',
      Running: 'killed',
      Killing: 'killed',
      Unreachable: 'given up',
      UnreachableInactive: 'given up',
      Unknown: 'replaced',
      Dropped: 'replaced',
      Gone: 'replaced',
    }
    expect(outcome).toBe(expected[condition] ?? 'nothing')
    if (outcome === 'killed') {
      expect(update.instance).toEqual({ ...before, kill: { cause: 'unhealthy', requestedAt: at(9) } })
    }
  })

  test('a second request changes nothing', () => {
    const asked = buildInstance('Running', { kill })
    expect(requestKill(asked, 'unhealthy', at(9)).instance).toBe(asked)
  })
})

describe('which kills go out', () => {
  const goals: readonly Goal[] = ['Running', 'Stopped', 'Decommissioned']
  test.each(goals)('goal %s', (goal) => {
    for (const condition of conditionNames) {
      const unasked = buildInstance(condition, { goal })
      expect(dueKill(unasked) !== undefined, condition).toBe(goal !== 'Running' && running.has(condition))
      expect(dueKill({ ...unasked, kill }) !== undefined, `${condition}, asked`).toBe(running.has(condition))
    }
  })

  test('only those tasks of a pod that still run and can be told', () => {
    const pod = buildInstance('Failed', {
      kill,
      tasks: [
        buildTask('Failed', { id: 'a' }),
        buildTask('Running', { id: 'b' }),
        buildTask('Unreachable', { id: 'c' }),
        buildTask('Killing', { id: 'd' }),
      ],
    })
    expect(dueKill(pod)).toEqual({
      taskIds: ['b', 'd'],
      cause: 'api-request',
    })
  })

  test('a terminal goal is a cause of its own, as after a change of leader', () => {
    const unwanted = buildInstance('Running', { goal: 'Decommissioned' })
    expect(dueKill(unwanted)).toMatchObject({
      cause: 'goal-not-running',
    })
  })
})
