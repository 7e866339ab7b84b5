// The events that wait for one receiver, oldest first. Bounded in number and size: what is too much goes at the old
// end, so that a receiver that comes back hears the latest.

import type { EventNumber } from '../core/event-log/segment.ts'
import { limits } from '../lib/limits.ts'

export interface QueuedEvent {
  /** Its JSON. */
  readonly body: string
  /** Its number in the log; absent: it has none. */
  readonly id?: EventNumber
}

export class EventQueue {
  #events: (QueuedEvent | undefined)[] = []
  /** Events before this index are gone. */
  #head = 0
  #chars = 0

  get size(): number {
    return this.#events.length - this.#head
  }

  /** Returns how many were dropped for it. The newest always stays. */
  push(event: QueuedEvent): number {
    this.#events.push(event)
    this.#chars += event.body.length
    let dropped = 0
    while (this.size > 1 && this.#isTooMuch()) {
      this.shift()
      dropped++
    }
    return dropped
  }

  /** Takes the oldest out. */
  shift(): QueuedEvent | undefined {
    const event = this.#events[this.#head]
    if (event === undefined) return undefined
    this.#events[this.#head++] = undefined
    this.#chars -= event.body.length
    // Moved together from time to time: shifting a long array costs its length.
    if (this.#head > 1_024 && this.#head * 2 > this.#events.length) {
      this.#events = this.#events.slice(this.#head)
      this.#head = 0
    }
    return event
  }

  /** Puts back what was taken out, unless younger ones filled the queue meanwhile. Returns how many were dropped. */
  unshift(event: QueuedEvent): number {
    const hasRoom =
      this.size < limits.callbackQueueEvents && this.#chars + event.body.length <= limits.callbackQueueChars
    if (!hasRoom) return 1
    if (this.#head === 0) this.#events.unshift(event)
    else this.#events[--this.#head] = event
    this.#chars += event.body.length
    return 0
  }

  #isTooMuch(): boolean {
    return this.size > limits.callbackQueueEvents || this.#chars > limits.callbackQueueChars
  }
}
