// What people may tell a deployment that runs: to pause, to go on, to leave its canary step.

import { ok, type Result, refused } from '../../lib/result.ts'
import { moveCanaries } from '../canary-steps.ts'
import type { Core } from '../core.ts'
import { currentActions } from '../deployments/advance.ts'
import { type Canary, isHolding, isTrial, promoted, promotedToAll } from '../deployments/canary.ts'
import type { Deployment } from '../deployments/deployment.ts'
import { deploymentPaused, deploymentResumed } from '../notices/steering.ts'
import type { Outcome, Refusal, RequestOf, Stopped } from '../requests.ts'

/** Nothing more is started or stopped by it, from now on. */
export function pauseDeployment(core: Core, { id }: RequestOf<'pause-deployment'>): Result<Outcome, Stopped> {
  const deployment = core.state.deployment(id)
  if (deployment === undefined) return refused({ kind: 'deployment-not-found', id })
  if (deployment.pausedAt !== undefined) return refused(cannot(id, 'is-paused'))
  const paused = { ...deployment, pausedAt: core.state.now }
  put(core, paused)
  core.batch.notice(deploymentPaused(paused, core.state.now))
  return steered(core, id)
}

export function resumeDeployment(
  core: Core,
  { id }: RequestOf<'resume-deployment'>,
): Result<Outcome, Stopped> {
  const deployment = core.state.deployment(id)
  if (deployment === undefined) return refused({ kind: 'deployment-not-found', id })
  const { pausedAt, ...resumed } = deployment
  if (pausedAt === undefined) {
    return refused(cannot(id, holding(core, deployment).length > 0 ? 'waits-for-promotion' : 'is-not-paused'))
  }
  put(core, resumed)
  core.batch.notice(deploymentResumed(resumed, core.state.now))
  return steered(core, id)
}

/** Ends the pause of every canary step that has one, or with `all` every trial. */
export function promoteDeployment(
  core: Core,
  { id, all }: RequestOf<'promote-deployment'>,
): Result<Outcome, Stopped> {
  const { state } = core
  const deployment = state.deployment(id)
  if (deployment === undefined) return refused({ kind: 'deployment-not-found', id })
  if (deployment.pausedAt !== undefined) return refused(cannot(id, 'is-paused'))
  const trials = (deployment.canaries ?? []).filter((canary) => {
    const runSpec = state.runSpec(canary.id)
    return runSpec !== undefined && isTrial(canary, runSpec)
  })
  if (trials.length === 0) return refused(cannot(id, 'has-no-canaries'))
  const moved = all
    ? trials.map((canary) => promotedToAll(canary, state.runSpec(canary.id)!))
    : holding(core, deployment).map(promoted)
  if (moved.length === 0) return refused(cannot(id, 'canaries-not-up'))
  moveCanaries(core, deployment, moved, 'request')
  return steered(core, id)
}

const holding = ({ state }: Core, { canaries = [] }: Deployment): readonly Canary[] =>
  canaries.filter((canary) => {
    const runSpec = state.runSpec(canary.id)
    return runSpec !== undefined && isHolding(canary, runSpec)
  })

/** What it waits for is another thing now: all of its step is decided again. */
function put(core: Core, deployment: Deployment): void {
  core.state.putDeployment(deployment)
  core.batch.put('deployment', deployment.id, deployment)
  core.unfinished.delete(deployment.id)
  for (const { runSpecId } of currentActions(deployment)) core.dirty.mark(runSpecId)
}

const steered = ({ state }: Core, id: string): Result<Outcome, Stopped> =>
  ok({ kind: 'steered', deployment: state.deployment(id)! })

const cannot = (id: string, why: Extract<Refusal, { kind: 'cannot-steer' }>['why']): Refusal => ({
  kind: 'cannot-steer',
  id,
  why,
})
