import { expect, test } from 'vitest'
import { limits } from '../../lib/limits.ts'
import { matchesPattern } from './known-patterns.ts'

test('a pattern says the same of a text again, whatever was asked and forgotten in between', () => {
  const ask = () => [
    matchesPattern('node-[12]', 'node-1'),
    matchesPattern('node-[12]', 'node-3'),
    matchesPattern('(', 'node-1'),
  ]
  expect(ask()).toEqual([true, false, undefined])
  expect(ask()).toEqual([true, false, undefined])
  for (let n = 0; n <= limits.compiledPatterns; n++) matchesPattern(`other-${n}`, 'other-7')
  expect(ask()).toEqual([true, false, undefined])
  for (let n = 0; n <= limits.patternVerdicts; n++) matchesPattern('[0-4]', String(n))
  expect(ask()).toEqual([true, false, undefined])
})
