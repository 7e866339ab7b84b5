// Deadlines for progress (upgradeStrategy.progressDeadlineSeconds): the clock of each run spec that a deployment works
// on, and what happens when it runs out: the deployment fails, with the evidence, and the last good version comes back.

import { after, type Duration, type Instant, seconds, type Version } from '../lib/instant.ts'
import type { PathId } from '../lib/path-id.ts'
import type { Core } from './core.ts'
import { CoreView } from './core-view.ts'
import { currentWorkOn } from './deployments/advance.ts'
import { changeOf, type Deployment } from './deployments/deployment.ts'
import type { BestProgress, Progress } from './deployments/progress.ts'
import { describeWaitingOn, Names } from './describe.ts'
import { failDeployment, lastGoodOf } from './roll-back.ts'

/** Going back is never given up for going on. */
function deadlineOf({ state }: Core, deployment: Deployment, id: PathId): Duration | undefined {
  if (deployment.isRevert) return undefined
  const version = changeOf(deployment, id)?.to
  const runSpec = version === undefined ? undefined : state.runSpecVersion(id, version)
  const allowed = runSpec?.upgradeStrategy.progressDeadlineSeconds
  return allowed === undefined ? undefined : seconds(allowed)
}

/** A run spec was decided. `progress` undefined: its action is over, or pauses. */
export function noteProgress(
  core: Core,
  deployment: Deployment,
  id: PathId,
  progress: Progress | undefined,
): void {
  const deadline = progress === undefined ? undefined : deadlineOf(core, deployment, id)
  if (progress === undefined || deadline === undefined) core.progress.stop(id)
  else core.progress.note(id, deployment.id, progress, core.state.now, deadline)
}

/**
 * Fails what has got no further for too long; looks at what pauses until now. Asked when all that is known has been
 * decided. Without an engine nothing can be heard of progress, so that nothing fails for want of it.
 */
export function meetProgressDeadlines(core: Core): void {
  const { state, progress, dirty, engine } = core
  for (let id = progress.takeDue(state.now); id !== undefined; id = progress.takeDue(state.now)) {
    dirty.mark(id)
    const best = progress.get(id)
    const deployment = best === undefined ? undefined : state.deployment(best.deploymentId)
    if (best === undefined || deployment === undefined) continue
    const deadline = deadlineOf(core, deployment, id)
    if (deadline === undefined) continue
    const due = after(best.since, deadline)
    if (due > state.now) progress.lookAt(id, due)
    else if (!engine.isConnected) progress.lookAt(id, after(state.now, deadline))
    else
      failDeployment(core, deployment, evidenceOf(core, deployment, id, best), lastGoodOf(core, deployment))
  }
}

/** A sentence per fact: what stood still, what it waited for, what failed last. */
function evidenceOf(core: Core, deployment: Deployment, id: PathId, { up, since }: BestProgress): string {
  const { state } = core
  const version = changeOf(deployment, id)?.to
  const wanted = version === undefined ? undefined : wantedOf(core, deployment, id, version)
  const names = new Names()
  const waiting = new CoreView(core)
    .deploymentWaitingOn(deployment.id)
    .filter((reason) => 'runSpecId' in reason && reason.runSpecId === id)
    .map((reason) => describeWaitingOn(reason, names))
  return [
    `${id} made no progress for ${secondsBetween(since, state.now)} s: ${up} of ${wanted} instances of version ${version} were up at most`,
    ...waiting,
    ...failureOf(core, id, version),
  ].join('; ')
}

/** Who scales keeps the instances there are: only the others have the new version. */
function wantedOf({ state }: Core, deployment: Deployment, id: PathId, version: Version): number | undefined {
  const instances = state.runSpecVersion(id, version)?.instances
  if (instances === undefined || currentWorkOn(deployment, id) !== 'scale') return instances
  const tally = state.tallyOf(id)
  return Math.max(0, instances - (tally.counted - tally.ofVersion(version).counted))
}

const secondsBetween = (from: Instant, to: Instant): number => Math.round((to - from) / 1000)

/** Of the version that could not be brought up, and of no other. */
function failureOf({ state }: Core, id: PathId, version: string | undefined): readonly string[] {
  const failure = state.failures.get(id)
  if (failure === undefined || failure.version !== version) return []
  const { state: taskState, message, host, taskId } = failure
  return [`the last failure was ${taskState} of ${taskId} on ${host}${message === '' ? '' : `: ${message}`}`]
}
