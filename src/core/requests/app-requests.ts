// Requests about apps: one is created, changed, removed or restarted, or many are changed together (rest-api 2).

import { type PathId, parentOf, rootId } from '../../lib/path-id.ts'
import { ok, type Result, refused } from '../../lib/result.ts'
import type { App } from '../../spec/app.ts'
import type { FieldWarnings } from '../../spec/field-warnings.ts'
import { renderApp } from '../../spec/render/app.ts'
import type { Core } from '../core.ts'
import { apiPost } from '../notices/app.ts'
import type { Origin, Outcome, Refusal, RequestOf, Stopped } from '../requests.ts'
import { changeRoot, refuseChange } from '../tree/root-change.ts'
import { deployed } from './outcomes.ts'
import { failedPrecondition } from './preconditions.ts'
import { proposeApp, proposeUpdate, proposeUpdates } from './propose-app.ts'

export function createApp(
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

export function updateApp(
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

export function updateApps(
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

export function removeApp(core: Core, request: RequestOf<'remove-app'>): Result<Outcome, Stopped> {
  const { id, force, isDryRun, origin } = request
  const change = { groupId: parentOf(id), force, isDryRun }
  const app = standing(core, change, request)
  if (!app.ok) return app
  const changed = changeRoot(core, { ...change, targets: new Map([[id, undefined]]) })
  if (!changed.ok) return changed
  if (origin !== undefined) posted(core, origin, app.value)
  return ok(deployed(changed.value))
}

export function restartApp(core: Core, request: RequestOf<'restart-app'>): Result<Outcome, Stopped> {
  const { id, force, isDryRun } = request
  const change = { groupId: parentOf(id), force, isDryRun }
  const app = standing(core, change, request)
  if (!app.ok) return app
  const targets = new Map([[id, app.value]])
  const changed = changeRoot(core, { ...change, targets, restarted: new Set([id]) })
  return changed.ok ? ok({ ...deployed(changed.value), app: core.state.app(id)! }) : changed
}

/** The app a request is about, if it is there and still what its author saw. */
function standing(
  core: Core,
  change: Parameters<typeof refuseChange>[1],
  { id, preconditions }: RequestOf<'remove-app' | 'restart-app'>,
): Result<App, Stopped> {
  const app = core.state.app(id)
  if (app === undefined) return refuseChange(core, change, { kind: 'app-not-found', id })
  const failed = failedPrecondition(id, app.version, preconditions)
  return failed === undefined ? ok(app) : refused(failed)
}

function posted(core: Core, origin: Origin, app: App): void {
  core.batch.notice(apiPost(origin, renderApp(app), core.state.now))
}
