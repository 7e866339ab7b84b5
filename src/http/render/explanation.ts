// An explanation as it is answered: each cause with a sentence for people, its facts for programs, and the causes
// beneath it; or all of the sentences as indented text.

import type { Cause, Explanation } from '../../core/explain/cause.ts'
import { formatInstant, type Instant } from '../../lib/instant.ts'
import { printable } from '../../lib/printable.ts'
import { describeFact, describeStanding } from './explanation-words.ts'

type JsonObject = Readonly<Record<string, unknown>>

export function renderExplanation(explanation: Explanation): JsonObject {
  const { subject, isWell, standing, causes } = explanation
  const { kind: _kind, ...numbers } = standing
  return {
    kind: subject.kind,
    id: subject.id,
    isWell,
    text: describeStanding(explanation),
    ...asJson(numbers),
    causes: causes.map(renderCause),
  }
}

function renderCause({ fact, causes }: Cause): JsonObject {
  const { kind, ...facts } = fact
  return { kind, message: describeFact(fact), ...asJson(facts), causes: causes.map(renderCause) }
}

/** The same as text: one sentence to a line, what leads to it below and further in. */
export function explanationText(explanation: Explanation): string {
  const lines = [describeStanding(explanation)]
  const add = (causes: readonly Cause[], indent: string): void => {
    for (const { fact, causes: beneath } of causes) {
      // Messages of tasks are in it, who could say anything to a terminal.
      lines.push(`${indent}- ${printable(describeFact(fact))}`)
      add(beneath, `${indent}  `)
    }
  }
  add(explanation.causes, '')
  return `${lines.join('\n')}\n`
}

/** Names of facts that are moments, and of those that are lengths of time. */
const moments: ReadonlySet<string> = new Set([
  'since',
  'until',
  'at',
  'asOf',
  'lastFailureAt',
  'killAt',
  'graceUntil',
])

/** Moments as the API writes them, lengths of time in seconds under a name that says so. */
function asJson(facts: object): JsonObject {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => {
      if (moments.has(name) && typeof value === 'number') return [name, formatInstant(value as Instant)]
      if (name === 'delay' && typeof value === 'number') return ['delaySeconds', value / 1_000]
      return [name, nested(value)]
    }),
  )
}

function nested(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(nested)
  return typeof value === 'object' && value !== null ? asJson(value) : value
}
