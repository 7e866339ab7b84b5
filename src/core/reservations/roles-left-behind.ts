// Roles in which something may be kept that no instance knows of: of one that was wiped, or whose reservation was given
// up. A framework that leaves a role is offered nothing of it any more, so we stay, suppressed, and look for it with
// each reconciliation (look-for-leftovers.ts), for as long as an agent may well be away.

import { after, type Instant, millis } from '../../lib/instant.ts'
import { limits } from '../../lib/limits.ts'
import type { Core } from '../core.ts'
import type { Instance } from '../instances/instance.ts'

const key = 'roles-left-behind'

/** The instance is to be forgotten, and what is reserved for it is not taken back. */
export function leaveBehind(core: Core, { reservation, role }: Instance): void {
  if (reservation === undefined || role === core.settings.mesosRole) return
  const { rolesLeftBehind, now } = core.state
  rolesLeftBehind.set(role, after(now, millis(limits.leftBehindSoughtMs)))
  store(core)
}

/** Those that were looked at for long enough are left. */
export function forgetRolesLeftBehind(core: Core): void {
  const { rolesLeftBehind, now } = core.state
  const over = [...rolesLeftBehind].filter(([, until]) => until <= now)
  if (over.length === 0) return
  for (const [role] of over) rolesLeftBehind.delete(role)
  store(core)
}

function store({ state: { rolesLeftBehind }, batch }: Core): void {
  if (rolesLeftBehind.size === 0) batch.delete('meta', key)
  else batch.put('meta', key, Object.fromEntries(rolesLeftBehind))
}

export function loadRolesLeftBehind(
  roles: Map<string, Instant>,
  stored: Readonly<Record<string, string | number>>,
): void {
  for (const [role, until] of Object.entries(stored)) roles.set(role, Number(until) as Instant)
}
