// What a simulated world is made of, and how long things take in it.

import type { StoredRecord } from '../src/core/records.ts'
import type { InspectableScheduler, SchedulerOptions } from '../src/core/scheduler.ts'
import type { Settings } from '../src/core/settings.ts'
import type { SimAgentConfig } from '../src/engine/sim/parts.ts'
import type { ClusterTiming, Span } from '../src/engine/sim/timing.ts'
import type { Duration, Instant } from '../src/lib/instant.ts'
import type { Observer } from './observer.ts'

export interface WorldOptions {
  readonly seed: number | string
  readonly start: Instant
  readonly agents: readonly SimAgentConfig[]
  readonly holdsOffers: boolean
  readonly settings: Settings
  /** How long the server may be away before the master ends all of its tasks; absent: for ever. */
  readonly failoverTimeout?: Duration
  readonly clusterTiming: ClusterTiming
  readonly timing: WorldTiming
  readonly observer: Observer
  /** What a new process reads is not what was written. Only then are quarantines on: else what throws stops the run. */
  readonly spoil?: (records: Iterable<StoredRecord>) => Iterable<StoredRecord>
  /** Another core than the real one, to see that the checkers catch it. */
  readonly createScheduler?: (options: SchedulerOptions) => InspectableScheduler
}

/** Milliseconds, least and most. */
export interface WorldTiming {
  /** From an event to the slice it is in. */
  readonly turn: Span
  readonly commit: Span
  /** One way on the wire between server and engine. */
  readonly wire: Span
  readonly restart: Span
  readonly reconnect: Span
}

export const instantTiming: WorldTiming = {
  turn: [0, 0],
  commit: [0, 0],
  wire: [0, 0],
  restart: [1_000, 1_000],
  reconnect: [1_000, 1_000],
}
