// Calls of the v1 scheduler API (mesos/v1/scheduler.proto) as JSON, as far as they are used: the body of each POST.
// Optional fields are absent, never null. Enums are their names, ids are wrapped, bytes are padded base64.

import type { WireResource } from './resource.ts'
import type { WireExecutor, WireTask } from './task.ts'
import type { Nanoseconds } from './times.ts'

export interface Id {
  readonly value: string
}

/** All but SUBSCRIBE of a framework that was never registered carry its id. */
export type Call =
  | { readonly type: 'SUBSCRIBE'; readonly framework_id?: Id; readonly subscribe: WireRegistration }
  | (Registered &
      (
        | { readonly type: 'TEARDOWN' }
        | {
            readonly type: 'ACCEPT'
            readonly accept: {
              readonly offer_ids: readonly Id[]
              readonly operations: readonly WireOperation[]
              readonly filters: Filters
            }
          }
        | {
            readonly type: 'DECLINE'
            readonly decline: { readonly offer_ids: readonly Id[]; readonly filters: Filters }
          }
        | { readonly type: 'ACCEPT_INVERSE_OFFERS'; readonly accept_inverse_offers: InverseAnswer }
        | { readonly type: 'DECLINE_INVERSE_OFFERS'; readonly decline_inverse_offers: InverseAnswer }
        /** No roles: all of the framework's. */
        | { readonly type: 'REVIVE'; readonly revive: { readonly roles?: readonly string[] } }
        | { readonly type: 'SUPPRESS'; readonly suppress: { readonly roles?: readonly string[] } }
        | { readonly type: 'UPDATE_FRAMEWORK'; readonly update_framework: WireRegistration }
        | {
            readonly type: 'KILL'
            readonly kill: {
              readonly task_id: Id
              readonly agent_id?: Id
              readonly kill_policy?: { readonly grace_period: Nanoseconds }
            }
          }
        | {
            readonly type: 'SHUTDOWN'
            readonly shutdown: { readonly executor_id: Id; readonly agent_id: Id }
          }
        | {
            readonly type: 'ACKNOWLEDGE'
            readonly acknowledge: { readonly agent_id: Id; readonly task_id: Id; readonly uuid: string }
          }
        /** No tasks: all there are. */
        | {
            readonly type: 'RECONCILE'
            readonly reconcile: {
              readonly tasks?: readonly { readonly task_id: Id; readonly agent_id?: Id }[]
            }
          }
        | {
            readonly type: 'MESSAGE'
            readonly message: { readonly agent_id: Id; readonly executor_id: Id; readonly data: string }
          }
      ))

interface Registered {
  readonly framework_id: Id
}

export interface Filters {
  readonly refuse_seconds: number
}

export interface InverseAnswer {
  readonly inverse_offer_ids: readonly Id[]
  readonly filters?: Filters
}

/** Of SUBSCRIBE and UPDATE_FRAMEWORK: what it says replaces all that was said before. */
export interface WireRegistration {
  readonly framework_info: WireFramework
  readonly suppressed_roles?: readonly string[]
  readonly offer_constraints?: WireOfferConstraints
}

export interface WireFramework {
  readonly user: string
  readonly name: string
  readonly id?: Id
  /** Seconds. */
  readonly failover_timeout: number
  readonly checkpoint: boolean
  readonly roles: readonly string[]
  readonly hostname?: string
  readonly principal?: string
  readonly webui_url?: string
  readonly capabilities: readonly { readonly type: FrameworkCapability }[]
}

export type FrameworkCapability =
  | 'PARTITION_AWARE'
  | 'REGION_AWARE'
  | 'MULTI_ROLE'
  | 'RESERVATION_REFINEMENT'
  | 'TASK_KILLING_STATE'
  | 'GPU_RESOURCES'

export interface WireOfferConstraints {
  readonly role_constraints: Readonly<
    Record<
      string,
      { readonly groups: readonly { readonly attribute_constraints: readonly WireAttributeConstraint[] }[] }
    >
  >
}

export interface WireAttributeConstraint {
  readonly selector:
    | { readonly pseudoattribute_type: 'HOSTNAME' | 'REGION' | 'ZONE' }
    | { readonly attribute_name: string }
  readonly predicate:
    | { readonly exists: Readonly<Record<string, never>> }
    | { readonly not_exists: Readonly<Record<string, never>> }
    | { readonly text_equals: { readonly value: string } }
    | { readonly text_not_equals: { readonly value: string } }
    | { readonly text_matches: { readonly regex: string } }
    | { readonly text_not_matches: { readonly regex: string } }
}

export type WireOperation =
  | { readonly type: 'LAUNCH'; readonly launch: { readonly task_infos: readonly WireTask[] } }
  | {
      readonly type: 'LAUNCH_GROUP'
      readonly launch_group: {
        readonly executor: WireExecutor
        readonly task_group: { readonly tasks: readonly WireTask[] }
      }
    }
  | { readonly type: 'RESERVE'; readonly reserve: { readonly resources: readonly WireResource[] } }
  | { readonly type: 'UNRESERVE'; readonly unreserve: { readonly resources: readonly WireResource[] } }
  | { readonly type: 'CREATE'; readonly create: { readonly volumes: readonly WireResource[] } }
  | { readonly type: 'DESTROY'; readonly destroy: { readonly volumes: readonly WireResource[] } }
