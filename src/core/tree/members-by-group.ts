// Run specs by every group around them, for rules that ask about groups of a change: a list of each would otherwise
// look through all run specs.

import { once } from '../../lib/once.ts'
import { groupsAround, type PathId } from '../../lib/path-id.ts'

/** What of `ids` lies in a group, at any depth. They are looked through once, and only when a group is asked about. */
export function membersByGroup(ids: () => Iterable<PathId>): (group: PathId) => readonly PathId[] {
  const members = once(() => {
    const byGroup = new Map<PathId, PathId[]>()
    for (const id of ids()) {
      for (const group of groupsAround(id)) {
        const known = byGroup.get(group)
        if (known === undefined) byGroup.set(group, [id])
        else known.push(id)
      }
    }
    return byGroup
  })
  return (group) => members().get(group) ?? []
}
