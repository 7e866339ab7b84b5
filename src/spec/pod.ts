// The pod definition as the program keeps it: normalised, validated, every default filled in (app-definition 3). What
// the scheduler reads of every run spec (instances, back-off, constraints, strategies, role) has the names and shapes
// it has in apps; spec/normalise brings the wire's `scaling` and `scheduling` into them and spec/render back.

import type { Version } from '../lib/instant.ts'
import type { PathId } from '../lib/path-id.ts'
import type {
  Artifact,
  Constraint,
  EnvValue,
  ExecutorResources,
  LinuxInfo,
  Network,
  PersistentVolume,
  UnreachableStrategy,
  UpgradeStrategy,
  VersionInfo,
} from './app.ts'

export interface Pod {
  /** Tells pods from apps. */
  readonly kind: 'pod'
  /** Absolute. */
  readonly id: PathId
  readonly labels: Readonly<Record<string, string>>
  readonly user?: string
  /** `environment` on the wire. */
  readonly env: Readonly<Record<string, EnvValue>>
  /** At least one. */
  readonly containers: readonly PodContainer[]
  readonly secrets: Readonly<Record<string, { readonly source: string }>>
  readonly volumes: readonly PodVolume[]
  /** None means, as `[{mode: 'host'}]` says, the host's: what the user wrote of the two is what is shown. */
  readonly networks: readonly Network[]
  /** `scaling.instances` */
  readonly instances: number
  /** `scheduling.backoff.backoff` */
  readonly backoffSeconds: number
  /** `scheduling.backoff.backoffFactor` */
  readonly backoffFactor: number
  /** `scheduling.backoff.maxLaunchDelay` */
  readonly maxLaunchDelaySeconds: number
  /** `scheduling.upgrade` */
  readonly upgradeStrategy: UpgradeStrategy
  /** `scheduling.placement.constraints` */
  readonly constraints: readonly Constraint[]
  /** `scheduling.placement.acceptedResourceRoles`; absent when none are given. */
  readonly acceptedResourceRoles?: readonly string[]
  /** `scheduling.killSelection` */
  readonly killSelection: 'YOUNGEST_FIRST' | 'OLDEST_FIRST'
  /** `scheduling.unreachableStrategy` */
  readonly unreachableStrategy: UnreachableStrategy
  /** What the default executor of each instance takes besides the containers. */
  readonly executorResources: ExecutorResources
  readonly role: string
  readonly linuxInfo?: Pick<LinuxInfo, 'ipcInfo'>
  /** Present only when true. */
  readonly legacySharedCgroups?: true
  /** Pods depend on nothing themselves; the groups around them may. */
  readonly dependencies: readonly PathId[]
  readonly version: Version
  readonly versionInfo: VersionInfo
}

/** A pod before it has a version. */
export type PodSpec = Omit<Pod, 'version' | 'versionInfo'>

export interface PodContainer {
  readonly name: string
  readonly exec?: {
    readonly command: { readonly shell: string } | { readonly argv: readonly string[] }
    readonly overrideEntrypoint?: boolean
  }
  readonly resources: PodResources
  readonly resourceLimits?: { readonly cpus?: number | 'unlimited'; readonly mem?: number | 'unlimited' }
  readonly endpoints: readonly PodEndpoint[]
  readonly linuxInfo?: LinuxInfo
  readonly image?: {
    readonly kind: 'DOCKER'
    readonly id: string
    readonly pullConfig?: { readonly secret: string }
    readonly forcePull?: boolean
    readonly labels: Readonly<Record<string, string>>
  }
  /** `environment` on the wire. */
  readonly env: Readonly<Record<string, EnvValue>>
  readonly user?: string
  readonly healthCheck?: PodHealthCheck
  readonly volumeMounts: readonly PodVolumeMount[]
  readonly artifacts: readonly Artifact[]
  readonly labels: Readonly<Record<string, string>>
  readonly lifecycle?: { readonly killGracePeriodSeconds?: number }
  readonly tty?: boolean
}

export interface PodResources {
  /** Cores. */
  readonly cpus: number
  /** MiB. */
  readonly mem: number
  /** MiB. */
  readonly disk: number
  readonly gpus: number
}

export interface PodEndpoint {
  readonly name: string
  /** Container networks only. */
  readonly containerPort?: number
  /** 0: any. Absent: none, on a container network. */
  readonly hostPort?: number
  readonly protocol: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  readonly networkNames: readonly string[]
}

/** Exactly one of http, tcp and exec is present. */
export interface PodHealthCheck {
  readonly http?: { readonly endpoint: string; readonly path?: string; readonly scheme: 'HTTP' | 'HTTPS' }
  readonly tcp?: { readonly endpoint: string }
  readonly exec?: { readonly command: { readonly shell: string } | { readonly argv: readonly string[] } }
  readonly gracePeriodSeconds: number
  readonly intervalSeconds: number
  readonly maxConsecutiveFailures: number
  readonly timeoutSeconds: number
  readonly delaySeconds: number
}

export interface PodVolumeMount {
  readonly name: string
  readonly mountPath: string
  readonly readOnly: boolean
}

export type PodVolume =
  /** Ephemeral: lives and dies with the instance. */
  | { readonly name: string }
  | { readonly name: string; readonly host: string }
  | { readonly name: string; readonly persistent: PersistentVolume }
  | { readonly name: string; readonly secret: string }
