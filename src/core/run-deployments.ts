// The life of deployments in the state: started, stepped, finished, cancelled. What to do next is decided by
// deployments/decide-step.ts; here its decision is applied and told.

import type { Instant } from '../lib/instant.ts'
import type { PathId } from '../lib/path-id.ts'
import { applyAction, forgetOldVersions, resetDelay } from './apply.ts'
import { abandonArtifacts, wantArtifacts } from './artifact-downloads.ts'
import { moveCanaries, resumeCanaries, withCanaries } from './canary-steps.ts'
import type { Core } from './core.ts'
import { advance } from './deployments/advance.ts'
import { decidePaused } from './deployments/decide-paused.ts'
import { decideStep, type StepDecision } from './deployments/decide-step.ts'
import { type Deployment, type Step, workOf } from './deployments/deployment.ts'
import { markGood } from './good-versions.ts'
import { touchHealthChecks } from './health-checks.ts'
import { appTerminated } from './notices/app.ts'
import {
  deploymentFailed,
  deploymentInfo,
  deploymentStepSuccess,
  deploymentSuccess,
} from './notices/deployment.ts'
import { giveUpAll } from './orphans.ts'
import { noteProgress } from './progress-watch.ts'
import { forgetReadiness, watchReadiness } from './readiness-watch.ts'
import type { WaitingOn } from './reasons.ts'

/** Stores a new deployment and begins its first step. One without steps is over at once and is never stored. */
export function startDeployment(core: Core, deployment: Deployment): void {
  if (deployment.steps.length === 0) core.batch.notice(deploymentSuccess(deployment, core.state.now))
  else {
    beginStep(core, deployment)
  }
  for (const change of deployment.changes) core.dirty.mark(change.id)
}

/** The deployment as it is stored: with what its step tries out first. */
function beginStep(core: Core, planned: Deployment): Deployment {
  const deployment = withCanaries(core, planned)
  core.state.putDeployment(deployment)
  core.batch.put('deployment', deployment.id, deployment)
  core.batch.notice(deploymentInfo(deployment, core.state.now))
  for (const action of currentStep(deployment).actions) {
    touchHealthChecks(core, action.runSpecId)
    if (workOf(action) === 'resolve') wantArtifacts(core, action.runSpecId)
    if (workOf(action) === 'restart') {
      const runSpec = core.state.runSpec(action.runSpecId)
      if (runSpec !== undefined) resetDelay(core, runSpec)
    }
    watchReadiness(core, action.runSpecId)
  }
  // Nothing of this step is known yet: all of it is decided the first time.
  core.unfinished.delete(deployment.id)
  return deployment
}

/** Asks anew for what the process before was asked for. */
export function resumeStep(core: Core, deployment: Deployment): void {
  for (const action of currentStep(deployment).actions) {
    if (workOf(action) === 'resolve') wantArtifacts(core, action.runSpecId)
    watchReadiness(core, action.runSpecId)
  }
  resumeCanaries(core, deployment)
}

const currentStep = (deployment: Deployment): Step => deployment.steps[deployment.currentStep]!

/**
 * Goes on with the current step as far as `changed` run specs matter to it, and with those after it that are done at
 * once.
 */
export function stepDeployment(core: Core, deployment: Deployment, changed: ReadonlySet<PathId>): void {
  let current: Deployment | undefined = deployment
  while (current !== undefined && isStepDone(core, current, changed)) current = endStep(core, current)
}

/** Decides what changed in the current step, or all of it the first time, and carries the decision out. */
function isStepDone(core: Core, deployment: Deployment, changed: ReadonlySet<PathId>): boolean {
  if (deployment.pausedAt !== undefined) {
    holdStill(core, deployment, deployment.pausedAt, changed)
    return false
  }
  const { quarantine, state, dirty } = core
  const known = core.unfinished.get(deployment.id)
  const only = known === undefined ? undefined : changed
  // One that cannot be decided holds the step up, and keeps no other one from getting on with it.
  const decision = decideStep(deployment, state, only, (id, decide) =>
    quarantine.has(id) ? undefined : quarantine.guard(id, decide),
  )
  for (const action of decision.actions) applyAction(core, action)
  const unfinished = known ?? new Map()
  if (known === undefined) core.unfinished.set(deployment.id, unfinished)
  else for (const id of changed) unfinished.delete(id)
  for (const [id, waitingOn] of decision.unfinished) {
    unfinished.set(id, waitingOn)
    if (waitingOn.some((waiting) => waiting.kind === 'next-slice')) dirty.postpone(id)
  }
  noteAll(core, deployment, decision, known === undefined ? undefined : changed)
  if (decision.canaries.length > 0) moveCanaries(core, deployment, decision.canaries)
  return unfinished.size === 0
}

function noteAll(
  core: Core,
  deployment: Deployment,
  { progress, unfinished }: StepDecision,
  changed: ReadonlySet<PathId> | undefined,
): void {
  const decided = changed ?? currentStep(deployment).actions.map(({ runSpecId }) => runSpecId)
  for (const id of decided)
    noteProgress(core, deployment, id, unfinished.has(id) ? progress.get(id) : undefined)
}

/** Takes back what is not launched yet, and waits for somebody to resume it. The clocks stand still. */
function holdStill(core: Core, deployment: Deployment, since: Instant, changed: ReadonlySet<PathId>): void {
  const { state, dirty, progress } = core
  const decision = decidePaused(deployment, state, changed)
  for (const action of decision.actions) applyAction(core, action)
  for (const waiting of decision.waitingOn) if ('runSpecId' in waiting) dirty.postpone(waiting.runSpecId)
  const [first] = currentStep(deployment).actions
  const waiting: WaitingOn = { kind: 'paused', deploymentId: deployment.id, since }
  core.unfinished.set(deployment.id, new Map([[first!.runSpecId, [waiting]]]))
  for (const id of changed) progress.stop(id)
}

/** The deployment with its next step begun, or undefined when this was the last. */
function endStep(core: Core, deployment: Deployment): Deployment | undefined {
  const { batch, state } = core
  for (const action of currentStep(deployment).actions) {
    if (workOf(action) === 'stop') runSpecStopped(core, action.runSpecId)
    if (workOf(action) === 'resolve') core.state.missingArtifacts.delete(action.runSpecId)
    forgetReadiness(core, action.runSpecId)
    core.progress.stop(action.runSpecId)
  }
  batch.notice(deploymentStepSuccess(deployment, state.now))
  const next = advance(deployment)
  if (next !== undefined) return beginStep(core, next)
  markGood(core, deployment)
  // From here on it cannot be taken back.
  for (const { id } of deployment.changes) if (state.runSpec(id) === undefined) giveUpAll(core, id)
  dropDeployment(core, deployment)
  batch.notice(deploymentSuccess(deployment, state.now))
  return undefined
}

function runSpecStopped(core: Core, id: PathId): void {
  core.delays.resetAll(id)
  core.patience.forget(id)
  core.batch.notice(appTerminated(id, core.state.now))
}

/** Ends a deployment before it is done. Instances stay as they are; the scale check corrects their number. */
export function cancelDeployment(core: Core, deployment: Deployment, reason: string): void {
  dropDeployment(core, deployment)
  core.batch.notice(deploymentFailed(deployment, core.state.now, reason))
}

function dropDeployment(core: Core, deployment: Deployment): void {
  core.state.removeDeployment(deployment)
  core.unfinished.delete(deployment.id)
  core.batch.delete('deployment', deployment.id)
  for (const change of deployment.changes) {
    abandonArtifacts(core, change.id)
    forgetReadiness(core, change.id)
    core.progress.stop(change.id)
    forgetOldVersions(core, change.id, core.settings.versionsPerRunSpec)
    if (core.state.runSpec(change.id) === undefined) forgetRunSpec(core, change.id)
    core.dirty.mark(change.id)
  }
}

function forgetRunSpec(core: Core, id: PathId): void {
  core.quarantine.release(id)
  if (core.state.failures.delete(id)) core.batch.delete('task-failure', id)
}
