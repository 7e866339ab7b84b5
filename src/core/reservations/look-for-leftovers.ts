// What is kept in our name for instances nobody knows, as after a wipe, is seen in offers alone, and of a role in which
// nothing waits none come. So each periodic reconciliation asks for offers for a while, of everything that is there.

import { after, millis } from '../../lib/instant.ts'
import { limits } from '../../lib/limits.ts'
import type { Core } from '../core.ts'
import { canReserve } from './reserve.ts'
import { forgetRolesLeftBehind } from './roles-left-behind.ts'

/** An engine whose offers stay with us shows everything anyway. */
export function lookForLeftovers(core: Core): void {
  const { state, settings, engine, timetable, offersWanted } = core
  if (engine.holdsOffers || !canReserve(core)) return
  timetable.set('look-for-leftovers', after(state.now, millis(limits.leftoversSoughtMs)))
  forgetRolesLeftBehind(core)
  for (const role of [...state.roles.keys(), ...state.rolesLeftBehind.keys(), settings.mesosRole])
    offersWanted.want(role)
}

/** Meanwhile every role wants offers, from whatever agents. */
export const isLookingForLeftovers = ({ timetable }: Pick<Core, 'timetable'>): boolean =>
  timetable.has('look-for-leftovers')
