// Events about subscriptions by HTTP callback (events-metrics-flags 1.1; the order of fields is that of rest-api 12).

import { formatInstant, type Instant } from '../../lib/instant.ts'
import type { Notice } from './notice.ts'

export const subscribed = (callbackUrl: string, clientIp: string, now: Instant): Notice =>
  notice('subscribe_event', { callbackUrl, clientIp, now })

export const unsubscribed = (callbackUrl: string, clientIp: string, now: Instant): Notice =>
  notice('unsubscribe_event', { callbackUrl, clientIp, now })

interface Change {
  readonly callbackUrl: string
  readonly clientIp: string
  readonly now: Instant
}

const notice = (type: string, { callbackUrl, clientIp, now }: Change): Notice => ({
  type,
  body: { clientIp, callbackUrl, eventType: type, timestamp: formatInstant(now) },
})
