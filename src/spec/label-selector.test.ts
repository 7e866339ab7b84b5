import { describe, expect, it } from 'vitest'
import { matchesLabels, parseLabelSelectors } from './label-selector.ts'

function matches(text: string, labels: Record<string, string>): boolean {
  const parsed = parseLabelSelectors(text)
  if (!parsed.ok) throw new Error(parsed.error)
  return matchesLabels(parsed.value, labels)
}

describe('a label selector', () => {
  it.each([
    ['', {}, true],
    ['  ', {}, true],
    ['tier', { tier: '' }, true],
    ['tier', {}, false],
    ['tier==front', { tier: 'front' }, true],
    [' tier == front ', { tier: 'front' }, true],
    ['tier==front', { tier: 'back' }, false],
    ['tier!=front', { tier: 'back' }, true],
    ['tier!=front', { tier: 'front' }, false],
    ['tier!=front', {}, false],
    ['tier in (front, back)', { tier: 'back' }, true],
    ['tier in(front,back)', { tier: 'side' }, false],
    ['tier in ()', { tier: 'x' }, false],
    ['tier notin (front, back)', { tier: 'side' }, true],
    ['tier notin (front)', { tier: 'front' }, false],
    ['tier notin ()', { tier: 'x' }, true],
    ['tier notin ()', {}, false],
    ['a in (t1, t2), b notin (t1), c, d', { a: 't1', b: 't2', c: '', d: '' }, true],
    ['a, b', { a: '' }, false],
    ['\\!\\!\\! in (\\-\\-, \\&\\ \\&)', { '!!!': '& &' }, true],
    ['in in (in)', { in: 'in' }, true],
    ['__proto__', {}, false],
    ['a.b_c-D9', { 'a.b_c-D9': '' }, true],
  ])('%j on %j: %s', (text, labels, expected) =>
    expect(matches(text, labels as Record<string, string>)).toBe(expected),
  )

  it.each([
    ['a,', `expected a label at position 3, got the end`],
    [',a', `expected a label at position 1, got ',a'`],
    ['a=b', `expected an operator, "," or the end at position 2, got '=b'`],
    ['a ==', 'expected a value at position 5, got the end'],
    ['a in', 'expected "(" at position 5, got the end'],
    ['a in (b', 'expected "," or ")" at position 8, got the end'],
    ['a in (b,)', `expected a value at position 9, got ')'`],
    ['a b', `expected an operator, "," or the end at position 3, got 'b'`],
  ])('%j is none', (text, reason) =>
    expect(parseLabelSelectors(text)).toEqual({
      ok: false,
      error: `Can not parse label selector ${text}. Reason: ${reason}`,
    }),
  )
})
