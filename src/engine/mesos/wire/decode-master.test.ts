// Which masters are new enough for what.

import { expect, test } from 'vitest'
import { isSince, sinceVersion } from './decode-master.ts'

test.each([
  ['1.5.0', '1.5.0', true],
  ['1.4.9', '1.5.0', false],
  ['1.12.0', '1.5.0', true],
  ['1.12.0', '1.9.0', true],
  ['1.10.1', '1.11.0', false],
  ['2.0.0', '1.11.0', true],
  ['1.9.0-rc2', '1.9.0', true],
  ['1.9', '1.9.0', true],
  ['1.9.0', '1.9.1', false],
  ['devel', '1.5.0', false],
  [undefined, '1.5.0', false],
])('a master of version %s is since %s: %s', (version, since, expected) => {
  expect(isSince(version, since)).toBe(expected)
})

test('offer constraints came after UPDATE_FRAMEWORK, and that after the oldest master', () => {
  const { minimum, updateFramework, offerConstraints } = sinceVersion
  expect(isSince(offerConstraints, updateFramework)).toBe(true)
  expect(isSince(updateFramework, minimum)).toBe(true)
})
