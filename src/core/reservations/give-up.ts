// Reservations whose time is over (runtime 7, 12): what was asked for was not offered back and launched on until the
// deadline. The instance is forgotten, another is made in its place, and what is reserved after all is taken back when
// it shows up in an offer.

import type { Instant } from '../../lib/instant.ts'
import { removeInstance } from '../apply.ts'
import type { Core } from '../core.ts'
import { isScheduled } from '../instances/condition.ts'
import type { Instance } from '../instances/instance.ts'
import { expungedByForce } from '../instances/unreachable.ts'

export function giveUpReservations(core: Core): void {
  const { state, reservationDeadlines: deadlines } = core
  const { now } = state
  for (let id = deadlines.popDue(now); id !== undefined; id = deadlines.popDue(now)) {
    const instance = state.instance(id)
    if (instance !== undefined && isReservationOverdue(instance, now))
      removeInstance(core, instance, expungedByForce(instance, now))
  }
}

/** One that is meanwhile not wanted any more is waited for no longer, either. */
export function isReservationOverdue(instance: Instance, now: Instant): boolean {
  const { reservation, goal } = instance
  return (
    reservation?.state === 'new' &&
    reservation.deadline !== undefined &&
    reservation.deadline <= now &&
    (isScheduled(instance) || goal === 'Decommissioned')
  )
}
