// What users ask for, one function per kind of request. Each reads the state of this moment, and either refuses (and
// changes nothing) or makes one change and says what came of it.

import { unreachable } from '../lib/assert.ts'
import { type PathId, parentOf, rootId } from '../lib/path-id.ts'
import { ok, type Result, refused } from '../lib/result.ts'
import type { App } from '../spec/app.ts'
import { FieldWarnings } from '../spec/field-warnings.ts'
import { renderApp } from '../spec/render/app.ts'
import type { RunSpec } from '../spec/run-spec.ts'
import { applyAction, killNow, resetDelay } from './apply.ts'
import type { Core } from './core.ts'
import { subscribe, unsubscribe } from './event-subscriptions.ts'
import { createGroup, patchGroup, removeGroup, updateGroup } from './group-requests.ts'
import { isActive } from './instances/condition.ts'
import type { Instance } from './instances/instance.ts'
import { apiPost } from './notices/app.ts'
import { deployed } from './outcomes.ts'
import { createPod, removePod, updatePod } from './pod-requests.ts'
import { failedPrecondition } from './preconditions.ts'
import { proposeApp, proposeUpdate, proposeUpdates } from './propose-app.ts'
import type { Origin, Outcome, Planned, Refusal, Request } from './requests.ts'
import { rollBackOf } from './roll-back.ts'
import { changeRoot, refuseChange } from './root-change.ts'
import { cancelDeployment } from './run-deployments.ts'
import { goalOfSurplus } from './scaling/decide-scale.ts'
import { selectInstances } from './select-instances.ts'

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

/** Why nothing was changed. */
type Stopped = Refusal | Planned

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

type RequestOf<K extends Request['kind']> = Extract<Request, { kind: K }>

function createApp(
  core: Core,
  { body, force, isLenient, isDryRun, origin }: RequestOf<'create-app'>,
  warnings: FieldWarnings,
): Result<Outcome, Stopped> {
  const proposed = core.quarantine.refuse(() =>
    proposeApp(core, body, { force, isLenient: isLenient ?? false, warnings }),
  )
  if (!proposed.ok) return proposed
  const { id } = proposed.value
  const change = { groupId: parentOf(id), force, isDryRun }
  if (core.state.app(id) !== undefined) return refuseChange(core, change, { kind: 'app-exists', id })
  const changed = changeRoot(core, { ...change, targets: new Map([[id, proposed.value]]) })
  if (!changed.ok) return changed
  const app = core.state.app(id)!
  posted(core, origin, app)
  // The answer shows the definition as it was taken: service ports are assigned afterwards (rest-api 2).
  return ok({ ...deployed(changed.value), wasCreated: true, app: { ...app, ...proposed.value } })
}

function updateApp(
  core: Core,
  { id, body, mode, force, isLenient, isDryRun, origin, preconditions }: RequestOf<'update-app'>,
  warnings: FieldWarnings,
): Result<Outcome, Stopped> {
  const current = core.state.app(id)
  const wasCreated = current === undefined
  // A patch of what is not there is refused for that.
  const failed =
    wasCreated && mode === 'patch' ? undefined : failedPrecondition(id, current?.version, preconditions)
  if (failed !== undefined) return refused(failed)
  const proposed = core.quarantine.refuse(() =>
    proposeUpdate(core, id, body, { mode, force, isLenient: isLenient ?? false, warnings }),
  )
  const change = { groupId: parentOf(id), force, isDryRun }
  if (!proposed.ok) return notProposed(core, change, proposed.error)
  const changed = changeRoot(core, { ...change, targets: new Map([[id, proposed.value]]) })
  if (!changed.ok) return changed
  const app = core.state.app(id)!
  posted(core, origin, app)
  return ok({ ...deployed(changed.value), wasCreated, app })
}

function updateApps(
  core: Core,
  { body, mode, force, isDryRun, preconditions }: RequestOf<'update-apps'>,
  warnings: FieldWarnings,
): Result<Outcome, Stopped> {
  const failed = failedPrecondition(rootId, core.state.rootVersion, preconditions)
  if (failed !== undefined) return refused(failed)
  const proposed = core.quarantine.refuse(() => proposeUpdates(core, body, { mode, force, warnings }))
  const change = { groupId: rootId, force, isDryRun }
  if (!proposed.ok) return notProposed(core, change, proposed.error)
  const changed = changeRoot(core, { ...change, targets: proposed.value })
  return changed.ok ? ok(deployed(changed.value)) : changed
}

/** That there is no such app shows while the change is made, so it is told of; a wrong body is not. */
const notProposed = (
  core: Core,
  change: { readonly groupId: PathId; readonly isDryRun?: boolean | undefined },
  refusal: Refusal,
): Result<never, Refusal> =>
  refusal.kind === 'app-not-found' ? refuseChange(core, change, refusal) : refused(refusal)

function removeApp(
  core: Core,
  { id, force, isDryRun, origin, preconditions }: RequestOf<'remove-app'>,
): Result<Outcome, Stopped> {
  const change = { groupId: parentOf(id), force, isDryRun }
  const app = core.state.app(id)
  if (app === undefined) return refuseChange(core, change, { kind: 'app-not-found', id })
  const failed = failedPrecondition(id, app.version, preconditions)
  if (failed !== undefined) return refused(failed)
  const changed = changeRoot(core, { ...change, targets: new Map([[id, undefined]]) })
  if (!changed.ok) return changed
  if (origin !== undefined) posted(core, origin, app)
  return ok(deployed(changed.value))
}

function restartApp(
  core: Core,
  { id, force, isDryRun, preconditions }: RequestOf<'restart-app'>,
): Result<Outcome, Stopped> {
  const change = { groupId: parentOf(id), force, isDryRun }
  const app = core.state.app(id)
  if (app === undefined) return refuseChange(core, change, { kind: 'app-not-found', id })
  const failed = failedPrecondition(id, app.version, preconditions)
  if (failed !== undefined) return refused(failed)
  const targets = new Map([[id, app]])
  const changed = changeRoot(core, { ...change, targets, restarted: new Set([id]) })
  return changed.ok ? ok({ ...deployed(changed.value), app: core.state.app(id)! }) : changed
}

/**
 * Ends tasks. Without `wipe` the instances that are active are launched again in place, and the others are only told
 * of; with it all are forgotten at once (rest-api 2.2).
 */
function killTasks(core: Core, { selection, wipe }: RequestOf<'kill-tasks'>): Result<Outcome, Stopped> {
  const selected = selectInstances(core.state, selection)
  if (!selected.ok) return selected
  for (const instance of selected.value) {
    if (wipe) wipeInstance(core, instance.id)
    else if (isActive(instance))
      applyAction(core, { kind: 'kill', instanceId: instance.id, cause: 'api-request' })
  }
  return ok({ kind: 'killed', instances: selected.value })
}

/**
 * Once forgotten, nothing would repeat a kill; should this one be lost, the task is ended when it is heard of again.
 */
function wipeInstance(core: Core, instanceId: string): void {
  applyAction(core, { kind: 'set-goal', instanceId, goal: 'Decommissioned', cause: 'api-request' })
  killNow(core, instanceId)
  applyAction(core, { kind: 'expunge', instanceId })
}

function killAndScale(
  core: Core,
  { selection, force, isDryRun }: RequestOf<'kill-and-scale'>,
): Result<Outcome, Stopped> {
  if (selection.kind === 'app' && core.state.instancesOf(selection.id).length === 0) {
    return refused({ kind: 'path-not-found', id: selection.id })
  }
  const selected = selectInstances(core.state, selection)
  // An unknown task scales nothing: a deployment without steps (rest-api 2.2).
  if (!selected.ok && selected.error.kind !== 'task-not-found') return selected
  const killable = (selected.ok ? selected.value : []).filter(
    (instance) => isActive(instance) && instance.condition !== 'Killing' && instance.goal === 'Running',
  )
  const targets = new Map<PathId, RunSpec>()
  for (const { runSpecId } of killable) {
    const runSpec = targets.get(runSpecId) ?? core.state.runSpec(runSpecId)
    if (runSpec !== undefined) {
      targets.set(runSpecId, { ...runSpec, instances: Math.max(0, runSpec.instances - 1) })
    }
  }
  const changed = changeRoot(core, {
    targets,
    groupId: rootId,
    force,
    isDryRun,
  })
  if (!changed.ok) return changed
  for (const instance of killable) giveUp(core, instance)
  return ok(deployed(changed.value))
}

function giveUp(core: Core, { id, runSpecId }: Instance): void {
  const runSpec = core.state.runSpec(runSpecId)
  if (runSpec === undefined) return
  applyAction(core, { kind: 'set-goal', instanceId: id, goal: goalOfSurplus(runSpec), cause: 'api-request' })
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

function posted(core: Core, origin: Origin, app: App): void {
  core.batch.notice(apiPost(origin, renderApp(app), core.state.now))
}
