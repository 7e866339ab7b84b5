// The clock: the one place the driver gets time from. The core is told the time with each slice and never asks; the
// simulator jumps, production follows the wall.

import type { Instant } from '../lib/instant.ts'

export interface Clock {
  /** The time now. Never less than an earlier answer, also when someone sets the machine's clock back. */
  now(): Instant
  /**
   * Calls back once, when `at` has come, perhaps a little before or after: who needs the exact moment asks `now()`
   * then. An instant far away may be called early. Never calls back before it has returned.
   */
  alarm(at: Instant, ring: () => void): Alarm
  /** Milliseconds of a stopwatch that knows nothing of dates; for measuring how long something took. */
  stopwatch(): number
}

export interface Alarm {
  /** After this it does not ring any more. */
  cancel(): void
}
