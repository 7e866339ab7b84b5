// Events about health checks (events-metrics-flags 1.1; the order of fields is that of examples 8).

import { formatInstant, type Instant, type Version } from '../../lib/instant.ts'
import type { PathId } from '../../lib/path-id.ts'
import type { AppHealthCheck } from '../../spec/app.ts'
import { renderHealthCheck } from '../../spec/render/app.ts'
import type { Outage } from '../health/breaker.ts'
import type { HealthRecord } from '../health/record.ts'
import type { Instance } from '../instances/instance.ts'
import type { Notice } from './notice.ts'

export interface VersionedCheck {
  readonly appId: PathId
  readonly version: Version
  readonly check: AppHealthCheck
}

/** The checks of a version are in force from now on; one event per check. */
export function healthCheckAdded({ appId, version, check }: VersionedCheck, now: Instant): Notice {
  const type = 'add_health_check_event'
  const healthCheck = renderHealthCheck({ ...check })
  return { type, body: { appId, eventType: type, healthCheck, timestamp: formatInstant(now), version } }
}

/** Which check it was, the event does not say. */
export function healthCheckRemoved(appId: PathId, now: Instant): Notice {
  const type = 'remove_health_check_event'
  return { type, body: { appId, eventType: type, timestamp: formatInstant(now) } }
}

/** A failure that counts. What is called `taskId` is the id of the instance. */
export function healthCheckFailed({ id, runSpecId }: Instance, check: AppHealthCheck, now: Instant): Notice {
  const type = 'failed_health_check_event'
  const healthCheck = renderHealthCheck({ ...check })
  return {
    type,
    body: { appId: runSpecId, eventType: type, healthCheck, taskId: id, timestamp: formatInstant(now) },
  }
}

/** One check of one instance turned from alive to not, or back. */
export function healthStatusChanged(
  { id, runSpecId, runSpecVersion }: Instance,
  alive: boolean,
  now: Instant,
): Notice {
  const type = 'health_status_changed_event'
  return {
    type,
    body: {
      appId: runSpecId,
      instanceId: id,
      version: runSpecVersion,
      alive,
      eventType: type,
      timestamp: formatInstant(now),
    },
  }
}

/** Reason and time are those of the failure before the one that kills (runtime 9). */
export function unhealthyInstanceKill(instance: Instance, known: HealthRecord, now: Instant): Notice {
  const type = 'unhealthy_instance_kill_event'
  const { agent } = instance
  return {
    type,
    body: {
      appId: instance.runSpecId,
      taskId: instance.tasks[0]?.id ?? '',
      instanceId: instance.id,
      version: instance.runSpecVersion,
      reason: known.lastFailureCause ?? 'unknown',
      host: agent?.address ?? 'unknown',
      ...(agent === undefined ? {} : { slaveId: agent.agentId }),
      eventType: type,
      timestamp: formatInstant(known.lastFailure ?? now),
    },
  }
}

/** Most instances of many apps turned bad together: unhealthy ones are let live (health/breaker.ts). */
export const unhealthyKillsSuspended = (outage: Outage, now: Instant): Notice =>
  breakerNotice('unhealthy_kills_suspended_event', outage, now)

/** Enough of them answer again. */
export const unhealthyKillsResumed = (outage: Outage, now: Instant): Notice =>
  breakerNotice('unhealthy_kills_resumed_event', outage, now)

const breakerNotice = (type: string, { failing, counted, apps }: Outage, now: Instant): Notice => ({
  type,
  body: {
    failingInstances: failing,
    checkedInstances: counted,
    failingApps: apps,
    eventType: type,
    timestamp: formatInstant(now),
  },
})
