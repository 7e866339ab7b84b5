// Cycles of dependencies among apps, their own and those of the groups they lie in (app-definition 10.5). What an app
// depends on is an app, or every app of a group; what a group depends on is every app of another group.

import { type PathId, parentOf, rootId } from '../../lib/path-id.ts'

export const cyclicDependencies = 'Dependency graph has cyclic dependencies.'

/** The apps and groups as they would be after the change. */
export interface DependencyGraph {
  /** Undefined when there is no such app. */
  dependenciesOfApp(id: PathId): readonly PathId[] | undefined
  /** Undefined when there is no such group. */
  dependenciesOfGroup(id: PathId): readonly PathId[] | undefined
  /** All apps beneath a group, at any depth. */
  appsWithin(group: PathId): Iterable<PathId>
}

/**
 * Whether following dependencies from any of `changed` leads back to it. Only what the changed apps reach is looked at:
 * a change closes no cycle that does not run through an app it changed, or through one in a group it changed.
 */
export function hasCycle(changed: Iterable<PathId>, graph: DependencyGraph): boolean {
  const finished = new Set<string>()
  const onPath = new Set<string>()
  for (const start of changed) {
    // Depth first without recursion: chains of thousands of apps are legal.
    const stack: { readonly node: string; readonly next: Iterator<string> }[] = []
    const enter = (node: string): void => {
      onPath.add(node)
      stack.push({ node, next: nextNodes(node, graph)[Symbol.iterator]() })
    }
    if (!finished.has(appNode(start))) enter(appNode(start))
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const { value, done } = top.next.next()
      if (done === true) {
        onPath.delete(top.node)
        finished.add(top.node)
        stack.pop()
      } else if (onPath.has(value)) {
        return true
      } else if (!finished.has(value)) {
        enter(value)
      }
    }
  }
  return false
}

// Three kinds of nodes keep the graph as small as the tree: an app, the members of a group (reached by depending on
// it) and the dependencies that a group gives to what lies in it. Every cycle runs through an app.
const appNode = (id: PathId): string => `app ${id}`
const membersNode = (group: PathId): string => `members ${group}`
const scopeNode = (group: PathId): string => `scope ${group}`

function* nextNodes(node: string, graph: DependencyGraph): Iterable<string> {
  const space = node.indexOf(' ')
  const id = node.slice(space + 1)
  switch (node.slice(0, space)) {
    case 'app':
      for (const dependency of graph.dependenciesOfApp(id) ?? []) {
        if (graph.dependenciesOfApp(dependency) !== undefined) yield appNode(dependency)
        else if (graph.dependenciesOfGroup(dependency) !== undefined) yield membersNode(dependency)
      }
      yield scopeNode(parentOf(id))
      return
    case 'members':
      for (const member of graph.appsWithin(id)) yield appNode(member)
      return
    default:
      for (const dependency of graph.dependenciesOfGroup(id) ?? []) {
        if (graph.dependenciesOfGroup(dependency) !== undefined) yield membersNode(dependency)
      }
      if (id !== rootId) yield scopeNode(parentOf(id))
  }
}
