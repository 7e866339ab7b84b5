// Label selectors: `tier in (front, back), owner == ann, canary` of the query parameter `label` (rest-api 2.9). Every
// operator wants the label to exist, the negative ones too.

import { ok, type Result, refused } from '../lib/result.ts'

export type LabelSelector =
  | { readonly kind: 'exists'; readonly label: string }
  | { readonly kind: 'in' | 'not-in'; readonly label: string; readonly values: readonly string[] }

/** The selectors of a query, which all have to match; the message for the user when it is not one. */
export function parseLabelSelectors(text: string): Result<LabelSelector[], string> {
  const input: Input = { text, at: 0 }
  const selectors: LabelSelector[] = []
  skipSpace(input)
  if (input.at === text.length) return ok(selectors)
  for (;;) {
    const selector = readSelector(input)
    if (typeof selector === 'string') return refused(problem(text, selector))
    selectors.push(selector)
    if (input.at === text.length) return ok(selectors)
    if (!take(input, ',')) return refused(problem(text, expected(input, 'an operator, "," or the end')))
  }
}

export const matchesLabels = (
  selectors: readonly LabelSelector[],
  labels: Readonly<Record<string, string>>,
): boolean => selectors.every((selector) => matches(selector, labels))

function matches(selector: LabelSelector, labels: Readonly<Record<string, string>>): boolean {
  const value = Object.hasOwn(labels, selector.label) ? labels[selector.label] : undefined
  if (value === undefined) return false
  if (selector.kind === 'exists') return true
  return selector.values.includes(value) === (selector.kind === 'in')
}

interface Input {
  readonly text: string
  at: number
}

const problem = (text: string, reason: string): string =>
  `Can not parse label selector ${text}. Reason: ${reason}`

const expected = ({ text, at }: Input, what: string): string =>
  `expected ${what} at position ${at + 1}, got ${at < text.length ? `'${text.slice(at, at + 20)}'` : 'the end'}`

/** A selector, or the reason why there is none. */
function readSelector(input: Input): LabelSelector | string {
  const label = readTerm(input)
  if (label === undefined) return expected(input, 'a label')
  for (const [operator, kind] of [
    ['==', 'in'],
    ['!=', 'not-in'],
  ] as const) {
    if (!take(input, operator)) continue
    const value = readTerm(input)
    return value === undefined ? expected(input, 'a value') : { kind, label, values: [value] }
  }
  for (const [operator, kind] of [
    ['in', 'in'],
    ['notin', 'not-in'],
  ] as const) {
    if (!take(input, operator)) continue
    const values = readSet(input)
    return typeof values === 'string' ? values : { kind, label, values }
  }
  return { kind: 'exists', label }
}

function readSet(input: Input): string[] | string {
  if (!take(input, '(')) return expected(input, '"("')
  if (take(input, ')')) return []
  const values: string[] = []
  do {
    const value = readTerm(input)
    if (value === undefined) return expected(input, 'a value')
    values.push(value)
  } while (take(input, ','))
  return take(input, ')') ? values : expected(input, '"," or ")"')
}

const term = /(?:\\.|[-A-Za-z0-9_.])+/y

/** One or more letters, digits, `-`, `_`, `.` and backslash-escaped characters, whose backslash is dropped. */
function readTerm(input: Input): string | undefined {
  term.lastIndex = input.at
  const match = term.exec(input.text)
  if (match === null) return undefined
  input.at += match[0].length
  skipSpace(input)
  return match[0].replace(/\\(.)/g, '$1')
}

function take(input: Input, symbol: string): boolean {
  if (!input.text.startsWith(symbol, input.at)) return false
  input.at += symbol.length
  skipSpace(input)
  return true
}

function skipSpace(input: Input): void {
  while (/\s/.test(input.text[input.at] ?? '')) input.at++
}
