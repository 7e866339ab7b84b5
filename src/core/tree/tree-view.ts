// The tree of groups as it is, or as it was in a former version of the root: what lies where, for who shows it.

import type { Version } from '../../lib/instant.ts'
import { comparePathIds, type PathId, parentOf, rootId } from '../../lib/path-id.ts'
import type { RunSpec } from '../../spec/run-spec.ts'
import type { State } from '../state.ts'
import { type FormerGroup, type FormerTree, hadGroup } from './root-history.ts'

export interface TreeView {
  /** Of the root, and so of every group in it. */
  readonly version: Version
  has(group: PathId): boolean
  group(id: PathId): FormerGroup
  /** Directly in this group, in the order of their ids. */
  groupsIn(id: PathId): readonly PathId[]
  /** Directly in this group, in the order of their ids. */
  runSpecsIn(id: PathId): readonly RunSpec[]
}

const plain: FormerGroup = { dependencies: [] }

export const presentTree = (state: State): TreeView => ({
  version: state.rootVersion,
  has: (id) => id === rootId || state.groups.has(id),
  group: (id) => state.groups.get(id) ?? plain,
  groupsIn: (id) => [...state.groups.groupsIn(id)].sort(comparePathIds),
  runSpecsIn: (id) =>
    [...state.groups.runSpecsIn(id)].sort(comparePathIds).map((member) => state.runSpec(member)!),
})

/** Undefined when the version is not known, or no longer. */
export function treeAt(state: State, version: Version): TreeView | undefined {
  const former = state.history.treeAt(version, state.rootVersion)
  return former === undefined ? undefined : formerTree(state, former)
}

/** The present one, with what has changed since as it was. A definition that is no longer kept is left out. */
function formerTree(state: State, former: FormerTree): TreeView {
  const changedGroups = byParent(former.groups.keys())
  const changedRunSpecs = byParent(former.runSpecs.keys())
  return {
    version: former.version,
    has: (id) => hadGroup(former, id, state.groups.has(id)),
    group: (id) => (former.groups.has(id) ? former.groups.get(id) : state.groups.get(id)) ?? plain,
    groupsIn: (id) =>
      [...union(state.groups.groupsIn(id), changedGroups.get(id))]
        .filter((group) => hadGroup(former, group, state.groups.has(group)))
        .sort(comparePathIds),
    runSpecsIn: (id) =>
      [...union(state.groups.runSpecsIn(id), changedRunSpecs.get(id))]
        .sort(comparePathIds)
        .flatMap((member) => {
          const version = former.runSpecs.has(member)
            ? former.runSpecs.get(member)
            : state.runSpec(member)?.version
          return (version === undefined ? undefined : state.runSpecVersion(member, version)) ?? []
        }),
  }
}

function byParent(ids: Iterable<PathId>): ReadonlyMap<PathId, readonly PathId[]> {
  const grouped = new Map<PathId, PathId[]>()
  for (const id of ids) {
    if (id === rootId) continue
    const known = grouped.get(parentOf(id))
    if (known === undefined) grouped.set(parentOf(id), [id])
    else known.push(id)
  }
  return grouped
}

const union = (present: ReadonlySet<PathId>, changed: readonly PathId[] = []): ReadonlySet<PathId> =>
  changed.length === 0 ? present : new Set([...present, ...changed])
