// What users ask for, and what came of it. Each kind of request reads the state of this moment, and either refuses (and
// changes nothing) or makes one change.

import { unreachable } from '../../lib/assert.ts'
import type { PathId } from '../../lib/path-id.ts'
import { ok, type Result, refused } from '../../lib/result.ts'
import { FieldWarnings } from '../../spec/field-warnings.ts'
import { resetDelay } from '../apply.ts'
import type { Core } from '../core.ts'
import type { Outcome, Request, RequestOf, Stopped } from '../requests.ts'
import { rollBackOf } from '../roll-back.ts'
import { cancelDeployment } from '../run-deployments.ts'
import { changeRoot } from '../tree/root-change.ts'
import { createApp, removeApp, restartApp, updateApp, updateApps } from './app-requests.ts'
import { subscribe, unsubscribe } from './event-subscriptions.ts'
import { createGroup, patchGroup, removeGroup, updateGroup } from './group-requests.ts'
import { deployed } from './outcomes.ts'
import { createPod, removePod, updatePod } from './pod-requests.ts'
import { pauseDeployment, promoteDeployment, resumeDeployment } from './steer-deployments.ts'
import { killAndScale, killTasks } from './task-requests.ts'

/** Carries a request out and answers it. */
export function handleRequest(core: Core, requestId: number, request: Request): void {
  const warnings = new FieldWarnings()
  const outcome = outcomeOf(core, request, warnings)
  core.batch.reply(
    requestId,
    withWarnings(
      outcome.ok
        ? outcome.value
        : outcome.error.kind === 'planned'
          ? outcome.error
          : { kind: 'refused', refusal: outcome.error },
      warnings,
    ),
  )
}

/** A refused body is told of its slips, too: a required field may be missing because it is misspelt. */
const withWarnings = (outcome: Outcome, warnings: FieldWarnings): Outcome =>
  !warnings.isEmpty &&
  (outcome.kind === 'deployed' || outcome.kind === 'planned' || outcome.kind === 'refused')
    ? { ...outcome, warnings: warnings.list() }
    : outcome

/** `warnings` collects what a body has that nothing understands. */
function outcomeOf(core: Core, request: Request, warnings: FieldWarnings): Result<Outcome, Stopped> {
  switch (request.kind) {
    case 'create-app':
      return createApp(core, request, warnings)
    case 'update-app':
      return updateApp(core, request, warnings)
    case 'update-apps':
      return updateApps(core, request, warnings)
    case 'remove-app':
      return removeApp(core, request)
    case 'restart-app':
      return restartApp(core, request)
    case 'create-pod':
      return createPod(core, request, warnings)
    case 'update-pod':
      return updatePod(core, request, warnings)
    case 'remove-pod':
      return removePod(core, request)
    case 'kill-tasks':
      return killTasks(core, request)
    case 'kill-and-scale':
      return killAndScale(core, request)
    case 'reset-delay':
      return resetDelays(core, request.id)
    case 'cancel-deployment':
      return cancel(core, request)
    case 'pause-deployment':
      return pauseDeployment(core, request)
    case 'resume-deployment':
      return resumeDeployment(core, request)
    case 'promote-deployment':
      return promoteDeployment(core, request)
    case 'create-group':
      return createGroup(core, request, warnings)
    case 'update-group':
      return updateGroup(core, request, warnings)
    case 'patch-group':
      return patchGroup(core, request, warnings)
    case 'remove-group':
      return removeGroup(core, request)
    case 'subscribe':
      return subscribe(core, request)
    case 'unsubscribe':
      return unsubscribe(core, request)
    default:
      return unreachable(request)
  }
}

function resetDelays(core: Core, id: PathId): Result<Outcome, Stopped> {
  const { state } = core
  if (state.scheduledCount(id) === 0) return refused({ kind: 'not-in-queue', id })
  for (const version of state.scheduledOf(id).keys()) {
    const runSpec = state.runSpecVersion(id, version)
    if (runSpec !== undefined) resetDelay(core, runSpec)
  }
  return ok({ kind: 'done' })
}

function cancel(core: Core, { id, force }: RequestOf<'cancel-deployment'>): Result<Outcome, Stopped> {
  const deployment = core.state.deployment(id)
  if (deployment === undefined) return refused({ kind: 'deployment-not-found', id })
  if (force) {
    cancelDeployment(core, deployment, cancelled)
    return ok({ kind: 'done' })
  }
  const back = rollBackOf(core, deployment)
  if (!back.ok) return back
  const changed = changeRoot(core, back.value)
  if (!changed.ok) return changed
  // Where nothing is left as the deployment left it, the new plan is empty and stands in nobody's way.
  if (core.state.deployment(id) !== undefined) cancelDeployment(core, deployment, cancelled)
  return ok(deployed(changed.value))
}

const cancelled = 'The upgrade has been cancelled'
