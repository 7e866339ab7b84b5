// Every input of the core, one union. Nothing else changes its state.

import type { ProbeEvent } from './health/probe.ts'
import type { AgentId, Offer, OfferId, TaskStatus } from './mesos.ts'
import type { Request } from './requests.ts'

export type EngineEvent =
  /** The engine is there: reconcile, offer. `frameworkId` is kept and shown by /v2/info. */
  | {
      readonly kind: 'engine-connected'
      readonly frameworkId: string
      readonly master: string
      readonly holdsOffers: boolean
      /** The region of the master; offers of others are for apps that ask for them (runtime 5.3). */
      readonly homeRegion?: string
    }
  /** The engine is gone; its offers are void. */
  | { readonly kind: 'engine-disconnected' }
  | { readonly kind: 'offers'; readonly offers: readonly Offer[] }
  | { readonly kind: 'offer-rescinded'; readonly offerId: OfferId }
  | { readonly kind: 'status'; readonly status: TaskStatus }
  /** An agent was removed; statuses of its tasks come separately. */
  | { readonly kind: 'agent-lost'; readonly agentId: AgentId }

/** Answers to `store-artifact` (ready.ts). */
export type ArtifactEvent =
  | { readonly kind: 'artifact-stored'; readonly path: string }
  /** `reason`: a sentence without its end. */
  | { readonly kind: 'artifact-failed'; readonly path: string; readonly reason: string }

export type Event =
  | EngineEvent
  | ArtifactEvent
  | ProbeEvent
  /** A user wants something. The answer is the reply with the same request id. */
  | { readonly kind: 'request'; readonly requestId: number; readonly request: Request }
  /** A deadline the core asked for has come (wakeAt). */
  | { readonly kind: 'woke' }
