// Health checks, checks and readiness checks of apps as users send them (app-definition 2.2).

import * as Type from 'typebox'
import { AnyPort, Count, HttpScheme, LegacyName, NonEmpty, Path } from './primitives.ts'

export const AppHealthCheck = Type.Object(
  {
    command: Type.Optional(Type.Object({ value: Type.String() }, { 'x-plain': true })),
    gracePeriodSeconds: Count(300),
    ignoreHttp1xx: Type.Optional(Type.Boolean()),
    intervalSeconds: Count(60),
    maxConsecutiveFailures: Count(3),
    path: Type.Optional(Type.String()),
    port: Type.Optional(AnyPort),
    portIndex: Type.Optional(AnyPort),
    protocol: Type.Enum(['HTTP', 'HTTPS', 'TCP', 'COMMAND', 'MESOS_TCP', 'MESOS_HTTP', 'MESOS_HTTPS'], {
      default: 'HTTP',
    }),
    ipProtocol: Type.Enum(['IPv4', 'IPv6'], { default: 'IPv4' }),
    timeoutSeconds: Type.Integer({ format: 'int32', default: 20 }),
    delaySeconds: Count(15),
  },
  { 'x-name': 'HealthCheck' },
)

/** `/^argv$/` beside `shell` is refused and the other way round; the last alternative reports. */
export const MesosCommand = Type.Union(
  [
    Type.Object({ shell: NonEmpty }, { 'x-excludes': 'argv' }),
    Type.Object({ argv: Type.Array(Type.String(), { minItems: 1 }) }, { 'x-excludes': 'shell' }),
  ],
  { 'x-name': 'Command' },
)

/** Exactly one of http, tcp and exec, which is not a matter of shape. */
export const AppCheck = Type.Object(
  {
    http: Type.Optional(
      Type.Object({
        portIndex: Type.Optional(AnyPort),
        port: Type.Optional(AnyPort),
        path: Type.Optional(Path),
        scheme: HttpScheme,
      }),
    ),
    tcp: Type.Optional(Type.Object({ portIndex: Type.Optional(AnyPort), port: Type.Optional(AnyPort) })),
    exec: Type.Optional(Type.Object({ command: MesosCommand }, { 'x-plain': true })),
    intervalSeconds: Count(60),
    timeoutSeconds: Count(20),
    delaySeconds: Count(15),
  },
  { 'x-name': 'Check' },
)

export const ReadinessCheck = Type.Object(
  {
    name: Type.String({ minLength: 1, default: 'readinessCheck' }),
    protocol: HttpScheme,
    path: Type.String({ minLength: 1, maxLength: 1024, default: '/' }),
    portName: Type.String({ ...LegacyName, default: 'http-api' }),
    intervalSeconds: Count(30),
    timeoutSeconds: Type.Integer({ format: 'int32', minimum: 1, default: 10 }),
    httpStatusCodesForReady: Type.Optional(
      Type.Array(Type.Integer({ format: 'int32', minimum: 100, maximum: 999 }), {
        uniqueItems: true,
        minItems: 1,
      }),
    ),
    preserveLastResponse: Type.Boolean({ default: false }),
  },
  { 'x-name': 'ReadinessCheck' },
)
