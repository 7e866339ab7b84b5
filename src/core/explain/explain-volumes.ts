// Why instances wait that have volumes, or shall have some: nothing can be reserved for them, what was asked for has
// not come back, or the one agent that keeps their volumes does not take them.

import { limits } from '../../lib/limits.ts'
import type { RunSpec } from '../../spec/run-spec.ts'
import type { Core } from '../core.ts'
import type { Instance } from '../instances/instance.ts'
import type { Offer } from '../mesos.ts'
import { launchPlan, planOnReservation } from '../placement/launch-plan.ts'
import { refusalOf } from '../placement/match.ts'
import { openResources } from '../placement/remaining.ts'
import { findReservations, holdsVolumes, type OfferedReservation } from '../reservations/offered.ts'
import { canReserve } from '../reservations/reserve.ts'
import { type Cause, cause, type Evidence } from './cause.ts'
import { anyPort } from './survey.ts'

/** That nobody can reserve anything, whatever is offered. */
export function reservingCauses(core: Core, { id: runSpecId }: RunSpec): readonly Cause[] {
  if (canReserve(core)) return []
  return [
    cause({ kind: 'cannot-reserve', runSpecId, missing: core.engine.reserves ? 'principal' : 'engine' }),
  ]
}

/** The first few of those that wait for their volumes. `last`: the offers refused lately, where none are held. */
export function volumeCauses(
  core: Core,
  runSpec: RunSpec,
  waiting: readonly Instance[],
  last: readonly Offer[],
): readonly Cause[] {
  if (waiting.length === 0) return []
  const offers = core.engine.holdsOffers ? core.offers.all() : last
  const { id: runSpecId } = runSpec
  return [
    cause(
      { kind: 'bound', runSpecId, count: waiting.length },
      waiting
        .slice(0, limits.explainedInstances)
        .map((instance) => cause(boundFact(core, runSpec, instance, offers))),
    ),
  ]
}

type Bound = Extract<Evidence, { readonly kind: 'bound-instance' }>

function boundFact(core: Core, runSpec: RunSpec, instance: Instance, offers: readonly Offer[]): Bound {
  const { id, agent, reservation } = instance
  const { agentId, hostname } = agent!
  const fact = { kind: 'bound-instance', instanceId: id, agentId, hostname } as const
  const own = offers.filter((offer) => offer.agentId === agentId)
  const offered = own
    .flatMap((offer) => findReservations(offer, core.state.frameworkIds))
    .find((found) => found.id === reservation!.id && holdsVolumes(found, reservation!))
  if (offered !== undefined) {
    const reasons = refusalOnReservation(core, runSpec, instance, offered)
    return reasons === undefined ? { ...fact, state: 'fits' } : { ...fact, state: 'refused', reasons }
  }
  if (reservation!.state === 'new' && reservation!.deadline !== undefined)
    return { ...fact, state: 'asked-for', until: reservation!.deadline }
  return { ...fact, state: own.length === 0 ? 'nothing-offered' : 'volumes-missing' }
}

function refusalOnReservation(
  { state, settings, engine }: Core,
  runSpec: RunSpec,
  { role }: Instance,
  { offer, resources }: OfferedReservation,
) {
  const plan = planOnReservation(launchPlan(runSpec, settings), role)
  return refusalOf(
    {
      remaining: openResources(offer, resources),
      runSpec,
      placed: state.placedOf(runSpec),
      wantedInstances: state.runSpec(runSpec.id)?.instances ?? runSpec.instances,
      settings,
      rng: anyPort,
      now: state.now,
      ...(engine.homeRegion === undefined ? {} : { homeRegion: engine.homeRegion }),
    },
    plan,
  )
}
