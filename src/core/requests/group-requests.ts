// What users ask of groups: to create, update and remove them with everything in them, each as one deployment; and the
// role they enforce, which changes without one (rest-api 4).

import { absolutePathId, type PathId, parentOf, rootId } from '../../lib/path-id.ts'
import { ok, type Result, refused } from '../../lib/result.ts'
import type { FieldWarnings } from '../../spec/field-warnings.ts'
import { parseGroupPatch, parseGroupUpdate } from '../../spec/parse/group.ts'
import type { Issue } from '../../spec/refusal.ts'
import type { GroupUpdateInput } from '../../spec/schema/group.ts'
import { validateGroupId, validateGroupUpdate, validateTopLevel } from '../../spec/validate/group.ts'
import type { Core } from '../core.ts'
import type { Outcome, Refusal, RequestOf, Stopped } from '../requests.ts'
import { putGroup } from '../tree/put-in-force.ts'
import { changeRoot, refuseChange } from '../tree/root-change.ts'
import { deployed } from './outcomes.ts'
import { shaped } from './propose-app.ts'
import { type GroupProposal, proposeGroup, proposeRemoval } from './propose-group.ts'

type Change = RequestOf<'create-group' | 'update-group'>
type Changed = Result<Outcome, Stopped>

/** A group that is there already, or an app in its place, is a conflict. */
export function createGroup(core: Core, request: Change, warnings: FieldWarnings): Changed {
  const read = core.quarantine.refuse(() => readUpdate(core, request, warnings))
  if (!read.ok) return read
  const { id, proposal } = read.value
  if (!proposal.ok) return proposal
  const as = whatIsThere(core, id)
  return as === undefined
    ? carryOut(core, request, id, proposal.value)
    : refused({ kind: 'group-exists', id, as })
}

function whatIsThere({ state }: Core, id: PathId): 'group' | 'app' | undefined {
  if (id === rootId || state.groups.has(id)) return 'group'
  return state.app(id) === undefined ? undefined : 'app'
}

/** A group that is not there yet is created. */
export function updateGroup(core: Core, request: Change, warnings: FieldWarnings): Changed {
  const read = core.quarantine.refuse(() => readUpdate(core, request, warnings))
  if (!read.ok) return read
  const { id, update, proposal } = read.value
  if (proposal.ok) return carryOut(core, request, id, proposal.value)
  // That a version is not there shows while the change is made, so it is told of; a wrong body is not.
  const subject = { groupId: id, isDryRun: request.isDryRun }
  return update.version === undefined ? proposal : refuseChange(core, subject, proposal.error)
}

interface Read {
  /** The group addressed, by the path or by the id in the body relative to it. */
  readonly id: PathId
  readonly update: GroupUpdateInput
  readonly proposal: Result<GroupProposal, Refusal>
}

/** In the order of the checks: path, shape, id, each app, groups. */
function readUpdate(core: Core, { id, body, force }: Change, warnings: FieldWarnings): Result<Read, Refusal> {
  const pathIssues = validateGroupId(id)
  if (pathIssues.length > 0) return invalid(pathIssues)
  const parsed = shaped(parseGroupUpdate(body, { warnings }))
  if (!parsed.ok) return parsed
  const update = parsed.value
  const idIssues = update.id === undefined ? [] : validateGroupId(update.id)
  if (idIssues.length > 0) return invalid(idIssues)
  const groupId = update.id === undefined ? id : absolutePathId(update.id, id)
  const proposal = proposeGroup(core, groupId, update, { force })
  if (!proposal.ok && proposal.error.kind === 'invalid-object') return proposal
  const issues = validateGroupUpdate(update, groupId, {
    enforceRole: (each) => core.state.groups.get(each)?.enforceRole,
    enforceRoleByDefault: core.settings.newGroupEnforceRole === 'top',
  })
  return issues.length > 0 ? invalid(issues) : ok({ id: groupId, update, proposal })
}

const invalid = (issues: readonly Issue[]): Result<never, Refusal> =>
  refused({ kind: 'invalid-object', issues })

function carryOut(
  core: Core,
  { force, isDryRun }: Pick<Change, 'force' | 'isDryRun'>,
  groupId: PathId,
  proposal: GroupProposal,
): Changed {
  const { targets, groups } = proposal
  const changed = changeRoot(core, { targets, groups, groupId, force, isDryRun })
  if (!changed.ok) return changed
  return ok({ ...deployed(changed.value), groupId })
}

export function removeGroup(core: Core, request: RequestOf<'remove-group'>): Changed {
  const { id } = request
  if (id !== rootId && !core.state.groups.has(id)) {
    const subject = { groupId: id, isDryRun: request.isDryRun }
    return refuseChange(core, subject, { kind: 'group-not-found', id })
  }
  return carryOut(core, request, id, proposeRemoval(core, id))
}

/** No deployment and no version: nothing about what runs is another by it. */
export function patchGroup(
  core: Core,
  { id, body }: RequestOf<'patch-group'>,
  warnings: FieldWarnings,
): Changed {
  const { state, settings } = core
  const parsed = core.quarantine.refuse(() => shaped(parseGroupPatch(body, { warnings })))
  if (!parsed.ok) return parsed
  const issues = validateTopLevel(id)
  if (issues.length > 0) return invalid(issues)
  const group = state.groups.get(id)
  if (group === undefined) return refused({ kind: 'group-not-found', id })
  const enforceRole = parsed.value.enforceRole ?? settings.newGroupEnforceRole === 'top'
  putGroup(core, id, { ...group, enforceRole })
  state.changes.touch(parentOf(id))
  return ok({ kind: 'done' })
}
