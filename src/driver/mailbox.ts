// Events waiting for the core. Bounded: above the limit those are refused whose sender will hear of it or try again.

import type { Event } from '../core/events.ts'
import { assert } from '../lib/assert.ts'
import { limits } from '../lib/limits.ts'

/**
 * What happens to an event when the mailbox is full. A request is answered with 503; a status stays unacknowledged and
 * the engine repeats it, or it is asked for (`statuses-missed`); a probe asks again by itself. Nobody repeats the
 * others, and their number is bounded by that of the agents and of the artifacts asked for.
 */
const whenFull: Readonly<Record<Event['kind'], 'refuse' | 'take'>> = {
  request: 'refuse',
  status: 'refuse',
  'engine-connected': 'take',
  'engine-disconnected': 'take',
  offers: 'take',
  'offer-rescinded': 'take',
  'agent-lost': 'take',
  'executor-lost': 'take',
  'framework-message': 'refuse',
  'inverse-offers': 'take',
  'inverse-offer-rescinded': 'take',
  'engine-failed': 'take',
  'artifact-stored': 'take',
  'artifact-failed': 'take',
  'probe-results': 'refuse',
  'statuses-missed': 'take',
  woke: 'take',
}

export class Mailbox {
  #events: Event[] = []

  /** False when the mailbox is full and the event was not taken. */
  offer(event: Event): boolean {
    if (this.#events.length >= limits.mailboxEvents) {
      if (whenFull[event.kind] === 'refuse') return false
      assert(
        this.#events.length < limits.mailboxEvents + limits.mailboxReserve,
        `the engine reports faster than the core can take: ${this.#events.length} events wait`,
      )
    }
    this.#events.push(event)
    return true
  }

  /** The oldest events, at most `count`, which leave the mailbox. */
  take(count: number): Event[] {
    if (count < this.#events.length) return this.#events.splice(0, count)
    const all = this.#events
    this.#events = []
    return all
  }

  get size(): number {
    return this.#events.length
  }
}
