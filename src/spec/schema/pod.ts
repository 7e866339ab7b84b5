// The pod definition as users send it (app-definition 3). As in schema/app.ts, a field with a `default` is
// not required of users and always present after parsing.

import * as Type from 'typebox'
import { limits } from '../../lib/limits.ts'
import {
  Amount,
  Artifact,
  EnvVar,
  ExecutorResources,
  KillSelection,
  ResourceLimits,
  Secrets,
  UnreachableStrategy,
} from './app.ts'
import { MesosCommand } from './checks.ts'
import { LinuxInfo, PullConfig } from './container.ts'
import { Network } from './network.ts'
import {
  AnyPort,
  Count,
  HttpScheme,
  LabelsOrNone,
  Name,
  NonEmpty,
  Path,
  PathId,
  Port,
  Timestamp,
} from './primitives.ts'
import { upgradeExtras } from './upgrade.ts'
import { PersistentVolumeInfo } from './volume.ts'

const seconds = { minimum: 0, maximum: limits.podSeconds } as const

const Environment = Type.Record(Type.String({ pattern: '^[a-zA-Z_][a-zA-Z0-9_]{0,253}$' }), EnvVar, {
  default: {},
})

const Endpoint = Type.Object(
  {
    name: Name,
    containerPort: Type.Optional(Port),
    hostPort: Type.Optional(AnyPort),
    protocol: Type.Array(Type.String(), { minItems: 1, default: [] }),
    labels: LabelsOrNone,
    networkNames: Type.Array(Type.String(), { default: [] }),
  },
  { 'x-name': 'Endpoint' },
)

const Image = Type.Object(
  {
    kind: Type.Enum(['DOCKER']),
    id: Path,
    pullConfig: Type.Optional(PullConfig),
    forcePull: Type.Optional(Type.Boolean()),
    labels: LabelsOrNone,
  },
  { 'x-name': 'Image' },
)

/** Of a health check or a check, of which exactly one is given; that is not a matter of shape. */
const probes = {
  http: Type.Optional(Type.Object({ endpoint: Name, path: Type.Optional(Path), scheme: HttpScheme })),
  tcp: Type.Optional(Type.Object({ endpoint: Name })),
  exec: Type.Optional(Type.Object({ command: MesosCommand }, { 'x-plain': true })),
}

const HealthCheck = Type.Object(
  {
    ...probes,
    gracePeriodSeconds: Count(300),
    intervalSeconds: Count(60),
    maxConsecutiveFailures: Count(3),
    timeoutSeconds: Count(20),
    delaySeconds: Count(15),
  },
  { 'x-name': 'PodHealthCheck' },
)

/** Accepted, and never kept. */
const Check = Type.Object({
  ...probes,
  intervalSeconds: Count(60),
  timeoutSeconds: Count(20),
  delaySeconds: Count(15),
})

const VolumeMount = Type.Object({
  name: Name,
  mountPath: Path,
  readOnly: Type.Boolean({ default: false }),
})

const Resources = Type.Object({
  cpus: Amount(0.001, 1),
  mem: Amount(0.001, 128),
  disk: Amount(0, 0),
  gpus: Count(0),
})

const PodContainer = Type.Object(
  {
    name: Name,
    exec: Type.Optional(
      Type.Object(
        { command: MesosCommand, overrideEntrypoint: Type.Optional(Type.Boolean()) },
        { 'x-plain': true },
      ),
    ),
    /** Required, and may be empty. */
    resources: Resources,
    resourceLimits: Type.Optional(ResourceLimits),
    endpoints: Type.Array(Endpoint, { default: [] }),
    linuxInfo: Type.Optional(LinuxInfo),
    image: Type.Optional(Image),
    environment: Environment,
    user: Type.Optional(Type.String()),
    healthCheck: Type.Optional(HealthCheck),
    check: Type.Optional(Check),
    volumeMounts: Type.Array(VolumeMount, { default: [] }),
    artifacts: Type.Array(Artifact, { default: [] }),
    labels: LabelsOrNone,
    lifecycle: Type.Optional(Type.Object({ killGracePeriodSeconds: Type.Optional(Type.Number(seconds)) })),
    tty: Type.Optional(Type.Boolean()),
  },
  { 'x-name': 'PodContainer' },
)

/** Told apart by their keys, so that an error in one does not make it another kind. */
const PodVolume = Type.Union(
  [
    Type.Object({ name: NonEmpty, persistent: PersistentVolumeInfo }, { 'x-marked-by': 'persistent' }),
    Type.Object({ name: NonEmpty, secret: NonEmpty }, { 'x-marked-by': 'secret' }),
    Type.Object({ name: Name, host: Type.String() }, { 'x-marked-by': 'host' }),
    /** Ephemeral. */
    Type.Object({ name: Name }),
  ],
  { 'x-name': 'PodVolume' },
)

const PlacementConstraint = Type.Object(
  {
    fieldName: Type.String(),
    operator: Type.Enum(['UNIQUE', 'CLUSTER', 'GROUP_BY', 'LIKE', 'UNLIKE', 'MAX_PER', 'IS']),
    value: Type.Optional(Type.String()),
  },
  { 'x-plain': true },
)

const Scheduling = Type.Object(
  {
    backoff: Type.Optional(
      Type.Object({
        backoff: Type.Number({ ...seconds, default: 1 }),
        backoffFactor: Amount(0, 1.15),
        maxLaunchDelay: Type.Number({ ...seconds, default: 300 }),
      }),
    ),
    upgrade: Type.Optional(
      Type.Object({
        minimumHealthCapacity: Type.Number({ minimum: 0, maximum: 1, default: 1 }),
        maximumOverCapacity: Type.Number({ minimum: 0, maximum: 1, default: 1 }),
        ...upgradeExtras,
      }),
    ),
    placement: Type.Optional(
      Type.Object({
        constraints: Type.Array(PlacementConstraint, { uniqueItems: true, default: [] }),
        acceptedResourceRoles: Type.Array(Type.String(), { default: [] }),
      }),
    ),
    killSelection: KillSelection,
    unreachableStrategy: Type.Optional(UnreachableStrategy),
  },
  { 'x-name': 'Scheduling' },
)

export const Pod = Type.Object(
  {
    id: PathId,
    labels: LabelsOrNone,
    version: Type.Optional(Timestamp),
    user: Type.Optional(Type.String()),
    environment: Environment,
    containers: Type.Array(PodContainer, { minItems: 1 }),
    secrets: Secrets,
    volumes: Type.Array(PodVolume, { default: [] }),
    networks: Type.Array(Network, { default: [] }),
    scaling: Type.Optional(
      Type.Object(
        /** How many there may be is a rule of validation. */
        { kind: Type.Enum(['fixed']), instances: Type.Integer({ format: 'int32', default: 1 }) },
        { 'x-kind': 'kind' },
      ),
    ),
    scheduling: Type.Optional(Scheduling),
    executorResources: Type.Optional(ExecutorResources),
    role: Type.Optional(NonEmpty),
    linuxInfo: Type.Optional(LinuxInfo),
    legacySharedCgroups: Type.Optional(Type.Boolean()),
  },
  { 'x-name': 'Pod' },
)

export type PodInput = Type.Static<typeof Pod>
export type PodContainerInput = PodInput['containers'][number]
export type PodEndpointInput = PodContainerInput['endpoints'][number]
export type PodVolumeInput = PodInput['volumes'][number]
export type PodHealthCheckInput = NonNullable<PodContainerInput['healthCheck']>
