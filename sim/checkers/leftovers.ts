// Nothing is left behind: what the cluster keeps in our name is kept for an instance that knows of it.

import { reservedFor } from '../../src/core/ids.ts'
import type { Instance } from '../../src/core/instances/instance.ts'
import { reservationIdOf } from '../../src/core/reservations/labels.ts'
import type { InspectableScheduler } from '../../src/core/scheduler.ts'
import type { World } from '../world.ts'

/** What is reserved for nobody, one sentence for each reservation. */
export function strayReservations({ cluster }: World, { core }: InspectableScheduler): readonly string[] {
  const { state } = core
  const left = new Set<string>()
  if (state.frameworkId === undefined) return []
  for (const agent of cluster.agents.values()) {
    const parts = [agent.free, ...[...agent.offers].map(({ amounts }) => amounts)]
    for (const { kind } of parts.flatMap(({ parcels }) => parcels)) {
      const id = reservationIdOf(kind, state.frameworkIds)
      if (id === undefined) continue
      const instance = state.instance(reservedFor(id) ?? '')
      if (instance?.reservation?.id !== id)
        left.add(
          `agent ${agent.config.id} keeps something for ${id}, which ${instance === undefined ? 'nobody knows' : 'does not know of it'}`,
        )
    }
  }
  return [...left]
}

/**
 * Instances whose volumes are not there any more by an operator's doing: somebody has to let them go.
 */
export function bereaved({ cluster }: World, { core }: InspectableScheduler): readonly Instance[] {
  return [...core.state.instances()].filter(({ reservation, agent }) => {
    if (reservation === undefined || reservation.state === 'new') return false
    return reservation.volumes.some(({ persistenceId }) => {
      return cluster.volumes.get(agent?.agentId ?? '', persistenceId) === undefined
    })
  })
}
