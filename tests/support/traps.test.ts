import { expect, test } from 'vitest'
import { withTraps } from './traps.ts'

test.each<[string, () => unknown]>([
  ['Date.now()', () => Date.now()],
  ['new Date()', () => new Date()],
  ['Date()', () => Date()],
  ['Math.random()', () => Math.random()],
])('%s throws while the traps are set, and works again afterwards', (name, ask) => {
  expect(() => withTraps(ask)).toThrow(name)
  expect(ask).not.toThrow()
})

test('times that were given may be written and read', () => {
  expect(withTraps(() => new Date(0).toISOString())).toBe('1970-01-01T00:00:00.000Z')
  expect(withTraps(() => Date.parse('1970-01-01T00:00:01.000Z'))).toBe(1_000)
  expect(withTraps(() => Date.UTC(1970, 0, 1))).toBe(0)
})
