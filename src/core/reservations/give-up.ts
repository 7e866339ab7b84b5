// Reservations whose time is over (runtime 7, 12): what was asked for was not offered back and launched on until the
// deadline. The instance is forgotten, another is made in its place, and what is reserved after all is taken back when
// it shows up in an offer. Time in which it could not be seen, or not be launched, does not count: else more instances
// than there are launch tokens would be reserved for and given up for ever.

import { after, type Instant } from '../../lib/instant.ts'
import { changeInstance, removeInstance } from '../apply.ts'
import type { Core } from '../core.ts'
import { isScheduled } from '../instances/condition.ts'
import type { Instance } from '../instances/instance.ts'
import { expungedByForce } from '../instances/unreachable.ts'
import { leaveBehind } from './roles-left-behind.ts'

/** Without a connection nothing is offered, and nothing given up. */
export function giveUpReservations(core: Core): void {
  const { state, engine, patience, reservationDeadlines: deadlines } = core
  const { now } = state
  if (!engine.isConnected) return
  for (let id = deadlines.popDue(now); id !== undefined; id = deadlines.popDue(now)) {
    const instance = state.instance(id)
    if (instance === undefined || !isReservationOverdue(instance, now)) continue
    const deadline = after(launchableSince(core, instance), core.settings.taskReservationTimeout)
    if (deadline > now) {
      const reservation = { ...instance.reservation!, deadline }
      changeInstance(core, instance, { ...instance, reservation })
    } else {
      if (isScheduled(instance)) patience.gaveUp(instance.runSpecId, now)
      leaveBehind(core, instance)
      removeInstance(core, instance, expungedByForce(instance, now))
    }
  }
}

/** When to ask giveUpReservations again. */
export const nextGivenUp = ({ engine, reservationDeadlines }: Core): Instant | undefined =>
  engine.isConnected ? reservationDeadlines.next : undefined

/** Since when, or from when on, nothing but an offer is missing; a moment long ago, when nothing else ever was. */
function launchableSince({ state, engine, delays, tokens, offers }: Core, instance: Instance): Instant {
  const { now } = state
  const { connectedAt = now } = engine
  if (!isScheduled(instance)) return connectedAt
  for (const { offer } of offers.reserved.of(instance.reservation!.id))
    if (offers.isFresh(offer.id)) return now
  const runSpec = state.runSpecVersion(instance.runSpecId, instance.runSpecVersion)
  const delayed = (runSpec && delays.deadline(runSpec)) ?? connectedAt
  const next = tokens.left > 0 ? connectedAt : tokens.nextRefresh
  return Math.max(connectedAt, delayed, next) as Instant
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
