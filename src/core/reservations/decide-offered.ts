// What is to become of resources of ours that an offer holds (runtime 5, 12). Nothing is given up that an instance we
// know may still want; nothing is kept for one that nobody knows or wants.

import { haveAllTasksEnded, isScheduled } from '../instances/condition.ts'
import type { Instance } from '../instances/instance.ts'
import { awaitsCleanup } from '../instances/resident.ts'
import { holdsVolumes, type OfferedReservation } from './offered.ts'

export type OfferedDecision =
  /** Destroyed and unreserved; the instance, if there is one, is gone with it. */
  | 'take-back'
  /** All its volumes are here, and it waits for them. */
  | 'launch'
  | 'keep'

/** `instance`: the one it is reserved for; `hasRunSpec`: whether its app or pod is still there. */
export function decideOffered(
  offered: OfferedReservation,
  instance: Instance | undefined,
  hasRunSpec: boolean,
): OfferedDecision {
  if (instance === undefined || awaitsCleanup(instance)) return 'take-back'
  const { reservation } = instance
  const isWhole =
    reservation !== undefined && reservation.id === offered.id && holdsVolumes(offered, reservation)
  // A container of a pod that has ended gives back its share while the others run: that is no sign of the end. Volumes
  // that are offered are used by nobody.
  if (!hasRunSpec) return isWhole || haveAllTasksEnded(instance) ? 'take-back' : 'keep'
  return isWhole && isScheduled(instance) ? 'launch' : 'keep'
}
