// The patterns of LIKE and UNLIKE, and what they said of which text: agents are few and asked about again with every
// offer. A memo, not state: the same pattern and text always give the same answer.

import { limits } from '../../lib/limits.ts'
import { compilePattern, type Pattern } from '../../lib/pattern.ts'

interface Known {
  readonly pattern: Pattern
  readonly verdicts: Map<string, boolean>
}

const known = new Map<string, Known | undefined>()
let verdicts = 0

/** Whether the whole text matches; undefined when the pattern is none, which validation refuses. */
export function matchesPattern(source: string, text: string): boolean | undefined {
  if (!known.has(source)) learn(source)
  const entry = known.get(source)
  if (entry === undefined) return undefined
  let verdict = entry.verdicts.get(text)
  if (verdict === undefined) {
    verdict = entry.pattern.test(text)
    if (verdicts >= limits.patternVerdicts) forgetVerdicts()
    entry.verdicts.set(text, verdict)
    verdicts++
  }
  return verdict
}

function learn(source: string): void {
  if (known.size >= limits.compiledPatterns) {
    for (const [oldest, entry] of known) {
      known.delete(oldest)
      verdicts -= entry?.verdicts.size ?? 0
      break
    }
  }
  const compiled = compilePattern(source)
  known.set(source, compiled.ok ? { pattern: compiled.value, verdicts: new Map() } : undefined)
}

function forgetVerdicts(): void {
  for (const entry of known.values()) entry?.verdicts.clear()
  verdicts = 0
}
