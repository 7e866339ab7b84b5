import { describe, expect, test } from 'vitest'
import { at, buildInstance, buildTask } from '../../../tests/support/in-condition.ts'
import { seconds } from '../../lib/instant.ts'
import { conditionNames } from './condition.ts'
import type { Condition, Goal } from './instance.ts'
import { decideKill, needsKill, requestKill } from './kill.ts'

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
      expect(needsKill(unasked), condition).toBe(goal !== 'Running' && running.has(condition))
      expect(needsKill({ ...unasked, kill }), `${condition}, asked`).toBe(running.has(condition))
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
    expect(decideKill(pod, undefined, { retryAfter: seconds(30), now: at(9) })).toEqual({
      kind: 'send',
      taskIds: ['b', 'd'],
      cause: 'api-request',
    })
  })

  test('a terminal goal is a cause of its own, as after a change of leader', () => {
    const unwanted = buildInstance('Running', { goal: 'Decommissioned' })
    expect(decideKill(unwanted, undefined, { retryAfter: seconds(30), now: at(9) })).toMatchObject({
      kind: 'send',
      cause: 'goal-not-running',
    })
  })
})

test.each([
  [undefined, 9, { kind: 'send' }],
  [9, 9, { kind: 'wait', until: at(39) }],
  [9, 38.999, { kind: 'wait', until: at(39) }],
  [9, 39, { kind: 'send' }],
] as const)('sent at %s, asked at %d', (sentAt, now, decision) => {
  const asked = buildInstance('Running', { kill })
  const lastSentAt = sentAt === undefined ? undefined : at(sentAt)
  expect(decideKill(asked, lastSentAt, { retryAfter: seconds(30), now: at(now) })).toMatchObject(decision)
})
