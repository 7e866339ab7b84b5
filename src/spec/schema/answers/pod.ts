// Pods as answers show them (app-definition 3, 6, examples 4): the definition, and how its instances are doing.

import * as Type from 'typebox'
import { App } from '../app.ts'
import { MesosCommand } from '../checks.ts'
import { LinuxInfo } from '../container.ts'
import { Network } from '../network.ts'
import { HttpScheme, NonEmpty } from '../primitives.ts'
import { upgradeExtras } from '../upgrade.ts'
import { PersistentVolumeInfo } from '../volume.ts'
import { AbsoluteId, Count, Texts, Time } from './primitives.ts'
import { LocalVolume } from './task.ts'

const Port = Type.Integer({ minimum: 0, maximum: 65_535 })
const Fraction = Type.Number({ minimum: 0, maximum: 1 })

const PodResources = Type.Object({
  cpus: Type.Number(),
  mem: Type.Number({ description: 'MiB' }),
  disk: Type.Number({ description: 'MiB' }),
  gpus: Type.Number(),
})

const Endpoint = Type.Object({
  name: NonEmpty,
  containerPort: Type.Optional(Port),
  hostPort: Type.Optional(Port),
  protocol: Type.Optional(Type.Array(Type.String())),
  labels: Type.Optional(Texts),
  networkNames: Type.Optional(Type.Array(Type.String())),
})

/** Exactly one of http, tcp and exec. */
const PodHealthCheck = Type.Object({
  http: Type.Optional(
    Type.Object({ endpoint: NonEmpty, path: Type.Optional(Type.String()), scheme: HttpScheme }),
  ),
  tcp: Type.Optional(Type.Object({ endpoint: NonEmpty })),
  exec: Type.Optional(Type.Object({ command: MesosCommand })),
  gracePeriodSeconds: Count,
  intervalSeconds: Count,
  maxConsecutiveFailures: Count,
  timeoutSeconds: Count,
  delaySeconds: Count,
})

const PodContainer = Type.Object(
  {
    name: NonEmpty,
    exec: Type.Optional(
      Type.Object({ command: MesosCommand, overrideEntrypoint: Type.Optional(Type.Boolean()) }),
    ),
    resources: PodResources,
    resourceLimits: App.properties.resourceLimits,
    endpoints: Type.Optional(Type.Array(Endpoint)),
    linuxInfo: Type.Optional(LinuxInfo),
    image: Type.Optional(
      Type.Object({
        kind: Type.Enum(['DOCKER']),
        id: NonEmpty,
        pullConfig: Type.Optional(Type.Object({ secret: NonEmpty })),
        forcePull: Type.Optional(Type.Boolean()),
        labels: Type.Optional(Texts),
      }),
    ),
    environment: Type.Optional(App.properties.env),
    user: Type.Optional(Type.String()),
    healthCheck: Type.Optional(PodHealthCheck),
    volumeMounts: Type.Optional(
      Type.Array(
        Type.Object({ name: NonEmpty, mountPath: NonEmpty, readOnly: Type.Optional(Type.Boolean()) }),
      ),
    ),
    artifacts: Type.Optional(App.properties.fetch),
    labels: Type.Optional(Texts),
    lifecycle: Type.Optional(Type.Object({ killGracePeriodSeconds: Type.Optional(Type.Number()) })),
    tty: Type.Optional(Type.Boolean()),
  },
  { 'x-name': 'PodContainer' },
)

const PodVolume = Type.Union([
  Type.Object({ name: NonEmpty, host: NonEmpty }),
  Type.Object({ name: NonEmpty, persistent: PersistentVolumeInfo }),
  Type.Object({ name: NonEmpty, secret: NonEmpty }),
  Type.Object({ name: NonEmpty }),
])

const Scheduling = Type.Object({
  backoff: Type.Object({
    backoff: Type.Number(),
    backoffFactor: Type.Number(),
    maxLaunchDelay: Type.Number(),
  }),
  upgrade: Type.Object({ minimumHealthCapacity: Fraction, maximumOverCapacity: Fraction, ...upgradeExtras }),
  placement: Type.Object({
    constraints: Type.Optional(
      Type.Array(
        Type.Object({
          fieldName: Type.String(),
          operator: Type.String(),
          value: Type.Optional(Type.String()),
        }),
      ),
    ),
    acceptedResourceRoles: Type.Optional(Type.Array(Type.String())),
  }),
  killSelection: App.properties.killSelection,
  unreachableStrategy: App.properties.unreachableStrategy,
})

export const ShownPod = Type.Object(
  {
    id: AbsoluteId,
    labels: Type.Optional(Texts),
    version: Time,
    user: Type.Optional(Type.String()),
    environment: Type.Optional(App.properties.env),
    containers: Type.Array(PodContainer),
    secrets: Type.Optional(App.properties.secrets),
    volumes: Type.Optional(Type.Array(PodVolume)),
    networks: Type.Optional(Type.Array(Network)),
    scaling: Type.Object({ instances: Count, kind: Type.Enum(['fixed']) }),
    scheduling: Scheduling,
    executorResources: Type.Object({ cpus: Type.Number(), mem: Type.Number(), disk: Type.Number() }),
    role: Type.String(),
    linuxInfo: Type.Optional(LinuxInfo),
    legacySharedCgroups: Type.Optional(Type.Boolean()),
  },
  { 'x-name': 'Pod', description: 'A pod as it is kept' },
)

const Condition = Type.Object({
  name: Type.String(),
  lastChanged: Time,
  lastUpdated: Time,
  value: Type.String(),
  reason: Type.Optional(Type.String()),
})

const ContainerStatus = Type.Object(
  {
    name: Type.String(),
    status: Type.String({ description: 'TASK_RUNNING and the other states of Mesos' }),
    statusSince: Time,
    message: Type.Optional(Type.String()),
    conditions: Type.Array(Condition),
    containerId: Type.Optional(Type.String()),
    endpoints: Type.Array(
      Type.Object({
        name: Type.String(),
        allocatedHostPort: Type.Optional(Port),
        healthy: Type.Optional(Type.Boolean()),
      }),
    ),
    resources: Type.Optional(PodResources),
    lastUpdated: Time,
    lastChanged: Time,
  },
  { 'x-name': 'ContainerStatus' },
)

const PodInstanceStatus = Type.Object(
  {
    id: Type.String(),
    status: Type.Enum(['PENDING', 'STAGING', 'STABLE', 'DEGRADED', 'TERMINAL']),
    statusSince: Time,
    message: Type.Optional(Type.String()),
    conditions: Type.Array(Condition),
    agentHostname: Type.Optional(Type.String()),
    agentId: Type.Optional(Type.String()),
    agentRegion: Type.Optional(Type.String()),
    agentZone: Type.Optional(Type.String()),
    resources: PodResources,
    networks: Type.Array(
      Type.Object({ name: Type.Optional(Type.String()), addresses: Type.Array(Type.String()) }),
    ),
    containers: Type.Array(ContainerStatus),
    specReference: Type.String({ description: 'The path of the version it runs' }),
    localVolumes: Type.Array(LocalVolume),
    lastUpdated: Time,
    lastChanged: Time,
    role: Type.String(),
  },
  { 'x-name': 'PodInstanceStatus' },
)

const Termination = Type.Object({
  instanceID: Type.String(),
  startedAt: Time,
  terminatedAt: Time,
  message: Type.Optional(Type.String()),
  containers: Type.Array(Type.Object({ containerId: Type.String(), lastKnownState: Type.String() })),
})

export const PodStatus = Type.Object(
  {
    id: AbsoluteId,
    spec: ShownPod,
    status: Type.Enum(['DEGRADED', 'STABLE', 'TERMINAL']),
    statusSince: Time,
    message: Type.Optional(Type.String()),
    instances: Type.Array(PodInstanceStatus),
    terminationHistory: Type.Array(Termination),
    lastUpdated: Time,
    lastChanged: Time,
  },
  { 'x-name': 'PodStatus' },
)

/** An instance as it was before it was told to end. */
export const KilledInstance = Type.Object(
  {
    instanceId: Type.String(),
    state: Type.Object({
      condition: Type.String(),
      since: Time,
      activeSince: Type.Optional(Time),
      healthy: Type.Optional(Type.Boolean()),
      goal: Type.Enum(['Running', 'Stopped', 'Decommissioned']),
    }),
    agentInfo: Type.Optional(
      Type.Object({
        host: Type.String(),
        agentId: Type.Optional(Type.String()),
        region: Type.Optional(Type.String()),
        zone: Type.Optional(Type.String()),
        attributes: Type.Array(Type.Unknown()),
      }),
    ),
    runSpecVersion: Time,
    unreachableStrategy: App.properties.unreachableStrategy,
  },
  { 'x-name': 'KilledInstance' },
)

export const PodList = Type.Array(ShownPod)
export const PodStatusList = Type.Array(PodStatus)
export const PodVersions = Type.Array(Time)
export const KilledInstances = Type.Array(KilledInstance)
