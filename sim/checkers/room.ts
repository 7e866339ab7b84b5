// Whether what waits could be launched at all, with everything agents have that nobody uses.

import type { Instance } from '../../src/core/instances/instance.ts'
import type { Offer } from '../../src/core/mesos.ts'
import { buildPlacedIndex, holdsPlace } from '../../src/core/placement/constraint-index.ts'
import { type FitInput, matchOffer, matchReservation } from '../../src/core/placement/match.ts'
import { openOffer, openResources } from '../../src/core/placement/remaining.ts'
import { findReservations, holdsVolumes } from '../../src/core/reservations/offered.ts'
import type { InspectableScheduler } from '../../src/core/scheduler.ts'
import { partFor, plus, resourcesOf } from '../../src/engine/sim/amounts.ts'
import type { SimAgent } from '../../src/engine/sim/parts.ts'
import type { PathId } from '../../src/lib/path-id.ts'
import { stream } from '../../src/lib/rng.ts'
import { isResident, type RunSpec } from '../../src/spec/run-spec.ts'
import type { World } from '../world.ts'

type Core = InspectableScheduler['core']

/** Whether any agent could take one of the instances that wait. */
export function hasRoomFor(cluster: World['cluster'], core: Core, id: PathId): boolean {
  const { state } = core
  for (const [version, waiting] of state.scheduledOf(id)) {
    const runSpec = state.runSpecVersion(id, version)
    if (runSpec === undefined) continue
    // Those without a reservation are all alike; each of the others has its own agent.
    const [first] = [...waiting.values()].filter(({ reservation }) => reservation === undefined)
    const bound = [...waiting.values()].filter(({ reservation }) => reservation !== undefined)
    for (const instance of first === undefined ? bound : [first, ...bound])
      for (const agent of cluster.agents.values())
        if (agent.isConnected && fits(core, runSpec, instance, unusedOf(agent, instance.role))) return true
  }
  return false
}

function unusedOf(agent: SimAgent, role: string): Offer {
  const { id, hostname, attributes } = agent.config
  const unused = [...agent.offers].reduce((sum, offer) => plus(sum, offer.amounts), agent.free)
  return { id: 'any', agentId: id, hostname, attributes, resources: resourcesOf(partFor(role, unused)) }
}

function fits(core: Core, runSpec: RunSpec, instance: Instance, offer: Offer): boolean {
  const { state, settings } = core
  const all = state.instancesOf(runSpec.id)
  const input: Omit<FitInput, 'remaining' | 'placed'> = {
    runSpec,
    wantedInstances: state.runSpec(runSpec.id)?.instances ?? runSpec.instances,
    settings,
    rng: stream('room', 'ports'),
    now: state.now,
    reserves: true,
  }
  const placed = buildPlacedIndex(all, runSpec)
  const { reservation } = instance
  if (reservation !== undefined) {
    const offered = findReservations(offer, state.frameworkIds).find(({ id }) => id === reservation.id)
    if (offered === undefined || !holdsVolumes(offered, reservation)) return false
    const volumes = reservation.volumes.map(({ persistenceId }) => offered.volumes.get(persistenceId)!)
    const remaining = openResources(offer, offered.resources)
    return matchOffer({ ...input, placed, remaining, instance, volumes }).kind === 'match'
  }
  const remaining = openOffer(offer)
  if (!isResident(runSpec)) return matchOffer({ ...input, placed, remaining, instance }).kind === 'match'
  const held = buildPlacedIndex(all, runSpec, holdsPlace)
  return matchReservation({ ...input, placed: held, remaining }).kind === 'reserve'
}
