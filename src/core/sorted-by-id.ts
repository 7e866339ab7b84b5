// Records in the order of their path ids, brought up to date when somebody reads them: what changed since is put in its
// place, instead of sorting ten thousand because of one.

import { comparePathIds, type PathId } from '../lib/path-id.ts'

/** Above this share of the list sorting it anew is cheaper. */
const fewIn = 32

export class SortedById<T extends { readonly id: PathId }> {
  #list: readonly T[] = []
  readonly #changed = new Map<PathId, T | undefined>()

  put(record: T): void {
    this.#changed.set(record.id, record)
  }

  remove(id: PathId): void {
    this.#changed.set(id, undefined)
  }

  /** Another array after every change. */
  list(): readonly T[] {
    if (this.#changed.size > 0) {
      this.#list = this.#changed.size * fewIn < this.#list.length ? this.#patched() : this.#sorted()
      this.#changed.clear()
    }
    return this.#list
  }

  #patched(): readonly T[] {
    const list = [...this.#list]
    for (const [id, record] of this.#changed) {
      const at = placeOf(list, id)
      const replaced = list[at]?.id === id ? 1 : 0
      if (record !== undefined) list.splice(at, replaced, record)
      else if (replaced > 0) list.splice(at, 1)
    }
    return list
  }

  #sorted(): readonly T[] {
    const list = this.#list.filter(({ id }) => !this.#changed.has(id))
    for (const record of this.#changed.values()) if (record !== undefined) list.push(record)
    return list.sort((a, b) => comparePathIds(a.id, b.id))
  }
}

/** The index of `id` in a list in the order of ids, or of the first id after it. */
export function placeOf(list: readonly { readonly id: PathId }[], id: PathId): number {
  let low = 0
  let high = list.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (comparePathIds(list[middle]!.id, id) < 0) low = middle + 1
    else high = middle
  }
  return low
}
