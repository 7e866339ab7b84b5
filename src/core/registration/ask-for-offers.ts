// What a shared cluster is told at the end of a step: in which roles we are, what we would take, and that we want
// offers, or none. In this order, since nothing can be asked for in a role before we are in it.

import type { Core } from '../core.ts'
import { rolesAtHand } from '../launching/waiting-roles.ts'
import type { EngineEffect } from '../ready.ts'
import { isLookingForLeftovers } from '../reservations/look-for-leftovers.ts'
import { offerConstraintsOf } from './offer-constraints.ts'

export function askForOffers(core: Core): void {
  const { engine, batch, offersWanted, state } = core
  if (!engine.isConnected || engine.holdsOffers) return
  const effects = offersWanted.decide(rolesAtHand(core), state.now)
  for (const effect of core.constraintUpdates === undefined ? effects : withConstraints(core, effects)) {
    batch.effect(effect)
  }
}

/** A change of constraints alone is an update with the roles as they were told. */
function withConstraints(core: Core, effects: readonly EngineEffect[]): EngineEffect[] {
  const { state, offersWanted, constraintUpdates } = core
  const question = {
    // Looking for what was left behind is a change of its own: then any offer will do.
    revision: 2 * state.changes.revision + (isLookingForLeftovers(core) ? 1 : 0),
    find: () => (isLookingForLeftovers(core) ? {} : offerConstraintsOf(core, offersWanted.told.roles)),
  }
  if (effects.some(({ kind }) => kind === 'update-framework')) {
    const offerConstraints = constraintUpdates!.inForce(question, state.now)
    return effects.map((effect) =>
      effect.kind === 'update-framework' ? { ...effect, offerConstraints } : effect,
    )
  }
  const offerConstraints = constraintUpdates!.decide(question, state.now)
  if (offerConstraints === undefined) return [...effects]
  return [{ kind: 'update-framework', ...offersWanted.told, offerConstraints }, ...effects]
}
