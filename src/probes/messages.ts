// What the main thread and the thread that asks say to each other. Probes have numbers there: each beginning is another
// number, so that an answer to an ended probe is known by it, also when a new one of the same id has begun.

import type { Probe, ProbeOutcome } from '../core/health/probe.ts'

export type Order =
  | { readonly kind: 'begin'; readonly number: number; readonly probe: Probe }
  | { readonly kind: 'end'; readonly number: number }

export interface Answer {
  readonly number: number
  readonly outcome: ProbeOutcome
}

/** What the thread is started with. */
export interface AskingSettings {
  /** Questions under way at one time. */
  readonly atOnce: number
  readonly userAgent: string
  /** Two doubles, kept by the thread: questions under way, and due ones that wait for room. */
  readonly gauges: SharedArrayBuffer
}

export const gaugeIndex = { underWay: 0, waiting: 1 } as const
