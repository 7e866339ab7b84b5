// The app definition as the program keeps it: normalised, validated, every default filled in, property names
// and shapes those of the wire (app-definition 2). What users send is parsed by spec/parse, brought into this
// form by spec/normalise and checked by spec/validate; spec/render writes it.

import type { Version } from '../lib/instant.ts'
import type { PathId } from '../lib/path-id.ts'

export interface App {
  /** Absolute. */
  readonly id: PathId
  readonly acceptedResourceRoles?: readonly string[]
  readonly args?: readonly string[]
  readonly backoffFactor: number
  readonly backoffSeconds: number
  readonly cmd?: string
  readonly constraints: readonly Constraint[]
  readonly container?: Container
  readonly cpus: number
  readonly dependencies: readonly PathId[]
  /** MiB. */
  readonly disk: number
  readonly env: Readonly<Record<string, EnvValue>>
  readonly executor: string
  readonly executorResources?: ExecutorResources
  readonly fetch: readonly Artifact[]
  readonly healthChecks: readonly AppHealthCheck[]
  readonly check?: AppCheck
  readonly instances: number
  readonly labels: Readonly<Record<string, string>>
  readonly maxLaunchDelaySeconds: number
  /** MiB. */
  readonly mem: number
  readonly gpus: number
  /** At least one; `[{mode: 'host'}]` by default. */
  readonly networks: readonly Network[]
  /** Host mode only; absent otherwise. */
  readonly portDefinitions?: readonly PortDefinition[]
  readonly readinessChecks: readonly ReadinessCheck[]
  readonly residency?: {
    readonly relaunchEscalationTimeoutSeconds: number
    readonly taskLostBehavior: string
  }
  readonly resourceLimits?: { readonly cpus?: number | 'unlimited'; readonly mem?: number | 'unlimited' }
  readonly requirePorts: boolean
  readonly secrets: Readonly<Record<string, { readonly source: string }>>
  /** What this version brings into the artifact store; `fetch` names it there. Later versions do not repeat it. */
  readonly storeUrls?: readonly string[]
  readonly taskKillGracePeriodSeconds?: number
  readonly upgradeStrategy: UpgradeStrategy
  readonly user?: string
  readonly version: Version
  readonly versionInfo: VersionInfo
  readonly killSelection: 'YOUNGEST_FIRST' | 'OLDEST_FIRST'
  readonly unreachableStrategy: UnreachableStrategy
  readonly tty?: boolean
  readonly role: string
}

/** An app before it has a version: what normalising gives and what two versions are compared by. */
export type AppSpec = Omit<App, 'version' | 'versionInfo'>

export interface VersionInfo {
  readonly lastScalingAt: Version
  readonly lastConfigChangeAt: Version
}

/** `[field, operator]` or `[field, operator, value]`. */
export type Constraint = readonly [field: string, operator: ConstraintOperator, value?: string]
export type ConstraintOperator = 'UNIQUE' | 'CLUSTER' | 'GROUP_BY' | 'LIKE' | 'UNLIKE' | 'MAX_PER' | 'IS'

export type EnvValue = string | { readonly secret: string }

export interface ExecutorResources {
  readonly cpus: number
  readonly mem: number
  readonly disk: number
}

export interface Artifact {
  readonly uri: string
  readonly extract: boolean
  readonly executable: boolean
  readonly cache: boolean
  readonly destPath?: string
}

export interface Network {
  readonly mode: 'host' | 'container' | 'container/bridge'
  readonly name?: string
  readonly labels?: Readonly<Record<string, string>>
}

export interface PortDefinition {
  /** The service port. */
  readonly port: number
  readonly name?: string
  readonly protocol: string
  readonly labels?: Readonly<Record<string, string>>
}

export interface PortMapping {
  readonly containerPort: number
  /** Absent: no host port (container networks only); 0: any. */
  readonly hostPort?: number
  readonly servicePort: number
  readonly name?: string
  readonly protocol: string
  readonly labels: Readonly<Record<string, string>>
  readonly networkNames?: readonly string[]
}

export interface Container {
  readonly type: 'DOCKER' | 'MESOS'
  readonly docker?: DockerContainer
  readonly linuxInfo?: LinuxInfo
  readonly volumes: readonly Volume[]
  /** Not in host mode. */
  readonly portMappings?: readonly PortMapping[]
}

export type LinuxInfo = {
  readonly seccomp?: { readonly profileName?: string; readonly unconfined: boolean }
  /** shmSize in MiB. */
  readonly ipcInfo?: { readonly mode: 'PRIVATE' | 'SHARE_PARENT'; readonly shmSize?: number }
}

export interface DockerContainer {
  readonly image: string
  readonly forcePullImage: boolean
  readonly parameters: readonly { readonly key: string; readonly value: string }[]
  readonly privileged: boolean
  readonly pullConfig?: { readonly secret: string }
}

export type Volume =
  | { readonly containerPath: string; readonly hostPath: string; readonly mode: 'RO' | 'RW' }
  | { readonly containerPath: string; readonly mode: 'RO' | 'RW'; readonly persistent: PersistentVolume }
  | { readonly containerPath: string; readonly mode: 'RO' | 'RW'; readonly external: DvdiVolume | CsiVolume }
  | { readonly containerPath: string; readonly secret: string }

export type DvdiVolume = {
  /** GiB. */
  readonly size?: number
  readonly name: string
  readonly provider: string
  readonly options: Readonly<Record<string, string>>
  readonly shared: boolean
}

export type CsiVolume = {
  readonly name: string
  readonly provider: 'csi'
  readonly options: {
    readonly pluginName: string
    readonly capability: {
      readonly accessMode: string
      readonly accessType: 'block' | 'mount'
      readonly fsType?: string
      readonly mountFlags?: readonly string[]
    }
    readonly nodeStageSecret?: Readonly<Record<string, string>>
    readonly nodePublishSecret?: Readonly<Record<string, string>>
    readonly volumeContext?: Readonly<Record<string, string>>
  }
}

export interface PersistentVolume {
  readonly type: 'root' | 'path' | 'mount'
  readonly size: number
  readonly maxSize?: number
  readonly profileName?: string
  readonly constraints: readonly (readonly string[])[]
}

export interface AppHealthCheck {
  readonly protocol: 'HTTP' | 'HTTPS' | 'TCP' | 'COMMAND' | 'MESOS_HTTP' | 'MESOS_HTTPS' | 'MESOS_TCP'
  readonly command?: { readonly value: string }
  readonly path?: string
  readonly port?: number
  readonly portIndex?: number
  readonly gracePeriodSeconds: number
  readonly intervalSeconds: number
  readonly timeoutSeconds: number
  readonly maxConsecutiveFailures: number
  readonly delaySeconds: number
  readonly ipProtocol: 'IPv4' | 'IPv6'
  readonly ignoreHttp1xx?: boolean
}

/** Exactly one of http, tcp and exec is present. */
export type AppCheck = {
  readonly http?: {
    readonly portIndex?: number
    readonly port?: number
    readonly path?: string
    readonly scheme: 'HTTP' | 'HTTPS'
  }
  readonly tcp?: { readonly portIndex?: number; readonly port?: number }
  readonly exec?: { readonly command: { readonly shell: string } | { readonly argv: readonly string[] } }
  readonly intervalSeconds: number
  readonly timeoutSeconds: number
  readonly delaySeconds: number
}

export interface ReadinessCheck {
  readonly name: string
  readonly protocol: 'HTTP' | 'HTTPS'
  readonly path: string
  readonly portName: string
  readonly intervalSeconds: number
  readonly timeoutSeconds: number
  readonly httpStatusCodesForReady: readonly number[]
  readonly preserveLastResponse: boolean
}

export interface UpgradeStrategy {
  readonly minimumHealthCapacity: number
  readonly maximumOverCapacity: number
  /** A deployment that gets no further for so long has failed, and is rolled back; absent: it may take for ever. */
  readonly progressDeadlineSeconds?: number
  /** A new configuration is tried on so many instances first; absent: there is no trial. */
  readonly canarySteps?: readonly CanaryStep[]
}

/** One of `instances` and `percent`: how many of the new configuration there are at the end of the step. */
export interface CanaryStep {
  readonly instances?: number
  readonly percent?: number
  /** How long the deployment then pauses; absent: until somebody promotes it. */
  readonly pauseSeconds?: number
}

export type UnreachableStrategy =
  | 'disabled'
  | { readonly inactiveAfterSeconds: number; readonly expungeAfterSeconds: number }
