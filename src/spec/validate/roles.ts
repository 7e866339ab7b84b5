// Rules about the role of a service and the roles it accepts resources of (app-definition 9).

import type { Issues } from '../parse/issues.ts'
import { type RoleSettings, residentRoleChange, roleNameErrors, unreservedRole } from '../roles.ts'
import { oneOf } from './phrases.ts'

export function checkRole(role: string, { allowedRoles }: RoleSettings, issues: Issues): void {
  if (!allowedRoles.includes(role)) issues.add('/role', oneOf(role, allowedRoles))
}

export function checkRoleNames(accepted: readonly string[], path: string, issues: Issues): void {
  for (const [index, name] of accepted.entries()) {
    for (const error of roleNameErrors(name)) issues.add(`${path}(${index})`, error)
  }
}

const acceptedPath = '/acceptedResourceRoles'

/** What has reservations takes the rest of its resources from the unreserved ones. */
export function checkResidentAcceptedRoles(
  accepted: readonly string[],
  kind: 'app' | 'pod',
  issues: Issues,
): void {
  if (accepted.length === 1 && accepted[0] === unreservedRole) return
  issues.add(acceptedPath, `A resident ${kind} must have \`acceptedResourceRoles = ["*"]\`.`)
}

export function checkAcceptedRoles(accepted: readonly string[], role: string, issues: Issues): void {
  if (accepted.every((name) => name === unreservedRole || name === role)) return
  const allowed = role === unreservedRole ? role : `${unreservedRole} and ${role}`
  issues.add(acceptedPath, `acceptedResourceRoles can only contain ${allowed}`)
}

/** Of a service that has persistent volumes. */
export function checkResidentRole(
  role: string,
  kind: 'app' | 'pod',
  { previousRole, isRoleChangeForced }: RoleSettings,
  issues: Issues,
): void {
  if (role === unreservedRole) issues.add('/role', `Resident ${kind}s cannot have the role ${unreservedRole}`)
  if (previousRole !== undefined && previousRole !== role && isRoleChangeForced !== true) {
    issues.add('/role', residentRoleChange(previousRole, role))
  }
}
