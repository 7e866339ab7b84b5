// A request body becomes a JSON value, or an error that says where it stops being one. `JSON.parse` does the work;
// what it lets through (endless nesting, numbers beyond the range of doubles, `__proto__`) and what it says poorly
// (where) is ours.

import { limits } from '../lib/limits.ts'
import { ok, type Result, refused } from '../lib/result.ts'
import type { HttpError } from './errors.ts'
import { findSyntaxError } from './json-syntax.ts'

/** Errors: `body-missing` without content, `json-syntax` with the place of the first fault. */
export function parseJsonBody(bytes: Uint8Array | undefined): Result<unknown, HttpError> {
  const text = decodeUtf8(bytes ?? new Uint8Array())
  if (text === undefined) return syntax('The body is not valid UTF-8.')
  if (text.trim() === '') {
    return refused({
      kind: 'body-missing',
      details: 'No content to map due to end-of-input at [line: 1, column: 1]',
    })
  }
  const tooDeep = findExcessiveDepth(text)
  if (tooDeep !== undefined) {
    return syntax(`Nested more than ${limits.jsonDepth} levels deep ${describePosition(text, tooDeep)}`)
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    const fault = findSyntaxError(text)
    // Where our scanner finds nothing to object to, the parser's own words are the better answer.
    if (fault === undefined) return syntax((error as Error).message)
    return syntax(`${fault.message} ${describePosition(text, fault.index)}`)
  }
  const unusable = findUnusable(value, '')
  return unusable === undefined ? ok(value) : syntax(unusable)
}

const syntax = (details: string): Result<never, HttpError> => refused({ kind: 'json-syntax', details })

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    // The decoder's only complaint is the encoding, which the caller reports.
    return undefined
  }
}

function describePosition(text: string, index: number): string {
  const before = text.slice(0, index).split('\n')
  return `at [line: ${before.length}, column: ${before[before.length - 1]!.length + 1}]`
}

/** Index of the bracket that opens one level too many. */
function findExcessiveDepth(text: string): number | undefined {
  let depth = 0
  let isInString = false
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i)
    if (isInString) {
      if (char === 0x5c) i++
      else if (char === 0x22) isInString = false
    } else if (char === 0x22) isInString = true
    else if (char === 0x7b || char === 0x5b) {
      depth++
      if (depth > limits.jsonDepth) return i
    } else if (char === 0x7d || char === 0x5d) depth--
  }
  return undefined
}

/** Depth is bounded by then, so recursion is safe. */
function findUnusable(value: unknown, path: string): string | undefined {
  if (typeof value === 'number') {
    return Number.isFinite(value) ? undefined : `The number at '${path || '/'}' is out of range.`
  }
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const found = findUnusable(value[i], `${path}(${i})`)
      if (found !== undefined) return found
    }
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  for (const [key, member] of Object.entries(value)) {
    if (key === '__proto__') return `The key '__proto__' at '${path || '/'}' is not accepted.`
    const found = findUnusable(member, `${path}/${key}`)
    if (found !== undefined) return found
  }
  return undefined
}
