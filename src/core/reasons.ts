// Why something is not happening. Every "waiting" anywhere has one of these reasons, and every surface shows it:
// the queue, deployments, the CLI, the UI.

import type { Instant } from '../lib/instant.ts'
import type { PathId } from '../lib/path-id.ts'
import type { DeploymentId } from './deployments/deployment.ts'

/** Why an offer was not used, in the order of the funnel (runtime 5.1). */
export const noMatchReasons = [
  'UnfulfilledRole',
  'UnfulfilledConstraint',
  'NoCorrespondingReservationFound',
  'AgentMaintenance',
  'InsufficientCpus',
  'InsufficientMemory',
  'InsufficientDisk',
  'InsufficientGpus',
  'InsufficientPorts',
  'DeclinedScarceResources',
] as const
export type NoMatchReason = (typeof noMatchReasons)[number]

export type WaitingOn =
  /** Launching is delayed after failures, until then. */
  | { readonly kind: 'backoff'; readonly runSpecId: PathId; readonly until: Instant }
  /** No offer at hand, or none at all yet. */
  | { readonly kind: 'offers'; readonly runSpecId: PathId; readonly count: number }
  /** Offers come, none fits; the reasons of the last ones, most frequent first. */
  | {
      readonly kind: 'no-match'
      readonly runSpecId: PathId
      readonly count: number
      readonly reasons: readonly NoMatchReason[]
    }
  | { readonly kind: 'launch-tokens'; readonly runSpecId: PathId; readonly until: Instant }
  /** Tasks are launched and not running yet. */
  | { readonly kind: 'running'; readonly runSpecId: PathId; readonly count: number }
  /** Tasks run and are not well: their health checks have not succeeded yet, or fail. */
  | { readonly kind: 'health'; readonly runSpecId: PathId; readonly count: number }
  /** Tasks run, are well, and their readiness check has not succeeded yet. */
  | { readonly kind: 'readiness'; readonly runSpecId: PathId; readonly count: number }
  /** Old tasks are told to end and have not ended yet. */
  | { readonly kind: 'ending'; readonly runSpecId: PathId; readonly count: number }
  /** The replace step may not go below its minimum or above its maximum capacity. */
  | {
      readonly kind: 'capacity'
      readonly runSpecId: PathId
      readonly minHealthy: number
      readonly maxCapacity: number
    }
  /** A canary step is reached; the next one begins then, or, without a time, when somebody promotes it. */
  | {
      readonly kind: 'promotion'
      readonly runSpecId: PathId
      readonly deploymentId: DeploymentId
      /** From 1. */
      readonly step: number
      readonly steps: number
      /** Of the new version, in this step. */
      readonly instances: number
      readonly until?: Instant
    }
  /** Somebody paused the deployment. */
  | { readonly kind: 'paused'; readonly deploymentId: DeploymentId; readonly since: Instant }
  /** More to start or stop than one decision does. */
  | { readonly kind: 'next-slice'; readonly runSpecId: PathId; readonly count: number }
  /** Files are brought into the artifact store first (storeUrls). */
  | { readonly kind: 'artifacts'; readonly runSpecId: PathId; readonly count: number }
  /** The engine is not connected. */
  | { readonly kind: 'engine' }
  /** A deployment has to end first. */
  | { readonly kind: 'deployment'; readonly deploymentId: DeploymentId }
  /** A decision about this run spec failed; the text is in the log. */
  | { readonly kind: 'quarantine'; readonly runSpecId: PathId }
