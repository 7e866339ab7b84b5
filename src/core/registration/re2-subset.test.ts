import { expect, test } from 'vitest'
import { isInRe2 } from './re2-subset.ts'

test.each([
  'bar',
  'rack-[1-3]',
  'rack-(1|2|3)',
  'n[0-9]+',
  '(?i)east',
  '(?:a|b)?',
  'a\\.b\\.c',
  'node-\\d+',
  'eu-.*',
  '^a$',
  '[^-]+',
  '.*foo.*',
  'node-0001|node-0002|node-0003|node-0004',
])('%s is told', (pattern) => expect(isInRe2(pattern)).toBe(true))

test.each([
  ['looks ahead', '(?!rack-1).*'],
  ['ends in the way of Java', 'a\\z'],
  ['repeats a given number of times', 'a{1,2000}'],
  ['names a letter by its number', '\\u00e9'],
  ['is not of ASCII', 'é'],
  ['knows spaces by a class that others draw otherwise', 'a\\sb'],
  ['does not read', '(a'],
  ['makes too large a program', Array.from({ length: 9 }, (_, n) => `node-000${n}`).join('|')],
  ['takes any character too often', '.*a.*b.*c.*d.*e.*f.*'],
])('what %s is left to our own matching: %s', (_why, pattern) => expect(isInRe2(pattern)).toBe(false))
