// Rules about the tree of apps, pods and groups as a whole, judged for what a change touches (app-definition 10.5).

import { limits } from '../../lib/limits.ts'
import { type PathId, parentOf, rootId } from '../../lib/path-id.ts'
import { externalVolumesOf, type VolumeUse, volumeKey } from '../external-volumes.ts'
import { type Issue, Issues } from '../parse/issues.ts'
import { isPod, type RunSpecDraft } from '../run-spec.ts'
import { cyclicDependencies, type DependencyGraph, hasCycle } from './dependencies.ts'

/** The apps, pods and groups as they would be after the change. */
export interface Tree extends DependencyGraph {
  /** The app or pod of this id. */
  runSpec(id: PathId): RunSpecDraft | undefined
  /** Whether what was an app becomes a pod, or the other way round. */
  changesKind(id: PathId): boolean
  /** Whether anything lies beneath this path. A group that is empty gives way to an app of its name. */
  hasMembers(group: PathId): boolean
  /** Who uses a volume, and whether so that nobody else may. */
  volumeUsers(volume: VolumeUse): ReadonlyMap<PathId, boolean>
  /** Where in the tree an app is, as `/groups(i)/apps(j)`. Asked only when something is wrong with it. */
  pathTo(id: PathId): string
}

export interface Changed {
  /** Run specs that are new, changed or removed. */
  readonly runSpecs: Iterable<PathId>
  /** Groups that are new, or named by who changes them. */
  readonly groups: Iterable<PathId>
  /** Groups whose dependencies are others now. */
  readonly dependentGroups: Iterable<PathId>
}

export function validateRoot(changed: Changed, tree: Tree): Issue[] {
  const issues = new Issues()
  const ids = [...changed.runSpecs]
  for (const id of ids) {
    if (tree.runSpec(id) === undefined) continue
    if (tree.changesKind(id)) issues.add('/', 'Applications and Pods may not share the same id')
    if (tree.hasMembers(id)) issues.add('/', clashWith(id, tree))
    checkAbove(id, tree, issues)
  }
  checkVolumes(ids, tree, issues)
  for (const id of changed.groups) {
    if (tree.runSpec(id) !== undefined) issues.add('/', clashWith(id, tree))
    checkAbove(id, tree, issues)
  }
  if (hasCycle(mayCloseCycle(ids, changed.dependentGroups, tree), tree)) issues.add('/', cyclicDependencies)
  return issues.list()
}

/** None of the groups that `id` needs above itself may be an app or a pod. */
function checkAbove(id: PathId, tree: Tree, issues: Issues): void {
  for (let group = parentOf(id); group !== rootId; group = parentOf(group)) {
    if (tree.runSpec(group) !== undefined) issues.add('/', clashWith(group, tree))
  }
}

function clashWith(id: PathId, tree: Tree): string {
  const runSpec = tree.runSpec(id)
  return `Groups and ${runSpec !== undefined && isPod(runSpec) ? 'Pods' : 'Applications'} may not have the same identifier.`
}

/** Everyone whose use a volume conflicts with is told of, also who used it before the change. */
function checkVolumes(ids: readonly PathId[], tree: Tree, issues: Issues): void {
  for (const volume of volumesOf(ids, tree)) {
    const users = tree.volumeUsers(volume)
    const exclusive = [...users].flatMap(([user, isExclusive]) => (isExclusive ? [user] : [])).sort()
    for (const [user, isExclusive] of users) {
      const conflicting = exclusive.length - (isExclusive ? 1 : 0)
      if (conflicting === 0 || isIndifferentTo(volume, tree.runSpec(user))) continue
      const named = exclusive.slice(0, limits.conflictsNamed + 1).filter((other) => other !== user)
      issues.add(
        `${tree.pathTo(user)}/container`,
        `Volume name '${volume.name}' in ${user} conflicts with volume(s) of same name in app(s): ${listed(named, conflicting)}`,
      )
    }
  }
}

/** Each once, however many of them use it. */
function volumesOf(ids: readonly PathId[], tree: Tree): Iterable<VolumeUse> {
  const volumes = new Map<string, VolumeUse>()
  for (const id of ids) {
    const runSpec = tree.runSpec(id)
    for (const volume of runSpec === undefined ? [] : externalVolumesOf(runSpec)) {
      volumes.set(volumeKey(volume), volume)
    }
  }
  return volumes.values()
}

/** The names of all would fill the memory where everyone conflicts with everyone. */
function listed(named: readonly PathId[], count: number): string {
  const shown = named.slice(0, limits.conflictsNamed)
  const rest = count - shown.length
  return `${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}

const isIndifferentTo = (volume: VolumeUse, runSpec: RunSpecDraft | undefined): boolean =>
  runSpec !== undefined &&
  externalVolumesOf(runSpec).every((own) => own.isIndifferent || volumeKey(own) !== volumeKey(volume))

/** A new dependency of a group is one of everything in it. */
function* mayCloseCycle(ids: readonly PathId[], groups: Iterable<PathId>, tree: Tree): Generator<PathId> {
  yield* ids
  for (const group of groups) yield* tree.appsWithin(group)
}
