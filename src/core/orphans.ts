// What is left of a run spec that is there no more: nothing of it is wanted, neither what runs nor what it keeps.

import type { PathId } from '../lib/path-id.ts'
import { applyAction, forgetOldVersions } from './apply.ts'
import type { Core } from './core.ts'
import { stopActions } from './scaling/decide-scale.ts'

/** Also after a removal was cancelled. */
export function endOrphans(core: Core, id: PathId): void {
  giveUpAll(core, id)
  if (core.state.instanceCountOf(id) === 0) forgetOldVersions(core, id, 0)
}

/** Also before another run spec takes the name: it is not to find what this one kept. */
export function giveUpAll(core: Core, id: PathId): void {
  const remaining = core.state.instancesOf(id).filter((instance) => instance.goal !== 'Decommissioned')
  for (const action of stopActions(remaining, 'Decommissioned', 'app-removed')) applyAction(core, action)
}
