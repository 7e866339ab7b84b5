// Agents about to go down for maintenance get no new tasks (runtime 5.5).

import type { Instant } from '../../../lib/instant.ts'
import type { Offer } from '../../mesos.ts'
import type { Settings } from '../../settings.ts'

/** Whether the agent stays up, as far as announced: outside of draining time and maintenance, or rule switched off. */
export function isAvailable(offer: Offer, settings: Settings, now: Instant): boolean {
  const planned = offer.unavailability
  if (planned === undefined || !settings.maintenanceMode) return true
  if (now <= planned.start - settings.drainingTime) return true
  return planned.duration !== undefined && now > planned.start + planned.duration
}
