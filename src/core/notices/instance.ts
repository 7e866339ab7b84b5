// Events about instances (events-metrics-flags 1.1; the order of fields is that of examples 8).

import { formatInstant, type Instant } from '../../lib/instant.ts'
import type { Instance } from '../instances/instance.ts'
import type { Notice } from './notice.ts'

/** Created, launched, changed in condition or goal, or removed. The goal itself is not in the event. */
export function instanceChanged(instance: Instance, now: Instant): Notice {
  const type = 'instance_changed_event'
  return {
    type,
    body: {
      instanceId: instance.id,
      condition: instance.condition,
      runSpecId: instance.runSpecId,
      agentId: instance.agent?.agentId ?? null,
      host: instance.agent?.hostname ?? null,
      runSpecVersion: instance.runSpecVersion,
      timestamp: formatInstant(now),
      eventType: type,
    },
  }
}

/**
 * `healthy`: what the engine's checks say, or what all checks of the app say together; each is told of when it changes
 * (events-metrics-flags 1.1). Undefined: unknown, shown as null.
 */
export function instanceHealthChanged(
  instance: Instance,
  now: Instant,
  healthy: boolean | undefined = instance.healthy,
): Notice {
  const type = 'instance_health_changed_event'
  return {
    type,
    body: {
      instanceId: instance.id,
      runSpecId: instance.runSpecId,
      healthy: healthy ?? null,
      runSpecVersion: instance.runSpecVersion,
      timestamp: formatInstant(now),
      eventType: type,
    },
  }
}
