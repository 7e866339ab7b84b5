// Whose turn it is when there are fewer offers, or launch tokens, than run specs that wait (runtime 5).

import { limits } from '../../lib/limits.ts'
import type { PathId } from '../../lib/path-id.ts'
import type { Core } from '../core.ts'

/**
 * Who waits longest is served first. When tokens are scarce that would let one that fails again and again take all of
 * them for ever, so then chance decides.
 */
export const inFairOrder = ({ tokens, placementRng }: Core, ids: ReadonlySet<PathId>): Iterable<PathId> =>
  tokens.left < limits.launchesPerTurn ? placementRng.shuffle([...ids]) : ids

/** Who was served comes after those who were not: with few offers one that fails at once would be first for ever. */
export function queueBehind({ state: { waiting } }: Core, served: ReadonlySet<PathId>): void {
  for (const id of served) if (waiting.delete(id)) waiting.add(id)
}
