import { describe, expect, test } from 'vitest'
import { seconds } from '../../lib/instant.ts'
import { isHealthyStatus, judgeExecutorHealth, neverAsked } from './executor-health.ts'

/** What is told of these answers, one a second: `+` healthy, `-` unhealthy, `.` nothing, `!` killed. */
function told(answers: string, check: { readonly grace: number; readonly failures: number }): string {
  let health = neverAsked
  return [...answers]
    .map((answer, index) => {
      const given = { isHealthy: answer === 'h', runningFor: seconds(index + 1) }
      const info = { gracePeriod: seconds(check.grace), consecutiveFailures: check.failures }
      const verdict = judgeExecutorHealth(health, given, info)
      health = verdict.health
      return (verdict.told === undefined ? '.' : verdict.told ? '+' : '-') + (verdict.kills ? '!' : '')
    })
    .join('')
}

describe('an executor', () => {
  test.each([
    ['tells the first success and no further ones', 'hhhh', 1, 3, '+...'],
    ['tells every failure, and the success behind them', 'hffhh', 1, 3, '+--+.'],
    ['kills at the failure that makes the number full', 'hfff', 1, 3, '+---!'],
    ['counts failures in a row alone', 'hffhff', 1, 3, '+--+--'],
    ['forgives what fails before its grace period is over', 'fffff', 3, 2, '...--!'],
    ['forgives nothing any more once it has succeeded', 'hff', 60, 2, '+--!'],
    ['goes on killing until the task has ended', 'ffff', 0, 2, '--!-!-!'],
    ['never kills for a number of 0', 'fffff', 0, 0, '-----'],
  ])('%s', (_, answers, grace, failures, expected) => {
    expect(told(answers, { grace, failures })).toBe(expected)
  })

  test.each([
    [199, false],
    [200, true],
    [302, true],
    [399, true],
    [400, false],
    [503, false],
  ])('takes an answer of %i for healthy: %s', (status, expected) => {
    expect(isHealthyStatus(status)).toBe(expected)
  })
})
