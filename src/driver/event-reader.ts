// Reads the event log: where an event is the core knows, what is there the store. The core is ahead of the disk: it
// may have forgotten what is still there, and knows of events that are not there yet.

import type { EventLogIndex } from '../core/event-log/event-log.ts'
import { bodiesIn, type EventNumber } from '../core/event-log/segment.ts'
import type { EventLogReader, LogPart } from '../ports/event-log.ts'
import type { Store } from '../ports/store.ts'

export class EventReader implements EventLogReader {
  readonly #index: EventLogIndex
  readonly #store: Pick<Store, 'read'>

  constructor(index: EventLogIndex, store: Pick<Store, 'read'>) {
    this.#index = index
    this.#store = store
  }

  get last(): EventNumber {
    return this.#index.last
  }

  async read(after: EventNumber): Promise<LogPart> {
    const place = this.#index.find(after)
    if (place.kind !== 'kept') return place
    const text = await this.#store.read('event-log', place.key)
    if (text === undefined) {
      // Trimmed while it was looked for, which the index says now; or not written yet.
      const again = this.#index.find(after)
      return again.kind === 'kept' ? { kind: 'none' } : again
    }
    const bodies = bodiesIn(text).slice(after + 1 - place.first)
    return bodies.length === 0 ? { kind: 'none' } : { kind: 'events', first: after + 1, bodies }
  }
}
