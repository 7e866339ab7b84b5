// What a change of an instance means for what is reserved for it: the offers that hold it are looked at again, a new
// reservation is given up at its deadline, and one that nobody wants any more is asked for, to be taken back.

import type { Core } from '../core.ts'
import type { Instance } from '../instances/instance.ts'
import { awaitsCleanup } from '../instances/resident.ts'

export function reservationChanged(
  core: Core,
  before: Instance | undefined,
  next: Instance | undefined,
): void {
  const reservation = next?.reservation ?? before?.reservation
  if (reservation === undefined) return
  core.offers.reserved.lookAgain(reservation.id)
  if (next?.reservation === undefined) return
  if (before?.reservation?.state === 'new' && next.reservation.state === 'launched')
    core.patience.forget(next.runSpecId)
  const isSame = before?.reservation === next.reservation && before.goal === next.goal
  if (!isSame) watchReservation(core, next)
  if (awaitsCleanup(next) && !(before !== undefined && awaitsCleanup(before)))
    core.offersWanted.want(next.role)
}

/** A reservation nothing was launched on has a deadline. */
export function watchReservation({ reservationDeadlines }: Core, { id, reservation }: Instance): void {
  if (reservation?.state === 'new' && reservation.deadline !== undefined)
    reservationDeadlines.add(reservation.deadline, id)
}
