// What changed of what people can see, so that a reader who keeps something learns whether it still holds, and if not,
// which run specs to look at again. A number grows with every change; the ids of the latest changes are remembered.

import { limits } from '../lib/limits.ts'
import type { PathId } from '../lib/path-id.ts'

export class ChangeLog {
  /** A ring: the change that made revision n is at n modulo its length. */
  readonly #recent: PathId[] = []
  #revision = 0

  /** Grows with every change of a definition, an instance, a deployment or the tree. */
  get revision(): number {
    return this.#revision
  }

  /** Something about this run spec is another now; with the id of the root: something about the groups. */
  touch(id: PathId): void {
    this.#recent[++this.#revision % limits.changesRemembered] = id
  }

  /** The ids that changed after `revision`; undefined when that is too long ago to tell. */
  since(revision: number): ReadonlySet<PathId> | undefined {
    if (this.#revision - revision > limits.changesRemembered) return undefined
    const ids = new Set<PathId>()
    for (let at = revision + 1; at <= this.#revision; at++)
      ids.add(this.#recent[at % limits.changesRemembered]!)
    return ids
  }
}
