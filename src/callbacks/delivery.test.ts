import { describe, expect, test } from 'vitest'
import { limits } from '../lib/limits.ts'
import { backOff, judge } from './delivery.ts'

describe('a post', () => {
  test.each([200, 204, 299])('answered %i in time has delivered its event', (status) => {
    expect(judge({ kind: 'answered', status }, 99, 100)).toEqual({ kind: 'delivered' })
  })

  test.each([199, 300, 302, 400, 404, 500, 503])(
    'answered %i has failed, and is not sent again',
    (status) => {
      const reason = `it answered ${status}`
      expect(judge({ kind: 'answered', status }, 1, 100)).toEqual({
        kind: 'failed',
        reason,
        keepsEvent: false,
      })
    },
  )

  test('answered too late counts as a failure, though the event is there', () => {
    const verdict = judge({ kind: 'answered', status: 200 }, 100.4, 100)
    expect(verdict).toEqual({ kind: 'failed', reason: 'it took 100 ms to answer', keepsEvent: false })
  })

  test('that met nobody is sent again, one that broke off is not', () => {
    expect(judge({ kind: 'unreachable', reason: 'refused' }, 1, 100)).toMatchObject({ keepsEvent: true })
    expect(judge({ kind: 'broken', reason: 'reset' }, 1, 100)).toMatchObject({ keepsEvent: false })
  })
})

test.each([
  [1, 2_000],
  [2, 4_000],
  [3, 8_000],
  [8, 256_000],
  [9, limits.callbackBackOffMs],
  [1_000_000, limits.callbackBackOffMs],
])('after %i failures in a row the pause is %i ms', (failures, ms) => {
  expect(backOff(failures)).toBe(ms)
})
