// Requests about pods: one is created, replaced or removed (rest-api 3). Ending instances of pods is as for apps.

import { parentOf } from '../../lib/path-id.ts'
import { ok, type Result, refused } from '../../lib/result.ts'
import type { FieldWarnings } from '../../spec/field-warnings.ts'
import type { Core } from '../core.ts'
import { podCreated, podDeleted, podUpdated } from '../notices/pod.ts'
import type { Outcome, RequestOf, Stopped } from '../requests.ts'
import { changeRoot, refuseChange } from '../tree/root-change.ts'
import { deployed } from './outcomes.ts'
import { failedPrecondition } from './preconditions.ts'
import { proposePod, proposePodUpdate } from './propose-pod.ts'

export function createPod(
  core: Core,
  { body, force, isDryRun, origin }: RequestOf<'create-pod'>,
  warnings: FieldWarnings,
): Result<Outcome, Stopped> {
  const proposed = core.quarantine.refuse(() => proposePod(core, body, { warnings }))
  if (!proposed.ok) return proposed
  const { id } = proposed.value
  const change = { groupId: parentOf(id), force, isDryRun }
  if (core.state.pod(id) !== undefined) return refuseChange(core, change, { kind: 'pod-exists', id })
  const changed = changeRoot(core, { ...change, targets: new Map([[id, proposed.value]]) })
  if (!changed.ok) return changed
  core.batch.notice(podCreated(origin, core.state.now))
  return ok({ ...deployed(changed.value), wasCreated: true, pod: core.state.pod(id)! })
}

/** One that is not there is created. */
export function updatePod(
  core: Core,
  { id, body, force, isDryRun, origin, preconditions }: RequestOf<'update-pod'>,
  warnings: FieldWarnings,
): Result<Outcome, Stopped> {
  const current = core.state.pod(id)
  const failed = failedPrecondition(id, current?.version, preconditions)
  if (failed !== undefined) return refused(failed)
  const proposed = core.quarantine.refuse(() => proposePodUpdate(core, id, body, { force, warnings }))
  if (!proposed.ok) return proposed
  const change = { groupId: parentOf(id), force, isDryRun }
  const changed = changeRoot(core, { ...change, targets: new Map([[id, proposed.value]]) })
  if (!changed.ok) return changed
  core.batch.notice(podUpdated(origin, core.state.now))
  return ok({ ...deployed(changed.value), wasCreated: current === undefined, pod: core.state.pod(id)! })
}

export function removePod(
  core: Core,
  { id, force, isDryRun, origin, preconditions }: RequestOf<'remove-pod'>,
): Result<Outcome, Stopped> {
  const pod = core.state.pod(id)
  if (pod === undefined) return refused({ kind: 'pod-not-found', id })
  const failed = failedPrecondition(id, pod.version, preconditions)
  if (failed !== undefined) return refused(failed)
  const change = { groupId: parentOf(id), force, isDryRun }
  const changed = changeRoot(core, { ...change, targets: new Map([[id, undefined]]) })
  if (!changed.ok) return changed
  core.batch.notice(podDeleted(origin, core.state.now))
  return ok({ ...deployed(changed.value), pod })
}
