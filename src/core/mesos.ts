// The words the core and its engines share: offers, operations, tasks, statuses. The names and meanings are those
// of Apache Mesos' v1 scheduler API; the local and the simulated engine speak them too, so that there is one
// scheduler and three ways to run what it decides.

import type { Duration, Instant } from '../lib/instant.ts'

export type AgentId = string
export type OfferId = string
export type TaskId = string

export interface Range {
  readonly begin: number
  readonly end: number
}

/** One resource entry. `role` is `*` or the role it is reserved for. */
export interface Resource {
  readonly name: 'cpus' | 'mem' | 'disk' | 'gpus' | 'ports' | (string & {})
  /** For SCALAR resources: cpus in cores, mem and disk in MiB, gpus in pieces. */
  readonly scalar?: number
  /** For RANGES resources (ports), inclusive on both ends. */
  readonly ranges?: readonly Range[]
  readonly set?: readonly string[]
  readonly role: string
  /** The stack of reservations, each a refinement of the one before; the last is in force and has the `role`. */
  readonly reservations?: readonly Reservation[]
  readonly disk?: DiskInfo
  /** Several tasks may use it at the same time. */
  readonly shared?: true
  readonly providerId?: string
}

export interface Reservation {
  /** STATIC: made by the agent's operator, for good; DYNAMIC: made by an operation. */
  readonly type: 'STATIC' | 'DYNAMIC'
  readonly role: string
  readonly principal?: string
  readonly labels: Readonly<Record<string, string>>
}

/** The reservation in force. */
export const reservationOf = ({ reservations }: Resource): Reservation | undefined => reservations?.at(-1)

export interface DiskInfo {
  readonly persistence?: { readonly id: string; readonly principal?: string }
  readonly volume?: { readonly containerPath: string; readonly mode: 'RO' | 'RW' }
  readonly source?: {
    readonly type: 'PATH' | 'MOUNT' | 'BLOCK' | 'RAW'
    readonly root?: string
    readonly profile?: string
    /** Of disks that a resource provider has: told back as they came. */
    readonly id?: string
    readonly vendor?: string
    readonly metadata?: Readonly<Record<string, string>>
  }
}

export interface Attribute {
  readonly name: string
  readonly text?: string
  readonly scalar?: number
  readonly ranges?: readonly Range[]
  readonly set?: readonly string[]
}

export interface Offer {
  readonly id: OfferId
  readonly agentId: AgentId
  /** The name constraints on `hostname` see. */
  readonly hostname: string
  /** The address tasks are reached at, when it differs from `hostname` (virtual agents of the local engine). */
  readonly address?: string
  /** The role the offer is allocated to; absent: to whoever needs it (engines that serve this Marathon alone). */
  readonly role?: string
  readonly resources: readonly Resource[]
  readonly attributes: readonly Attribute[]
  readonly region?: string
  readonly zone?: string
  /** Planned maintenance of the agent. */
  readonly unavailability?: { readonly start: Instant; readonly duration?: Duration }
}

/** The master would like to have an agent's resources back for its maintenance. */
export interface InverseOffer {
  readonly id: OfferId
  readonly agentId: AgentId
  readonly unavailability: { readonly start: Instant; readonly duration?: Duration }
}

export const taskStates = [
  'TASK_STAGING',
  'TASK_STARTING',
  'TASK_RUNNING',
  'TASK_KILLING',
  'TASK_FINISHED',
  'TASK_FAILED',
  'TASK_KILLED',
  'TASK_ERROR',
  'TASK_LOST',
  'TASK_DROPPED',
  'TASK_UNREACHABLE',
  'TASK_GONE',
  'TASK_GONE_BY_OPERATOR',
  'TASK_UNKNOWN',
] as const
export type TaskState = (typeof taskStates)[number]

export interface IpAddress {
  readonly ipAddress: string
  readonly protocol: 'IPv4' | 'IPv6'
  /** The name of the network it is in; none on the host's. */
  readonly network?: string
}

export interface TaskStatus {
  readonly taskId: TaskId
  readonly state: TaskState
  /** When the engine saw it. */
  readonly timestamp: Instant
  /** `REASON_…` */
  readonly reason?: string
  readonly message?: string
  readonly agentId?: AgentId
  /** The flag of a health check run by the engine. */
  readonly healthy?: boolean
  /** What the task's check found last. */
  readonly check?: CheckResult
  readonly ipAddresses?: readonly IpAddress[]
  /** With TASK_UNREACHABLE: since when. */
  readonly unreachableSince?: Instant
  /** Present when the engine repeats the status until it is acknowledged. */
  readonly uuid?: string
}

/** What an engine is asked to run: everything decided, nothing left to choose. */
export interface TaskInfo {
  /** The reversed path joined by dots; in a pod the name of the container (runtime 2). */
  readonly name: string
  readonly taskId: TaskId
  readonly agentId: AgentId
  readonly resources: readonly Resource[]
  /** Upper bounds where they differ from the resources; `Infinity` is unlimited. */
  readonly limits?: { readonly cpus?: number; readonly mem?: number }
  readonly command: CommandInfo
  readonly container?: ContainerInfo
  readonly killGracePeriod?: Duration
  readonly labels: Readonly<Record<string, string>>
  readonly discovery: DiscoveryInfo
  /** The path of a custom executor, when the app names one; `command` is then the executor's own. */
  readonly executor?: string
  /** What that executor takes of the agent besides the task, in the order cpus, mem, disk. */
  readonly executorResources?: readonly Resource[]
  /** The check an engine runs itself, telling the outcome in the `healthy` flag of statuses. */
  readonly healthCheck?: HealthCheckInfo
  /** What an engine asks the task from time to time, telling the answer in statuses: nothing follows from it. */
  readonly check?: CheckInfo
}

/** Exactly one of http, tcp and command is present. */
export interface CheckInfo {
  readonly http?: { readonly port: number; readonly path?: string }
  readonly tcp?: { readonly port: number }
  readonly command?: Pick<CommandInfo, 'shell' | 'value' | 'arguments'>
  readonly delay: Duration
  readonly interval: Duration
  readonly timeout: Duration
}

/** One of them at most; none before the first answer. */
export interface CheckResult {
  readonly http?: { readonly statusCode: number }
  readonly tcp?: { readonly succeeded: boolean }
  readonly command?: { readonly exitCode: number }
}

/** Exactly one of http, tcp and command is present. */
export interface HealthCheckInfo {
  readonly http?: {
    readonly scheme: 'http' | 'https'
    readonly port: number
    readonly path?: string
    /** Of the address asked; absent: IPv4. */
    readonly ipProtocol?: 'IPv4' | 'IPv6'
  }
  readonly tcp?: { readonly port: number; readonly ipProtocol?: 'IPv4' | 'IPv6' }
  readonly command?: Pick<CommandInfo, 'shell' | 'value' | 'arguments'>
  readonly delay: Duration
  readonly interval: Duration
  readonly timeout: Duration
  readonly gracePeriod: Duration
  readonly consecutiveFailures: number
}

export interface CommandInfo {
  /** True: `value` is a shell line; false: `arguments` are executed directly. */
  readonly shell: boolean
  readonly value?: string
  readonly arguments?: readonly string[]
  readonly user?: string
  readonly environment: readonly { readonly name: string; readonly value: string }[]
  /** Variables whose values the engine looks up; none of them is in `environment`. */
  readonly secrets?: readonly SecretVariable[]
  readonly uris: readonly CommandUri[]
}

export interface SecretVariable {
  readonly name: string
  /** Where the engine finds the value: the source the definition gives. */
  readonly secret: string
}

export interface CommandUri {
  readonly value: string
  readonly extract: boolean
  readonly executable: boolean
  readonly cache: boolean
  readonly outputFile?: string
}

/** The app's container as the engine needs it; engines that cannot run one refuse it by name. */
export interface ContainerInfo {
  readonly type: 'DOCKER' | 'MESOS'
  readonly image?: string
  readonly forcePullImage?: boolean
  readonly privileged?: boolean
  readonly parameters?: readonly { readonly key: string; readonly value: string }[]
  /** DOCKER only. */
  readonly network?: 'HOST' | 'BRIDGE' | 'USER'
  /** DOCKER on a USER network: its name. */
  readonly networkNames?: readonly string[]
  /** DOCKER only: one per protocol. */
  readonly portMappings?: readonly MappedPort[]
  /** MESOS only: the networks the container joins; none on the host network. */
  readonly networks?: readonly ContainerNetwork[]
  /** MESOS only: the secret that holds the registry's credentials. */
  readonly pullSecret?: string
  /** MESOS only. */
  readonly linuxInfo?: LinuxInfo
  readonly tty?: true
  readonly volumes?: readonly MountedVolume[]
}

export interface LinuxInfo {
  readonly seccomp?: { readonly profileName?: string; readonly unconfined: boolean }
  /** `shmSize` in MiB. */
  readonly ipcInfo?: { readonly mode: 'PRIVATE' | 'SHARE_PARENT'; readonly shmSize?: number }
  /** Of a pod: whether its containers share the limits of the executor. */
  readonly shareCgroups?: boolean
}

/** A folder of the host, or what `source` says. */
export interface MountedVolume {
  readonly containerPath: string
  readonly mode: 'RO' | 'RW'
  readonly hostPath?: string
  readonly source?: VolumeSource
}

export type VolumeSource =
  | {
      readonly type: 'SANDBOX_PATH'
      readonly sandboxPath: { readonly type: 'PARENT'; readonly path: string }
    }
  | {
      readonly type: 'DOCKER_VOLUME'
      readonly dockerVolume: {
        readonly driver: string
        readonly name: string
        readonly driverOptions?: Readonly<Record<string, string>>
      }
    }
  | { readonly type: 'CSI_VOLUME'; readonly csiVolume: CsiVolumeSource }
  /** A file with what the engine looks up. */
  | { readonly type: 'SECRET'; readonly secret: string }

export interface CsiVolumeSource {
  readonly pluginName: string
  readonly staticProvisioning: {
    readonly volumeId: string
    readonly volumeCapability: {
      readonly accessMode: string
      /** This, or `block`. */
      readonly mount?: { readonly fsType: string; readonly mountFlags: readonly string[] }
      readonly block?: Readonly<Record<string, never>>
    }
    /** By the key the plugin wants them under: where the engine finds each. */
    readonly nodeStageSecrets: Readonly<Record<string, string>>
    readonly nodePublishSecrets: Readonly<Record<string, string>>
    readonly volumeContext: Readonly<Record<string, string>>
  }
}

export interface MappedPort {
  readonly hostPort: number
  readonly containerPort: number
  readonly protocol: string
}

export interface ContainerNetwork {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly portMappings: readonly MappedPort[]
}

export interface DiscoveryInfo {
  readonly visibility: 'FRAMEWORK'
  readonly name: string
  readonly ports: readonly {
    readonly number: number
    readonly name?: string
    readonly protocol: string
    readonly labels?: Readonly<Record<string, string>>
  }[]
}

/** What the tasks of a pod instance run in: the default executor of Mesos. */
export interface ExecutorInfo {
  readonly executorId: string
  readonly resources: readonly Resource[]
  readonly labels: Readonly<Record<string, string>>
  /** Networks, volumes and limits that the tasks share. */
  readonly container?: ContainerInfo
}

export type Operation =
  | { readonly type: 'LAUNCH'; readonly tasks: readonly TaskInfo[] }
  /** All of them run, or none: the tasks of one pod instance. */
  | { readonly type: 'LAUNCH_GROUP'; readonly executor: ExecutorInfo; readonly tasks: readonly TaskInfo[] }
  /** The resources as they will be: with the reservation to be made as the last of their stack. */
  | { readonly type: 'RESERVE'; readonly resources: readonly Resource[] }
  /** The resources as they are: the last reservation of their stack goes. */
  | { readonly type: 'UNRESERVE'; readonly resources: readonly Resource[] }
  /** The volumes as they will be: reserved disk with `disk.persistence` and `disk.volume`. */
  | { readonly type: 'CREATE'; readonly volumes: readonly Resource[] }
  | { readonly type: 'DESTROY'; readonly volumes: readonly Resource[] }

/** What an operation starts; most kinds start nothing. */
export const launchedTasks = (operation: Operation): readonly TaskInfo[] =>
  operation.type === 'LAUNCH' || operation.type === 'LAUNCH_GROUP' ? operation.tasks : []
