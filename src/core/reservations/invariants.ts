// Truths about reservations, checked from outside like those of invariants.ts.

import { isResident } from '../../spec/run-spec.ts'
import type { Core } from '../core.ts'
import { reservedFor } from '../ids.ts'
import { haveAllTasksEnded } from '../instances/condition.ts'
import type { Instance, InstanceId } from '../instances/instance.ts'
import { isReservationOverdue } from './give-up.ts'

export function checkReservations({ state, reservationDeadlines }: Core): readonly string[] {
  const broken: string[] = []
  const users = new Map<string, InstanceId>()
  for (const instance of state.instances()) {
    const { id, reservation } = instance
    if (lacksReservation(state.runSpecVersion(instance.runSpecId, instance.runSpecVersion), instance))
      broken.push(`${id} has volumes, and what runs of it does so on what is reserved for it`)
    if (reservation === undefined) continue
    if (reservedFor(reservation.id) !== id) broken.push(`${id}: what is reserved for it has its name`)
    for (const { persistenceId } of reservation.volumes) {
      const other = users.get(persistenceId)
      if (other !== undefined) broken.push(`${id} and ${other} do not share the volume ${persistenceId}`)
      users.set(persistenceId, id)
    }
    const { next } = reservationDeadlines
    const { deadline } = reservation
    if (
      deadline !== undefined &&
      isReservationOverdue(instance, deadline) &&
      (next ?? deadline + 1) > deadline
    )
      broken.push(`${id}: it is looked at again when its reservation is to be given up`)
  }
  return broken
}

const lacksReservation = (
  runSpec: Parameters<typeof isResident>[0] | undefined,
  instance: Instance,
): boolean =>
  runSpec !== undefined &&
  instance.reservation === undefined &&
  isResident(runSpec) &&
  !haveAllTasksEnded(instance)
