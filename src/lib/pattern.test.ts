import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { limits } from './limits.ts'
import { compilePattern } from './pattern.ts'

const compiled = (source: string) => {
  const pattern = compilePattern(source)
  if (!pattern.ok) throw new Error(`${source} ${pattern.error.what}`)
  return pattern.value
}
const kindOf = (source: string) => {
  const pattern = compilePattern(source)
  return pattern.ok ? 'taken' : pattern.error.kind
}
const errorOf = (source: string) => {
  const pattern = compilePattern(source)
  return pattern.ok ? undefined : pattern.error.what
}

/** Expressions over few letters, so that texts of the same letters match now and then. */
const { expression } = fc.letrec<{ expression: string; term: string; atom: string }>((tie) => ({
  expression: fc
    .array(fc.array(tie('term'), { maxLength: 4 }), { minLength: 1, maxLength: 3 })
    .map((options) => options.map((terms) => terms.join('')).join('|')),
  term: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('^', '$', '\\b', '\\B'),
    tie('atom'),
    fc
      .tuple(tie('atom'), fc.constantFrom('*', '+', '?', '*?', '{2}', '{1,}', '{0,2}', '{1,3}?'))
      .map((both) => both.join('')),
    tie('expression').map((inner) => `(?=${inner})`),
    tie('expression').map((inner) => `(?!${inner})`),
  ),
  atom: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(
      'a',
      'b',
      '-',
      '.',
      '1',
      '\\.',
      '\\d',
      '\\w',
      '\\W',
      '\\s',
      '\\S',
      '[ab]',
      '[^a]',
      '[a-c1]',
    ),
    fc.constantFrom(
      '[\\d-]',
      '[^\\w.]',
      '[]',
      '[^]',
      '\\x61',
      '\\u0062',
      '[a\\-b]',
      '[-a]',
      '[a-]',
      '{',
      ']',
      '}',
    ),
    tie('expression').map((inner) => `(${inner})`),
    tie('expression').map((inner) => `(?:${inner})`),
  ),
}))
const text = fc.string({ unit: fc.constantFrom('a', 'b', 'A', '1', '-', '.', ' ', '\n'), maxLength: 8 })

test('what matches is what JavaScript says', () => {
  fc.assert(
    fc.property(
      expression,
      fc.boolean(),
      fc.array(text, { minLength: 5, maxLength: 20 }),
      (body, i, texts) => {
        const pattern = compiled(i ? `(?i)${body}` : body)
        const reference = new RegExp(`^(?:${body})$`, i ? 'i' : '')
        for (const each of texts) expect([each, pattern.test(each)]).toEqual([each, reference.test(each)])
      },
    ),
    { numRuns: 3_000 },
  )
})

test('what is no regular expression to JavaScript is none here, and nothing else is called malformed', () => {
  const scraps = fc.string({ unit: fc.constantFrom(...'ab()[]{}|*+?^$.-\\2,:!='), maxLength: 12 })
  fc.assert(
    fc.property(scraps, (source) => {
      let isValid = true
      try {
        new RegExp(source)
      } catch {
        isValid = false
      }
      if (!isValid) expect([source, kindOf(source)]).not.toContain('taken')
      else expect([source, kindOf(source)]).not.toContain('malformed')
    }),
    { numRuns: 3_000 },
  )
})

describe('what would take JavaScript for ever', () => {
  const name = `${'a'.repeat(253)}`
  test.each([
    ['(.|.)*!'],
    ['(a+)+!'],
    ['(.*.*.*.*.*.*.*.*)*!'],
    ['(a|aa)+!'],
    ['(?:(?!b)(a|a))*!'],
    ['(.{1,30}){1,60}!'],
    ['(((((a*)*)*)*)*)*!'],
  ])('%s is answered', (source) => {
    expect(compiled(source).test(name)).toBe(false)
    expect(compiled(source).test(`${name}!`)).toBe(true)
  })
})

test.each([
  ['(', "lacks a ')'"],
  ['a)', "has a ')' too many"],
  ['a)|(b', "has a ')' too many"],
  ['[a', "lacks a ']'"],
  ['*a', 'has nothing to repeat'],
  ['a{2}{3}', 'has nothing to repeat'],
  ['a{3,2}', 'repeats from more times to less'],
  ['[b-a]', 'has a range out of order'],
  ['a\\', 'ends with a backslash'],
  ['(a)\\1', 'refers back to a group'],
  ['(?<n>a)\\k<n>', 'refers back to a group'],
  ['(?<=a)b', 'looks behind'],
  ['a++', 'repeats possessively'],
  ['\\p{Alpha}', 'has \\p'],
  ['\\xg1', 'has \\x without digits'],
  ['(?m)a', "has an unknown group after '(?'"],
  ['(a{1000}){1000}', `has more than ${limits.patternStates} states`],
  ['((a{0}){0,1000}){1000000000000}', `has more than ${limits.patternStates} states`],
])('%s is refused: it %s', (source, error) => {
  expect(errorOf(source)).toBe(error)
})

test.each([
  ['(?i)rack-[a-f]+', 'RACK-AbF', true],
  ['(?i)[^k]', 'K', false],
  ['\\Anode\\z', 'node', true],
  ['(?<site>eu|us)-\\d{1,3}', 'eu-042', true],
  ['(?<site>eu|us)-\\d{1,3}', 'eu-0421', false],
  ['(?!master).*', 'master-1', false],
  ['(?!master).*', 'node-1', true],
  ['', '', true],
  ['', 'a', false],
])('%s on %s: %s', (source, text, matches) => {
  expect(compiled(source).test(text)).toBe(matches)
})
