// Roles of services: which one is the default and which are allowed (app-definition 9), and which names Mesos
// takes for a role.

import { type PathId, segments, topLevelGroup } from '../lib/path-id.ts'

export interface RoleSettings {
  readonly defaultRole: string
  /** In the order in which they are named to the user. */
  readonly allowedRoles: readonly string[]
  /** The role of the service as it is now. */
  readonly previousRole?: string
  /** `force=true`: a service with reservations may change its role. */
  readonly isRoleChangeForced?: boolean
}

export interface RoleQuestion {
  readonly id: PathId
  /** `--mesos_role`. */
  readonly mesosRole: string
  /** `--new_group_enforce_role`, for top-level groups that do not exist yet. */
  readonly newGroupEnforceRole: 'off' | 'top'
  /** The top-level group the service lies in, if it exists. */
  readonly group: { readonly enforceRole?: boolean } | undefined
  /** The role of the service as it is now, if it exists. */
  readonly previousRole?: string | undefined
  readonly isRoleChangeForced?: boolean
  /** The service comes in the body of a group: one that does not enforce its role does not lend it either. */
  readonly isOfGroup?: boolean
}

/** The roles a service may have (the table of app-definition 9). */
export function roleSettings(question: RoleQuestion): RoleSettings {
  const { id, mesosRole, group, previousRole } = question
  const rest = {
    ...(previousRole === undefined ? {} : { previousRole }),
    isRoleChangeForced: question.isRoleChangeForced ?? false,
  }
  const top = topLevelGroup(id)
  if (top === undefined) return { defaultRole: mesosRole, allowedRoles: [mesosRole], ...rest }
  const groupRole = segments(top)[0] ?? mesosRole
  const isEnforced =
    group === undefined ? question.newGroupEnforceRole === 'top' : (group.enforceRole ?? false)
  const existing = previousRole === undefined ? [] : [previousRole]
  const lent = question.isOfGroup === true ? [] : [groupRole]
  const allowed = isEnforced ? [groupRole, ...existing] : [mesosRole, ...lent, ...existing]
  return { defaultRole: isEnforced ? groupRole : mesosRole, allowedRoles: [...new Set(allowed)], ...rest }
}

/** The role of unreserved resources. */
export const unreservedRole = '*'

const forbiddenNames: readonly string[] = ['', '.', '..']

const forbiddenCharacters: readonly (readonly [character: string, name: string])[] = [
  ['\t', 'horizontal tab (\\x09)'],
  ['\n', 'line feed (\\x0a)'],
  ['\v', 'vertical tab (\\x0b)'],
  ['\f', 'form feed (\\x0c)'],
  ['\r', 'carriage return (\\x0d)'],
  [' ', 'space (\\x20)'],
  ['/', 'slash (\\x2f)'],
  ['\x7f', 'backspace (\\x7f)'],
]

/** What is wrong with a role's name; nothing for a good one. */
export function roleNameErrors(role: string): string[] {
  return [
    ...forbiddenNames.filter((name) => role === name).map((name) => `A role name must not be "${name}".`),
    ...(role.startsWith('-') ? ["A role name must not start with a '-'."] : []),
    ...forbiddenCharacters
      .filter(([character]) => role.includes(character))
      .map(([, name]) => `A role name must not include a ${name} character.`),
  ]
}

/** The refusal of a role change where reservations stay with the old role. */
export const residentRoleChange = (previousRole: string, role: string): string =>
  'It is not possible to change the role for existing reservations. If you proceed with this change, all existing ' +
  `instances will continue to run under the previous role, ${previousRole}. Only new instances will be ` +
  `allocated with the new role, ${role}. In order to continue, retry your request with ?force=true`
