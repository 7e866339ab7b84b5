// Longest paths in a directed graph without cycles, for graphs that are only known through a function that lists
// the edges of a node: the graph is explored from the nodes asked for and never built as a whole.

import { ok, type Result, refused } from './result.ts'

export interface Edge<N> {
  readonly to: N
  /** What taking the edge adds to the length of a path. */
  readonly length: number
}

/**
 * The length of the longest path that starts at each of the given nodes (0 for a node without edges). Refused with
 * the nodes of a cycle, in order, when one is reachable. Iterative, because a chain may be longer than the call stack.
 */
export function longestPaths<N>(
  starts: Iterable<N>,
  edgesOf: (node: N) => Iterable<Edge<N>>,
): Result<ReadonlyMap<N, number>, readonly N[]> {
  const lengths = new Map<N, number>()
  const open = new Set<N>()
  for (const start of starts) {
    if (lengths.has(start)) continue
    const path: Frame<N>[] = [enter(start, edgesOf)]
    open.add(start)
    while (path.length > 0) {
      const frame = path.at(-1)!
      const edge = frame.edges[frame.next]
      if (edge === undefined) {
        lengths.set(frame.node, frame.longest)
        open.delete(frame.node)
        path.pop()
        continue
      }
      const known = lengths.get(edge.to)
      if (known !== undefined) {
        frame.longest = Math.max(frame.longest, known + edge.length)
        frame.next++
      } else if (open.has(edge.to)) {
        const nodes = path.map((each) => each.node)
        return refused(nodes.slice(nodes.indexOf(edge.to)))
      } else {
        open.add(edge.to)
        path.push(enter(edge.to, edgesOf))
      }
    }
  }
  return ok(lengths)
}

interface Frame<N> {
  readonly node: N
  readonly edges: readonly Edge<N>[]
  next: number
  longest: number
}

const enter = <N>(node: N, edgesOf: (node: N) => Iterable<Edge<N>>): Frame<N> => ({
  node,
  edges: [...edgesOf(node)],
  next: 0,
  longest: 0,
})
