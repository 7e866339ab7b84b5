// The event that tells a client of the stream what it missed. Made for that client, when it comes back; not in the log.

import { formatInstant, type Instant } from '../../lib/instant.ts'
import type { EventNumber } from '../event-log/segment.ts'
import type { Notice } from './notice.ts'

export interface EventGap {
  /** The last event the client has. */
  readonly after: EventNumber
  /** The number of the event that comes next; null: events have no numbers here. */
  readonly next: EventNumber | null
  readonly reason: GapReason
}

export type GapReason =
  /** What is in between was dropped for what came later. */
  | 'dropped'
  /** There is no event of that number: it is from another log, so what the client has is, too. */
  | 'unknown'
  /** No log is kept. */
  | 'no-log'

export function eventGap({ after, next, reason }: EventGap, now: Instant): Notice {
  const type = 'event_gap'
  return { type, body: { after, next, reason, eventType: type, timestamp: formatInstant(now) } }
}
