import { describe, expect, test } from 'vitest'
import { buildInstance } from '../../../tests/support/in-condition.ts'
import { taskStates } from '../mesos.ts'
import {
  conditionNames,
  conditionOf,
  conditions,
  countsTowardsTarget,
  isProvisioned,
  isScheduled,
} from './condition.ts'
import type { Condition, Goal } from './instance.ts'

const named = (isMember: (condition: Condition) => boolean): string =>
  conditionNames.filter(isMember).join(' ')

describe('the sets of runtime 3 and 7', () => {
  test.each([
    ['isActive', 'Unreachable Killing Starting Staging Provisioned Running'],
    ['isTerminal', 'Error Failed Gone Dropped Unknown Finished Killed'],
    ['isLaunching', 'Starting Staging Provisioned'],
    ['isLost', 'Gone Dropped Unreachable Unknown'],
    [
      'isTerminalForWaiting',
      'Error Failed Gone Dropped Unreachable Unknown Finished Killed UnreachableInactive',
    ],
    ['isUnkillable', 'Gone Dropped Unreachable Unknown UnreachableInactive'],
  ] as const)('%s: %s', (flag, members) => {
    expect(named((condition) => conditions[condition][flag])).toBe(members)
  })

  test('ranks are the order of the reference, each used once', () => {
    expect(conditionNames.map((name) => conditions[name].rank)).toEqual(
      conditionNames.map((_, index) => index),
    )
    expect(conditionNames.slice(0, 13).join(' ')).toBe(
      'Error Failed Gone Dropped Unreachable Killing Starting Staging Unknown Provisioned Running Finished Killed',
    )
  })

  test('every condition shows a task state, and those that mirror a state show that one', () => {
    const shown = Object.fromEntries(conditionNames.map((name) => [name, conditions[name].taskState]))
    expect(shown).toEqual({
      Error: 'TASK_ERROR',
      Failed: 'TASK_FAILED',
      Gone: 'TASK_GONE',
      Dropped: 'TASK_DROPPED',
      Unreachable: 'TASK_UNREACHABLE',
      Killing: 'TASK_KILLING',
      Starting: 'TASK_STARTING',
      Staging: 'TASK_STAGING',
      Unknown: 'TASK_UNKNOWN',
      Provisioned: 'TASK_STAGING',
      Running: 'TASK_RUNNING',
      Finished: 'TASK_FINISHED',
      Killed: 'TASK_KILLED',
      Scheduled: 'TASK_STAGING',
      UnreachableInactive: 'TASK_UNREACHABLE',
    })
  })
})

describe('what an instance is, by condition and goal', () => {
  const goals: readonly Goal[] = ['Running', 'Stopped', 'Decommissioned']
  const which = (is: (instance: ReturnType<typeof buildInstance>) => boolean, goal: Goal): string =>
    named((condition) => is(buildInstance(condition, { goal })))

  test.each(goals)('goal %s', (goal) => {
    const wanted = goal === 'Running'
    expect(which(isScheduled, goal)).toBe(
      wanted ? 'Error Failed Gone Dropped Unknown Finished Killed Scheduled' : '',
    )
    expect(which(isProvisioned, goal)).toBe(wanted ? 'Provisioned' : '')
    expect(which(countsTowardsTarget, goal)).toBe(wanted ? named((c) => c !== 'UnreachableInactive') : '')
  })
})

describe('the condition a status reports', () => {
  test.each(taskStates.filter((state) => state !== 'TASK_LOST' && state !== 'TASK_GONE_BY_OPERATOR'))(
    '%s is the condition that shows it',
    (state) => {
      expect(conditions[conditionOf({ state })].taskState).toBe(state)
    },
  )

  test('a task its operator declared gone is gone', () => {
    expect(conditionOf({ state: 'TASK_GONE_BY_OPERATOR' })).toBe('Gone')
  })

  test.each([
    [undefined, undefined, 'Gone'],
    ['REASON_CONTAINER_LAUNCH_FAILED', undefined, 'Gone'],
    ['REASON_RECONCILIATION', undefined, 'Unreachable'],
    ['REASON_SLAVE_DISCONNECTED', undefined, 'Unreachable'],
    ['REASON_AGENT_DISCONNECTED', undefined, 'Unreachable'],
    ['REASON_SLAVE_REMOVED', undefined, 'Unreachable'],
    ['REASON_AGENT_REMOVED', undefined, 'Unreachable'],
    ['REASON_TASK_UNKNOWN', undefined, 'Unknown'],
    ['REASON_RECONCILIATION', 'Reconciliation: Task is unknown to the agent', 'Unknown'],
    [undefined, 'Reconciliation: Task is unknown to the master', 'Unknown'],
    ['REASON_RECONCILIATION', 'Reconciliation: Latest task state', 'Unreachable'],
  ] as const)('TASK_LOST, reason %s, message %s: %s', (reason, message, condition) => {
    const status = { state: 'TASK_LOST' as const }
    expect(
      conditionOf({
        ...status,
        ...(reason === undefined ? {} : { reason }),
        ...(message === undefined ? {} : { message }),
      }),
    ).toBe(condition)
  })
})
