// Events about pods (events-metrics-flags 1.1; the order of fields is that of examples 8): through the pod API one was
// created, replaced or removed. Which one, the address of the request says.

import { formatInstant, type Instant } from '../../lib/instant.ts'
import type { Origin } from '../requests.ts'
import type { Notice } from './notice.ts'

export const podCreated = (origin: Origin, now: Instant): Notice =>
  podNotice('pod_created_event', origin, now)

export const podUpdated = (origin: Origin, now: Instant): Notice =>
  podNotice('pod_updated_event', origin, now)

export const podDeleted = (origin: Origin, now: Instant): Notice =>
  podNotice('pod_deleted_event', origin, now)

function podNotice(type: string, { clientIp, uri }: Origin, now: Instant): Notice {
  return { type, body: { clientIp, uri, eventType: type, timestamp: formatInstant(now) } }
}
