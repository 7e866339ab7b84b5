// Which patterns a Mesos master understands as we do. It compiles them with RE2, and one it does not know, or finds too
// large, makes it refuse the whole call. So what is told is a part of the syntax that is surely the same.

import { limits } from '../../lib/limits.ts'
import { parsePattern } from '../../lib/pattern-syntax.ts'

/** One token of it and how much of a program it makes, roughly; what is not here is not told. */
const tokens: readonly (readonly [pattern: RegExp, size: number])[] = [
  [/[A-Za-z0-9_\-:/ ,@%=~#!"'<>;&]/y, 1],
  [/\\[.\-+*?()[\]{}|^$/\\]/y, 1],
  [/\\[dw]/y, 4],
  // Any character of UTF-8 is several sequences of bytes.
  [/\.|\[\^(?:[A-Za-z0-9_\-.:/ ,@]|\\[dw.-])+\]/y, 12],
  [/\[(?:[A-Za-z0-9_.:/ ,@]|\\[dw.-])(?:[A-Za-z0-9_\-.:/ ,@]|\\[dw.-])*\]/y, 8],
  [/\(\?:/y, 1],
  [/\((?!\?)/y, 2],
  [/\)/y, 0],
  [/[*+?|^$]/y, 2],
]

/** Whether the pattern can be told to a master, which then matches what we match. */
export function isInRe2(source: string): boolean {
  if (!parsePattern(source).ok) return false
  // Letters without case are more of a program, each.
  let at = source.startsWith('(?i)') ? 4 : 0
  const weight = at === 0 ? 1 : 2
  let size = 0
  while (at < source.length) {
    const token = tokens.find(([pattern]) => {
      pattern.lastIndex = at
      return pattern.test(source)
    })
    if (token === undefined) return false
    at = token[0].lastIndex
    size += token[1] * weight
    if (size > limits.toldPatternSize) return false
  }
  return true
}
