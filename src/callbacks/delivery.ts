// What the answer to a posted event means: whether the event is done with, and how long its receiver is left alone
// (events-metrics-flags 1.3). Tables and a formula; posting is post.ts, carrying out is receiver.ts.

import { type Duration, millis } from '../lib/instant.ts'
import { limits } from '../lib/limits.ts'

/** How a post went. */
export type PostResult =
  | { readonly kind: 'answered'; readonly status: number }
  /** No connection: the receiver has not heard of the event. */
  | { readonly kind: 'unreachable'; readonly reason: string }
  /** Sent, or partly; what became of it is not known. */
  | { readonly kind: 'broken'; readonly reason: string }

export type Verdict =
  | { readonly kind: 'delivered' }
  /** `keepsEvent`: it is sent again, since the receiver cannot have seen it. Everything else is sent once. */
  | { readonly kind: 'failed'; readonly reason: string; readonly keepsEvent: boolean }

/** Times in milliseconds. An answer in time with a status of 2xx is a delivery, everything else a failure. */
export function judge(result: PostResult, tookMs: number, slowAfterMs: number): Verdict {
  switch (result.kind) {
    case 'unreachable':
      return { kind: 'failed', reason: result.reason, keepsEvent: true }
    case 'broken':
      return { kind: 'failed', reason: result.reason, keepsEvent: false }
    case 'answered':
      if (result.status < 200 || result.status > 299) {
        return { kind: 'failed', reason: `it answered ${result.status}`, keepsEvent: false }
      }
      if (tookMs >= slowAfterMs) {
        return { kind: 'failed', reason: `it took ${Math.round(tookMs)} ms to answer`, keepsEvent: false }
      }
      return { kind: 'delivered' }
  }
}

/** Two seconds after the first failure in a row, then twice as long each time. */
export const backOff = (failures: number): Duration =>
  millis(Math.min(1_000 * 2 ** Math.min(failures, 30), limits.callbackBackOffMs))
