import { describe, expect, it } from 'vitest'
import { encodedTag, parseTagList } from './etag.ts'

const strong = (opaque: string) => ({ isWeak: false, opaque })
const weak = (opaque: string) => ({ isWeak: true, opaque })

describe('a list of entity tags', () => {
  it.each([
    ['*', '*'],
    [' * ', '*'],
    ['"a"', [strong('a')]],
    ['""', [strong('')]],
    ['W/"a"', [weak('a')]],
    ['"a", W/"b","c"', [strong('a'), weak('b'), strong('c')]],
    [' "a" ,, "b", ', [strong('a'), strong('b')]],
    ['"a,b"', [strong('a,b')]],
    ['"*"', [strong('*')]],
    ['"é"', [strong('é')]],
    ['"2031-04-02T09:15:20.480Z.x-gzip"', [strong('2031-04-02T09:15:20.480Z.x-gzip')]],
  ])('%j is read', (value, expected) => {
    expect(parseTagList(value)).toEqual(expected)
  })

  it.each([
    '',
    ' ',
    ',',
    'a',
    '"a',
    'a"',
    '"a" "b"',
    '"a""b"',
    '*, "a"',
    '"a", *',
    'w/"a"',
    'W/ "a"',
    '"a b"',
    "'a'",
  ])('%j is none', (value) => {
    expect(parseTagList(value)).toBeUndefined()
  })
})

it('another encoding has another tag', () => {
  expect(encodedTag('"a"', 'gzip')).toBe('"a-gzip"')
})
