// Tasks as answers show them (app-definition 5, examples 1).

import * as Type from 'typebox'
import { AbsoluteId, Count, Time } from './primitives.ts'

const Port = Type.Integer({ minimum: 0, maximum: 65_535 })

export const IpAddressOfTask = Type.Object({
  ipAddress: Type.String(),
  protocol: Type.Enum(['IPv4', 'IPv6']),
})

export const HealthCheckResult = Type.Object(
  {
    alive: Type.Boolean(),
    consecutiveFailures: Count,
    firstSuccess: Type.Optional(Time),
    instanceId: Type.String(),
    lastFailure: Type.Optional(Time),
    lastFailureCause: Type.Optional(Type.String()),
    lastSuccess: Type.Optional(Time),
  },
  { 'x-name': 'HealthCheckResult' },
)

/** What a task's check found last: the member of its kind. */
export const CheckResult = Type.Object(
  {
    http: Type.Optional(Type.Object({ statusCode: Type.Integer() })),
    tcp: Type.Optional(Type.Object({ succeeded: Type.Boolean() })),
    command: Type.Optional(Type.Object({ exitCode: Type.Integer() })),
  },
  { 'x-name': 'CheckResult' },
)

export const LocalVolume = Type.Object({
  runSpecId: AbsoluteId,
  containerPath: Type.String(),
  uuid: Type.String(),
  persistenceId: Type.String(),
})

/** Times and version are those of active tasks only. */
export const Task = Type.Object(
  {
    appId: AbsoluteId,
    healthCheckResults: Type.Array(HealthCheckResult),
    checkResult: Type.Optional(CheckResult),
    host: Type.String({ description: 'Where it answers' }),
    id: Type.String(),
    ipAddresses: Type.Array(IpAddressOfTask),
    ports: Type.Array(Port, { description: 'On the host' }),
    servicePorts: Type.Array(Port, {
      description: 'By which load balancers know the app; only in lists of all tasks',
    }),
    slaveId: Type.Optional(Type.String()),
    state: Type.String({ description: 'TASK_RUNNING and the other states of Mesos' }),
    stagedAt: Type.Optional(Time),
    startedAt: Type.Optional(Time),
    version: Type.Optional(Time),
    localVolumes: Type.Array(LocalVolume),
    region: Type.Optional(Type.String()),
    zone: Type.Optional(Type.String()),
    role: Type.String(),
  },
  { 'x-name': 'Task' },
)

export const TaskFailure = Type.Object(
  {
    appId: AbsoluteId,
    host: Type.String(),
    message: Type.String(),
    state: Type.String(),
    taskId: Type.String(),
    timestamp: Time,
    version: Time,
    slaveId: Type.Optional(Type.String()),
  },
  { 'x-name': 'TaskFailure' },
)

export const TaskList = Type.Object({ tasks: Type.Array(Task) }, { 'x-name': 'TaskList' })
export const TaskAnswer = Type.Object({ task: Task }, { 'x-name': 'TaskAnswer' })
