// What the server answers about itself (rest-api 8, 10): info, leader, plugins, logging, metrics, and the machines of
// its engine.

import * as Type from 'typebox'
import { Anything, Count, Facts } from './primitives.ts'

const NullableText = Type.Union([Type.String(), Type.Null()])
const NullableNumber = Type.Union([Type.Number(), Type.Null()])

export const Info = Type.Object(
  {
    name: Type.String(),
    version: Type.String(),
    buildref: Type.String(),
    elected: Type.Boolean(),
    leader: NullableText,
    frameworkId: NullableText,
    marathon_config: Facts,
    zookeeper_config: Facts,
    http_config: Type.Object({ http_port: NullableNumber, https_port: NullableNumber }),
    isolation: Type.Optional(Facts),
  },
  { 'x-name': 'Info' },
)

export const Leader = Type.Object(
  { leader: Type.String({ description: 'host:port' }) },
  { 'x-name': 'Leader' },
)

export const Plugins = Type.Object(
  {
    plugins: Type.Array(
      Type.Object({
        id: Type.String(),
        plugin: Type.String(),
        implementation: Type.String(),
        tags: Type.Optional(Type.Array(Type.String())),
        info: Type.Optional(Anything),
      }),
    ),
  },
  { 'x-name': 'Plugins' },
)

/** `INFO`, or `INFO (inherited)`. */
export const LoggerLevels = Type.Record(Type.String(), Type.String(), { 'x-name': 'LoggerLevels' })

export const LoggerLevel = Type.Object(
  {
    level: Type.Enum(['trace', 'debug', 'info', 'warn', 'error']),
    logger: Type.String(),
    durationSeconds: Type.Optional(Type.Integer({ minimum: 1 })),
  },
  { 'x-name': 'LoggerLevel' },
)

const rates = {
  m1_rate: Type.Number(),
  m5_rate: Type.Number(),
  m15_rate: Type.Number(),
  mean_rate: Type.Number(),
}

const distribution = {
  count: Count,
  min: Type.Number(),
  mean: Type.Number(),
  max: Type.Number(),
  p50: Type.Number(),
  p75: Type.Number(),
  p95: Type.Number(),
  p98: Type.Number(),
  p99: Type.Number(),
  p999: Type.Number(),
  stddev: Type.Number(),
}

export const Metrics = Type.Object(
  {
    version: Type.String(),
    gauges: Type.Record(Type.String(), Type.Object({ value: Type.Number() })),
    counters: Type.Record(Type.String(), Type.Object({ count: Type.Number() })),
    histograms: Type.Record(Type.String(), Type.Object(distribution)),
    meters: Type.Record(Type.String(), Type.Object({ count: Count, ...rates, units: Type.String() })),
    timers: Type.Record(
      Type.String(),
      Type.Object({ ...distribution, ...rates, duration_units: Type.String(), rate_units: Type.String() }),
    ),
  },
  { 'x-name': 'Metrics' },
)

const AgentResources = Type.Object(
  {
    cpus: Type.Optional(Type.Number()),
    mem: Type.Optional(Type.Number({ description: 'MiB' })),
    disk: Type.Optional(Type.Number({ description: 'MiB' })),
    gpus: Type.Optional(Type.Number()),
    ports: Type.Optional(Anything),
  },
  { 'x-name': 'AgentResources' },
)

export const Agent = Type.Object(
  {
    id: Type.String(),
    hostname: Type.String(),
    connected: Type.Boolean(),
    attributes: Facts,
    resources: AgentResources,
    used: AgentResources,
    tasks: Count,
  },
  { 'x-name': 'Agent', description: 'A machine, or a part of one' },
)

export const AgentList = Type.Object({ agents: Type.Array(Agent) }, { 'x-name': 'AgentList' })
export const AgentAnswer = Type.Object({ agent: Agent }, { 'x-name': 'AgentAnswer' })

export const EventSubscriptions = Type.Object(
  { callbackUrls: Type.Array(Type.String()) },
  { 'x-name': 'EventSubscriptions' },
)
