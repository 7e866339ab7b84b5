// In which roles something waits for offers (runtime 5, 13). An instance keeps the role it was made with, and is
// launched on offers of that role alone.

import type { PathId } from '../../lib/path-id.ts'
import type { RunSpec } from '../../spec/run-spec.ts'
import type { Core } from '../core.ts'
import { isLookingForLeftovers } from '../reservations/look-for-leftovers.ts'
import type { State } from '../state.ts'
import type { RolesAtHand } from './offers-wanted.ts'

/** The roles of the instances of a run spec that wait with a version that passes; a role may come more than once. */
export function* waitingRoles(
  state: State,
  id: PathId,
  passes: (runSpec: RunSpec) => boolean = () => true,
): Generator<string> {
  for (const [version, waiting] of state.scheduledOf(id)) {
    const runSpec = state.runSpecVersion(id, version)
    if (runSpec === undefined || !passes(runSpec)) continue
    yield* waiting.roles.keys()
  }
}

/** The roles we know, and those in which something waits for an offer and for nothing else, as the end of a delay. */
export function rolesAtHand(core: Core): RolesAtHand {
  const { state, delayed, delays, settings } = core
  const known = new Set(state.roles.keys()).add(settings.mesosRole)
  for (const role of state.rolesLeftBehind.keys()) known.add(role)
  if (isLookingForLeftovers(core)) return { known, wanted: known }
  // What is kept on agents for instances that are gone is taken back on the next offer of it (runtime 5).
  const wanted = new Set(state.rolesToCleanUp.keys())
  if (state.waiting.size === delayed.size) return { known, wanted }
  const isOver = (runSpec: RunSpec): boolean => (delays.deadline(runSpec) ?? 0) <= state.now
  for (const id of state.waiting) {
    for (const role of waitingRoles(state, id, isOver)) wanted.add(role)
    // Almost always there is one role, and the first run spec that waits settles it.
    if (wanted.size === known.size) break
  }
  return { known, wanted }
}
