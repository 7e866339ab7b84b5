// The answers of the v1 API (rest-api 12.1), in the words of that time: unset values are null.

import * as Type from 'typebox'
import { Count, Texts, Time } from './primitives.ts'

const Port = Type.Integer({ minimum: 0, maximum: 65_535 })

const fields = {
  id: Type.String({ description: 'Without a slash in front' }),
  cmd: Type.String(),
  env: Texts,
  instances: Count,
  cpus: Type.Number(),
  mem: Type.Number(),
  disk: Type.Number(),
  executor: Type.String(),
  constraints: Type.Array(Type.Array(Type.String())),
  uris: Type.Array(Type.String()),
  ports: Type.Array(Port),
  taskRateLimit: Type.Number(),
  container: Type.Union([
    Type.Object({ image: Type.String(), options: Type.Array(Type.String()) }),
    Type.Null(),
  ]),
  healthChecks: Type.Array(
    Type.Object({
      path: Type.String(),
      protocol: Type.Enum(['HTTP', 'TCP']),
      portIndex: Count,
      gracePeriodSeconds: Count,
      intervalSeconds: Count,
      timeoutSeconds: Count,
      maxConsecutiveFailures: Count,
    }),
  ),
  version: Time,
}

export const V1App = Type.Object(fields, { 'x-name': 'V1App' })
export const V1AppWithCounts = Type.Object(
  { ...fields, tasksStaged: Count, tasksRunning: Count },
  { 'x-name': 'V1AppWithCounts' },
)

export const V1Task = Type.Object(
  {
    id: Type.String(),
    host: Type.String(),
    ports: Type.Array(Port),
    startedAt: Type.Union([Time, Type.Null()]),
    stagedAt: Time,
    version: Time,
  },
  { 'x-name': 'V1Task' },
)

export const V1Endpoint = Type.Object(
  { id: Type.String(), ports: Type.Array(Port), instances: Type.Array(V1Task) },
  { 'x-name': 'V1Endpoint' },
)

export const V1AppList = Type.Array(V1AppWithCounts)
export const V1SearchResult = Type.Array(V1App)
export const V1EndpointList = Type.Array(V1Endpoint)
export const V1TaskList = Type.Array(V1Task)
/** By app id. */
export const V1TasksOfApp = Type.Record(Type.String(), V1TaskList)
export const V1TasksByApp = Type.Record(
  Type.String(),
  Type.Object({ appName: Type.String(), tasks: V1TaskList, shutdown: Type.Boolean() }),
  { 'x-name': 'V1TasksByApp' },
)
/** Refused definitions, as the validator of that time told of them. */
export const V1Violations = Type.Object({
  errors: Type.Array(Type.Object({ attribute: Type.String(), error: Type.String() })),
})
