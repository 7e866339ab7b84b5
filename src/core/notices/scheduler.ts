// Events about the connection to the engine (events-metrics-flags 1.1; the order of fields is that of examples 8).

import { formatInstant, type Instant } from '../../lib/instant.ts'
import type { Notice } from './notice.ts'

/** The first registration. */
export function schedulerRegistered(
  registration: { readonly frameworkId: string; readonly master: string },
  now: Instant,
): Notice {
  const type = 'scheduler_registered_event'
  const { frameworkId, master } = registration
  return { type, body: { frameworkId, master, eventType: type, timestamp: formatInstant(now) } }
}

export function schedulerReregistered(master: string, now: Instant): Notice {
  const type = 'scheduler_reregistered_event'
  return { type, body: { master, eventType: type, timestamp: formatInstant(now) } }
}

export function schedulerDisconnected(now: Instant): Notice {
  const type = 'scheduler_disconnected_event'
  return { type, body: { eventType: type, timestamp: formatInstant(now) } }
}
