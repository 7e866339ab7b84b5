// A probe: one question asked of a task again and again from outside, for a health check or a readiness check. The core
// says what is asked, where and how often, and judges every answer; an adapter (ports/prober.ts) asks.

import type { Duration } from '../../lib/instant.ts'

/** Unique among the probes that are asked. An ended one may begin anew. */
export type ProbeId = string

export interface Probe {
  readonly id: ProbeId
  readonly target: ProbeTarget
  /** From now to the first question. */
  readonly firstAfter: Duration
  /** `fixed`: from question to question. `after-answer`: from an answer to the next question. */
  readonly pace: 'fixed' | 'after-answer'
  readonly interval: Duration
  /** How long a connection may be silent; then the question has failed. */
  readonly timeout: Duration
  /** Bytes of the answer's body that are wanted; 0: none. */
  readonly bodyBytes: number
}

export type ProbeTarget =
  | {
      readonly protocol: 'HTTP' | 'HTTPS'
      /** A name, an IPv4 address, or an IPv6 address without brackets. */
      readonly address: string
      readonly port: number
      /** Begins with `/`. */
      readonly path: string
    }
  | { readonly protocol: 'TCP'; readonly address: string; readonly port: number }

/** What the prober is to do (ready.ts). */
export type ProbeEffect =
  /** Takes the place of a probe of this id. */
  | { readonly kind: 'begin-probe'; readonly probe: Probe }
  /** An answer still under way is not told any more. */
  | { readonly kind: 'end-probe'; readonly id: ProbeId }

export interface ProbeResult {
  readonly id: ProbeId
  readonly outcome: ProbeOutcome
}

export type ProbeOutcome =
  /** HTTP: what came, whatever it says; redirects are not followed. */
  | {
      readonly kind: 'answered'
      readonly status: number
      readonly statusText: string
      readonly contentType?: string
      /** As far as it was wanted. */
      readonly body?: string
    }
  /** TCP. */
  | { readonly kind: 'connected' }
  /** No answer: `name` is the kind of error, `message` the error's own words. */
  | { readonly kind: 'failed'; readonly name: string; readonly message: string }

/** Answers, in the order in which they came. */
export interface ProbeEvent {
  readonly kind: 'probe-results'
  readonly results: readonly ProbeResult[]
}
