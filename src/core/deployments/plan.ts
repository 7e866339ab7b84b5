// From two sets of run specs to the ordered steps between them (runtime 11). Whether a change is one of configuration
// or only of the number of instances was decided once, when the new version was made: it shows in
// `versionInfo.lastConfigChangeAt` (app-definition 2). Nothing here looks at run specs that are not named as changed.

import { assert } from '../../lib/assert.ts'
import type { Instant, Version } from '../../lib/instant.ts'
import { comparePathIds, type PathId } from '../../lib/path-id.ts'
import { isPod, type RunSpec } from '../../spec/run-spec.ts'
import { dependencyLevels } from './dependency-order.ts'
import {
  actionOn,
  type Deployment,
  type DeploymentId,
  type GroupChange,
  type RunSpecChange,
  type Step,
  type Work,
} from './deployment.ts'

export interface PlanInput {
  readonly id: DeploymentId
  /** The version of the root this change makes. */
  readonly version: Version
  readonly original: ReadonlyMap<PathId, RunSpec>
  readonly target: ReadonlyMap<PathId, RunSpec>
  /** Every id whose run spec may differ between the two; others are taken to be equal. */
  readonly changed: Iterable<PathId>
  /** Run specs to restart although nothing in them differs. Those of them that exist are changes, too. */
  readonly restarted?: ReadonlySet<PathId>
  /** Target groups that have dependencies. */
  readonly groupDependencies?: ReadonlyMap<PathId, readonly PathId[]>
  /** Run specs that still have instances of another configuration: a deployment was ended before it was done. */
  readonly halfReplaced?: { has(id: PathId): boolean }
  /** Goes back to what ran before, files and all: nothing is asked of the artifact store. */
  readonly isRevert?: boolean
  /** Some of what it goes back to never was good. */
  readonly isTriedAgain?: boolean
  /** The deployment that could not be carried out, and is taken back by this one. */
  readonly failed?: Deployment['failed']
  /** What the change does to groups: nothing to carry out, but a revert takes it back. */
  readonly groupChanges?: readonly GroupChange[]
  readonly now: Instant
}

/**
 * The deployment that leads from `original` to `target`. One without steps is over at once.
 * Throws when the dependencies have a cycle: a definition with one is refused before.
 */
export function planDeployment(input: PlanInput): Deployment {
  const changes = changesOf(input)
  const groupChanges = input.groupChanges ?? []
  return {
    id: input.id,
    version: input.version,
    steps: stepsOf(input, changes),
    changes,
    ...(groupChanges.length > 0 && { groupChanges }),
    currentStep: 0,
    startedAt: input.now,
    ...(input.isRevert === true && input.isTriedAgain !== true && { isRevert: true }),
    ...(input.failed !== undefined && { failed: input.failed }),
  }
}

function changesOf({ original, target, changed, restarted }: PlanInput): RunSpecChange[] {
  const ids = [...new Set([...changed, ...(restarted ?? [])])].sort(comparePathIds)
  const changes: RunSpecChange[] = []
  for (const id of ids) {
    const from = original.get(id)?.version
    const to = target.get(id)?.version
    const isRestarted = restarted?.has(id) === true && to !== undefined
    if (from === to && !isRestarted) continue
    changes.push({ id, ...(from !== undefined && { from }), ...(to !== undefined && { to }) })
  }
  return changes
}

function stepsOf(input: PlanInput, changes: readonly RunSpecChange[]): Step[] {
  const removed = changes.filter((change) => change.to === undefined)
  const added = changes.filter((change) => change.from === undefined)
  const remaining = changes.filter((change) => change.to !== undefined).map((change) => change.id)
  const levels = dependencyLevels({
    runSpecs: input.target,
    groupDependencies: input.groupDependencies ?? new Map(),
    affected: remaining,
  })
  assert(
    levels.ok,
    `dependencies of a planned change have a cycle: ${levels.ok ? '' : levels.error.join(' → ')}`,
  )
  const steps = [
    remaining
      .filter((id) => bringsArtifacts(id, input))
      .map((id) => actionOn(input.target.get(id)!, 'resolve')),
    removed.map(({ id }) => actionOn(input.original.get(id)!, 'stop')),
    added.map(({ id }) => actionOn(input.target.get(id)!, 'start')),
    ...levels.value.map((level) => level.map((id) => actionOn(input.target.get(id)!, workOn(id, input)))),
  ]
  return steps.filter((step) => step.length > 0).map((step) => ({ actions: step }))
}

/** A version that names files, unless it only differs in the number of instances. */
function bringsArtifacts(id: PathId, input: PlanInput): boolean {
  const to = input.target.get(id)!
  if (input.isRevert === true || isPod(to) || to.storeUrls === undefined) return false
  return !input.original.has(id) || workOn(id, input) === 'restart'
}

/**
 * Where only the number of instances changes: to scale, unless instances of another configuration are left, which
 * nobody else would ever replace (the original leaves them).
 */
function workOn(id: PathId, { original, target, restarted, halfReplaced }: PlanInput): Work {
  const from = original.get(id)
  const to = target.get(id)
  if (from === undefined || to === undefined || to.instances === 0) return 'scale'
  if (restarted?.has(id) || halfReplaced?.has(id)) return 'restart'
  return from.versionInfo.lastConfigChangeAt === to.versionInfo.lastConfigChangeAt ? 'scale' : 'restart'
}
