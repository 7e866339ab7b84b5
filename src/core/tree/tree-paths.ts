// Where in the tree an app is, as refusals say it: its groups and itself, each counted among what lies in the same
// group, in the order of ids. Looks at every run spec, so it is for refusals only, and for many of them once.

import { comparePathIds, type PathId, parentOf, rootId } from '../../lib/path-id.ts'
import { isPod, type RunSpec } from '../../spec/run-spec.ts'

/** As `/groups(i)/apps(j)`. */
export function treePaths(runSpecs: ReadonlyMap<PathId, RunSpec>): (app: PathId) => string {
  const groups = new Siblings()
  const apps = new Siblings()
  for (const [id, runSpec] of runSpecs) {
    if (!isPod(runSpec)) apps.add(id)
    for (let group = parentOf(id); group !== rootId && groups.add(group); ) group = parentOf(group)
  }
  const pathOfGroup = (id: PathId): string =>
    id === rootId ? '' : `${pathOfGroup(parentOf(id))}/groups(${groups.placeOf(id)})`
  return (app) => `${pathOfGroup(parentOf(app))}/apps(${apps.placeOf(app)})`
}

/** What lies in each group. */
class Siblings {
  readonly #of = new Map<PathId, Set<PathId>>()
  readonly #places = new Map<PathId, ReadonlyMap<PathId, number>>()

  /** False when it is there already. */
  add(id: PathId): boolean {
    let siblings = this.#of.get(parentOf(id))
    if (siblings === undefined) {
      siblings = new Set()
      this.#of.set(parentOf(id), siblings)
    }
    if (siblings.has(id)) return false
    siblings.add(id)
    return true
  }

  /** Once all are added; -1 of what is not among them. */
  placeOf(id: PathId): number {
    const group = parentOf(id)
    let places = this.#places.get(group)
    if (places === undefined) {
      const ordered = [...(this.#of.get(group) ?? [])].sort(comparePathIds)
      places = new Map(ordered.map((each, place) => [each, place]))
      this.#places.set(group, places)
    }
    return places.get(id) ?? -1
  }
}
