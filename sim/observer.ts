// Who watches a simulated world: told of every step, commit, crash and answer.

import type { Event } from '../src/core/events.ts'
import type { Ready } from '../src/core/ready.ts'
import type { Write } from '../src/core/records.ts'
import type { Outcome } from '../src/core/requests.ts'
import type { InspectableScheduler } from '../src/core/scheduler.ts'
import type { Instant } from '../src/lib/instant.ts'

export interface Step {
  readonly now: Instant
  readonly slice: readonly Event[]
  readonly ready: Ready
  readonly scheduler: InspectableScheduler
  readonly life: number
}

export interface Observer {
  started?(scheduler: InspectableScheduler, life: number): void
  stepped?(step: Step): void
  committed?(writes: readonly Write[]): void
  released?(ready: Ready): void
  crashed?(reason: string): void
  /** The core threw; what this returns from is thrown all the same. */
  threw?(error: unknown, life: number): void
}

/** `lost`: the server went down before it answered, and nobody knows what it did. `down`: it was not there to ask. */
export type Answer = Outcome | { readonly kind: 'lost' } | { readonly kind: 'down' }
