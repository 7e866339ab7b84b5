// The last failure of a run spec's tasks: what is remembered of it (app-definition 2, lastTaskFailure).

import type { Instant } from '../lib/instant.ts'
import type { HealthRecord } from './health/record.ts'
import type { Instance } from './instances/instance.ts'
import type { TaskState, TaskStatus } from './mesos.ts'
import type { TaskFailure } from './records.ts'

const failureStates: ReadonlySet<TaskState> = new Set<TaskState>([
  'TASK_FAILED',
  'TASK_ERROR',
  'TASK_LOST',
  'TASK_DROPPED',
  'TASK_GONE',
  'TASK_GONE_BY_OPERATOR',
  'TASK_UNKNOWN',
])

/** `now`: as in the event that tells of the status, which another clock may have dated (app-definition 2). */
export function taskFailureOf(instance: Instance, status: TaskStatus, now: Instant): TaskFailure | undefined {
  if (!failureStates.has(status.state)) return undefined
  return {
    appId: instance.runSpecId,
    host: instance.agent?.address ?? '',
    message: status.message ?? '',
    state: status.state,
    taskId: status.taskId,
    timestamp: now,
    version: instance.runSpecVersion,
    ...(instance.agent === undefined ? {} : { slaveId: instance.agent.agentId }),
  }
}

/** The end of an instance that its health checks brought about: reason and time are those of `known`. */
export const unhealthyFailureOf = (instance: Instance, known: HealthRecord, now: Instant): TaskFailure => ({
  appId: instance.runSpecId,
  host: instance.agent?.address ?? '',
  message: `Task was killed since health check failed. Reason: ${known.lastFailureCause ?? 'unknown'}`,
  state: 'TASK_KILLED',
  taskId: instance.tasks[0]?.id ?? '',
  timestamp: known.lastFailure ?? now,
  version: instance.runSpecVersion,
  ...(instance.agent === undefined ? {} : { slaveId: instance.agent.agentId }),
})
