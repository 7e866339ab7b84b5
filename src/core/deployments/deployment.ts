// A deployment: the change of one or more run specs from what was to what shall be, as ordered steps of actions.
// It stores references (ids and versions), not definitions: those are records of their own.

import type { Instant, Version } from '../../lib/instant.ts'
import type { PathId } from '../../lib/path-id.ts'

export type DeploymentId = string

export type ActionKind = 'StartApplication' | 'StopApplication' | 'ScaleApplication' | 'RestartApplication'

export interface Action {
  readonly kind: ActionKind
  readonly runSpecId: PathId
}

export interface Step {
  readonly actions: readonly Action[]
}

/** What one deployment changes for one run spec. Absent `from`: it is new; absent `to`: it is removed. */
export interface RunSpecChange {
  readonly id: PathId
  readonly from?: Version
  readonly to?: Version
}

/**
 * What one deployment does to a group: its dependencies before and after. Absent `from`: created; absent `to`:
 * removed.
 */
export interface GroupChange {
  readonly id: PathId
  readonly from?: readonly PathId[]
  readonly to?: readonly PathId[]
}

export interface Deployment {
  readonly id: DeploymentId
  /** The version of the root this deployment leads to. */
  readonly version: Version
  readonly steps: readonly Step[]
  readonly changes: readonly RunSpecChange[]
  /** Outer groups before the ones within. No step carries them out; a revert takes them back. */
  readonly groupChanges?: readonly GroupChange[]
  /** Index of the step in progress. Steps before it are done. */
  readonly currentStep: number
  readonly startedAt: Instant
}
