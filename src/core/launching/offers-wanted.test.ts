import { describe, expect, test } from 'vitest'
import { instant, millis } from '../../lib/instant.ts'
import { OffersWanted } from './offers-wanted.ts'

const interval = 5_000

const setOf = (roles: string): Set<string> => new Set(roles.split(' ').filter(Boolean))

/**
 * Decisions about one role, `*`, by the millisecond; about others when they are named. It is connected in the roles
 * named, all of which get offers.
 */
function deciding(suppresses = true, connected = '*') {
  const offers = new OffersWanted({ interval: millis(interval), suppresses })
  offers.reset({ roles: connected.split(' '), suppressedRoles: [] })
  const decide = (ms: number, wanted: string, known = '*') =>
    offers
      .decide({ known: setOf(known), wanted: setOf(wanted) }, instant(ms))
      .map((effect) =>
        effect.kind === 'update-framework'
          ? `roles ${effect.roles.join(' ')}, not ${effect.suppressedRoles.join(' ')}`
          : `${effect.kind} ${'roles' in effect ? effect.roles.join(' ') : ''}`,
      )
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
  const { offers, decide } = deciding(true, '* dev ops')
  expect(decide(0, 'dev', '* dev ops')).toEqual(['suppress * ops'])
  expect(decide(5_000, 'dev ops', '* dev ops')).toEqual(['revive ops'])
  expect(decide(10_000, '*', '* dev ops')).toEqual(['suppress dev ops', 'revive *'])
  offers.declined('dev')
  offers.want('*')
  expect(decide(15_000, '*', '* dev ops')).toEqual([])
})

describe('the roles we are in (runtime 13)', () => {
  test('one that comes into use is joined and asked for, whether suppressing is on or off', () => {
    for (const suppresses of [true, false]) {
      const { decide } = deciding(suppresses)
      decide(0, '*', '*')
      expect(decide(5_000, '* dev', '* dev')).toEqual(['roles * dev, not ', 'revive dev'])
      expect(decide(60_000, '* dev', '* dev')).toEqual(['revive * dev'])
      expect(decide(120_000, '* dev', '* dev')).toEqual([])
    }
  })

  test('one that comes into use with nothing to launch gets no offers, unless suppressing is off', () => {
    expect(deciding(true).decide(0, '*', '* dev')).toEqual(['roles * dev, not dev'])
    expect(deciding(false).decide(0, '*', '* dev')).toEqual(['roles * dev, not '])
  })

  test('one of which there is no instance left is left', () => {
    const { offers, decide } = deciding(true, '* dev')
    decide(0, '* dev', '* dev')
    expect(decide(5_000, '*', '*')).toEqual(['roles *, not '])
    expect(offers.told).toEqual({ roles: ['*'], suppressedRoles: [] })
    expect(decide(15_000, '* dev', '* dev')).toEqual(['roles * dev, not ', 'revive * dev'])
  })

  test('are told in one call with what is suppressed meanwhile, before anything is asked for in them', () => {
    const { decide } = deciding(true, 'b c')
    expect(decide(0, nothing, 'b c')).toEqual(['suppress b c'])
    expect(decide(1, 'a c', 'a b c')).toEqual([])
    expect(decide(5_000, 'a c', 'a b c')).toEqual(['roles a b c, not b', 'revive c a'])
    expect(decide(10_000, 'b', 'a b c')).toEqual(['suppress c a', 'revive b'])
  })

  test('change at most once per interval, like all that is asked for', () => {
    const { offers, decide } = deciding()
    expect(decide(0, '* dev', '* dev')).toEqual(['roles * dev, not ', 'revive dev'])
    expect(decide(4_999, '* ops', '* ops')).toEqual([])
    expect(offers.wakeAt).toBe(5_000)
    expect(decide(5_000, '* ops', '* ops')).toEqual(['roles * ops, not ', 'revive ops'])
  })

  test('to register with are those at hand, with none suppressed when suppressing is off', () => {
    for (const [suppresses, suppressedRoles] of [[true, ['*', 'b']] as const, [false, []] as const]) {
      const { offers, decide } = deciding(suppresses)
      offers.register({ known: setOf('b a *'), wanted: setOf('a') })
      expect(offers.told).toEqual({ roles: ['*', 'a', 'b'], suppressedRoles })
      expect(decide(0, 'a', 'b a *')).toEqual([])
      expect(decide(5_000, 'a b', 'b a *')).toEqual(suppresses ? ['revive b'] : [])
    }
  })

  test('of a new connection are those it was made with: what is missing is told, what was suppressed asked for', () => {
    const { offers, decide } = deciding(true, '* dev')
    decide(0, '* dev', '* dev')
    offers.reset({ roles: ['*'], suppressedRoles: ['*'] })
    expect(decide(60_000, '* dev', '* dev')).toEqual(['roles * dev, not ', 'revive * dev'])
  })

  test('of a new connection that says nothing about them are those told last, all with offers', () => {
    const { offers, decide } = deciding(true, '* dev')
    decide(0, nothing, '* dev')
    offers.reset()
    expect(offers.told).toEqual({ roles: ['*', 'dev'], suppressedRoles: [] })
    expect(decide(60_000, '*', '* dev')).toEqual(['suppress dev'])
  })
})
