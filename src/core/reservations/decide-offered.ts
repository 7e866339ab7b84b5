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
  /** Volumes its instance had before it lost them for good: they go, what it has now stays. */
  | 'leftover'
  /** Volumes that are offered are used by nobody: its tasks have ended, and nobody has told us. */
  | 'ask'
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
  if (isWhole && isScheduled(instance)) return 'launch'
  if (leftoverOf(offered, instance) !== undefined) return 'leftover'
  return isWhole && !haveAllTasksEnded(instance) ? 'ask' : 'keep'
}

/**
 * The part of it that its instance has no use for. An agent that an operator called gone may be back, with all that was
 * kept there: the instance has got other volumes since then, or will get them. Where both are on one agent only the
 * volumes can be told apart.
 */
export function leftoverOf(offered: OfferedReservation, instance: Instance): OfferedReservation | undefined {
  const { reservation, agent, tasks } = instance
  const isLost =
    reservation === undefined
      ? tasks.some(({ state }) => state === 'TASK_GONE_BY_OPERATOR')
      : reservation.state !== 'new'
  if (!isLost) return undefined
  const own = new Set(reservation?.volumes.map(({ persistenceId }) => persistenceId))
  const volumes = new Map([...offered.volumes].filter(([id]) => !own.has(id)))
  if (volumes.size === 0) return undefined
  const isElsewhere = agent?.agentId !== offered.offer.agentId
  return { ...offered, volumes, resources: isElsewhere ? offered.resources : [] }
}
