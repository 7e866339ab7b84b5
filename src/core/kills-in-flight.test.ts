import { expect, test } from 'vitest'
import { instant, millis } from '../lib/instant.ts'
import { KillsInFlight } from './kills-in-flight.ts'

const kills = (chunkSize = 2) => new KillsInFlight({ chunkSize, retryAfter: millis(30_000) })

test('kills go out in the order they were decided, no more at one time than a chunk', () => {
  const inFlight = kills()
  for (const id of ['a', 'b', 'c']) inFlight.enqueue(id)
  expect(inFlight.takeDue(instant(0))).toEqual(['a', 'b'])
  expect(inFlight.takeDue(instant(1))).toEqual([])
  inFlight.done('a')
  expect(inFlight.takeDue(instant(2))).toEqual(['c'])
  expect(inFlight.inFlight).toBe(2)
})

test('a kill without an answer is sent again after the retry timeout, and again', () => {
  const inFlight = kills()
  inFlight.enqueue('a')
  inFlight.takeDue(instant(0))
  expect(inFlight.wakeAt).toBe(30_000)
  expect(inFlight.takeDue(instant(29_999))).toEqual([])
  expect(inFlight.takeDue(instant(30_000))).toEqual(['a'])
  expect(inFlight.takeDue(instant(60_000))).toEqual(['a'])
  expect(inFlight.attempts).toBe(3)
})

test('a kill that is in flight is not queued a second time', () => {
  const inFlight = kills()
  inFlight.enqueue('a')
  inFlight.takeDue(instant(0))
  inFlight.enqueue('a')
  expect(inFlight.takeDue(instant(1))).toEqual([])
})

test('a new connection is told of every kill again', () => {
  const inFlight = kills()
  inFlight.enqueue('a')
  inFlight.takeDue(instant(0))
  inFlight.requeueAll()
  expect(inFlight.inFlight).toBe(0)
  expect(inFlight.takeDue(instant(1))).toEqual(['a'])
})

test('an instance that is gone is neither sent nor waited for', () => {
  const inFlight = kills()
  inFlight.enqueue('a')
  inFlight.done('a')
  expect(inFlight.takeDue(instant(0))).toEqual([])
  expect(inFlight.wakeAt).toBeUndefined()
})

test.each([
  [9_000, []],
  [38_999, []],
  [39_000, ['a']],
])('sent at 9,000 ms and asked at %d, these go out: %j', (now, due) => {
  const inFlight = kills()
  inFlight.enqueue('a')
  expect(inFlight.takeDue(instant(9_000))).toEqual(['a'])
  expect(inFlight.wakeAt).toBe(39_000)
  expect(inFlight.takeDue(instant(now))).toEqual(due)
})
