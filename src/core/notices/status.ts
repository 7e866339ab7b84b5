// Events that a task status causes (events-metrics-flags 1.1; the order of fields is that of examples 8).

import { assert } from '../../lib/assert.ts'
import { formatInstant, type Instant } from '../../lib/instant.ts'
import type { PathId } from '../../lib/path-id.ts'
import { conditions } from '../instances/condition.ts'
import type { Condition, Instance, InstanceId, Task } from '../instances/instance.ts'
import type { IpAddress, TaskStatus } from '../mesos.ts'
import type { Notice } from './notice.ts'

/** A status that changed its task. `instance`: as it is now, with the task in it. */
export function statusUpdate(instance: Instance, status: TaskStatus, now: Instant): Notice {
  const type = 'status_update_event'
  const task = instance.tasks.find((candidate) => candidate.id === status.taskId)
  assert(task !== undefined, `the status of ${status.taskId} is told of the instance that has the task`)
  return {
    type,
    body: {
      slaveId: status.agentId ?? '',
      taskId: task.id,
      taskStatus: conditions[task.condition].taskState,
      message: status.message ?? '',
      appId: instance.runSpecId,
      host: instance.agent?.hostname ?? '',
      ipAddresses: addressesOf(task),
      ports: task.hostPorts,
      version: instance.runSpecVersion,
      eventType: type,
      timestamp: formatInstant(now),
    },
  }
}

/** As tasks show them (app-definition 5, events-metrics-flags 1.1): the networks' names are for pods. */
export const addressesOf = ({ ipAddresses }: Task): readonly IpAddress[] =>
  ipAddresses.map(({ ipAddress, protocol }) => ({ ipAddress, protocol }))

export interface UnknownInstance {
  readonly instanceId: InstanceId
  readonly runSpecId: PathId
  readonly condition: Condition
}

/** The end of a task whose instance we do not know. */
export function unknownInstanceTerminated(subject: UnknownInstance, now: Instant): Notice {
  const type = 'unknown_instance_terminated_event'
  const { instanceId, runSpecId, condition } = subject
  return { type, body: { instanceId, runSpecId, condition, timestamp: formatInstant(now), eventType: type } }
}
