// What one answer to a health check means (runtime 9).

import { unreachable } from '../../lib/assert.ts'
import { limits } from '../../lib/limits.ts'
import type { ProbeOutcome } from './probe.ts'
import type { MarathonCheck } from './target.ts'

export type Finding =
  | { readonly kind: 'well' }
  /** `cause`: what `lastFailureCause` shows. */
  | { readonly kind: 'failed'; readonly cause: string }
  /** Says nothing, neither good nor bad. */
  | { readonly kind: 'none' }

const well: Finding = { kind: 'well' }
const none: Finding = { kind: 'none' }

export function judge(
  check: Pick<MarathonCheck, 'protocol' | 'ignoreHttp1xx'>,
  outcome: ProbeOutcome,
): Finding {
  switch (outcome.kind) {
    case 'connected':
      return well
    case 'answered': {
      const { status, statusText } = outcome
      if (status >= 200 && status < 400) return well
      if (status < 200 && check.ignoreHttp1xx === true) return none
      return failed(`${status} ${statusText}`.trimEnd())
    }
    case 'failed':
      // Of HTTP the message alone, as ever (runtime 9).
      return failed(check.protocol === 'TCP' ? `${outcome.name}: ${outcome.message}` : outcome.message)
    default:
      return unreachable(outcome)
  }
}

/** What an engine's own check found: it says no cause (runtime 9). */
export const judgeFlag = (healthy: boolean): Finding => (healthy ? well : failed(''))

/** A failure told in these words, cut where they come from outside and are long. */
export const failed = (cause: string): Finding => ({
  kind: 'failed',
  cause: cause.length > limits.healthCauseChars ? cause.slice(0, limits.healthCauseChars) : cause,
})
