// How long things take on a simulated cluster.

import { assert } from '../../lib/assert.ts'
import { type Duration, millis } from '../../lib/instant.ts'
import type { Rng } from '../../lib/rng.ts'

/** Lower and upper bound of each delay; equal bounds draw nothing. */
export interface ClusterTiming {
  readonly starting: Span
  readonly running: Span
  readonly killing: Span
  /** How often a shared master makes offers. */
  readonly allocation: Duration
}

export type Span = readonly [least: number, most: number]

/** Nothing is left to chance. */
export const calmTiming: ClusterTiming = {
  starting: [10, 10],
  running: [90, 90],
  killing: [100, 100],
  allocation: millis(1_000),
}

/** As on a machine that is not too busy. */
export const usualTiming: ClusterTiming = {
  starting: [5, 50],
  running: [50, 500],
  killing: [20, 300],
  allocation: millis(1_000),
}

/** A delay within the span, both ends included. */
export function drawDelay(rng: Rng, [least, most]: Span): Duration {
  assert(least <= most, 'a span of delays begins before it ends')
  return millis(least === most ? least : least + rng.int(most - least + 1))
}
