// Untrusted JSON to changes of groups. The shape of every app in them is that of POST /v2/apps.

import { ok, type Result, refused } from '../../lib/result.ts'
import { GroupPatch, type GroupPatchInput, GroupUpdate, type GroupUpdateInput } from '../schema/group.ts'
import { interpret, type ParseOptions } from './interpreter.ts'
import { type Issue, Issues } from './issues.ts'

/** The body of POST and PUT /v2/groups. The one addressed may leave out its id, those within it may not. */
export function parseGroupUpdate(
  json: unknown,
  options: ParseOptions = {},
): Result<GroupUpdateInput, Issue[]> {
  const parsed = interpret(GroupUpdate, json, options)
  if (!parsed.ok) return parsed
  const issues = new Issues()
  requireIds(parsed.value, '', issues)
  return issues.isEmpty ? ok(parsed.value) : refused(issues.list())
}

/** The body of PATCH /v2/groups/{id}. */
export const parseGroupPatch = (
  json: unknown,
  options: ParseOptions = {},
): Result<GroupPatchInput, Issue[]> => interpret(GroupPatch, json, options)

function requireIds({ groups = [] }: GroupUpdateInput, path: string, issues: Issues): void {
  for (const [index, group] of groups.entries()) {
    const at = `${path}/groups(${index})`
    if (group.id === undefined) issues.add(`${at}/id`, 'error.path.missing')
    requireIds(group, at, issues)
  }
}
