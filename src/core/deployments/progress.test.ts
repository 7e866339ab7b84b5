import { expect, test } from 'vitest'
import { instant, seconds } from '../../lib/instant.ts'
import { bestOf, ProgressClocks } from './progress.ts'

const best = { up: 2, left: 3, deploymentId: 'd', since: instant(0) }

test.each<[string, { up: number; left: number }, boolean]>([
  ['one more is up', { up: 3, left: 3 }, true],
  ['one old is gone', { up: 2, left: 2 }, true],
  ['one old is gone, and a new one is down', { up: 1, left: 2 }, true],
  ['nothing changed', { up: 2, left: 3 }, false],
  ['one went down', { up: 1, left: 3 }, false],
  ['more have to end', { up: 2, left: 4 }, false],
])('progress? %s', (_, now, isProgress) => {
  expect(bestOf(best, now, instant(9)).since).toBe(isProgress ? 9 : 0)
})

test('what comes up again after it went down is no progress', () => {
  const down = bestOf(best, { up: 1, left: 3 }, instant(5))
  expect(bestOf(down, { up: 2, left: 3 }, instant(9))).toBe(best)
})

test('a clock begins with the first word of a deployment, and anew with another deployment', () => {
  const clocks = new ProgressClocks()
  clocks.note('/web', 'd1', { up: 0, left: 3 }, instant(1_000), seconds(30))
  expect(clocks.wakeAt).toBe(31_000)
  clocks.note('/web', 'd1', { up: 1, left: 3 }, instant(9_000), seconds(30))
  expect(clocks.get('/web')).toEqual({ deploymentId: 'd1', up: 1, left: 3, since: 9_000 })
  clocks.note('/web', 'd2', { up: 0, left: 4 }, instant(10_000), seconds(30))
  expect(clocks.get('/web')).toEqual({ deploymentId: 'd2', up: 0, left: 4, since: 10_000 })
  clocks.stop('/web')
  expect(clocks.get('/web')).toBeUndefined()
})

test('it asks to be looked at when a deadline may have come, and once for each', () => {
  const clocks = new ProgressClocks()
  clocks.note('/a', 'd', { up: 0, left: 1 }, instant(0), seconds(30))
  clocks.note('/b', 'd', { up: 0, left: 1 }, instant(0), seconds(10))
  expect(clocks.takeDue(instant(9_999))).toBeUndefined()
  expect([clocks.takeDue(instant(30_000)), clocks.takeDue(instant(30_000))]).toEqual(['/b', '/a'])
  expect(clocks.takeDue(instant(99_000))).toBeUndefined()
})
