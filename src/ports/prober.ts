// The prober: asks tasks from outside how they are (runtime 9, 10). It decides nothing: what an answer means, and what
// follows, is the core's part. An engine whose tasks have no addresses that could be asked brings its own.

import type { ProbeEffect, ProbeEvent } from '../core/health/probe.ts'

export interface Prober {
  /** Reports from now on. Results may come many in one event. */
  start(report: (event: ProbeEvent) => void): void
  /** Takes effects in order; returns at once. */
  perform(effects: readonly ProbeEffect[]): void
  /** Stops what is under way; nothing is reported any more. */
  stop(): Promise<void>
}
