// Every output of the core: one ordered batch. The driver makes `writes` durable, then performs `effects`,
// `downloads` and `probes`, then sends `notices`, then `replies`; nothing leaves before the state it relies on is
// committed.

import type { Duration } from '../lib/instant.ts'
import type { LoggedEvents } from './event-log/segment.ts'
import type { ProbeEffect } from './health/probe.ts'
import type { KillCause } from './instances/instance.ts'
import type { AgentId, OfferId, Operation, TaskId } from './mesos.ts'
import type { Notice } from './notices/notice.ts'
import type { Write } from './records.ts'
import type { Reply } from './requests.ts'

export type EngineEffect =
  | {
      readonly kind: 'accept'
      readonly offerIds: readonly OfferId[]
      readonly agentId: AgentId
      readonly operations: readonly Operation[]
    }
  | { readonly kind: 'decline'; readonly offerIds: readonly OfferId[]; readonly refuseFor: Duration }
  /** `cause` is for logs and for the checkers of the simulator: there is no kill without one. */
  | {
      readonly kind: 'kill'
      readonly taskId: TaskId
      readonly agentId?: AgentId
      readonly gracePeriod?: Duration
      readonly cause: KillCause
    }
  | {
      readonly kind: 'acknowledge'
      readonly taskId: TaskId
      readonly agentId?: AgentId
      readonly uuid: string
    }
  /** Explicit for the tasks named, implicit (tell me all you know) when there are none. */
  | {
      readonly kind: 'reconcile'
      readonly tasks: readonly { readonly taskId: TaskId; readonly agentId?: AgentId }[]
    }
  | { readonly kind: 'revive'; readonly roles: readonly string[] }
  | { readonly kind: 'suppress'; readonly roles: readonly string[] }
  /** Which roles we are in from now on; of those suppressed no offers come until they are revived (runtime 13). */
  | {
      readonly kind: 'update-framework'
      readonly roles: readonly string[]
      readonly suppressedRoles: readonly string[]
      /** By role; a role without any gets every offer. Absent: as before. */
      readonly offerConstraints?: OfferConstraints
    }
  /** Declined ones come again after `refuseFor`. */
  | {
      readonly kind: 'answer-inverse-offers'
      readonly answer: 'accept' | 'decline'
      readonly offerIds: readonly OfferId[]
      readonly refuseFor?: Duration
    }

/** What the artifact store is to have (rest-api 12, storeUrls). */
export type ArtifactEffect =
  /** Answered by `artifact-stored` or `artifact-failed`; what is at the path already stays. */
  | { readonly kind: 'store-artifact'; readonly url: string; readonly path: string }
  /** Nobody waits for it any more; there is no answer. */
  | { readonly kind: 'abandon-artifact'; readonly path: string }

/** By role, alternatives of which an offer must meet one, each a list of conditions that must all hold. */
export type OfferConstraints = Readonly<Record<string, readonly (readonly AttributeConstraint[])[]>>

/** Of the pseudo-attributes `hostname`, `region` and `zone`, or of an attribute by its name. */
export interface AttributeConstraint {
  readonly selector: { readonly pseudo: 'HOSTNAME' | 'REGION' | 'ZONE' } | { readonly attribute: string }
  readonly predicate:
    | { readonly kind: 'exists' }
    | { readonly kind: 'not-exists' }
    | { readonly kind: 'text-equals'; readonly value: string }
    | { readonly kind: 'text-not-equals'; readonly value: string }
    | { readonly kind: 'text-matches'; readonly regex: string }
    | { readonly kind: 'text-not-matches'; readonly regex: string }
}

/** Why the process is to end once this batch is committed. */
export interface Ending {
  readonly kind: 'engine-error' | 'framework-removed'
  readonly message: string
}

export interface Ready {
  readonly ending?: Ending
  readonly writes: readonly Write[]
  readonly effects: readonly EngineEffect[]
  readonly downloads: readonly ArtifactEffect[]
  readonly probes: readonly ProbeEffect[]
  readonly notices: readonly Notice[]
  /** The same notices as the event log has them; absent when it has none of them. */
  readonly logged?: LoggedEvents
  readonly replies: readonly Reply[]
}
