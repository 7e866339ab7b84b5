// Rules about the tree of apps and groups as a whole, judged for the apps a change touches (app-definition 10.5).

import { type PathId, parentOf, rootId } from '../../lib/path-id.ts'
import { type Issue, Issues } from '../parse/issues.ts'
import { cyclicDependencies, type DependencyGraph, hasCycle } from './dependencies.ts'

/** The apps, pods and groups as they would be after the change. */
export interface Tree extends DependencyGraph {
  /** Whether what was an app becomes a pod, or the other way round. */
  changesKind(id: PathId): boolean
  /** Whether anything lies beneath this path. A group that is empty gives way to an app of its name. */
  hasMembers(group: PathId): boolean
}

export function validateRoot(changed: Iterable<PathId>, tree: Tree): Issue[] {
  const issues = new Issues()
  const ids = [...changed]
  for (const id of ids) {
    if (tree.dependenciesOfApp(id) === undefined) continue
    if (tree.changesKind(id)) issues.add('/', 'Applications and Pods may not share the same id')
    if (tree.hasMembers(id) || liesInService(id, tree)) {
      issues.add('/', 'Groups and Applications may not have the same identifier.')
    }
  }
  if (hasCycle(ids, tree)) issues.add('/', cyclicDependencies)
  return issues.list()
}

/** Whether one of the groups that `id` needs above itself is an app. */
function liesInService(id: PathId, tree: Tree): boolean {
  for (let group = parentOf(id); group !== rootId; group = parentOf(group)) {
    if (tree.dependenciesOfApp(group) !== undefined) return true
  }
  return false
}
