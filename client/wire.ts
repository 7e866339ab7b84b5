// The API's bodies as a client reads them: the fields that the CLI, the UI and tests look at, optional where
// the server may leave them out (rest-api 11). Unknown fields are kept in the raw text and never relied on.

export interface AppInfo {
  readonly id: string
  readonly cmd?: string
  readonly args?: readonly string[]
  readonly cpus: number
  /** MiB. */
  readonly mem: number
  /** MiB. */
  readonly disk?: number
  readonly gpus?: number
  readonly instances: number
  readonly container?: { readonly docker?: { readonly image?: string } }
  readonly constraints?: readonly (readonly string[])[]
  readonly env?: Readonly<Record<string, unknown>>
  readonly labels?: Readonly<Record<string, string>>
  readonly portDefinitions?: readonly { readonly port: number; readonly name?: string }[]
  readonly ports?: readonly number[]
  readonly healthChecks?: readonly unknown[]
  readonly user?: string
  readonly role?: string
  readonly version?: string
  readonly versionInfo?: { readonly lastScalingAt: string; readonly lastConfigChangeAt: string }
  readonly tasksStaged?: number
  readonly tasksRunning?: number
  readonly tasksHealthy?: number
  readonly tasksUnhealthy?: number
  readonly deployments?: readonly { readonly id: string }[]
  readonly tasks?: readonly Task[]
  readonly lastTaskFailure?: TaskFailure
}

export interface TaskFailure {
  readonly taskId: string
  readonly state: string
  readonly message: string
  readonly host?: string
  readonly timestamp: string
  readonly version?: string
}

export interface HealthCheckResult {
  readonly alive: boolean
  readonly lastFailureCause?: string | null
}

export interface Task {
  readonly id: string
  readonly appId?: string
  readonly host?: string
  readonly ports?: readonly number[]
  readonly state?: string
  readonly stagedAt?: string | null
  readonly startedAt?: string | null
  readonly version?: string | null
  readonly healthCheckResults?: readonly (HealthCheckResult | null)[]
}

/** Why something has not happened yet: an enumerated reason and a sentence for people. */
export interface WaitingOn {
  readonly reason: string
  readonly message: string
}

export interface RejectSummary {
  readonly reason: string
  readonly declined: number
  readonly processed: number
}

export interface QueueItem {
  readonly count: number
  readonly role?: string
  readonly since?: string
  readonly delay: { readonly timeLeftSeconds: number; readonly overdue: boolean }
  readonly processedOffersSummary?: {
    readonly processedOffersCount: number
    readonly unusedOffersCount: number
    readonly rejectSummaryLastOffers?: readonly RejectSummary[]
  }
  readonly waitingOn?: readonly WaitingOn[]
  readonly app?: { readonly id: string }
  readonly pod?: { readonly id: string }
}

export interface DeploymentAction {
  readonly action: string
  readonly app?: string
  readonly pod?: string
}

export interface Deployment {
  readonly id: string
  readonly version?: string
  readonly affectedApps: readonly string[]
  readonly affectedPods?: readonly string[]
  readonly currentActions: readonly DeploymentAction[]
  /** 1-based; 0 until the first step starts (rest-api 6). */
  readonly currentStep: number
  readonly totalSteps: number
  readonly waitingOn?: readonly WaitingOn[]
}

/** The answer to a change: the deployment that carries it out. */
export interface DeploymentResult {
  readonly deploymentId: string
  readonly version: string
}

export interface Resources {
  readonly cpus?: number
  /** MiB. */
  readonly mem?: number
  /** MiB. */
  readonly disk?: number
  readonly gpus?: number
  readonly ports?: unknown
}

export interface Agent {
  readonly id: string
  readonly hostname: string
  readonly connected: boolean
  readonly attributes?: Readonly<Record<string, unknown>>
  readonly resources?: Resources
  readonly used?: Resources
  readonly tasks?: number
}

export interface Info {
  readonly name: string
  readonly version: string
  readonly elected?: boolean
  readonly leader: string | null
  readonly frameworkId?: string | null
  readonly marathon_config?: Readonly<Record<string, unknown>>
  readonly http_config?: Readonly<Record<string, unknown>>
}

/** An item of `GET /v1/endpoints` (rest-api 12.1). */
export interface Endpoint {
  readonly id: string
  readonly ports: readonly number[]
  readonly instances: readonly Task[]
}
