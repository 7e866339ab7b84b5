// Events about apps (events-metrics-flags 1.1; the order of fields is that of examples 8).

import { formatInstant, type Instant } from '../../lib/instant.ts'
import type { PathId } from '../../lib/path-id.ts'
import type { Origin } from '../requests.ts'
import type { Notice } from './notice.ts'

/** An app was created, or changed on its own, through the API. `appDefinition` is the app as spec/render writes it. */
export function apiPost(
  origin: Origin,
  appDefinition: Readonly<Record<string, unknown>>,
  now: Instant,
): Notice {
  const type = 'api_post_event'
  const { clientIp, uri } = origin
  return { type, body: { clientIp, uri, appDefinition, eventType: type, timestamp: formatInstant(now) } }
}

/** All instances of a removed app are gone. */
export function appTerminated(appId: PathId, now: Instant): Notice {
  const type = 'app_terminated_event'
  return { type, body: { appId, eventType: type, timestamp: formatInstant(now) } }
}
