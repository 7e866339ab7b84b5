// A list in pages: runs of its items in the order of their ids, each rendered when somebody asks for it and kept as
// long as nothing in it changes. What changed the view names; a list of ten thousand apps of which one is another has
// one page to make anew.

import { placeOf } from '../core/sorted-by-id.ts'
import type { View } from '../core/view.ts'
import { limits } from '../lib/limits.ts'
import type { PathId } from '../lib/path-id.ts'
import type { GzipPiece } from './gzip-pieces.ts'

export interface Item {
  readonly id: PathId
}

export interface Page<T extends Item> {
  readonly items: readonly T[]
  /** With the separator before every item. Absent: not made yet, or not kept. */
  bytes?: Buffer
  /** Without the separator at the front. */
  gzip?: GzipPiece
}

/** What of the view a list rests on. */
export type ListSource = Pick<View, 'rootVersion' | 'revision' | 'changedSince' | 'instancesOf'>

export class ListPages<T extends Item> {
  #revision = -1
  #pages: readonly Page<T>[] = []

  /** As they were when last brought up to date. */
  get pages(): readonly Page<T>[] {
    return this.#pages
  }

  /** The pages as the view has the items now; the same array when nothing of them changed. */
  upToDate(view: ListSource, items: readonly T[]): readonly Page<T>[] {
    if (view.revision === this.#revision) return this.#pages
    const changed = this.#revision < 0 ? undefined : view.changedSince(this.#revision)
    this.#revision = view.revision
    if (changed === undefined || this.#pages.length === 0 || changed.size > items.length) {
      this.#pages = paginate(view, items)
    } else this.#refresh(view, items, changed)
    return this.#pages
  }

  #refresh(view: ListSource, items: readonly T[], changed: ReadonlySet<PathId>): void {
    const firsts = this.#pages.map((page) => page.items[0]!)
    const stale = this.#stalePages(items, changed, firsts)
    if (stale.size === 0) return
    const pages = this.#pages.flatMap((page, at) => {
      if (!stale.has(at)) return [page]
      const next = firsts[at + 1]
      const from = at === 0 ? 0 : placeOf(items, firsts[at]!.id)
      const to = next === undefined ? items.length : placeOf(items, next.id)
      return repaginate(view, items.slice(from, to))
    })
    this.#pages = areSmall(view, items, pages.length) ? paginate(view, items) : pages
  }

  /** The indexes of pages that show something that changed, or shall. */
  #stalePages(items: readonly T[], changed: ReadonlySet<PathId>, firsts: readonly T[]): ReadonlySet<number> {
    const stale = new Set<number>()
    for (const id of changed) {
      // A page reaches up to the next one, and the first takes what comes before it.
      const place = placeOf(firsts, id)
      const at = firsts[place]?.id === id ? place : Math.max(0, place - 1)
      if (stale.has(at)) continue
      const isShown = this.#pages[at]!.items.some((item) => item.id === id)
      if (isShown || items[placeOf(items, id)]?.id === id) stale.add(at)
    }
    return stale
  }
}

/** What an item takes of a page. */
const weightOf = (view: ListSource, item: Item): number => 1 + view.instancesOf(item.id).length

function paginate<T extends Item>(view: ListSource, items: readonly T[]): Page<T>[] {
  const pages: Page<T>[] = []
  let from = 0
  let weight = 0
  items.forEach((item, at) => {
    weight += weightOf(view, item)
    if (weight < limits.listPageWeight && at < items.length - 1) return
    pages.push({ items: items.slice(from, at + 1) })
    from = at + 1
    weight = 0
  })
  return pages
}

/** Where much was removed pages get small: by what is on them, since one item may weigh as much as a page. */
function areSmall(view: ListSource, items: readonly Item[], pages: number): boolean {
  const least = (pages * limits.listPageWeight) / 8
  // Adding up all weights takes longer than to see that the items alone weigh enough.
  if (pages <= 8 || items.length >= least) return false
  return items.reduce((sum, item) => sum + weightOf(view, item), 0) < least
}

/** A page may grow to twice its size before it is cut, so that items which come one by one make no tiny pages. */
function repaginate<T extends Item>(view: ListSource, items: readonly T[]): Page<T>[] {
  const weight = items.reduce((sum, item) => sum + weightOf(view, item), 0)
  if (weight > 2 * limits.listPageWeight) return paginate(view, items)
  return items.length === 0 ? [] : [{ items }]
}
