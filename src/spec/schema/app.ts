// The app definition as users send it (app-definition 2), one source for types, parsing and documentation. A field
// with a `default` is not required of users and always present after parsing: the types below are what
// spec/parse returns. Limits stated here are the ones marked (json), reported as `Invalid JSON`; the others
// belong to spec/validate. The keywords of ours are explained in parse/keywords.ts.

import * as Type from 'typebox'
import { AppCheck, AppHealthCheck, ReadinessCheck } from './checks.ts'
import { Container } from './container.ts'
import { IpAddress, Network, PortDefinition } from './network.ts'
import { AnyPort, Count, LabelsOrNone, NonEmpty, Path, PathId, Timestamp, Uri } from './primitives.ts'
import { upgradeExtras } from './upgrade.ts'

export const Amount = (minimum: number, byDefault: number) => Type.Number({ minimum, default: byDefault })
/** A number or `unlimited`; other words are refused by validation, with a message of its own. */
export const ResourceLimit = Type.Union([Type.String(), Type.Number()])
export const ResourceLimits = Type.Object(
  { cpus: Type.Optional(ResourceLimit), mem: Type.Optional(ResourceLimit) },
  { 'x-plain': true },
)
const Fraction = Type.Number({ minimum: 0, maximum: 1 })
const Seconds64 = (byDefault: number) => Type.Integer({ format: 'int64', minimum: 0, default: byDefault })

export const Artifact = Type.Object(
  {
    uri: Uri,
    extract: Type.Boolean({ default: true }),
    executable: Type.Boolean({ default: false }),
    cache: Type.Boolean({ default: false }),
    destPath: Type.Optional(Path),
  },
  { 'x-name': 'Artifact' },
)

export const EnvVar = Type.Union([Type.String(), Type.Object({ secret: Type.String() }, { 'x-plain': true })])

export const Secrets = Type.Record(Type.String(), Type.Object({ source: NonEmpty }), { default: {} })

export const ExecutorResources = Type.Object({
  cpus: Amount(0.1, 0.1),
  mem: Amount(32, 32),
  disk: Amount(10, 10),
})

export const KillSelection = Type.Enum(['YOUNGEST_FIRST', 'OLDEST_FIRST'], { default: 'YOUNGEST_FIRST' })

/** Any string stands for `disabled` (app-definition 7). */
export const UnreachableStrategy = Type.Union(
  [Type.String(), Type.Object({ inactiveAfterSeconds: Seconds64(0), expungeAfterSeconds: Seconds64(0) })],
  { 'x-name': 'UnreachableStrategy' },
)

/** What an answer shows beside the definition, and what older versions had: people send back what they were given. */
export const ignoredAppFields = [
  'tasksStaged',
  'tasksRunning',
  'tasksHealthy',
  'tasksUnhealthy',
  'deployments',
  'readinessCheckResults',
  'tasks',
  'lastTaskFailure',
  'tasksStats',
  'taskStats',
  'taskRateLimit',
]

const appFields = {
  id: PathId,
  acceptedResourceRoles: Type.Optional(Type.Array(Type.String(), { uniqueItems: true })),
  args: Type.Array(Type.String(), { default: [] }),
  backoffFactor: Amount(1, 1.15),
  backoffSeconds: Count(1),
  cmd: Type.Optional(NonEmpty),
  constraints: Type.Array(Type.Array(Type.String(), { minItems: 2, maxItems: 3 }), {
    uniqueItems: true,
    default: [],
  }),
  container: Type.Optional(Container),
  cpus: Amount(0.001, 1),
  dependencies: Type.Array(PathId, { uniqueItems: true, default: [] }),
  disk: Amount(0, 0),
  env: Type.Record(Type.String(), EnvVar, { default: {} }),
  executor: Type.String({ pattern: '^(?:(?://cmd)|(?:/?[^/]+(?:/[^/]+)*)|)$', default: '' }),
  executorResources: Type.Optional(ExecutorResources),
  fetch: Type.Array(Artifact, { default: [] }),
  healthChecks: Type.Array(AppHealthCheck, { uniqueItems: true, default: [] }),
  check: Type.Optional(AppCheck),
  instances: Count(1),
  labels: LabelsOrNone,
  maxLaunchDelaySeconds: Count(300),
  mem: Amount(0, 128),
  gpus: Count(0),
  ipAddress: Type.Optional(IpAddress),
  networks: Type.Array(Network, { default: [] }),
  /** Deprecated in favour of portDefinitions; never returned. */
  ports: Type.Optional(Type.Array(AnyPort)),
  portDefinitions: Type.Optional(Type.Array(PortDefinition)),
  readinessChecks: Type.Array(ReadinessCheck, { default: [] }),
  residency: Type.Optional(
    Type.Object({
      relaunchEscalationTimeoutSeconds: Seconds64(3600),
      taskLostBehavior: Type.Enum(['WAIT_FOREVER', 'RELAUNCH_AFTER_TIMEOUT'], { default: 'WAIT_FOREVER' }),
    }),
  ),
  resourceLimits: Type.Optional(ResourceLimits),
  requirePorts: Type.Boolean({ default: false }),
  secrets: Secrets,
  taskKillGracePeriodSeconds: Type.Optional(Type.Integer({ format: 'int32', minimum: 0 })),
  upgradeStrategy: Type.Optional(
    Type.Object({ maximumOverCapacity: Fraction, minimumHealthCapacity: Fraction, ...upgradeExtras }),
  ),
  /** Brought into the artifact store before the app starts, and fetched from there; never returned. */
  storeUrls: Type.Optional(Type.Array(Uri)),
  /** Deprecated in favour of fetch; never returned. */
  uris: Type.Optional(Type.Array(Uri)),
  user: Type.Optional(Type.String()),
  version: Type.Optional(Timestamp),
  versionInfo: Type.Optional(
    Type.Object({ lastScalingAt: Timestamp, lastConfigChangeAt: Timestamp }, { 'x-plain': true }),
  ),
  killSelection: KillSelection,
  unreachableStrategy: Type.Optional(UnreachableStrategy),
  tty: Type.Optional(Type.Boolean()),
  role: Type.Optional(NonEmpty),
}

export const App = Type.Object(appFields, { 'x-ignored': ignoredAppFields, 'x-name': 'App' })

/** Every field optional and none defaulted; what is inside a given field is complete, as in `App`. */
export const AppUpdate = Type.Partial(App, { 'x-ignored': ignoredAppFields, 'x-name': 'AppUpdate' })

export type AppInput = Type.Static<typeof App>
export type AppUpdateInput = Type.Static<typeof AppUpdate>
export type ContainerInput = NonNullable<AppInput['container']>
export type DockerInput = NonNullable<ContainerInput['docker']>
export type VolumeInput = ContainerInput['volumes'][number]
export type PersistentVolumeInput = Extract<VolumeInput, { persistent: unknown }>['persistent']
export type PortMappingInput = NonNullable<ContainerInput['portMappings']>[number]
export type PortDefinitionInput = NonNullable<AppInput['portDefinitions']>[number]
export type NetworkInput = AppInput['networks'][number]
export type IpAddressInput = NonNullable<AppInput['ipAddress']>
export type HealthCheckInput = AppInput['healthChecks'][number]
export type CheckInput = NonNullable<AppInput['check']>
export type ReadinessCheckInput = AppInput['readinessChecks'][number]
