import { describe, expect, test } from 'vitest'
import { at } from '../../../tests/support/in-condition.ts'
import { emptyRecord, failedOnce, type HealthRecord, isAlive, meaningOfFailure, succeeded } from './record.ts'

describe('what is known of a check', () => {
  test('nothing: not alive', () => expect(isAlive(emptyRecord)).toBe(false))

  test('the last success and the first', () => {
    const record = succeeded(succeeded(emptyRecord, at(1)), at(2))
    expect(record).toEqual({ firstSuccess: at(1), lastSuccess: at(2), consecutiveFailures: 0 })
    expect(isAlive(record)).toBe(true)
  })

  test('failures in a row, with the cause of the last', () => {
    const record = failedOnce(failedOnce(succeeded(emptyRecord, at(1)), 'a', at(2)), 'b', at(3))
    expect(record).toEqual({
      firstSuccess: at(1),
      lastSuccess: at(1),
      lastFailure: at(3),
      lastFailureCause: 'b',
      consecutiveFailures: 2,
    })
    expect(isAlive(record)).toBe(false)
  })

  test('a success after them: what failed last stays to be seen', () => {
    const record = succeeded(failedOnce(emptyRecord, 'a', at(2)), at(3))
    expect(record).toMatchObject({ lastFailure: at(2), lastFailureCause: 'a', consecutiveFailures: 0 })
    expect(isAlive(record)).toBe(true)
  })

  test('of the same moment the later one counts', () => {
    expect(isAlive(succeeded(failedOnce(emptyRecord, 'a', at(2)), at(2)))).toBe(true)
    expect(isAlive(failedOnce(succeeded(emptyRecord, at(2)), 'a', at(2)))).toBe(false)
  })
})

describe('what a failure means', () => {
  const check = { gracePeriodSeconds: 30, maxConsecutiveFailures: 3 }
  const once = succeeded(emptyRecord, at(1))
  const failedTimes = (n: number, from: HealthRecord = once): HealthRecord =>
    n === 0 ? from : failedTimes(n - 1, failedOnce(from, 'x', at(2)))
  const running = { condition: 'Running', since: at(0) } as const
  const fresh = { wasAlive: false, excused: 0, now: at(29.999) }

  test.each([
    ['within the grace period', check, emptyRecord, running, fresh, 'ignored'],
    ['at its end', check, emptyRecord, running, { ...fresh, now: at(30) }, 'counted'],
    [
      'within it, counted failures notwithstanding',
      check,
      failedTimes(3, emptyRecord),
      running,
      fresh,
      'ignored',
    ],
    ['within it, after a success', check, once, running, fresh, 'counted'],
    [
      'within it, known to be alive before a restart',
      check,
      emptyRecord,
      running,
      { ...fresh, wasAlive: true },
      'counted',
    ],
    [
      'without a grace period',
      { ...check, gracePeriodSeconds: 0 },
      emptyRecord,
      running,
      { ...fresh, now: at(0) },
      'counted',
    ],
    ['one fewer before it than are allowed', check, failedTimes(2), running, fresh, 'counted'],
    ['as many before it as are allowed', check, failedTimes(3), running, fresh, 'kills'],
    ['more', check, failedTimes(9), running, fresh, 'kills'],
    ['of which some are excused', check, failedTimes(9), running, { ...fresh, excused: 7 }, 'counted'],
    [
      'of which as many are left as are allowed',
      check,
      failedTimes(9),
      running,
      { ...fresh, excused: 6 },
      'kills',
    ],
    [
      'of which none ever kills',
      { ...check, maxConsecutiveFailures: 0 },
      failedTimes(9),
      running,
      fresh,
      'counted',
    ],
    ['while it is killed', check, failedTimes(9), { ...running, condition: 'Killing' }, fresh, 'ignored'],
    [
      'while it is unreachable',
      check,
      failedTimes(9),
      { ...running, condition: 'Unreachable' },
      fresh,
      'ignored',
    ],
    ['while it stages', check, failedTimes(9), { ...running, condition: 'Staging' }, fresh, 'ignored'],
  ] as const)('%s', (_, given, record, instance, more, meaning) => {
    expect(meaningOfFailure(given, record, instance, more)).toBe(meaning)
  })
})
