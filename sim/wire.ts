// One connection between a server and the cluster: what is under way in both directions, in order, late, twice or lost.
// What was under way when it broke is lost.

import type { EngineEvent } from '../src/core/events.ts'
import type { EngineEffect } from '../src/core/ready.ts'
import { after, type Duration, type Instant } from '../src/lib/instant.ts'
import type { Misfortune } from './misfortune.ts'

export interface WireOptions {
  readonly now: () => Instant
  readonly at: (at: Instant, run: () => void) => void
  /** How long one way takes. */
  readonly travel: () => Duration
  /** Up to some seconds more. */
  readonly holdUp: () => Duration
  /** Whether this goes wrong now. */
  readonly strikes: (kind: keyof Misfortune) => boolean
  readonly toServer: (event: EngineEvent) => void
  readonly toCluster: (effects: readonly EngineEffect[]) => void
}

export class Wire {
  readonly #options: WireOptions
  #lastToServer: Instant
  #lastToCluster: Instant
  /** Until when a status of this task is held up. */
  readonly #delayed = new Map<string, Instant>()
  #isCut = false

  constructor(options: WireOptions) {
    this.#options = options
    this.#lastToServer = options.now()
    this.#lastToCluster = options.now()
  }

  cut(): void {
    this.#isCut = true
  }

  send(effects: readonly EngineEffect[]): void {
    const { at, travel, now, strikes, toCluster } = this.#options
    const kept = effects.filter(
      ({ kind }) =>
        !(
          (kind === 'kill' && strikes('killLost')) ||
          (kind === 'acknowledge' && strikes('acknowledgementLost'))
        ),
    )
    if (kept.length === 0) return
    const arrival = Math.max(this.#lastToCluster, after(now(), travel())) as Instant
    this.#lastToCluster = arrival
    at(arrival, () => {
      if (!this.#isCut) toCluster(kept)
    })
  }

  /** In order, but for statuses of different tasks: one may be held up while the others pass it. */
  tell(event: EngineEvent): void {
    const { now, travel, holdUp, strikes } = this.#options
    const at = Math.max(this.#lastToServer, after(now(), travel())) as Instant
    this.#lastToServer = at
    if (event.kind !== 'status') {
      this.#arrive(at, event)
      if (event.kind === 'offers' && strikes('offersRepeated')) this.#arrive(after(at, holdUp()), event)
      return
    }
    const { taskId, uuid } = event.status
    if (uuid !== undefined && strikes('statusLost')) return
    let statusAt = Math.max(at, this.#delayed.get(taskId) ?? 0) as Instant
    if (strikes('statusDelayed')) {
      statusAt = after(statusAt, holdUp())
      this.#delayed.set(taskId, statusAt)
    }
    this.#arrive(statusAt, event)
    if (strikes('statusRepeated')) this.#arrive(statusAt, event)
  }

  #arrive(at: Instant, event: EngineEvent): void {
    this.#options.at(at, () => {
      if (this.#isCut) return
      if (event.kind === 'status' && this.#delayed.get(event.status.taskId) === at)
        this.#delayed.delete(event.status.taskId)
      this.#options.toServer(event)
    })
  }
}
