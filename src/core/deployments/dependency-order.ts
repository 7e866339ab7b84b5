// In which order the run specs of one deployment change: what others depend on goes first. Only the affected run
// specs are ordered, but through all that lies between them, affected or not (runtime 11).

import { type Edge, longestPaths } from '../../lib/graph.ts'
import { comparePathIds, groupsAround, type PathId } from '../../lib/path-id.ts'
import { ok, type Result } from '../../lib/result.ts'
import type { RunSpec } from '../../spec/run-spec.ts'
import { membersByGroup } from '../tree/members-by-group.ts'

export interface DependencyInput {
  readonly runSpecs: ReadonlyMap<PathId, RunSpec>
  /** Groups that have dependencies, with the ids of the groups they depend on. */
  readonly groupDependencies: ReadonlyMap<PathId, readonly PathId[]>
  readonly affected: Iterable<PathId>
}

/**
 * The affected run specs by level, dependencies first, each level in the order of the ids. The level of a run spec is
 * the length of the longest path of dependencies below it; levels without an affected one are left out. Refused with
 * the run specs of a cycle when there is one.
 */
export function dependencyLevels(
  input: DependencyInput,
): Result<readonly (readonly PathId[])[], readonly PathId[]> {
  const members = membersByGroup(() => input.runSpecs.keys())
  const affected = [...input.affected]
  const lengths = longestPaths<PathId>(affected, (node) => edgesOf(node, input, members))
  if (!lengths.ok) return { ok: false, error: lengths.error.filter((node) => !isMembersNode(node)) }
  const levels: PathId[][] = []
  for (const id of affected) {
    const level = lengths.value.get(id) ?? 0
    levels[level] ??= []
    levels[level].push(id)
  }
  return ok(levels.filter((level) => level !== undefined).map((level) => level.sort(comparePathIds)))
}

/**
 * A group stands in the graph as one node, `<id>/*`, with an edge of length 0 to each of its members. So a dependency
 * between two groups of a thousand apps costs two thousand edges and not a million.
 */
const membersNode = (group: PathId): string => `${group}/*`
const isMembersNode = (node: string): boolean => node.endsWith('/*')

function* edgesOf(node: string, input: DependencyInput, members: MemberIndex): Generator<Edge<string>> {
  if (isMembersNode(node)) {
    for (const to of members(node.slice(0, -2))) yield { to, length: 0 }
    return
  }
  for (const dependency of input.runSpecs.get(node)?.dependencies ?? []) {
    if (input.runSpecs.has(dependency)) yield { to: dependency, length: 1 }
    else if (members(dependency).length > 0) yield { to: membersNode(dependency), length: 1 }
  }
  // A group depends on groups alone; the rule about cycles knows no others either (spec/validate/dependencies.ts).
  for (const dependency of dependenciesAround(node, input)) {
    if (!input.runSpecs.has(dependency) && members(dependency).length > 0)
      yield { to: membersNode(dependency), length: 1 }
  }
}

/** The dependencies of every group around a run spec. */
function* dependenciesAround(id: PathId, input: DependencyInput): Generator<PathId> {
  if (input.groupDependencies.size === 0) return
  for (const group of groupsAround(id)) yield* input.groupDependencies.get(group) ?? []
}

type MemberIndex = ReturnType<typeof membersByGroup>
