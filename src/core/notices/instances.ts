// Events about instances and their tasks (events-metrics-flags 1.1, examples 8: the order of fields is theirs).

import { formatInstant, type Instant } from '../../lib/instant.ts'
import type { PathId } from '../../lib/path-id.ts'
import { compareInstances } from '../instances/change.ts'
import { conditions } from '../instances/condition.ts'
import type { Condition, Instance, InstanceId, Task } from '../instances/instance.ts'
import type { TaskStatus } from '../mesos.ts'
import type { Notice } from './notice.ts'

/** A status that changed its task. */
export function statusUpdateEvent(instance: Instance, task: Task, status: TaskStatus, now: Instant): Notice {
  const type = 'status_update_event'
  return {
    type,
    body: {
      slaveId: status.agentId ?? '',
      taskId: task.id,
      taskStatus: conditions[task.condition].taskState,
      message: status.message ?? '',
      appId: instance.runSpecId,
      host: instance.agent?.hostname ?? '',
      ipAddresses: task.ipAddresses,
      ports: task.hostPorts,
      version: instance.runSpecVersion,
      eventType: type,
      timestamp: formatInstant(now),
    },
  }
}

/** Created, launched, changed in condition or goal, or removed. The goal itself is not in the event. */
export function instanceChangedEvent(instance: Instance, now: Instant): Notice {
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

/** `healthy` null: unknown. */
export function instanceHealthChangedEvent(instance: Instance, now: Instant): Notice {
  const type = 'instance_health_changed_event'
  return {
    type,
    body: {
      instanceId: instance.id,
      runSpecId: instance.runSpecId,
      healthy: instance.healthy ?? null,
      runSpecVersion: instance.runSpecVersion,
      timestamp: formatInstant(now),
      eventType: type,
    },
  }
}

/** The end of a task whose instance we do not know. */
export function unknownInstanceTerminatedEvent(
  subject: { readonly instanceId: InstanceId; readonly runSpecId: PathId; readonly condition: Condition },
  now: Instant,
): Notice {
  const type = 'unknown_instance_terminated_event'
  return {
    type,
    body: {
      instanceId: subject.instanceId,
      runSpecId: subject.runSpecId,
      condition: subject.condition,
      timestamp: formatInstant(now),
      eventType: type,
    },
  }
}

/**
 * The events of one change, in the order listeners rely on: status, instance, health. `previous` is absent for a new
 * instance; `status` is present when a task status caused the change.
 */
export function instanceNotices(
  change: {
    readonly previous?: Instance
    readonly next: Instance
    readonly isExpunged?: boolean
    readonly update?: { readonly task: Task; readonly status: TaskStatus }
  },
  now: Instant,
): Notice[] {
  const { previous, next, update } = change
  const { isConditionChanged, isGoalChanged, isHealthChanged } = compareInstances(previous, next)
  const notices: Notice[] = []
  if (update !== undefined) notices.push(statusUpdateEvent(next, update.task, update.status, now))
  if (isConditionChanged || isGoalChanged) notices.push(instanceChangedEvent(next, now))
  if (isHealthChanged && !(change.isExpunged === true && next.healthy === undefined)) {
    notices.push(instanceHealthChangedEvent(next, now))
  }
  return notices
}
