import { describe, expect, it } from 'vitest'
import { FieldWarnings } from '../spec/field-warnings.ts'
import { warningHeaders } from './warnings.ts'

const headerOf = (...paths: readonly string[]): string | undefined =>
  warningHeaders({ warnings: paths.map((path) => ({ kind: 'unknown-field', path })) })['marathon-warnings']

describe('the header of warnings', () => {
  it('is not there without any', () => expect(warningHeaders({})).toEqual({}))

  it('is a list of strings, the last of which counts the rest', () => {
    const warnings = [
      { kind: 'unknown-field', path: '/instnaces', nearest: 'instances' },
      { kind: 'more', count: 3 },
    ] as const
    expect(warningHeaders({ warnings })).toEqual({
      'marathon-warnings': '"/instnaces: unknown field, ignored; did you mean instances?", "and 3 more"',
    })
  })

  it.each([
    ['/a"b', '"/a\\"b: unknown field, ignored"'],
    ['/a\\b', '"/a\\\\b: unknown field, ignored"'],
    ['/é', '"/\\\\u00e9: unknown field, ignored"'],
    ['/a\r\nSet-Cookie: x', '"/a\\\\u000d\\\\u000aSet-Cookie: x: unknown field, ignored"'],
    ['/😀', '"/\\\\ud83d\\\\ude00: unknown field, ignored"'],
  ])('writes %j in what a header can hold', (path, expected) => expect(headerOf(path)).toBe(expected))

  it('stays below the size of headers, whatever fields are called', () => {
    const warnings = new FieldWarnings()
    for (let i = 0; i < 100; i++) warnings.add(() => ({ path: '\u0000'.repeat(10_000), nearest: undefined }))
    const header = warningHeaders({ warnings: warnings.list() })['marathon-warnings']!
    expect(header.endsWith('", "and 84 more"')).toBe(true)
    // Common clients take 16 KiB of headers in all.
    expect(header.length).toBeLessThan(12_000)
  })
})
