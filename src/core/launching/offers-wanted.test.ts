import { expect, test } from 'vitest'
import { instant, millis } from '../../lib/instant.ts'
import { OffersWanted } from './offers-wanted.ts'

const interval = 5_000

/** Decisions about one role, `*`, by the millisecond; about others when they are named. */
function deciding(suppresses = true) {
  const offers = new OffersWanted({ interval: millis(interval), suppresses })
  const decide = (ms: number, wanted: string, known = '*') =>
    offers
      .decide({ known: new Set(known.split(' ')), wanted: new Set(wanted.split(' ')) }, instant(ms))
      .map((effect) => `${effect.kind} ${'roles' in effect ? effect.roles.join(' ') : ''}`)
  return { offers, decide }
}
const nothing = ''

test('offers are suppressed once when nothing waits, from the first moment on', () => {
  const { offers, decide } = deciding()
  expect(decide(0, nothing)).toEqual(['suppress *'])
  expect(decide(60_000, nothing)).toEqual([])
  expect(offers.wakeAt).toBeUndefined()
})

test('what newly waits asks for offers again, at most once per interval', () => {
  const { offers, decide } = deciding()
  decide(0, nothing)
  offers.want('*')
  expect(decide(1_000, '*')).toEqual([])
  expect(offers.wakeAt).toBe(5_000)
  expect(decide(5_000, '*')).toEqual(['revive *'])
  expect(decide(5_001, '*')).toEqual([])
})

test('while offers keep coming nothing has to be asked for, but once more after the connection', () => {
  const { offers, decide } = deciding()
  offers.want('*')
  expect(decide(0, '*')).toEqual([])
  expect(offers.wakeAt).toBe(10_000)
  expect(decide(10_000, '*')).toEqual(['revive *'])
  expect(offers.wakeAt).toBeUndefined()
})

test('declined offers are asked for again when something new waits, and only then', () => {
  const { offers, decide } = deciding()
  offers.declined('*')
  expect(decide(0, '*')).toEqual([])
  offers.want('*')
  expect(decide(1, '*')).toEqual(['revive *'])
})

test('a flag turns suppressing off', () => {
  const { offers, decide } = deciding(false)
  expect(decide(0, nothing)).toEqual([])
  expect(offers.wakeAt).toBeUndefined()
})

test('a new connection begins with offers of its own', () => {
  const { offers, decide } = deciding()
  decide(0, nothing)
  offers.reset()
  expect(decide(10_000, '*')).toEqual([])
})

test('a revive is repeated once, two intervals later, while something still waits', () => {
  const { offers, decide } = deciding()
  decide(0, nothing)
  expect(decide(5_000, '*')).toEqual(['revive *'])
  expect(offers.wakeAt).toBe(15_000)
  expect(decide(14_999, '*')).toEqual([])
  expect(decide(15_000, '*')).toEqual(['revive *'])
  expect(offers.wakeAt).toBeUndefined()
  expect(decide(60_000, '*')).toEqual([])
})

test('a revive is not repeated when nothing waits any more, nor when something waits anew', () => {
  const { decide } = deciding()
  decide(0, nothing)
  decide(5_000, '*')
  expect(decide(10_000, nothing)).toEqual(['suppress *'])
  expect(decide(15_000, nothing)).toEqual([])
  expect(decide(16_000, '*')).toEqual(['revive *'])
  expect(decide(25_999, '*')).toEqual([])
  expect(decide(26_000, '*')).toEqual(['revive *'])
})

test('a second revive puts the repeat of the first one off', () => {
  const { offers, decide } = deciding()
  decide(0, nothing)
  decide(5_000, '*')
  offers.declined('*')
  offers.want('*')
  expect(decide(10_000, '*')).toEqual(['revive *'])
  expect(decide(15_000, '*')).toEqual([])
  expect(decide(20_000, '*')).toEqual(['revive *'])
  expect(decide(30_000, '*')).toEqual([])
})

test('each role is asked for while something of it waits, all of them in one call', () => {
  const { offers, decide } = deciding()
  expect(decide(0, 'dev', '* dev ops')).toEqual(['suppress * ops'])
  expect(decide(5_000, 'dev ops', '* dev ops')).toEqual(['revive ops'])
  expect(decide(10_000, '*', '* dev ops')).toEqual(['suppress dev ops', 'revive *'])
  offers.declined('dev')
  offers.want('*')
  expect(decide(15_000, '*', '* dev ops')).toEqual([])
})

test('a role of which there is no instance left is suppressed before it is forgotten', () => {
  const { decide } = deciding()
  decide(0, '* dev', '* dev')
  expect(decide(5_000, '*', '*')).toEqual(['suppress dev'])
  expect(decide(10_000, '*', '*')).toEqual(['revive *'])
  expect(decide(15_000, '* dev', '* dev')).toEqual(['revive dev'])
})

test('a role that comes into use is asked for, whether suppressing is on or off', () => {
  for (const suppresses of [true, false]) {
    const { decide } = deciding(suppresses)
    decide(0, '*', '*')
    expect(decide(5_000, '* dev', '* dev')).toEqual(['revive dev'])
  }
})
