import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatInstant, instant, parseInstant, seconds } from './instant.ts'

test('instants are written in UTC with milliseconds, also when those are zero', () => {
  expect(formatInstant(instant(0))).toBe('1970-01-01T00:00:00.000Z')
  expect(formatInstant(instant(1_931_245_320_480))).toMatch(/\.480Z$/)
})

test.each([
  ['2017-02-18T19:12:00.102Z', 1487445120102],
  ['2017-02-18T20:12:00.102+01:00', 1487445120102],
  ['2017-02-18T19:12:00Z', 1487445120000],
  ['2017-02-18T19:12Z', 1487445120000],
])('%s is an instant', (text, ms) => {
  expect(parseInstant(text)).toBe(ms)
})

test.each(['', 'yesterday', '2017-02-18', '2017-02-18T19:12:00', '2017-13-40T00:00:00Z', '1487445120102'])(
  '%j is none',
  (text) => {
    expect(parseInstant(text)).toBeUndefined()
  },
)

test('versions compare as text in the order of time', () => {
  const ms = fc.integer({ min: 0, max: 4_000_000_000_000 })
  fc.assert(
    fc.property(ms, ms, (a, b) => {
      expect(formatInstant(instant(a)) < formatInstant(instant(b))).toBe(a < b)
      expect(parseInstant(formatInstant(instant(a)))).toBe(a)
    }),
  )
})

test('seconds with fractions become whole milliseconds', () => {
  expect(seconds(1.15)).toBe(1150)
})
