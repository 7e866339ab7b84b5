// The event log as those read it who serve people that come back: part by part, from the disk.

import type { EventNumber } from '../core/event-log/segment.ts'

export interface EventLogReader {
  /** The newest event there is. Those after the last one told of may not be on disk yet. */
  readonly last: EventNumber
  /** The events that follow this one, as many as lie together. Rejects with a StoreError. */
  read(after: EventNumber): Promise<LogPart>
}

export type LogPart =
  | {
      readonly kind: 'events'
      /** The number after the one asked for. */
      readonly first: EventNumber
      /** Each as JSON on one line; at least one. */
      readonly bodies: readonly string[]
    }
  /** What follows is gone, or never was; the oldest event that is kept has, or will have, this number. */
  | { readonly kind: 'gone'; readonly oldest: EventNumber }
  /** Nothing follows that is on disk. */
  | { readonly kind: 'none' }
