// The API's bodies, written from the schemas that the server reads bodies by and has its answers checked against:
// UPDATE_DOCS=1 npx vitest run tests/docs. Nothing here is typed by hand. A server of another version may send more.

/** What a call takes: a definition, or JSON text or an object that only the server judges. */
export type Body<T> = T | string | Readonly<Record<string, unknown>>

/** A machine, or a part of one. */
export interface Agent {
  readonly id: string
  readonly hostname: string
  readonly connected: boolean
  readonly attributes: Readonly<Record<string, unknown>>
  readonly resources: AgentResources
  readonly used: AgentResources
  readonly tasks: number
}

export interface AgentAnswer {
  readonly agent: Agent
}

export interface AgentList {
  readonly agents: readonly Agent[]
}

export interface AgentResources {
  readonly cpus?: number
  /** MiB. */
  readonly mem?: number
  /** MiB. */
  readonly disk?: number
  readonly gpus?: number
  readonly ports?: unknown
}

/** An app as it is kept. */
export interface App {
  readonly id: string
  readonly acceptedResourceRoles?: readonly string[]
  readonly args?: readonly string[]
  readonly backoffFactor: number
  readonly backoffSeconds: number
  readonly cmd?: string
  readonly constraints?: readonly (readonly string[])[]
  readonly container?: Container
  readonly cpus: number
  readonly dependencies?: readonly string[]
  readonly disk: number
  readonly env?: Readonly<Record<string, string | { readonly secret: string }>>
  readonly executor: string
  readonly executorResources?: { readonly cpus: number; readonly mem: number; readonly disk: number }
  readonly fetch?: readonly Artifact[]
  readonly healthChecks?: readonly HealthCheck[]
  readonly check?: Check
  readonly instances: number
  readonly labels: Readonly<Record<string, string>>
  readonly maxLaunchDelaySeconds: number
  readonly mem: number
  readonly gpus: number
  readonly networks: readonly Network[]
  readonly portDefinitions?: readonly Port[]
  readonly readinessChecks?: readonly ReadinessCheck[]
  readonly residency?: {
    readonly relaunchEscalationTimeoutSeconds: number
    readonly taskLostBehavior: 'WAIT_FOREVER' | 'RELAUNCH_AFTER_TIMEOUT'
  }
  readonly resourceLimits?: { readonly cpus?: string | number; readonly mem?: string | number }
  readonly requirePorts: boolean
  readonly secrets?: Readonly<Record<string, { readonly source: string }>>
  readonly taskKillGracePeriodSeconds?: number
  readonly upgradeStrategy: {
    readonly maximumOverCapacity: number
    readonly minimumHealthCapacity: number
    /** A deployment that stands still for so long is rolled back. */
    readonly progressDeadlineSeconds?: number
    readonly canarySteps?: readonly CanaryStep[]
  }
  readonly user?: string
  readonly version: string
  readonly versionInfo?: { readonly lastScalingAt: string; readonly lastConfigChangeAt: string }
  readonly killSelection: 'YOUNGEST_FIRST' | 'OLDEST_FIRST'
  readonly unreachableStrategy: UnreachableStrategy
  readonly tty?: boolean
  readonly role: string
}

export interface AppAnswer {
  readonly app: AppInfo
}

export interface AppDefinition {
  readonly id: string
  readonly acceptedResourceRoles?: readonly string[]
  readonly args?: readonly string[]
  readonly backoffFactor?: number
  readonly backoffSeconds?: number
  readonly cmd?: string
  readonly constraints?: readonly (readonly string[])[]
  readonly container?: ContainerDefinition
  readonly cpus?: number
  readonly dependencies?: readonly string[]
  readonly disk?: number
  readonly env?: Readonly<Record<string, string | { readonly secret: string }>>
  readonly executor?: string
  readonly executorResources?: { readonly cpus?: number; readonly mem?: number; readonly disk?: number }
  readonly fetch?: readonly ArtifactDefinition[]
  readonly healthChecks?: readonly HealthCheckDefinition[]
  readonly check?: CheckDefinition
  readonly instances?: number
  readonly labels?: Readonly<Record<string, string>>
  readonly maxLaunchDelaySeconds?: number
  readonly mem?: number
  readonly gpus?: number
  readonly ipAddress?: IpAddressDefinition
  readonly networks?: readonly NetworkDefinition[]
  readonly ports?: readonly number[]
  readonly portDefinitions?: readonly PortDefinition[]
  readonly readinessChecks?: readonly ReadinessCheckDefinition[]
  readonly residency?: {
    readonly relaunchEscalationTimeoutSeconds?: number
    readonly taskLostBehavior?: 'WAIT_FOREVER' | 'RELAUNCH_AFTER_TIMEOUT'
  }
  readonly resourceLimits?: { readonly cpus?: string | number; readonly mem?: string | number }
  readonly requirePorts?: boolean
  readonly secrets?: Readonly<Record<string, { readonly source: string }>>
  readonly taskKillGracePeriodSeconds?: number
  readonly upgradeStrategy?: {
    readonly maximumOverCapacity: number
    readonly minimumHealthCapacity: number
    /** A deployment that stands still for so long is rolled back. */
    readonly progressDeadlineSeconds?: number
    readonly canarySteps?: readonly CanaryStepDefinition[]
  }
  readonly storeUrls?: readonly string[]
  readonly uris?: readonly string[]
  readonly user?: string
  readonly version?: string
  readonly versionInfo?: { readonly lastScalingAt: string; readonly lastConfigChangeAt: string }
  readonly killSelection?: 'YOUNGEST_FIRST' | 'OLDEST_FIRST'
  readonly unreachableStrategy?: UnreachableStrategyDefinition
  readonly tty?: boolean
  readonly role?: string
}

/** An app with what is known of its tasks, as far as it was asked for. */
export interface AppInfo {
  readonly id: string
  readonly acceptedResourceRoles?: readonly string[]
  readonly args?: readonly string[]
  readonly backoffFactor: number
  readonly backoffSeconds: number
  readonly cmd?: string
  readonly constraints?: readonly (readonly string[])[]
  readonly container?: Container
  readonly cpus: number
  readonly dependencies?: readonly string[]
  readonly disk: number
  readonly env?: Readonly<Record<string, string | { readonly secret: string }>>
  readonly executor: string
  readonly executorResources?: { readonly cpus: number; readonly mem: number; readonly disk: number }
  readonly fetch?: readonly Artifact[]
  readonly healthChecks?: readonly HealthCheck[]
  readonly check?: Check
  readonly instances: number
  readonly labels: Readonly<Record<string, string>>
  readonly maxLaunchDelaySeconds: number
  readonly mem: number
  readonly gpus: number
  readonly networks: readonly Network[]
  readonly portDefinitions?: readonly Port[]
  readonly readinessChecks?: readonly ReadinessCheck[]
  readonly residency?: {
    readonly relaunchEscalationTimeoutSeconds: number
    readonly taskLostBehavior: 'WAIT_FOREVER' | 'RELAUNCH_AFTER_TIMEOUT'
  }
  readonly resourceLimits?: { readonly cpus?: string | number; readonly mem?: string | number }
  readonly requirePorts: boolean
  readonly secrets?: Readonly<Record<string, { readonly source: string }>>
  readonly taskKillGracePeriodSeconds?: number
  readonly upgradeStrategy: {
    readonly maximumOverCapacity: number
    readonly minimumHealthCapacity: number
    /** A deployment that stands still for so long is rolled back. */
    readonly progressDeadlineSeconds?: number
    readonly canarySteps?: readonly CanaryStep[]
  }
  readonly user?: string
  readonly version: string
  readonly versionInfo?: { readonly lastScalingAt: string; readonly lastConfigChangeAt: string }
  readonly killSelection: 'YOUNGEST_FIRST' | 'OLDEST_FIRST'
  readonly unreachableStrategy: UnreachableStrategy
  readonly tty?: boolean
  readonly role: string
  readonly tasksStaged?: number
  readonly tasksRunning?: number
  readonly tasksHealthy?: number
  readonly tasksUnhealthy?: number
  readonly deployments?: readonly { readonly id: string }[]
  readonly readinessCheckResults?: readonly ReadinessCheckResult[]
  readonly tasks?: readonly Task[]
  readonly lastTaskFailure?: TaskFailure
  readonly tasksStats?: TaskStats
  readonly taskStats?: TaskStats
}

export interface AppList {
  readonly apps: readonly AppInfo[]
}

export interface AppUpdate {
  readonly id?: string
  readonly acceptedResourceRoles?: readonly string[]
  readonly args?: readonly string[]
  readonly backoffFactor?: number
  readonly backoffSeconds?: number
  readonly cmd?: string
  readonly constraints?: readonly (readonly string[])[]
  readonly container?: ContainerDefinition
  readonly cpus?: number
  readonly dependencies?: readonly string[]
  readonly disk?: number
  readonly env?: Readonly<Record<string, string | { readonly secret: string }>>
  readonly executor?: string
  readonly executorResources?: { readonly cpus?: number; readonly mem?: number; readonly disk?: number }
  readonly fetch?: readonly ArtifactDefinition[]
  readonly healthChecks?: readonly HealthCheckDefinition[]
  readonly check?: CheckDefinition
  readonly instances?: number
  readonly labels?: Readonly<Record<string, string>>
  readonly maxLaunchDelaySeconds?: number
  readonly mem?: number
  readonly gpus?: number
  readonly ipAddress?: IpAddressDefinition
  readonly networks?: readonly NetworkDefinition[]
  readonly ports?: readonly number[]
  readonly portDefinitions?: readonly PortDefinition[]
  readonly readinessChecks?: readonly ReadinessCheckDefinition[]
  readonly residency?: {
    readonly relaunchEscalationTimeoutSeconds?: number
    readonly taskLostBehavior?: 'WAIT_FOREVER' | 'RELAUNCH_AFTER_TIMEOUT'
  }
  readonly resourceLimits?: { readonly cpus?: string | number; readonly mem?: string | number }
  readonly requirePorts?: boolean
  readonly secrets?: Readonly<Record<string, { readonly source: string }>>
  readonly taskKillGracePeriodSeconds?: number
  readonly upgradeStrategy?: {
    readonly maximumOverCapacity: number
    readonly minimumHealthCapacity: number
    /** A deployment that stands still for so long is rolled back. */
    readonly progressDeadlineSeconds?: number
    readonly canarySteps?: readonly CanaryStepDefinition[]
  }
  readonly storeUrls?: readonly string[]
  readonly uris?: readonly string[]
  readonly user?: string
  readonly version?: string
  readonly versionInfo?: { readonly lastScalingAt: string; readonly lastConfigChangeAt: string }
  readonly killSelection?: 'YOUNGEST_FIRST' | 'OLDEST_FIRST'
  readonly unreachableStrategy?: UnreachableStrategyDefinition
  readonly tty?: boolean
  readonly role?: string
}

export interface AppsBeneath {
  readonly '*': readonly AppInfo[]
}

export interface Artifact {
  readonly uri: string
  readonly extract: boolean
  readonly executable: boolean
  readonly cache: boolean
  readonly destPath?: string
}

export interface ArtifactDefinition {
  readonly uri: string
  readonly extract?: boolean
  readonly executable?: boolean
  readonly cache?: boolean
  readonly destPath?: string
}

export interface CanaryProgress {
  /** An absolute path id: /shop/web. */
  readonly app?: string
  /** An absolute path id: /shop/web. */
  readonly pod?: string
  readonly step: number
  readonly steps: number
  /** Of the new version, in this step. */
  readonly instances: number
  /** They are up, and the step pauses. */
  readonly waiting: boolean
  readonly until?: string
}

/** So many new instances, `instances` or `percent` of all; then a pause, without end if none is given. */
export interface CanaryStep {
  readonly instances?: number
  readonly percent?: number
  readonly pauseSeconds?: number
}

/** So many new instances, `instances` or `percent` of all; then a pause, without end if none is given. */
export interface CanaryStepDefinition {
  readonly instances?: number
  readonly percent?: number
  readonly pauseSeconds?: number
}

/** Why something is not as it shall be, and why that is. */
export type Cause =
  | {
      readonly kind: 'launch'
      readonly message: string
      /** An absolute path id: /shop/web. */
      readonly runSpecId: string
      readonly version: string
      readonly count: number
      readonly wanted: number
      readonly since: string
      readonly causes: readonly Cause[]
    }
  | {
      readonly kind: 'backoff'
      readonly message: string
      /** An absolute path id: /shop/web. */
      readonly runSpecId: string
      readonly until: string
      readonly delaySeconds: number
      readonly factor: number
      readonly failures: number
      readonly alike: number
      readonly lastFailure?: {
        /** Provisioned, Staging, Running, …. */
        readonly condition: string
        readonly message?: string
        readonly taskId?: string
        readonly hostname?: string
        readonly at: string
      }
      readonly causes: readonly Cause[]
    }
  | {
      readonly kind: 'offers'
      readonly message: string
      /** An absolute path id: /shop/web. */
      readonly runSpecId: string
      readonly count: number
      readonly causes: readonly Cause[]
    }
  | {
      readonly kind: 'no-match'
      readonly message: string
      /** An absolute path id: /shop/web. */
      readonly runSpecId: string
      readonly agents: number
      readonly of: number
      readonly refusals: readonly Refusal[]
      readonly asOf?: string
      readonly causes: readonly Cause[]
    }
  | {
      readonly kind: 'fits'
      readonly message: string
      /** An absolute path id: /shop/web. */
      readonly runSpecId: string
      readonly agents: number
      readonly of: number
      readonly causes: readonly Cause[]
    }
  | {
      readonly kind: 'if'
      readonly message: string
      /** An absolute path id: /shop/web. */
      readonly runSpecId: string
      readonly changes: readonly HelpfulChange[]
      readonly agents: number
      readonly of: number
      readonly causes: readonly Cause[]
    }
  | {
      readonly kind: 'constraint'
      readonly message: string
      /** An absolute path id: /shop/web. */
      readonly runSpecId: string
      readonly constraint: readonly string[]
      readonly refusing: number
      readonly lacking: number
      readonly of: number
      readonly values: readonly { readonly value: string; readonly agents: number; readonly placed: number }[]
      readonly moreValues: number
      readonly causes: readonly Cause[]
    }
  | {
      readonly kind: 'agent'
      readonly message: string
      readonly agentId: string
      readonly hostname: string
      readonly obstacles: readonly Obstacle[]
      readonly causes: readonly Cause[]
    }
  | {
      readonly kind: 'cannot-reserve'
      readonly message: string
      /** An absolute path id: /shop/web. */
      readonly runSpecId: string
      readonly missing: 'engine' | 'principal'
      readonly causes: readonly Cause[]
    }
  | {
      readonly kind: 'bound'
      readonly message: string
      /** An absolute path id: /shop/web. */
      readonly runSpecId: string
      readonly count: number
      readonly causes: readonly Cause[]
    }
  | {
      readonly kind: 'bound-instance'
      readonly message: string
      readonly instanceId: string
      readonly agentId: string
      readonly hostname: string
      readonly state: 'asked-for' | 'nothing-offered' | 'volumes-missing' | 'refused' | 'fits'
      readonly until?: string
      readonly reasons?: readonly string[]
      readonly causes: readonly Cause[]
    }
  | {
      readonly kind: 'launch-tokens'
      readonly message: string
      /** An absolute path id: /shop/web. */
      readonly runSpecId: string
      readonly until: string
      readonly causes: readonly Cause[]
    }
  | { readonly kind: 'engine'; readonly message: string; readonly causes: readonly Cause[] }
  | {
      readonly kind: 'quarantine'
      readonly message: string
      /** An absolute path id: /shop/web. */
      readonly runSpecId: string
      readonly causes: readonly Cause[]
    }
  | {
      readonly kind: 'running'
      readonly message: string
      /** An absolute path id: /shop/web. */
      readonly runSpecId: string
      readonly count: number
      readonly until?: string
      readonly causes: readonly Cause[]
    }
  | {
      readonly kind: 'unhealthy'
      readonly message: string
      /** An absolute path id: /shop/web. */
      readonly runSpecId: string
      readonly count: number
      readonly causes: readonly Cause[]
    }
  | {
      readonly kind: 'unchecked'
      readonly message: string
      /** An absolute path id: /shop/web. */
      readonly runSpecId: string
      readonly count: number
      readonly causes: readonly Cause[]
    }
  | {
      readonly kind: 'readiness'
      readonly message: string
      /** An absolute path id: /shop/web. */
      readonly runSpecId: string
      readonly count: number
      readonly causes: readonly Cause[]
    }
  | {
      readonly kind: 'unreachable'
      readonly message: string
      /** An absolute path id: /shop/web. */
      readonly runSpecId: string
      readonly count: number
      readonly until?: string
      readonly fate?: 'replaced' | 'forgotten'
      readonly causes: readonly Cause[]
    }
  | {
      readonly kind: 'ending'
      readonly message: string
      /** An absolute path id: /shop/web. */
      readonly runSpecId: string
      readonly count: number
      readonly cause?: string
      readonly since?: string
      readonly until?: string
      readonly queued: number
      readonly causes: readonly Cause[]
    }
  | {
      readonly kind: 'instance'
      readonly message: string
      readonly instanceId: string
      /** Provisioned, Staging, Running, …. */
      readonly condition: string
      readonly since: string
      readonly taskId?: string
      readonly hostname?: string
      readonly causes: readonly Cause[]
    }
  | {
      readonly kind: 'check'
      readonly message: string
      /** An absolute path id: /shop/web. */
      readonly runSpecId: string
      readonly index: number
      readonly protocol: string
      readonly path?: string
      readonly failures: number
      readonly failureCause?: string
      readonly lastFailureAt?: string
      readonly most: number
      readonly killAt?: string
      readonly graceUntil?: string
      readonly isSuspended: boolean
      readonly causes: readonly Cause[]
    }
  | {
      readonly kind: 'ready-check'
      readonly message: string
      /** An absolute path id: /shop/web. */
      readonly runSpecId: string
      readonly name: string
      readonly status?: number
      readonly causes: readonly Cause[]
    }
  | {
      readonly kind: 'under-deployment'
      readonly message: string
      /** An absolute path id: /shop/web. */
      readonly runSpecId: string
      readonly deploymentId: string
      readonly step: number
      readonly of: number
      readonly ownStep: number
      readonly causes: readonly Cause[]
    }
  | {
      readonly kind: 'progress'
      readonly message: string
      /** An absolute path id: /shop/web. */
      readonly runSpecId: string
      readonly up: number
      readonly since: string
      readonly until: string
      readonly causes: readonly Cause[]
    }
  | {
      readonly kind: 'takes-back'
      readonly message: string
      readonly deploymentId: string
      readonly reason: string
      readonly causes: readonly Cause[]
    }
  | {
      readonly kind: 'action'
      readonly message: string
      /** An absolute path id: /shop/web. */
      readonly runSpecId: string
      readonly action: string
      readonly causes: readonly Cause[]
    }
  | {
      readonly kind: 'more-actions'
      readonly message: string
      readonly count: number
      readonly causes: readonly Cause[]
    }
  | {
      readonly kind: 'later-step'
      readonly message: string
      readonly step: number
      readonly actions: readonly {
        readonly action: string
        /** An absolute path id: /shop/web. */
        readonly runSpecId: string
      }[]
      readonly moreActions: number
      readonly causes: readonly Cause[]
    }
  | {
      readonly kind: 'capacity'
      readonly message: string
      /** An absolute path id: /shop/web. */
      readonly runSpecId: string
      readonly minHealthy: number
      readonly maxCapacity: number
      readonly causes: readonly Cause[]
    }
  | {
      readonly kind: 'promotion'
      readonly message: string
      /** An absolute path id: /shop/web. */
      readonly runSpecId: string
      readonly deploymentId: string
      readonly step: number
      readonly steps: number
      readonly instances: number
      readonly until?: string
      readonly causes: readonly Cause[]
    }
  | {
      readonly kind: 'paused'
      readonly message: string
      readonly deploymentId: string
      readonly since: string
      readonly causes: readonly Cause[]
    }
  | {
      readonly kind: 'next-slice'
      readonly message: string
      /** An absolute path id: /shop/web. */
      readonly runSpecId: string
      readonly count: number
      readonly causes: readonly Cause[]
    }
  | {
      readonly kind: 'artifacts'
      readonly message: string
      /** An absolute path id: /shop/web. */
      readonly runSpecId: string
      readonly count: number
      readonly causes: readonly Cause[]
    }
  | {
      readonly kind: 'deployment'
      readonly message: string
      readonly deploymentId: string
      readonly causes: readonly Cause[]
    }

export interface Check {
  readonly http?: {
    readonly portIndex?: number
    readonly port?: number
    readonly path?: string
    readonly scheme: 'HTTP' | 'HTTPS'
  }
  readonly tcp?: { readonly portIndex?: number; readonly port?: number }
  readonly exec?: { readonly command: Command }
  readonly intervalSeconds: number
  readonly timeoutSeconds: number
  readonly delaySeconds: number
}

export interface CheckDefinition {
  readonly http?: {
    readonly portIndex?: number
    readonly port?: number
    readonly path?: string
    readonly scheme?: 'HTTP' | 'HTTPS'
  }
  readonly tcp?: { readonly portIndex?: number; readonly port?: number }
  readonly exec?: { readonly command: CommandDefinition }
  readonly intervalSeconds?: number
  readonly timeoutSeconds?: number
  readonly delaySeconds?: number
}

export interface CheckResult {
  readonly http?: { readonly statusCode: number }
  readonly tcp?: { readonly succeeded: boolean }
  readonly command?: { readonly exitCode: number }
}

export type Command = { readonly shell: string } | { readonly argv: readonly string[] }

export type CommandDefinition = { readonly shell: string } | { readonly argv: readonly string[] }

export interface Container {
  readonly type: 'MESOS' | 'DOCKER'
  readonly linuxInfo?: LinuxInfo
  readonly docker?: Docker
  readonly volumes: readonly Volume[]
  readonly portMappings?: readonly PortMapping[]
}

export interface ContainerDefinition {
  readonly type?: 'MESOS' | 'DOCKER'
  readonly docker?: DockerDefinition
  readonly linuxInfo?: LinuxInfoDefinition
  readonly volumes?: readonly VolumeDefinition[]
  readonly portMappings?: readonly PortMappingDefinition[]
  readonly image?: string
  readonly options?: readonly string[]
}

export interface ContainerStatus {
  readonly name: string
  /** TASK_RUNNING and the other states of Mesos. */
  readonly status: string
  readonly statusSince: string
  readonly message?: string
  readonly conditions: readonly {
    readonly name: string
    readonly lastChanged: string
    readonly lastUpdated: string
    readonly value: string
    readonly reason?: string
  }[]
  readonly containerId?: string
  readonly endpoints: readonly {
    readonly name: string
    readonly allocatedHostPort?: number
    readonly healthy?: boolean
  }[]
  readonly resources?: {
    readonly cpus: number
    /** MiB. */
    readonly mem: number
    /** MiB. */
    readonly disk: number
    readonly gpus: number
  }
  readonly lastUpdated: string
  readonly lastChanged: string
}

export interface CsiVolume {
  readonly name: string
  readonly provider: 'csi'
  readonly options: {
    readonly pluginName: string
    readonly capability: {
      readonly accessMode:
        | 'SINGLE_NODE_WRITER'
        | 'SINGLE_NODE_READER_ONLY'
        | 'MULTI_NODE_READER_ONLY'
        | 'MULTI_NODE_SINGLE_WRITER'
        | 'MULTI_NODE_MULTI_WRITER'
      readonly accessType: 'block' | 'mount'
      readonly fsType?: string
      readonly mountFlags?: readonly string[]
    }
    readonly nodeStageSecret?: Readonly<Record<string, string>>
    readonly nodePublishSecret?: Readonly<Record<string, string>>
    readonly volumeContext?: Readonly<Record<string, string>>
  }
}

export interface CsiVolumeDefinition {
  readonly name: string
  readonly provider: 'csi'
  readonly options: {
    readonly pluginName: string
    readonly capability: {
      readonly accessMode:
        | 'SINGLE_NODE_WRITER'
        | 'SINGLE_NODE_READER_ONLY'
        | 'MULTI_NODE_READER_ONLY'
        | 'MULTI_NODE_SINGLE_WRITER'
        | 'MULTI_NODE_MULTI_WRITER'
      readonly accessType: 'block' | 'mount'
      readonly fsType?: string
      readonly mountFlags?: readonly string[]
    }
    readonly nodeStageSecret?: Readonly<Record<string, string>>
    readonly nodePublishSecret?: Readonly<Record<string, string>>
    readonly volumeContext?: Readonly<Record<string, string>>
  }
}

export interface Deployment {
  readonly id: string
  readonly steps: readonly DeploymentStep[]
  readonly version: string
  readonly affectedApps: readonly string[]
  readonly affectedPods: readonly string[]
  readonly currentActions: readonly {
    /** StartApplication, ScaleApplication, …, StartPod, …, ResolveArtifacts. */
    readonly action: string
    /** An absolute path id: /shop/web. */
    readonly app?: string
    /** An absolute path id: /shop/web. */
    readonly pod?: string
    readonly readinessCheckResults: readonly ReadinessCheckResult[]
  }[]
  /** From 1; 0 until the first step starts. */
  readonly currentStep: number
  readonly totalSteps: number
  /** Nothing is started or stopped; absent: false. */
  readonly paused?: boolean
  readonly pausedAt?: string
  /** What is tried on a few instances first; absent: nothing. */
  readonly canary?: readonly CanaryProgress[]
  /** The deployment that failed and is taken back by this one. */
  readonly failed?: { readonly id: string; readonly reason: string }
  readonly waitingOn?: readonly WaitingOn[]
}

export interface DeploymentAction {
  /** StartApplication, ScaleApplication, …, StartPod, …, ResolveArtifacts. */
  readonly action: string
  /** An absolute path id: /shop/web. */
  readonly app?: string
  /** An absolute path id: /shop/web. */
  readonly pod?: string
}

export interface DeploymentPlan {
  readonly id: string
  readonly steps: readonly DeploymentStep[]
  readonly version: string
}

/** The deployment that carries the change out. */
export interface DeploymentResult {
  readonly deploymentId: string
  readonly version: string
}

export interface DeploymentStep {
  readonly actions: readonly DeploymentAction[]
}

export interface Docker {
  readonly pullConfig?: { readonly secret: string }
  readonly forcePullImage: boolean
  readonly image: string
  readonly parameters: readonly { readonly key: string; readonly value: string }[]
  readonly privileged: boolean
}

export interface DockerDefinition {
  readonly credential?: { readonly principal: string; readonly secret?: string }
  readonly pullConfig?: { readonly secret: string }
  readonly forcePullImage?: boolean
  readonly image: string
  readonly network?: 'BRIDGE' | 'HOST' | 'NONE' | 'USER'
  readonly parameters?: readonly { readonly key: string; readonly value: string }[]
  readonly portMappings?: readonly PortMappingDefinition[]
  readonly privileged?: boolean
}

export interface DvdiVolume {
  readonly size?: number
  readonly name?: string
  readonly provider?: string
  readonly shared: boolean
  readonly options?: Readonly<Record<string, string>>
}

export interface DvdiVolumeDefinition {
  readonly size?: number
  readonly name?: string
  readonly provider?: string
  readonly options?: Readonly<Record<string, string>>
  readonly shared?: boolean
}

export interface EndpointDefinition {
  readonly name: string
  readonly containerPort?: number
  readonly hostPort?: number
  readonly protocol?: readonly string[]
  readonly labels?: Readonly<Record<string, string>>
  readonly networkNames?: readonly string[]
}

export type Event =
  | {
      readonly clientIp: string
      readonly uri: string
      readonly appDefinition: App
      readonly eventType: 'api_post_event'
      readonly timestamp: string
    }
  | {
      readonly clientIp: string
      readonly uri: string
      readonly eventType: 'pod_created_event'
      readonly timestamp: string
    }
  | {
      readonly clientIp: string
      readonly uri: string
      readonly eventType: 'pod_updated_event'
      readonly timestamp: string
    }
  | {
      readonly clientIp: string
      readonly uri: string
      readonly eventType: 'pod_deleted_event'
      readonly timestamp: string
    }
  | {
      /** An absolute path id: /shop/web. */
      readonly appId: string
      readonly eventType: 'app_terminated_event'
      readonly timestamp: string
    }
  | {
      /** An absolute path id: /shop/web. */
      readonly groupId: string
      readonly version: string
      readonly eventType: 'group_change_success'
      readonly timestamp: string
    }
  | {
      /** An absolute path id: /shop/web. */
      readonly groupId: string
      readonly version: string
      readonly reason: string
      readonly eventType: 'group_change_failed'
      readonly timestamp: string
    }
  | {
      readonly plan: DeploymentPlan
      readonly currentStep: DeploymentStep
      readonly eventType: 'deployment_info'
      readonly timestamp: string
    }
  | {
      readonly plan: DeploymentPlan
      readonly currentStep: DeploymentStep
      readonly eventType: 'deployment_step_success'
      readonly timestamp: string
    }
  | {
      readonly plan: DeploymentPlan
      readonly currentStep: DeploymentStep
      readonly eventType: 'deployment_step_failure'
      readonly timestamp: string
    }
  | {
      readonly id: string
      readonly plan: DeploymentPlan
      readonly eventType: 'deployment_success'
      readonly timestamp: string
    }
  | {
      readonly id: string
      readonly plan: DeploymentPlan
      readonly reason?: string
      readonly eventType: 'deployment_failed'
      readonly timestamp: string
    }
  | {
      readonly id: string
      readonly plan: DeploymentPlan
      readonly cause: 'request' | 'canary'
      /** An absolute path id: /shop/web. */
      readonly runSpecId?: string
      readonly step?: number
      readonly steps?: number
      readonly instances?: number
      readonly until?: string
      readonly eventType: 'deployment_paused'
      readonly timestamp: string
    }
  | {
      readonly id: string
      readonly plan: DeploymentPlan
      readonly eventType: 'deployment_resumed'
      readonly timestamp: string
    }
  | {
      readonly id: string
      readonly plan: DeploymentPlan
      readonly cause: 'request' | 'pause-over'
      /** An absolute path id: /shop/web. */
      readonly runSpecId: string
      readonly step: number
      readonly steps: number
      readonly instances?: number
      readonly eventType: 'deployment_promoted'
      readonly timestamp: string
    }
  | {
      readonly slaveId: string
      readonly taskId: string
      readonly taskStatus: string
      readonly message: string
      /** An absolute path id: /shop/web. */
      readonly appId: string
      readonly host: string
      readonly ipAddresses: readonly { readonly ipAddress: string; readonly protocol: 'IPv4' | 'IPv6' }[]
      readonly ports: readonly number[]
      readonly version: string
      readonly eventType: 'status_update_event'
      readonly timestamp: string
    }
  | {
      readonly instanceId: string
      /** An absolute path id: /shop/web. */
      readonly runSpecId: string
      readonly condition: string
      readonly agentId: string | null
      readonly host: string | null
      readonly runSpecVersion: string
      readonly eventType: 'instance_changed_event'
      readonly timestamp: string
    }
  | {
      readonly instanceId: string
      /** An absolute path id: /shop/web. */
      readonly runSpecId: string
      readonly healthy: boolean | null
      readonly runSpecVersion: string
      readonly eventType: 'instance_health_changed_event'
      readonly timestamp: string
    }
  | {
      /** An absolute path id: /shop/web. */
      readonly appId: string
      readonly healthCheck: HealthCheck
      readonly version: string
      readonly eventType: 'add_health_check_event'
      readonly timestamp: string
    }
  | {
      /** An absolute path id: /shop/web. */
      readonly appId: string
      readonly eventType: 'remove_health_check_event'
      readonly timestamp: string
    }
  | {
      /** An absolute path id: /shop/web. */
      readonly appId: string
      readonly healthCheck: HealthCheck
      /** The id of the instance. */
      readonly taskId: string
      readonly eventType: 'failed_health_check_event'
      readonly timestamp: string
    }
  | {
      /** An absolute path id: /shop/web. */
      readonly appId: string
      readonly instanceId: string
      readonly version: string
      readonly alive: boolean
      readonly eventType: 'health_status_changed_event'
      readonly timestamp: string
    }
  | {
      /** An absolute path id: /shop/web. */
      readonly appId: string
      readonly taskId: string
      readonly instanceId: string
      readonly version: string
      readonly reason: string
      readonly host: string
      readonly slaveId?: string
      readonly eventType: 'unhealthy_instance_kill_event'
      readonly timestamp: string
    }
  | {
      readonly failingInstances: number
      readonly checkedInstances: number
      readonly failingApps: number
      readonly eventType: 'unhealthy_kills_suspended_event'
      readonly timestamp: string
    }
  | {
      readonly failingInstances: number
      readonly checkedInstances: number
      readonly failingApps: number
      readonly eventType: 'unhealthy_kills_resumed_event'
      readonly timestamp: string
    }
  | {
      readonly instanceId: string
      /** An absolute path id: /shop/web. */
      readonly runSpecId: string
      readonly condition: string
      readonly eventType: 'unknown_instance_terminated_event'
      readonly timestamp: string
    }
  | {
      readonly frameworkId: string
      readonly master: string
      readonly eventType: 'scheduler_registered_event'
      readonly timestamp: string
    }
  | {
      readonly master: string
      readonly eventType: 'scheduler_reregistered_event'
      readonly timestamp: string
    }
  | { readonly eventType: 'scheduler_disconnected_event'; readonly timestamp: string }
  | {
      readonly executorId: string
      readonly slaveId: string
      /** Its bytes. */
      readonly message: readonly number[]
      readonly eventType: 'framework_message_event'
      readonly timestamp: string
    }
  | {
      readonly remoteAddress: string
      readonly eventType: 'event_stream_attached'
      readonly timestamp: string
    }
  | {
      readonly remoteAddress: string
      readonly eventType: 'event_stream_detached'
      readonly timestamp: string
    }
  | {
      readonly after: number
      readonly next: number | null
      readonly reason: 'dropped' | 'unknown' | 'no-log'
      readonly eventType: 'event_gap'
      readonly timestamp: string
    }
  | {
      readonly clientIp: string
      readonly callbackUrl: string
      readonly eventType: 'subscribe_event'
      readonly timestamp: string
    }
  | {
      readonly clientIp: string
      readonly callbackUrl: string
      readonly eventType: 'unsubscribe_event'
      readonly timestamp: string
    }

export interface EventSubscriptions {
  readonly callbackUrls: readonly string[]
}

export interface Explanation {
  readonly kind: 'app' | 'pod' | 'deployment'
  readonly id: string
  /** Nothing is missing and nothing is being done. */
  readonly isWell: boolean
  readonly text: string
  readonly wanted?: number
  readonly running?: number
  readonly healthy?: number
  /** Of those that run: with an older configuration. */
  readonly outdated?: number
  readonly isChecked?: boolean
  readonly step?: number
  readonly of?: number
  readonly since?: string
  readonly causes: readonly Cause[]
}

export interface ExplanationAnswer {
  readonly explanation: Explanation
}

export interface Group {
  /** An absolute path id: /shop/web. */
  readonly id: string
  readonly apps: readonly AppInfo[]
  readonly pods: readonly PodStatus[]
  readonly dependencies: readonly string[]
  readonly version: string
  /** On top-level groups only. */
  readonly enforceRole?: boolean
  readonly groups: readonly Group[]
}

export interface GroupUpdate {
  readonly id?: string
  readonly apps?: readonly AppDefinition[]
  readonly groups?: readonly GroupUpdate[]
  readonly dependencies?: readonly string[]
  readonly scaleBy?: number
  readonly version?: string
  readonly enforceRole?: boolean
}

export interface HealthCheck {
  readonly command?: { readonly value: string }
  readonly gracePeriodSeconds: number
  readonly ignoreHttp1xx?: boolean
  readonly intervalSeconds: number
  readonly maxConsecutiveFailures: number
  readonly path?: string
  readonly port?: number
  readonly portIndex?: number
  readonly protocol: 'HTTP' | 'HTTPS' | 'TCP' | 'COMMAND' | 'MESOS_TCP' | 'MESOS_HTTP' | 'MESOS_HTTPS'
  readonly ipProtocol: 'IPv4' | 'IPv6'
  readonly timeoutSeconds: number
  readonly delaySeconds: number
}

export interface HealthCheckDefinition {
  readonly command?: { readonly value: string }
  readonly gracePeriodSeconds?: number
  readonly ignoreHttp1xx?: boolean
  readonly intervalSeconds?: number
  readonly maxConsecutiveFailures?: number
  readonly path?: string
  readonly port?: number
  readonly portIndex?: number
  readonly protocol?: 'HTTP' | 'HTTPS' | 'TCP' | 'COMMAND' | 'MESOS_TCP' | 'MESOS_HTTP' | 'MESOS_HTTPS'
  readonly ipProtocol?: 'IPv4' | 'IPv6'
  readonly timeoutSeconds?: number
  readonly delaySeconds?: number
}

export interface HealthCheckResult {
  readonly alive: boolean
  readonly consecutiveFailures: number
  readonly firstSuccess?: string
  readonly instanceId: string
  readonly lastFailure?: string
  readonly lastFailureCause?: string
  readonly lastSuccess?: string
}

/** One thing that would be otherwise. */
export interface HelpfulChange {
  readonly change:
    | 'cpus'
    | 'mem'
    | 'disk'
    | 'gpus'
    | 'constraint'
    | 'port'
    | 'ports'
    | 'roles'
    | 'maintenance'
    | 'gpus-kept'
    | 'region'
    | 'volumes'
    | 'volume-disks'
    | 'framework-role'
  readonly atMost?: number
  readonly asks?: number
  readonly constraint?: readonly string[]
  readonly port?: number
  readonly count?: number
  readonly roles?: readonly string[]
}

export interface ImageDefinition {
  readonly kind: 'DOCKER'
  readonly id: string
  readonly pullConfig?: { readonly secret: string }
  readonly forcePull?: boolean
  readonly labels?: Readonly<Record<string, string>>
}

export interface Info {
  readonly name: string
  readonly version: string
  readonly buildref: string
  readonly elected: boolean
  readonly leader: string | null
  readonly frameworkId: string | null
  readonly marathon_config: Readonly<Record<string, unknown>>
  readonly zookeeper_config: Readonly<Record<string, unknown>>
  readonly http_config: { readonly http_port: number | null; readonly https_port: number | null }
  readonly isolation?: Readonly<Record<string, unknown>>
}

export interface IpAddressDefinition {
  readonly discovery?: {
    readonly ports?: readonly {
      readonly number?: number
      readonly name: string
      readonly protocol?: 'tcp' | 'udp' | 'udp,tcp'
      readonly labels?: Readonly<Record<string, string>>
    }[]
  }
  readonly groups?: readonly string[]
  readonly labels?: Readonly<Record<string, string>>
  readonly networkName?: string
}

export interface KilledInstance {
  readonly instanceId: string
  readonly state: {
    readonly condition: string
    readonly since: string
    readonly activeSince?: string
    readonly healthy?: boolean
    readonly goal: 'Running' | 'Stopped' | 'Decommissioned'
  }
  readonly agentInfo?: {
    readonly host: string
    readonly agentId?: string
    readonly region?: string
    readonly zone?: string
    readonly attributes: readonly unknown[]
  }
  readonly runSpecVersion: string
  readonly unreachableStrategy?: UnreachableStrategy
}

export interface Leader {
  /** host:port. */
  readonly leader: string
}

export interface LinuxInfo {
  readonly seccomp?: { readonly profileName?: string; readonly unconfined: boolean }
  readonly ipcInfo?: { readonly mode: 'PRIVATE' | 'SHARE_PARENT'; readonly shmSize?: number }
}

export interface LinuxInfoDefinition {
  readonly seccomp?: { readonly profileName?: string; readonly unconfined?: boolean }
  readonly ipcInfo?: { readonly mode: 'PRIVATE' | 'SHARE_PARENT'; readonly shmSize?: number }
}

export interface LoggerLevel {
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error'
  readonly logger: string
  readonly durationSeconds?: number
}

export interface LoggerLevelDefinition {
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error'
  readonly logger: string
  readonly durationSeconds?: number
}

export type LoggerLevels = Readonly<Record<string, string>>

export interface Message {
  readonly message: string
  readonly details?: readonly unknown[]
}

export interface Metrics {
  readonly version: string
  readonly gauges: Readonly<Record<string, { readonly value: number }>>
  readonly counters: Readonly<Record<string, { readonly count: number }>>
  readonly histograms: Readonly<
    Record<
      string,
      {
        readonly count: number
        readonly min: number
        readonly mean: number
        readonly max: number
        readonly p50: number
        readonly p75: number
        readonly p95: number
        readonly p98: number
        readonly p99: number
        readonly p999: number
        readonly stddev: number
      }
    >
  >
  readonly meters: Readonly<
    Record<
      string,
      {
        readonly count: number
        readonly m1_rate: number
        readonly m5_rate: number
        readonly m15_rate: number
        readonly mean_rate: number
        readonly units: string
      }
    >
  >
  readonly timers: Readonly<
    Record<
      string,
      {
        readonly count: number
        readonly min: number
        readonly mean: number
        readonly max: number
        readonly p50: number
        readonly p75: number
        readonly p95: number
        readonly p98: number
        readonly p99: number
        readonly p999: number
        readonly stddev: number
        readonly m1_rate: number
        readonly m5_rate: number
        readonly m15_rate: number
        readonly mean_rate: number
        readonly duration_units: string
        readonly rate_units: string
      }
    >
  >
}

export interface Network {
  readonly name?: string
  readonly mode: 'container' | 'container/bridge' | 'host'
  readonly labels?: Readonly<Record<string, string>>
}

export interface NetworkDefinition {
  readonly name?: string
  readonly mode?: 'container' | 'container/bridge' | 'host'
  readonly labels?: Readonly<Record<string, string>>
}

/** A rule that refuses an agent, and what it has instead of what is asked for. */
export interface Obstacle {
  readonly rule:
    | 'cpus'
    | 'mem'
    | 'disk'
    | 'gpus'
    | 'constraint'
    | 'port'
    | 'ports'
    | 'role'
    | 'maintenance'
    | 'gpus-kept'
    | 'region'
    | 'volumes'
    | 'volume-disks'
    | 'framework-role'
  readonly constraint?: readonly string[]
  readonly port?: number
  readonly count?: number
  readonly has?: number | string
  readonly asks?: number
  readonly until?: string
}

export interface Offer {
  readonly id: string
  readonly hostname: string
  readonly agentId: string
  readonly resources: readonly {
    readonly name: string
    readonly scalar?: number
    readonly ranges?: readonly { readonly begin: number; readonly end: number }[]
    readonly set?: readonly string[]
    readonly role: string
  }[]
  readonly attributes: readonly {
    readonly name: string
    readonly scalar?: number
    readonly ranges?: readonly { readonly begin: number; readonly end: number }[]
    readonly set?: readonly string[]
    readonly text?: string
  }[]
}

export interface PersistentVolume {
  readonly type?: 'root' | 'path' | 'mount'
  readonly size: number
  readonly maxSize?: number
  readonly profileName?: string
  readonly constraints: readonly (readonly string[])[]
}

export interface PersistentVolumeDefinition {
  readonly type?: 'root' | 'path' | 'mount'
  readonly size: number
  readonly maxSize?: number
  readonly profileName?: string
  readonly constraints?: readonly (readonly string[])[]
}

/** What a change would do, and nothing is done. */
export interface Plan {
  readonly steps: readonly DeploymentStep[]
  readonly changes: readonly {
    /** An absolute path id: /shop/web. */
    readonly id: string
    readonly kind: 'app' | 'pod' | 'group'
    readonly action: 'create' | 'update' | 'remove'
    /** What differs; none of what is removed. */
    readonly fields: readonly { readonly path: string; readonly from?: unknown; readonly to?: unknown }[]
  }[]
  /** Deployments that would have to give way: the change needs force. */
  readonly conflicts?: readonly { readonly id: string }[]
}

export interface Plugins {
  readonly plugins: readonly {
    readonly id: string
    readonly plugin: string
    readonly implementation: string
    readonly tags?: readonly string[]
    readonly info?: unknown
  }[]
}

/** A pod as it is kept. */
export interface Pod {
  /** An absolute path id: /shop/web. */
  readonly id: string
  readonly labels?: Readonly<Record<string, string>>
  readonly version: string
  readonly user?: string
  readonly environment?: Readonly<Record<string, string | { readonly secret: string }>>
  readonly containers: readonly PodContainer[]
  readonly secrets?: Readonly<Record<string, { readonly source: string }>>
  readonly volumes?: readonly (
    | { readonly name: string; readonly host: string }
    | { readonly name: string; readonly persistent: PersistentVolume }
    | { readonly name: string; readonly secret: string }
    | { readonly name: string }
  )[]
  readonly networks?: readonly Network[]
  readonly scaling: { readonly instances: number; readonly kind: 'fixed' }
  readonly scheduling: {
    readonly backoff: {
      readonly backoff: number
      readonly backoffFactor: number
      readonly maxLaunchDelay: number
    }
    readonly upgrade: {
      readonly minimumHealthCapacity: number
      readonly maximumOverCapacity: number
      /** A deployment that stands still for so long is rolled back. */
      readonly progressDeadlineSeconds?: number
      readonly canarySteps?: readonly CanaryStep[]
    }
    readonly placement: {
      readonly constraints?: readonly {
        readonly fieldName: string
        readonly operator: string
        readonly value?: string
      }[]
      readonly acceptedResourceRoles?: readonly string[]
    }
    readonly killSelection: 'YOUNGEST_FIRST' | 'OLDEST_FIRST'
    readonly unreachableStrategy?: UnreachableStrategy
  }
  readonly executorResources: { readonly cpus: number; readonly mem: number; readonly disk: number }
  readonly role: string
  readonly linuxInfo?: LinuxInfo
  readonly legacySharedCgroups?: boolean
}

export interface PodContainer {
  readonly name: string
  readonly exec?: { readonly command: Command; readonly overrideEntrypoint?: boolean }
  readonly resources: {
    readonly cpus: number
    /** MiB. */
    readonly mem: number
    /** MiB. */
    readonly disk: number
    readonly gpus: number
  }
  readonly resourceLimits?: { readonly cpus?: string | number; readonly mem?: string | number }
  readonly endpoints?: readonly {
    readonly name: string
    readonly containerPort?: number
    readonly hostPort?: number
    readonly protocol?: readonly string[]
    readonly labels?: Readonly<Record<string, string>>
    readonly networkNames?: readonly string[]
  }[]
  readonly linuxInfo?: LinuxInfo
  readonly image?: {
    readonly kind: 'DOCKER'
    readonly id: string
    readonly pullConfig?: { readonly secret: string }
    readonly forcePull?: boolean
    readonly labels?: Readonly<Record<string, string>>
  }
  readonly environment?: Readonly<Record<string, string | { readonly secret: string }>>
  readonly user?: string
  readonly healthCheck?: {
    readonly http?: { readonly endpoint: string; readonly path?: string; readonly scheme: 'HTTP' | 'HTTPS' }
    readonly tcp?: { readonly endpoint: string }
    readonly exec?: { readonly command: Command }
    readonly gracePeriodSeconds: number
    readonly intervalSeconds: number
    readonly maxConsecutiveFailures: number
    readonly timeoutSeconds: number
    readonly delaySeconds: number
  }
  readonly volumeMounts?: readonly {
    readonly name: string
    readonly mountPath: string
    readonly readOnly?: boolean
  }[]
  readonly artifacts?: readonly Artifact[]
  readonly labels?: Readonly<Record<string, string>>
  readonly lifecycle?: { readonly killGracePeriodSeconds?: number }
  readonly tty?: boolean
}

export interface PodContainerDefinition {
  readonly name: string
  readonly exec?: { readonly command: CommandDefinition; readonly overrideEntrypoint?: boolean }
  readonly resources: {
    readonly cpus?: number
    readonly mem?: number
    readonly disk?: number
    readonly gpus?: number
  }
  readonly resourceLimits?: { readonly cpus?: string | number; readonly mem?: string | number }
  readonly endpoints?: readonly EndpointDefinition[]
  readonly linuxInfo?: LinuxInfoDefinition
  readonly image?: ImageDefinition
  readonly environment?: Readonly<Record<string, string | { readonly secret: string }>>
  readonly user?: string
  readonly healthCheck?: PodHealthCheckDefinition
  readonly check?: {
    readonly http?: { readonly endpoint: string; readonly path?: string; readonly scheme?: 'HTTP' | 'HTTPS' }
    readonly tcp?: { readonly endpoint: string }
    readonly exec?: { readonly command: CommandDefinition }
    readonly intervalSeconds?: number
    readonly timeoutSeconds?: number
    readonly delaySeconds?: number
  }
  readonly volumeMounts?: readonly {
    readonly name: string
    readonly mountPath: string
    readonly readOnly?: boolean
  }[]
  readonly artifacts?: readonly ArtifactDefinition[]
  readonly labels?: Readonly<Record<string, string>>
  readonly lifecycle?: { readonly killGracePeriodSeconds?: number }
  readonly tty?: boolean
}

export interface PodDefinition {
  readonly id: string
  readonly labels?: Readonly<Record<string, string>>
  readonly version?: string
  readonly user?: string
  readonly environment?: Readonly<Record<string, string | { readonly secret: string }>>
  readonly containers: readonly PodContainerDefinition[]
  readonly secrets?: Readonly<Record<string, { readonly source: string }>>
  readonly volumes?: readonly PodVolumeDefinition[]
  readonly networks?: readonly NetworkDefinition[]
  readonly scaling?: { readonly kind: 'fixed'; readonly instances?: number }
  readonly scheduling?: SchedulingDefinition
  readonly executorResources?: { readonly cpus?: number; readonly mem?: number; readonly disk?: number }
  readonly role?: string
  readonly linuxInfo?: LinuxInfoDefinition
  readonly legacySharedCgroups?: boolean
}

export interface PodHealthCheckDefinition {
  readonly http?: { readonly endpoint: string; readonly path?: string; readonly scheme?: 'HTTP' | 'HTTPS' }
  readonly tcp?: { readonly endpoint: string }
  readonly exec?: { readonly command: CommandDefinition }
  readonly gracePeriodSeconds?: number
  readonly intervalSeconds?: number
  readonly maxConsecutiveFailures?: number
  readonly timeoutSeconds?: number
  readonly delaySeconds?: number
}

export interface PodInstanceStatus {
  readonly id: string
  readonly status: 'PENDING' | 'STAGING' | 'STABLE' | 'DEGRADED' | 'TERMINAL'
  readonly statusSince: string
  readonly message?: string
  readonly conditions: readonly {
    readonly name: string
    readonly lastChanged: string
    readonly lastUpdated: string
    readonly value: string
    readonly reason?: string
  }[]
  readonly agentHostname?: string
  readonly agentId?: string
  readonly agentRegion?: string
  readonly agentZone?: string
  readonly resources: {
    readonly cpus: number
    /** MiB. */
    readonly mem: number
    /** MiB. */
    readonly disk: number
    readonly gpus: number
  }
  readonly networks: readonly { readonly name?: string; readonly addresses: readonly string[] }[]
  readonly containers: readonly ContainerStatus[]
  /** The path of the version it runs. */
  readonly specReference: string
  readonly localVolumes: readonly {
    /** An absolute path id: /shop/web. */
    readonly runSpecId: string
    readonly containerPath: string
    readonly uuid: string
    readonly persistenceId: string
  }[]
  readonly lastUpdated: string
  readonly lastChanged: string
  readonly role: string
}

export interface PodStatus {
  /** An absolute path id: /shop/web. */
  readonly id: string
  readonly spec: Pod
  readonly status: 'DEGRADED' | 'STABLE' | 'TERMINAL'
  readonly statusSince: string
  readonly message?: string
  readonly instances: readonly PodInstanceStatus[]
  readonly terminationHistory: readonly {
    readonly instanceID: string
    readonly startedAt: string
    readonly terminatedAt: string
    readonly message?: string
    readonly containers: readonly { readonly containerId: string; readonly lastKnownState: string }[]
  }[]
  readonly lastUpdated: string
  readonly lastChanged: string
}

export type PodVolumeDefinition =
  | { readonly name: string; readonly persistent: PersistentVolumeDefinition }
  | { readonly name: string; readonly secret: string }
  | { readonly name: string; readonly host: string }
  | { readonly name: string }

export interface Port {
  readonly port: number
  readonly labels?: Readonly<Record<string, string>>
  readonly name?: string
  readonly protocol: 'tcp' | 'udp' | 'udp,tcp'
}

export interface PortDefinition {
  readonly port?: number
  readonly labels?: Readonly<Record<string, string>>
  readonly name?: string
  readonly protocol?: 'tcp' | 'udp' | 'udp,tcp'
}

export interface PortMapping {
  readonly containerPort: number
  readonly hostPort?: number
  readonly labels: Readonly<Record<string, string>>
  readonly name?: string
  readonly protocol: 'tcp' | 'udp' | 'udp,tcp'
  readonly servicePort: number
  readonly networkNames?: readonly string[]
}

export interface PortMappingDefinition {
  readonly containerPort?: number
  readonly hostPort?: number
  readonly labels?: Readonly<Record<string, string>>
  readonly name?: string
  readonly protocol?: 'tcp' | 'udp' | 'udp,tcp'
  readonly servicePort?: number
  readonly networkNames?: readonly string[]
}

export interface Queue {
  readonly queue: readonly QueueItem[]
}

export interface QueueItem {
  readonly count: number
  readonly role: string
  readonly delay: { readonly timeLeftSeconds: number; readonly overdue: boolean }
  readonly since: string
  readonly processedOffersSummary: {
    readonly processedOffersCount: number
    readonly unusedOffersCount: number
    readonly lastUnusedOfferAt?: string
    readonly lastUsedOfferAt?: string
    /** In the order in which offers are looked at: how many came so far, how many ended here. */
    readonly rejectSummaryLastOffers: readonly RejectSummary[]
    /** In the order in which offers are looked at: how many came so far, how many ended here. */
    readonly rejectSummaryLaunchAttempt: readonly RejectSummary[]
  }
  readonly lastUnusedOffers?: readonly {
    readonly offer: Offer
    readonly reason: readonly string[]
    readonly timestamp: string
  }[]
  readonly waitingOn: readonly WaitingOn[]
  readonly app?: App
  readonly pod?: Pod
}

export interface ReadinessCheck {
  readonly name: string
  readonly protocol: 'HTTP' | 'HTTPS'
  readonly path: string
  readonly portName: string
  readonly intervalSeconds: number
  readonly timeoutSeconds: number
  readonly httpStatusCodesForReady?: readonly number[]
  readonly preserveLastResponse: boolean
}

export interface ReadinessCheckDefinition {
  readonly name?: string
  readonly protocol?: 'HTTP' | 'HTTPS'
  readonly path?: string
  readonly portName?: string
  readonly intervalSeconds?: number
  readonly timeoutSeconds?: number
  readonly httpStatusCodesForReady?: readonly number[]
  readonly preserveLastResponse?: boolean
}

export interface ReadinessCheckResult {
  readonly name: string
  readonly taskId: string
  readonly ready: boolean
  readonly lastResponse?: { readonly status: number; readonly contentType: string; readonly body: string }
}

/** A rule that refuses agents, and how many. */
export interface Refusal {
  readonly rule:
    | 'cpus'
    | 'mem'
    | 'disk'
    | 'gpus'
    | 'constraint'
    | 'port'
    | 'ports'
    | 'role'
    | 'maintenance'
    | 'gpus-kept'
    | 'region'
    | 'volumes'
    | 'volume-disks'
    | 'framework-role'
  readonly constraint?: readonly string[]
  readonly port?: number
  readonly count?: number
  readonly agents: number
}

export interface RejectSummary {
  readonly reason: string
  readonly declined: number
  readonly processed: number
}

export interface SchedulingDefinition {
  readonly backoff?: {
    readonly backoff?: number
    readonly backoffFactor?: number
    readonly maxLaunchDelay?: number
  }
  readonly upgrade?: {
    readonly minimumHealthCapacity?: number
    readonly maximumOverCapacity?: number
    /** A deployment that stands still for so long is rolled back. */
    readonly progressDeadlineSeconds?: number
    readonly canarySteps?: readonly CanaryStepDefinition[]
  }
  readonly placement?: {
    readonly constraints?: readonly {
      readonly fieldName: string
      readonly operator: 'UNIQUE' | 'CLUSTER' | 'GROUP_BY' | 'LIKE' | 'UNLIKE' | 'MAX_PER' | 'IS'
      readonly value?: string
    }[]
    readonly acceptedResourceRoles?: readonly string[]
  }
  readonly killSelection?: 'YOUNGEST_FIRST' | 'OLDEST_FIRST'
  readonly unreachableStrategy?: UnreachableStrategyDefinition
}

export interface SchemaList {
  readonly schemas: readonly { readonly name: string; readonly path: string }[]
}

export interface StatsOfTasks {
  readonly stats: {
    readonly counts: {
      readonly staged: number
      readonly running: number
      readonly healthy: number
      readonly unhealthy: number
    }
    readonly lifeTime?: { readonly averageSeconds: number; readonly medianSeconds: number }
  }
}

export interface Task {
  /** An absolute path id: /shop/web. */
  readonly appId: string
  readonly healthCheckResults: readonly HealthCheckResult[]
  readonly checkResult?: CheckResult
  /** Where it answers. */
  readonly host: string
  readonly id: string
  readonly ipAddresses: readonly { readonly ipAddress: string; readonly protocol: 'IPv4' | 'IPv6' }[]
  /** On the host. */
  readonly ports: readonly number[]
  /** By which load balancers know the app; only in lists of all tasks. */
  readonly servicePorts: readonly number[]
  readonly slaveId?: string
  /** TASK_RUNNING and the other states of Mesos. */
  readonly state: string
  readonly stagedAt?: string
  readonly startedAt?: string
  readonly version?: string
  readonly localVolumes: readonly {
    /** An absolute path id: /shop/web. */
    readonly runSpecId: string
    readonly containerPath: string
    readonly uuid: string
    readonly persistenceId: string
  }[]
  readonly region?: string
  readonly zone?: string
  readonly role: string
}

export interface TaskAnswer {
  readonly task: Task
}

export interface TaskFailure {
  /** An absolute path id: /shop/web. */
  readonly appId: string
  readonly host: string
  readonly message: string
  readonly state: string
  readonly taskId: string
  readonly timestamp: string
  readonly version: string
  readonly slaveId?: string
}

export interface TaskList {
  readonly tasks: readonly Task[]
}

/** By the version the tasks run. */
export interface TaskStats {
  readonly startedAfterLastScaling?: StatsOfTasks
  readonly withLatestConfig?: StatsOfTasks
  readonly withOutdatedConfig?: StatsOfTasks
  readonly totalSummary?: StatsOfTasks
}

export type UnreachableStrategy =
  | string
  | { readonly inactiveAfterSeconds: number; readonly expungeAfterSeconds: number }

export type UnreachableStrategyDefinition =
  | string
  | { readonly inactiveAfterSeconds?: number; readonly expungeAfterSeconds?: number }

export interface V1App {
  /** Without a slash in front. */
  readonly id: string
  readonly cmd: string
  readonly env: Readonly<Record<string, string>>
  readonly instances: number
  readonly cpus: number
  readonly mem: number
  readonly disk: number
  readonly executor: string
  readonly constraints: readonly (readonly string[])[]
  readonly uris: readonly string[]
  readonly ports: readonly number[]
  readonly taskRateLimit: number
  readonly container: { readonly image: string; readonly options: readonly string[] } | null
  readonly healthChecks: readonly {
    readonly path: string
    readonly protocol: 'HTTP' | 'TCP'
    readonly portIndex: number
    readonly gracePeriodSeconds: number
    readonly intervalSeconds: number
    readonly timeoutSeconds: number
    readonly maxConsecutiveFailures: number
  }[]
  readonly version: string
}

export interface V1AppDefinition {
  readonly id: string
  readonly acceptedResourceRoles?: readonly string[]
  readonly args?: readonly string[]
  readonly backoffFactor?: number
  readonly backoffSeconds?: number
  readonly cmd?: string
  readonly constraints?: readonly (readonly string[])[]
  readonly container?: ContainerDefinition
  readonly cpus?: number
  readonly dependencies?: readonly string[]
  readonly disk?: number
  readonly env?: Readonly<Record<string, string | { readonly secret: string }>>
  readonly executor?: string
  readonly executorResources?: { readonly cpus?: number; readonly mem?: number; readonly disk?: number }
  readonly fetch?: readonly ArtifactDefinition[]
  readonly healthChecks?: readonly {
    readonly command?: { readonly value: string }
    readonly gracePeriodSeconds?: number
    readonly ignoreHttp1xx?: boolean
    readonly intervalSeconds?: number
    readonly maxConsecutiveFailures?: number
    readonly path?: string
    readonly port?: number
    readonly portIndex?: number
    readonly protocol?: 'HTTP' | 'HTTPS' | 'TCP' | 'COMMAND' | 'MESOS_TCP' | 'MESOS_HTTP' | 'MESOS_HTTPS'
    readonly ipProtocol?: 'IPv4' | 'IPv6'
    readonly timeoutSeconds?: number
    readonly delaySeconds?: number
  }[]
  readonly check?: CheckDefinition
  readonly instances?: number
  readonly labels?: Readonly<Record<string, string>>
  readonly maxLaunchDelaySeconds?: number
  readonly mem?: number
  readonly gpus?: number
  readonly ipAddress?: IpAddressDefinition
  readonly networks?: readonly NetworkDefinition[]
  readonly ports?: readonly number[]
  readonly portDefinitions?: readonly PortDefinition[]
  readonly readinessChecks?: readonly ReadinessCheckDefinition[]
  readonly residency?: {
    readonly relaunchEscalationTimeoutSeconds?: number
    readonly taskLostBehavior?: 'WAIT_FOREVER' | 'RELAUNCH_AFTER_TIMEOUT'
  }
  readonly resourceLimits?: { readonly cpus?: string | number; readonly mem?: string | number }
  readonly requirePorts?: boolean
  readonly secrets?: Readonly<Record<string, { readonly source: string }>>
  readonly taskKillGracePeriodSeconds?: number
  readonly upgradeStrategy?: {
    readonly maximumOverCapacity: number
    readonly minimumHealthCapacity: number
    /** A deployment that stands still for so long is rolled back. */
    readonly progressDeadlineSeconds?: number
    readonly canarySteps?: readonly CanaryStepDefinition[]
  }
  readonly storeUrls?: readonly string[]
  readonly uris?: readonly string[]
  readonly user?: string
  readonly version?: string
  readonly versionInfo?: { readonly lastScalingAt: string; readonly lastConfigChangeAt: string }
  readonly killSelection?: 'YOUNGEST_FIRST' | 'OLDEST_FIRST'
  readonly unreachableStrategy?: UnreachableStrategyDefinition
  readonly tty?: boolean
  readonly role?: string
}

export interface V1AppWithCounts {
  /** Without a slash in front. */
  readonly id: string
  readonly cmd: string
  readonly env: Readonly<Record<string, string>>
  readonly instances: number
  readonly cpus: number
  readonly mem: number
  readonly disk: number
  readonly executor: string
  readonly constraints: readonly (readonly string[])[]
  readonly uris: readonly string[]
  readonly ports: readonly number[]
  readonly taskRateLimit: number
  readonly container: { readonly image: string; readonly options: readonly string[] } | null
  readonly healthChecks: readonly {
    readonly path: string
    readonly protocol: 'HTTP' | 'TCP'
    readonly portIndex: number
    readonly gracePeriodSeconds: number
    readonly intervalSeconds: number
    readonly timeoutSeconds: number
    readonly maxConsecutiveFailures: number
  }[]
  readonly version: string
  readonly tasksStaged: number
  readonly tasksRunning: number
}

export interface V1Endpoint {
  readonly id: string
  readonly ports: readonly number[]
  readonly instances: readonly V1Task[]
}

export interface V1Task {
  readonly id: string
  readonly host: string
  readonly ports: readonly number[]
  readonly startedAt: string | null
  readonly stagedAt: string
  readonly version: string
}

export type V1TasksByApp = Readonly<
  Record<string, { readonly appName: string; readonly tasks: readonly V1Task[]; readonly shutdown: boolean }>
>

export interface VersionList {
  readonly versions: readonly string[]
}

export type Volume =
  | { readonly containerPath: string; readonly persistent: PersistentVolume; readonly mode: 'RO' | 'RW' }
  | { readonly containerPath: string; readonly external: DvdiVolume | CsiVolume; readonly mode: 'RO' | 'RW' }
  | { readonly containerPath: string; readonly secret: string }
  | { readonly containerPath: string; readonly hostPath: string; readonly mode: 'RO' | 'RW' }

export type VolumeDefinition =
  | {
      readonly containerPath: string
      readonly persistent: PersistentVolumeDefinition
      readonly mode: 'RO' | 'RW'
    }
  | {
      readonly containerPath: string
      readonly external: DvdiVolumeDefinition | CsiVolumeDefinition
      readonly mode: 'RO' | 'RW'
    }
  | { readonly containerPath: string; readonly secret: string }
  | { readonly containerPath: string; readonly hostPath: string; readonly mode: 'RO' | 'RW' }

/** Why something has not happened yet. */
export interface WaitingOn {
  readonly reason:
    | 'backoff'
    | 'offers'
    | 'no-match'
    | 'launch-tokens'
    | 'running'
    | 'health'
    | 'readiness'
    | 'promotion'
    | 'paused'
    | 'ending'
    | 'capacity'
    | 'next-slice'
    | 'artifacts'
    | 'engine'
    | 'deployment'
    | 'quarantine'
  readonly message: string
  /** An absolute path id: /shop/web. */
  readonly runSpecId?: string
  readonly until?: string
  readonly count?: number
  readonly reasons?: readonly string[]
  readonly minHealthy?: number
  readonly maxCapacity?: number
  readonly deploymentId?: string
  readonly since?: string
  readonly step?: number
  readonly steps?: number
  readonly instances?: number
}
