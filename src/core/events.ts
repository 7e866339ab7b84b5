// Every input of the core, one union. Nothing else changes its state.

import type { ProbeEvent } from './health/probe.ts'
import type { SubscribedRoles } from './launching/offers-wanted.ts'
import type { AgentId, InverseOffer, Offer, OfferId, TaskStatus } from './mesos.ts'
import type { OfferConstraints } from './ready.ts'
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
      /**
       * The roles it registered us in, those among them of which it offers nothing, and what it leaves out. Absent: the
       * roles told last, all of which it offers of.
       */
      readonly subscribed?: SubscribedRoles & { readonly offerConstraints?: OfferConstraints }
      /** It can keep resources and volumes for an instance; without it those that need that wait (runtime 12). */
      readonly reserves?: true
    }
  /** The engine is gone; its offers are void. */
  | { readonly kind: 'engine-disconnected' }
  | { readonly kind: 'offers'; readonly offers: readonly Offer[] }
  | { readonly kind: 'offer-rescinded'; readonly offerId: OfferId }
  | { readonly kind: 'status'; readonly status: TaskStatus }
  /** An agent was removed; statuses of its tasks come separately. */
  | { readonly kind: 'agent-lost'; readonly agentId: AgentId }
  /** An executor ended; statuses of its tasks come separately. `status`: as wait(2) gives it, absent when unknown. */
  | {
      readonly kind: 'executor-lost'
      readonly agentId: AgentId
      readonly executorId: string
      readonly status?: number
    }
  /** What an executor says to its framework; `data` is base64. */
  | {
      readonly kind: 'framework-message'
      readonly agentId: AgentId
      readonly executorId: string
      readonly data: string
    }
  | { readonly kind: 'inverse-offers'; readonly offers: readonly InverseOffer[] }
  | { readonly kind: 'inverse-offer-rescinded'; readonly offerId: OfferId }
  /** The engine cannot go on, ever: another process may (runtime 1). `isRemoved`: nobody knows us any more. */
  | { readonly kind: 'engine-failed'; readonly message: string; readonly isRemoved: boolean }

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
  /** Statuses that nobody repeats could not be taken: too much was waiting. What they said has to be asked for. */
  | { readonly kind: 'statuses-missed' }
  /** A deadline the core asked for has come (wakeAt). */
  | { readonly kind: 'woke' }
