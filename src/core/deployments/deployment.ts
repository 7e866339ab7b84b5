// A deployment: the change of one or more run specs from what was to what shall be, as ordered steps of actions.
// It stores references (ids and versions), not definitions: those are records of their own.

import type { Instant, Version } from '../../lib/instant.ts'
import { oncePer } from '../../lib/once.ts'
import type { PathId } from '../../lib/path-id.ts'
import { isPod, type RunSpec } from '../../spec/run-spec.ts'
import type { Canary } from './canary.ts'

export type DeploymentId = string

/** What is done, and what it is called: an action knows by its name what it is about, also when that is no more. */
const kinds = {
  /** Pods have no storeUrls, and with them nothing to resolve. */
  resolve: { app: 'ResolveArtifacts', pod: 'ResolveArtifacts' },
  start: { app: 'StartApplication', pod: 'StartPod' },
  stop: { app: 'StopApplication', pod: 'StopPod' },
  scale: { app: 'ScaleApplication', pod: 'ScalePod' },
  restart: { app: 'RestartApplication', pod: 'RestartPod' },
} as const

export type Work = keyof typeof kinds
export type ActionKind = (typeof kinds)[Work]['app' | 'pod']

interface Meaning {
  readonly work: Work
  readonly of: 'app' | 'pod'
}

const meanings: ReadonlyMap<ActionKind, Meaning> = new Map(
  (Object.keys(kinds) as Work[]).flatMap((work): [ActionKind, Meaning][] => [
    [kinds[work].pod, { work, of: 'pod' }],
    [kinds[work].app, { work, of: 'app' }],
  ]),
)

export interface Action {
  readonly kind: ActionKind
  readonly runSpecId: PathId
}

export const actionOn = (runSpec: RunSpec, work: Work): Action => ({
  kind: kinds[work][isPod(runSpec) ? 'pod' : 'app'],
  runSpecId: runSpec.id,
})

export const workOf = ({ kind }: Action): Work => meanings.get(kind)!.work

/** An action as events and the API show it (rest-api 6). */
export const shownAction = ({ kind, runSpecId }: Action) => ({
  action: kind,
  [meanings.get(kind)!.of]: runSpecId,
})

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
  /** Of a top-level group that is removed: as it was. */
  readonly enforceRole?: boolean
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
  /** Since when somebody has it wait; absent: nobody does. */
  readonly pausedAt?: Instant
  /** Run specs the current step tries on a few instances first. Absent: none. */
  readonly canaries?: readonly Canary[]
  /** Goes back to what was before: at once, without trials, and is never taken back itself for want of progress. */
  readonly isRevert?: true
  /** The deployment it takes back because that one could not be carried out, and why not. */
  readonly failed?: { readonly id: DeploymentId; readonly reason: string }
}

/** A memo, not state: what a deployment changes stays the same in every step. */
const changesById = oncePer(
  (changes: readonly RunSpecChange[]): ReadonlyMap<PathId, RunSpecChange> =>
    new Map(changes.map((change) => [change.id, change])),
)

/** What a deployment does to a run spec. */
export const changeOf = ({ changes }: Pick<Deployment, 'changes'>, id: PathId): RunSpecChange | undefined =>
  changesById(changes).get(id)

export const canaryOf = ({ canaries }: Pick<Deployment, 'canaries'>, id: PathId): Canary | undefined =>
  canaries?.find((canary) => canary.id === id)

/** What a deployment changes, apps and pods apart. What has the same version before and after is not among them. */
export function affectedBy({ changes, steps }: Deployment): {
  readonly apps: readonly PathId[]
  readonly pods: readonly PathId[]
} {
  const pods = new Set<PathId>()
  for (const { actions } of steps) {
    for (const { kind, runSpecId } of actions) if (meanings.get(kind)!.of === 'pod') pods.add(runSpecId)
  }
  const affected = changes.filter(({ from, to }) => from !== to).map(({ id }) => id)
  return { apps: affected.filter((id) => !pods.has(id)), pods: affected.filter((id) => pods.has(id)) }
}
