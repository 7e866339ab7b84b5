// Every (condition of the task, goal, state reported) with its outcome. The grid below is the specification; what the
// code's own table says is not consulted.

import { describe, expect, test } from 'vitest'
import { at, buildInstance, buildStatus, webApp } from '../../../tests/support/in-condition.ts'
import type { TaskState, TaskStatus } from '../mesos.ts'
import { conditionOf } from './condition.ts'
import type { Condition, Goal, Instance } from './instance.ts'
import { applyStatus, type Transition } from './transition.ts'

const reports: readonly TaskStatus[] = [
  buildStatus('TASK_STAGING'),
  buildStatus('TASK_STARTING'),
  buildStatus('TASK_RUNNING'),
  buildStatus('TASK_KILLING'),
  buildStatus('TASK_UNREACHABLE', { unreachableSince: at(100) }),
  buildStatus('TASK_FINISHED'),
  buildStatus('TASK_KILLED'),
  buildStatus('TASK_FAILED'),
  buildStatus('TASK_ERROR'),
  buildStatus('TASK_GONE'),
  buildStatus('TASK_GONE_BY_OPERATOR'),
  buildStatus('TASK_DROPPED'),
  buildStatus('TASK_UNKNOWN'),
  buildStatus('TASK_LOST'),
  buildStatus('TASK_LOST', { reason: 'REASON_TASK_UNKNOWN' }),
]

/**
 * Rows: what the task is in. Columns: Staging, Starting, Running, Killing, Unreachable, any end.
 * `+` the reported condition is taken, `.` nothing happens. The strategy here never gives up an unreachable instance.
 */
const grid: readonly (readonly [Condition, string])[] = [
  ['Provisioned', '+ + + + + +'],
  ['Staging', '    . + + + + +'],
  ['Starting', '   . . + + + +'],
  ['Running', '    . . . + + +'],
  ['Killing', '    . . . . + +'],
  ['Unreachable', '+ + + + . +'],
  ['UnreachableInactive', '+ + + + . +'],
  ['Finished', '   . . . . . .'],
  ['Killed', '     . . . . . .'],
  ['Failed', '     . . . . . .'],
  ['Error', '      . . . . . .'],
  ['Gone', '       . . . . . .'],
  ['Dropped', '    . . . . . .'],
  ['Unknown', '    . . . . . .'],
]

const columnOf: Readonly<Partial<Record<Condition, number>>> = {
  Staging: 0,
  Starting: 1,
  Running: 2,
  Killing: 3,
  Unreachable: 4,
}
const anyEnd = 5

const goals: readonly Goal[] = ['Running', 'Stopped', 'Decommissioned']
const forever = webApp({ unreachableStrategy: 'disabled' })

interface Case {
  readonly from: Condition
  readonly goal: Goal
  readonly status: TaskStatus
  readonly label: string
  readonly isTaken: boolean
  readonly isEnd: boolean
}

const cases: readonly Case[] = grid.flatMap(([from, text]) => {
  const cells = text.trim().split(/ +/)
  return goals.flatMap((goal) =>
    reports.map((status) => {
      const column = columnOf[conditionOf(status)] ?? anyEnd
      return {
        from,
        goal,
        status,
        label: `${status.state}${status.reason === undefined ? '' : ` (${status.reason})`}`,
        isTaken: cells[column] === '+',
        isEnd: column === anyEnd,
      }
    }),
  )
})

test('the grid is complete', () => {
  expect(cases).toHaveLength(14 * 3 * 15)
  for (const [, text] of grid) expect(text.trim().split(/ +/)).toHaveLength(6)
})

const expected = ({ goal, status, isTaken, isEnd }: Case): string => {
  if (!isTaken) return 'unchanged'
  return `${isEnd && goal === 'Decommissioned' ? 'expunged' : 'updated'} ${conditionOf(status)}`
}

const described = (transition: Transition): string =>
  transition.kind === 'updated' || transition.kind === 'expunged'
    ? `${transition.kind} ${transition.instance.condition}`
    : transition.kind

describe.each(goals)('goal %s', (goal) => {
  test.each(cases.filter((each) => each.goal === goal))('$from, $label', (each) => {
    const before = buildInstance(each.from, { goal })
    const now = at(500)
    const transition = applyStatus(before, each.status, forever, now)
    expect(described(transition)).toBe(expected(each))
    if (transition.kind !== 'updated' && transition.kind !== 'expunged') return

    const { instance } = transition
    const task = instance.tasks[0]!
    expect(instance.goal).toBe(goal)
    expect(instance.since).toBe(now)
    expect(task.condition).toBe(conditionOf(each.status))
    expect(task.state).toBe(each.status.state)
    expect(task.startedAt).toBe(task.condition === 'Running' ? now : undefined)
    // Terminal with goal Running: waits for its next launch, from now on.
    expect(instance.scheduledAt).toBe(each.isEnd && goal === 'Running' ? now : before.scheduledAt)
    expect(applyStatus(instance, each.status, forever, at(501)), 'the same status again').toEqual({
      kind: 'unchanged',
    })
  })
})

describe('unreachable, by strategy: [seconds until inactive, until expunged]', () => {
  const strategyOf = (text: string) => {
    if (text === 'disabled') return 'disabled' as const
    const [inactiveAfterSeconds, expungeAfterSeconds] = text.split('/').map(Number)
    return { inactiveAfterSeconds: inactiveAfterSeconds!, expungeAfterSeconds: expungeAfterSeconds! }
  }
  const lost = buildStatus('TASK_UNREACHABLE', { unreachableSince: at(100) })

  test.each([
    ['0/0', 100, 'expunged UnreachableInactive'],
    ['0/3600', 100, 'updated UnreachableInactive'],
    ['300/300', 100, 'updated Unreachable'],
    ['300/300', 399.999, 'updated Unreachable'],
    ['300/300', 400, 'expunged UnreachableInactive'],
    ['120/900', 219.999, 'updated Unreachable'],
    ['120/900', 220, 'updated UnreachableInactive'],
    ['120/900', 1000, 'expunged UnreachableInactive'],
    ['disabled', 1_000_000, 'updated Unreachable'],
  ] as const)('%s: first told at %d: %s', (text, s, outcome) => {
    const app = webApp({ unreachableStrategy: strategyOf(text) })
    expect(described(applyStatus(buildInstance('Running'), lost, app, at(s)))).toBe(outcome)
  })

  test.each([
    ['120/900', 'Unreachable', 219, 'unchanged'],
    ['120/900', 'Unreachable', 220, 'updated UnreachableInactive'],
    ['120/900', 'Unreachable', 1000, 'expunged UnreachableInactive'],
    ['300/300', 'Unreachable', 700, 'expunged UnreachableInactive'],
    ['120/900', 'UnreachableInactive', 999, 'unchanged'],
    ['120/900', 'UnreachableInactive', 1000, 'expunged UnreachableInactive'],
    ['disabled', 'UnreachableInactive', 1_000_000, 'unchanged'],
  ] as const)('%s: %s, told again at %d: %s', (text, from, s, outcome) => {
    const app = webApp({ unreachableStrategy: strategyOf(text) })
    const first = buildInstance(from)
    const before: Instance = {
      ...first,
      tasks: first.tasks.map((task) => ({ ...task, unreachableSince: at(100) })),
    }
    expect(described(applyStatus(before, lost, app, at(s)))).toBe(outcome)
  })

  test('without a definition it is given up at once', () => {
    expect(described(applyStatus(buildInstance('Running'), lost, undefined, at(100)))).toBe(
      'expunged UnreachableInactive',
    )
  })
})

test('every task state is in the matrix', () => {
  const states = new Set<TaskState>(reports.map((status) => status.state))
  expect(states.size).toBe(14)
})
