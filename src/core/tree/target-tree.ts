// The tree as a change would leave it: which groups come, change and go, and what the rules about the whole tree read.
// Only what the change touches is looked at; the rest is asked of the state.

import type { Version } from '../../lib/instant.ts'
import { once } from '../../lib/once.ts'
import { groupsAround, type PathId, parentOf, rootId, segments } from '../../lib/path-id.ts'
import type { VolumeUse } from '../../spec/external-volumes.ts'
import { isPod, type RunSpec } from '../../spec/run-spec.ts'
import type { Tree } from '../../spec/validate/root.ts'
import type { Core } from '../core.ts'
import type { Group } from '../records.ts'
import type { State } from '../state.ts'
import { VolumeUsers } from '../volume-users.ts'
import { membersByGroup } from './members-by-group.ts'
import type { FormerGroup } from './root-history.ts'
import { treePaths } from './tree-paths.ts'

/** What a group shall be. `enforceRole` of top-level groups only; absent: as it is, or by default. */
export type GroupForm = FormerGroup

export type RunSpecChanges = ReadonlyMap<PathId, RunSpec | undefined>
/** Groups that differ from what they are. Undefined: removed. */
export type GroupChanges = ReadonlyMap<PathId, Group | undefined>

interface Wanted {
  readonly runSpecs: RunSpecChanges
  /** Undefined: removed, as far as nothing is left in it. */
  readonly groups: ReadonlyMap<PathId, GroupForm | undefined>
}

/** Outer groups come before the ones within; removed ones after those. */
export function groupsAfter(core: Core, wanted: Wanted, version: Version): GroupChanges {
  const { groups } = core.state
  const changes = new Map<PathId, Group | undefined>()
  const put = (id: PathId, form: GroupForm): void => {
    const group = recordOf(core, id, form, version)
    if (!isSame(groups.get(id), group)) changes.set(id, group)
  }
  for (const id of missingGroups(core.state, wanted)) put(id, wanted.groups.get(id) ?? { dependencies: [] })
  for (const [id, form] of wanted.groups) {
    // The root cannot go; without a record it depends on nothing.
    const shall = form ?? (id === rootId ? { dependencies: [] } : undefined)
    if (shall !== undefined && !changes.has(id)) put(id, shall)
  }
  const gained = membersGained(core.state, wanted.runSpecs)
  const keepers = new Set([...changes].flatMap(([id, group]) => (group === undefined ? [] : [parentOf(id)])))
  const isEmpty = (id: PathId): boolean =>
    groups.memberCount(id) + (gained.get(id) ?? 0) === 0 &&
    [...groups.groupsIn(id)].every((inner) => changes.has(inner) && changes.get(inner) === undefined) &&
    !keepers.has(id)
  const removed = [...wanted.groups].flatMap(([id, form]) =>
    form === undefined && id !== rootId ? [id] : [],
  )
  for (const id of removed.sort((a, b) => segments(b).length - segments(a).length)) {
    if (groups.has(id) && isEmpty(id)) changes.set(id, undefined)
  }
  // A group that holds nothing gives way to an app or pod of its name.
  for (const [id, runSpec] of wanted.runSpecs) {
    if (runSpec === undefined || !groups.has(id) || changes.has(id) || groups.memberCount(id) > 0) continue
    for (const each of [...groups.groupsWithin(id)].reverse()) changes.set(each, undefined)
  }
  return changes
}

function recordOf({ state, settings }: Core, id: PathId, form: GroupForm, version: Version): Group {
  const { dependencies } = form
  if (id === rootId || parentOf(id) !== rootId) return { id, dependencies, version }
  const byDefault = settings.newGroupEnforceRole === 'top'
  const enforceRole = form.enforceRole ?? state.groups.get(id)?.enforceRole ?? byDefault
  return { id, dependencies, version, enforceRole }
}

const isSame = (present: Group | undefined, next: Group): boolean =>
  (present !== undefined || (next.id === rootId && next.dependencies.length === 0)) &&
  (present?.enforceRole ?? false) === (next.enforceRole ?? false) &&
  isSameList(present?.dependencies ?? [], next.dependencies)

const isSameList = (a: readonly PathId[], b: readonly PathId[]): boolean =>
  a.length === b.length && a.every((id, index) => id === b[index])

/** Groups that do not exist yet and that run specs or groups lie in, or that are wanted; outer ones first. */
function missingGroups(state: State, { runSpecs, groups }: Wanted): PathId[] {
  const missing = new Set<PathId>()
  const requireGroup = (id: PathId): void => {
    const path: PathId[] = []
    for (let group = id; group !== rootId && !state.groups.has(group); group = parentOf(group))
      path.push(group)
    for (const group of path.reverse()) missing.add(group)
  }
  for (const [id, runSpec] of runSpecs) if (runSpec !== undefined) requireGroup(parentOf(id))
  for (const [id, form] of groups) if (form !== undefined) requireGroup(id)
  return [...missing]
}

/** What the rules about the whole tree read. `target`: every run spec after the change. */
export function treeAfter(
  { state }: Core,
  changes: { readonly runSpecs: RunSpecChanges; readonly groups: GroupChanges },
  target: ReadonlyMap<PathId, RunSpec>,
): Tree {
  const gained = membersGained(state, changes.runSpecs)
  const hasMembers = (group: PathId): boolean =>
    state.groups.memberCount(group) + (gained.get(group) ?? 0) > 0
  const added = addedWithin(state, changes.runSpecs)
  const paths = once(() => treePaths(target))
  const groupAfter = (id: PathId): Group | undefined =>
    changes.groups.has(id) ? changes.groups.get(id) : state.groups.get(id)
  return {
    runSpec: (id) => target.get(id),
    changesKind: (id) => {
      const [before, after] = [state.runSpec(id), target.get(id)]
      return before !== undefined && after !== undefined && isPod(before) !== isPod(after)
    },
    dependenciesOfApp: (id) => target.get(id)?.dependencies,
    dependenciesOfGroup: (id) => groupAfter(id)?.dependencies ?? (hasMembers(id) ? [] : undefined),
    *appsWithin(group) {
      for (const id of state.groups.membersWithin(group)) if (target.has(id)) yield id
      yield* added(group)
    },
    hasMembers,
    volumeUsers: volumeUsersAfter(state, changes.runSpecs),
    pathTo: (id) => paths()(id),
  }
}

type Users = ReadonlyMap<PathId, boolean>

/** Who uses which volume after the change; what uses of it change is read once, when the first is asked for. */
function volumeUsersAfter(state: State, changes: RunSpecChanges): (volume: VolumeUse) => Users {
  const changed = once(() => {
    const users = new VolumeUsers()
    for (const runSpec of changes.values()) if (runSpec !== undefined) users.add(runSpec)
    return users
  })
  return (volume) => {
    const users = new Map<PathId, boolean>()
    for (const [id, isExclusive] of state.volumeUsers.of(volume)) {
      if (!changes.has(id)) users.set(id, isExclusive)
    }
    for (const [id, isExclusive] of changed().of(volume)) users.set(id, isExclusive)
    return users
  }
}

/** The run specs that come with a change, by every group they lie in. */
function addedWithin(state: State, changes: RunSpecChanges): (group: PathId) => readonly PathId[] {
  return membersByGroup(() =>
    [...changes]
      .filter(([id, runSpec]) => runSpec !== undefined && state.runSpec(id) === undefined)
      .map(([id]) => id),
  )
}

/** How many more run specs lie beneath each group after the change; negative when there are fewer. */
function membersGained(state: State, changes: RunSpecChanges): ReadonlyMap<PathId, number> {
  const gained = new Map<PathId, number>()
  for (const [id, runSpec] of changes) {
    const gain = (runSpec === undefined ? 0 : 1) - (state.runSpec(id) === undefined ? 0 : 1)
    if (gain === 0) continue
    for (const group of groupsAround(id)) gained.set(group, (gained.get(group) ?? 0) + gain)
  }
  return gained
}
