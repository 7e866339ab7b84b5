// The JSON of Mesos' v1 APIs as far as the fake master reads or writes it. Deliberately not the types of the engine
// under test: a mistake there must not be repeated here.

export interface Id {
  readonly value: string
}

export interface WireReservation {
  readonly type?: 'STATIC' | 'DYNAMIC'
  readonly role?: string
  readonly principal?: string
  readonly labels?: WireLabels
}

export interface WireLabels {
  readonly labels?: readonly { readonly key: string; readonly value?: string }[]
}

export interface WireDisk {
  readonly persistence?: { readonly id: string; readonly principal?: string }
  readonly volume?: { readonly container_path: string; readonly mode: string }
  readonly source?: Readonly<Record<string, unknown>>
}

export interface WireResource {
  readonly name: string
  readonly type?: 'SCALAR' | 'RANGES' | 'SET'
  readonly scalar?: { readonly value: number }
  readonly ranges?: { readonly range?: readonly { readonly begin: number; readonly end: number }[] }
  readonly set?: { readonly item?: readonly string[] }
  readonly role?: string
  readonly reservation?: WireReservation
  readonly reservations?: readonly WireReservation[]
  readonly disk?: WireDisk
  readonly shared?: Readonly<Record<string, never>>
  readonly allocation_info?: { readonly role?: string }
}

export interface WireCommand {
  readonly shell?: boolean
  readonly value?: string
  readonly arguments?: readonly string[]
  readonly user?: string
  readonly environment?: {
    readonly variables?: readonly { readonly name: string; readonly value?: string }[]
  }
  readonly uris?: readonly {
    readonly value: string
    readonly extract?: boolean
    readonly executable?: boolean
    readonly output_file?: string
  }[]
}

export interface WireHealthCheck {
  readonly type?: 'COMMAND' | 'HTTP' | 'TCP'
  readonly delay_seconds?: number
  readonly interval_seconds?: number
  readonly timeout_seconds?: number
  readonly grace_period_seconds?: number
  readonly consecutive_failures?: number
  readonly command?: WireCommand
  readonly http?: { readonly scheme?: string; readonly port: number; readonly path?: string }
  readonly tcp?: { readonly port: number }
}

export interface WireCheck {
  readonly type?: 'COMMAND' | 'HTTP' | 'TCP'
  readonly delay_seconds?: number
  readonly interval_seconds?: number
  readonly timeout_seconds?: number
  readonly command?: { readonly command: WireCommand }
  readonly http?: { readonly port: number; readonly path?: string }
  readonly tcp?: { readonly port: number }
}

export interface WireDuration {
  readonly nanoseconds: number
}

export interface WireTaskInfo {
  readonly name: string
  readonly task_id: Id
  readonly agent_id: Id
  readonly resources?: readonly WireResource[]
  readonly command?: WireCommand
  readonly executor?: WireExecutor
  readonly container?: Readonly<Record<string, unknown>>
  readonly kill_policy?: { readonly grace_period?: WireDuration }
  readonly max_completion_time?: WireDuration
  readonly labels?: WireLabels
  readonly discovery?: Readonly<Record<string, unknown>>
  readonly health_check?: WireHealthCheck
  readonly check?: WireCheck
}

export interface WireExecutor {
  readonly type?: string
  readonly framework_id?: Id
  readonly executor_id: Id
  readonly resources?: readonly WireResource[]
  readonly command?: WireCommand
}

export interface WireFilters {
  readonly refuse_seconds?: number
}

export interface WireOperation {
  readonly type: string
  readonly id?: Id
  readonly launch?: { readonly task_infos: readonly WireTaskInfo[] }
  readonly launch_group?: {
    readonly executor: WireExecutor
    readonly task_group: { readonly tasks: readonly WireTaskInfo[] }
  }
  readonly reserve?: { readonly resources: readonly WireResource[] }
  readonly unreserve?: { readonly resources: readonly WireResource[] }
  readonly create?: { readonly volumes: readonly WireResource[] }
  readonly destroy?: { readonly volumes: readonly WireResource[] }
}

export interface WireFrameworkInfo {
  readonly user: string
  readonly name: string
  readonly id?: Id
  readonly role?: string
  readonly roles?: readonly string[]
  readonly capabilities?: readonly { readonly type?: string }[]
  readonly failover_timeout?: number
  readonly checkpoint?: boolean
  readonly principal?: string
  readonly webui_url?: string
  readonly hostname?: string
}

export interface WireStatus {
  readonly task_id: Id
  readonly state: string
  readonly message?: string
  readonly source: string
  readonly reason?: string
  readonly agent_id?: Id
  readonly executor_id?: Id
  readonly timestamp: number
  readonly uuid?: string
  readonly healthy?: boolean
  readonly [more: string]: unknown
}

/** One event of the subscribe stream. */
export type WireEvent = Readonly<Record<string, unknown>> & { readonly type: string }

export interface WireCall {
  readonly type: string
  readonly framework_id?: Id
  readonly subscribe?: {
    readonly framework_info: WireFrameworkInfo
    readonly suppressed_roles?: readonly string[]
    readonly offer_constraints?: WireOfferConstraints
  }
  readonly update_framework?: {
    readonly framework_info: WireFrameworkInfo
    readonly suppressed_roles?: readonly string[]
    readonly offer_constraints?: WireOfferConstraints
  }
  readonly accept?: {
    readonly offer_ids: readonly Id[]
    readonly operations?: readonly WireOperation[]
    readonly filters?: WireFilters
  }
  readonly decline?: { readonly offer_ids: readonly Id[]; readonly filters?: WireFilters }
  readonly accept_inverse_offers?: {
    readonly inverse_offer_ids: readonly Id[]
    readonly filters?: WireFilters
  }
  readonly decline_inverse_offers?: {
    readonly inverse_offer_ids: readonly Id[]
    readonly filters?: WireFilters
  }
  readonly revive?: { readonly roles?: readonly string[] }
  readonly suppress?: { readonly roles?: readonly string[] }
  readonly kill?: {
    readonly task_id: Id
    readonly agent_id?: Id
    readonly kill_policy?: { readonly grace_period?: WireDuration }
  }
  readonly shutdown?: { readonly executor_id: Id; readonly agent_id: Id }
  readonly acknowledge?: { readonly agent_id: Id; readonly task_id: Id; readonly uuid: string }
  readonly acknowledge_operation_status?: { readonly operation_id: Id; readonly uuid: string }
  readonly reconcile?: { readonly tasks?: readonly { readonly task_id: Id; readonly agent_id?: Id }[] }
  readonly reconcile_operations?: {
    readonly operations?: readonly { readonly operation_id: Id; readonly agent_id?: Id }[]
  }
  readonly message?: { readonly agent_id: Id; readonly executor_id: Id; readonly data: string }
}

export interface WireOfferConstraints {
  readonly role_constraints?: Readonly<
    Record<
      string,
      { readonly groups?: readonly { readonly attribute_constraints?: readonly WireConstraint[] }[] }
    >
  >
}

export interface WireConstraint {
  readonly selector: {
    readonly attribute_name?: string
    readonly pseudoattribute_type?: 'HOSTNAME' | 'REGION' | 'ZONE'
  }
  readonly predicate: {
    readonly exists?: object
    readonly not_exists?: object
    readonly text_equals?: { readonly value: string }
    readonly text_not_equals?: { readonly value: string }
    readonly text_matches?: { readonly regex: string }
    readonly text_not_matches?: { readonly regex: string }
  }
}

export const terminalStates: ReadonlySet<string> = new Set([
  'TASK_FINISHED',
  'TASK_FAILED',
  'TASK_KILLED',
  'TASK_ERROR',
  'TASK_LOST',
  'TASK_DROPPED',
  'TASK_GONE',
  'TASK_GONE_BY_OPERATOR',
])
