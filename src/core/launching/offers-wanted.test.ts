import { expect, test } from 'vitest'
import { instant, millis } from '../../lib/instant.ts'
import { OffersWanted } from './offers-wanted.ts'

const wanted = (suppresses = true) => new OffersWanted({ interval: millis(5_000), suppresses })
const suppress = { kind: 'suppress', roles: ['*'] }
const revive = { kind: 'revive', roles: ['*'] }

test('offers are suppressed once when nothing waits', () => {
  const offers = wanted()
  expect(offers.decide(false, '*', instant(0))).toEqual([suppress])
  expect(offers.decide(false, '*', instant(60_000))).toEqual([])
})

test('what newly waits asks for offers again, at most once per interval', () => {
  const offers = wanted()
  offers.decide(false, '*', instant(0))
  offers.want()
  expect(offers.decide(true, '*', instant(1_000))).toEqual([])
  expect(offers.wakeAt(true)).toBe(5_000)
  expect(offers.decide(true, '*', instant(5_000))).toEqual([revive])
  expect(offers.decide(true, '*', instant(5_001))).toEqual([])
})

test('while offers keep coming nothing has to be asked for', () => {
  const offers = wanted()
  offers.want()
  expect(offers.decide(true, '*', instant(0))).toEqual([])
  expect(offers.wakeAt(true)).toBeUndefined()
})

test('declined offers are asked for again when something new waits, and only then', () => {
  const offers = wanted()
  offers.declined()
  expect(offers.decide(true, '*', instant(0))).toEqual([])
  offers.want()
  expect(offers.decide(true, '*', instant(1))).toEqual([revive])
})

test('a flag turns suppressing off', () => {
  const offers = wanted(false)
  expect(offers.decide(false, '*', instant(0))).toEqual([])
  expect(offers.wakeAt(false)).toBeUndefined()
})

test('a new connection begins with offers of its own', () => {
  const offers = wanted()
  offers.decide(false, '*', instant(0))
  offers.reset()
  expect(offers.decide(true, '*', instant(10_000))).toEqual([])
})
