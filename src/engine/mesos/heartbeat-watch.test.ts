// The states and steps of the original's heartbeat actor (events-metrics-flags 7.3), with a threshold of three.

import { beforeEach, expect, test } from 'vitest'
import { HandClock } from '../../../tests/support/hand-clock.ts'
import { instant, millis } from '../../lib/instant.ts'
import { HeartbeatWatch } from './heartbeat-watch.ts'

let clock: HandClock
let told: string[]
let watch: HeartbeatWatch

beforeEach(() => {
  clock = new HandClock(instant(1_000_000))
  told = []
  watch = new HeartbeatWatch({
    clock,
    interval: millis(15_000),
    failureThreshold: 3,
    missed: (count) => told.push(`missed ${count}`),
    failed: () => told.push('failed'),
  })
})

test('it is idle until it is started: neither time nor signs mean anything', () => {
  expect(watch.isRunning).toBe(false)
  watch.sign()
  watch.stop()
  clock.advance(1_000_000)
  expect(told).toEqual([])
  expect(clock.nextAlarm).toBeUndefined()
})

test('each silent interval is told, the last one allowed ends it', () => {
  watch.start()
  clock.advance(14_999)
  expect(told).toEqual([])
  clock.advance(1)
  expect(told).toEqual(['missed 1'])
  clock.advance(15_000)
  expect(told).toEqual(['missed 1', 'missed 2'])
  clock.advance(15_000)
  expect(told).toEqual(['missed 1', 'missed 2', 'failed'])
  expect(watch.isRunning).toBe(false)
  clock.advance(1_000_000)
  expect(told).toHaveLength(3)
})

test('a sign begins the count anew', () => {
  watch.start()
  clock.advance(44_999)
  watch.sign()
  told = []
  clock.advance(14_999)
  expect(told).toEqual([])
  clock.advance(1)
  expect(told).toEqual(['missed 1'])
  clock.advance(29_999)
  expect(told).toEqual(['missed 1', 'missed 2'])
  clock.advance(1)
  expect(told.at(-1)).toBe('failed')
})

test('with a sign every 14 seconds it never says a word', () => {
  watch.start()
  for (let i = 0; i < 100; i++) {
    clock.advance(14_000)
    watch.sign()
  }
  expect(told).toEqual([])
})

test('started again it knows nothing of what was missed', () => {
  watch.start()
  clock.advance(40_000)
  watch.start()
  told = []
  clock.advance(15_000)
  expect(told).toEqual(['missed 1'])
})

test('stopped it is idle', () => {
  watch.start()
  clock.advance(20_000)
  watch.stop()
  told = []
  clock.advance(100_000)
  expect(told).toEqual([])
  expect(watch.isRunning).toBe(false)
})
