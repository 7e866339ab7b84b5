// Rules about a change of groups that can be judged from its body and the groups that are there (app-definition 9,
// 10.5; rest-api 4). The apps in it have passed the rules for apps before; what the whole tree must keep to is judged
// later.

import { absolutePathId, type PathId, parentOf, rootId } from '../../lib/path-id.ts'
import { type Issue, Issues } from '../parse/issues.ts'
import type { GroupUpdateInput } from '../schema/group.ts'
import { lengthErrors, pathErrors } from './paths.ts'

export interface GroupSurroundings {
  /** What a top-level group enforces now; undefined when there is none of this id. */
  enforceRole(id: PathId): boolean | undefined
  /** What it enforces when the change does not say: --new_group_enforce_role. */
  readonly enforceRoleByDefault: boolean
}

const alone = 'not allowed in conjunction with other properties.'
const unchangeable =
  'enforceRole cannot be modified in a request that adds, removes or modifies services; please make these changes in separate requests.'

/** `id`: the group the body is about, which its own id, when it has one, was resolved to. */
export function validateGroupUpdate(
  update: GroupUpdateInput,
  id: PathId,
  surroundings: GroupSurroundings,
): Issue[] {
  const issues = new Issues()
  check(update, { id, path: '', modifiesServices: modifiesServices(update) }, surroundings, issues)
  return issues.list()
}

/** The path of a request, or the id its body names: what is wrong with it. */
export function validateGroupId(path: string): Issue[] {
  const errors = groupIdErrors(path)
  return errors.length === 0 ? [] : [{ path: '/', errors }]
}

/** PATCH is for groups directly in the root. */
export const validateTopLevel = (id: PathId): Issue[] =>
  id !== rootId && parentOf(id) === rootId ? [] : [{ path: '/', errors: ['Path needs to be top-level'] }]

interface Place {
  readonly id: PathId
  readonly path: string
  readonly modifiesServices: boolean
}

function check(update: GroupUpdateInput, place: Place, around: GroupSurroundings, issues: Issues): void {
  const { id, path } = place
  const { apps = [], groups = [], version, scaleBy } = update
  const given = Object.values(update).filter((value) => value !== undefined).length
  for (const error of lengthErrors(id)) issues.add(path === '' ? '/' : `${path}/id`, error)
  if (version !== undefined && given > 1) issues.add(`${path}/version`, alone)
  if (scaleBy !== undefined && given > 1) issues.add(`${path}/scaleBy`, alone)
  checkEnforceRole(update, place, around, issues)
  for (const [index, app] of apps.entries()) {
    if (parentOf(absolutePathId(app.id, id)) !== id)
      issues.add(`${path}/apps(${index})/id`, `Identifier is not child of '${id}'`)
  }
  for (const [index, group] of groups.entries()) {
    const at = `${path}/groups(${index})`
    const inner = absolutePathId(group.id!, id)
    for (const error of groupIdErrors(group.id!)) issues.add(`${at}/id`, error)
    if (inner === rootId || parentOf(inner) !== id)
      issues.add(at, 'Group has to be child of groups with parent id')
    check(group, { ...place, id: inner, path: at }, around, issues)
  }
}

/**
 * A value that is not given is the default, which counts as a change only when the body names the group: that is how
 * 1.11 has it, and clients that name it by the path alone rely on it.
 */
function checkEnforceRole(
  update: GroupUpdateInput,
  { id, path, modifiesServices }: Place,
  around: GroupSurroundings,
  issues: Issues,
): void {
  const at = `${path}/enforceRole`
  if (id === rootId || parentOf(id) !== rootId) {
    if (update.enforceRole === true)
      issues.add(at, `enforceRole can only be set for top-level groups, and ${id} is not top-level`)
    return
  }
  if (!modifiesServices || update.version !== undefined || update.scaleBy !== undefined) return
  const present = around.enforceRole(id)
  const next = update.enforceRole ?? (update.id === undefined ? present : around.enforceRoleByDefault)
  if (present !== undefined && next !== present) issues.add(at, unchangeable)
}

const modifiesServices = ({ apps, groups = [], version, scaleBy }: GroupUpdateInput): boolean =>
  version !== undefined || scaleBy !== undefined || apps !== undefined || groups.some(modifiesServices)

/** As for services, and an absolute path must be written without detours. */
function groupIdErrors(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '')
  const parent = `/${parts.slice(0, -1).join('/')}`
  const isDirect = !path.startsWith('/') || parts.length === 0 || parentOf(absolutePathId(path)) === parent
  return [...pathErrors(path), ...(isDirect ? [] : [`Identifier is not child of '${parent}'`])]
}
