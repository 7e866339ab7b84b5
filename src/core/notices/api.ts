// The event that tells of a change through the API (events-metrics-flags 1.1).

import { formatInstant, type Instant } from '../../lib/instant.ts'
import type { Origin } from '../requests.ts'
import type { Notice } from './notice.ts'

/** An app was created, or changed on its own. `appDefinition` is the app as the API shows it (spec/render). */
export function apiPostEvent(
  origin: Origin,
  appDefinition: Readonly<Record<string, unknown>>,
  now: Instant,
): Notice {
  const type = 'api_post_event'
  return {
    type,
    body: {
      clientIp: origin.clientIp,
      uri: origin.uri,
      appDefinition,
      eventType: type,
      timestamp: formatInstant(now),
    },
  }
}
