// Lists that are asked for again and again: kept in pages of bytes (list-pages.ts), and in compressed ones beside them
// (gzip-pieces.ts). All that is kept has one limit; of the lists the one asked for longest ago goes first.

import { randomBytes } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { View } from '../core/view.ts'
import { limits } from '../lib/limits.ts'
import type { Answer, Content } from './answer.ts'
import { type GzipPiece, GzipSum, gzipHead, gzipPiece, storedPiece } from './gzip-pieces.ts'
import { type Item, ListPages, type ListSource, type Page } from './list-pages.ts'
import { acceptsGzip } from './negotiation.ts'
import type { Exchange } from './resource.ts'
import { itemsText, slices } from './stream-json.ts'

export interface KeptList<T extends Item> {
  readonly view: ListSource
  /** Which list, and how it is shown: two of one name are equal at the same revision of the view. */
  readonly name: string
  readonly type: 'application/json' | 'text/plain'
  readonly head: string
  /** In the order of their ids. */
  readonly items: readonly T[]
  /** In pieces where it is long, so that it is neither made in one go nor kept. Empty: the item is left out. */
  readonly render: (item: T) => string | Iterable<string>
  readonly separator: '' | ','
  readonly tail: string
}

export class KeptLists {
  /** The one asked for last is the last. */
  readonly #lists = new Map<string, ListPages<Item>>()
  readonly #compresses: boolean
  #keptBytes = 0
  /** Revisions count from the start of a process: those of another one are not ours. */
  readonly #process = randomBytes(6).toString('base64url')

  constructor(options: { readonly compress: boolean }) {
    this.#compresses = options.compress
  }

  /** The second part of an entity tag of what follows from the view alone. */
  revisionTag(view: Pick<View, 'revision'>): string {
    return `${this.#process}.${view.revision.toString(36)}`
  }

  /** The tag of a list that leaves in slices, of whose bytes none can be made; of the others there need be none. */
  tagOf(view: Pick<View, 'revision'>, content: Content): { readonly tag?: string } {
    return content instanceof Uint8Array ? {} : { tag: this.revisionTag(view) }
  }

  answer<T extends Item>(exchange: Exchange, list: KeptList<T>): Answer {
    const isZipped = this.#compresses && acceptsGzip(exchange.request.headers['accept-encoding'])
    return {
      kind: 'bytes',
      status: 200,
      type: list.type,
      headers: {
        ...(this.#compresses && { vary: 'accept-encoding' }),
        ...(isZipped && { 'content-encoding': 'gzip' }),
      },
      tag: tagOfList(list, this.revisionTag(list.view)),
      content: () => this.content(list, isZipped),
    }
  }

  /** What is kept now, for tests and tools. */
  get keptBytes(): number {
    return this.#keptBytes
  }

  content<T extends Item>(list: KeptList<T>, isZipped: boolean): Content {
    const pages = this.#pagesOf(list)
    let missing = 0
    for (const page of pages) {
      if (page.bytes === undefined && missing++ < limits.listPagesPerTurn) this.#make(list, page)
    }
    return isZipped ? this.#zipped(list, pages) : this.#plain(list, pages)
  }

  #pagesOf<T extends Item>(list: KeptList<T>): readonly Page<T>[] {
    const known = (this.#lists.get(list.name) ?? new ListPages<Item>()) as unknown as ListPages<T>
    const pages = known.upToDate(list.view, list.items)
    this.#lists.delete(list.name)
    this.#lists.set(list.name, known as unknown as ListPages<Item>)
    this.#keptBytes = 0
    for (const one of this.#lists.values()) for (const page of one.pages) this.#keptBytes += sizeOf(page)
    return pages
  }

  /** The bytes of a page, kept if they fit in one slice and there is room for them. */
  #make<T extends Item>(list: KeptList<T>, page: Page<T>): Iterable<Buffer> {
    const made = slicesOf(list, page)
    const bytes = made.next().value ?? noBytes
    const second = made.next()
    if (!second.done) return chain([bytes, second.value], made)
    if (this.#hasRoom(list.name, bytes.length)) page.bytes = bytes
    return [bytes]
  }

  /** Makes room, if need be, by forgetting other lists. */
  #hasRoom(name: string, bytes: number): boolean {
    for (const [other, { pages }] of this.#lists) {
      if (this.#keptBytes + bytes <= limits.keptListBytes) break
      if (other === name) continue
      this.#lists.delete(other)
      for (const page of pages) this.#keptBytes -= sizeOf(page)
    }
    if (this.#keptBytes + bytes > limits.keptListBytes) return false
    this.#keptBytes += bytes
    return true
  }

  #plain<T extends Item>(list: KeptList<T>, pages: readonly Page<T>[]): Content {
    const known = pages.flatMap(({ bytes }) => bytes ?? [])
    if (known.length < pages.length) return this.#plainSlices(list, pages)
    const shown = known.filter((bytes) => bytes.length > 0)
    shown[0] = shown[0]?.subarray(list.separator.length) ?? noBytes
    return [Buffer.from(list.head), ...shown, Buffer.from(list.tail)]
  }

  async *#plainSlices<T extends Item>(list: KeptList<T>, pages: readonly Page<T>[]): AsyncGenerator<Buffer> {
    yield Buffer.from(list.head)
    let isFirst = true
    for (const page of pages) {
      for (const bytes of page.bytes === undefined ? this.#make(list, page) : [page.bytes]) {
        if (bytes.length === 0) continue
        yield isFirst ? bytes.subarray(list.separator.length) : bytes
        isFirst = false
      }
      await nextTurn()
    }
    yield Buffer.from(list.tail)
  }

  #zipped<T extends Item>(list: KeptList<T>, pages: readonly Page<T>[]): Content {
    const known = pages.flatMap(({ gzip }) => gzip ?? [])
    if (known.length < pages.length) return this.#zippedSlices(list, pages)
    const zip = new Zip(list)
    // In this order: each adds to the checksum of the last.
    return Buffer.concat([zip.head(), ...known.map((piece) => zip.page(piece)), zip.tail()])
  }

  async *#zippedSlices<T extends Item>(list: KeptList<T>, pages: readonly Page<T>[]): AsyncGenerator<Buffer> {
    const zip = new Zip(list)
    yield zip.head()
    for (const page of pages) {
      if (page.gzip !== undefined) yield zip.page(page.gzip)
      else if (page.bytes !== undefined) yield zip.page(await this.#zipWhole(list, page, page.bytes))
      else {
        let isStart = true
        for (const bytes of this.#make(list, page)) {
          if (page.bytes !== undefined) yield zip.page(await this.#zipWhole(list, page, bytes))
          else if (isStart) yield zip.page(await gzipPiece(bytes.subarray(list.separator.length)))
          else yield zip.more(await gzipPiece(bytes))
          isStart = false
        }
      }
    }
    yield zip.tail()
  }

  async #zipWhole<T extends Item>(list: KeptList<T>, page: Page<T>, bytes: Buffer): Promise<GzipPiece> {
    const gzip = await gzipPiece(bytes.subarray(list.separator.length))
    if (page.gzip === undefined && this.#hasRoom(list.name, gzip.deflated.length)) page.gzip = gzip
    return gzip
  }
}

/** Begins with the version of the root, which changes of several definitions compare. */
const tagOfList = ({ view, type }: Pick<KeptList<Item>, 'view' | 'type'>, revision: string): string =>
  `${view.rootVersion}.${revision}${type === 'text/plain' ? '.text' : ''}`

const noBytes = Buffer.alloc(0)

const sizeOf = <T extends Item>({ bytes, gzip }: Page<T>): number =>
  (bytes?.length ?? 0) + (gzip?.deflated.length ?? 0)

function* chain<T>(first: Iterable<T>, rest: Iterable<T>): Generator<T> {
  yield* first
  yield* rest
}

/** A page in slices, with a separator before every item, also the first one. */
const slicesOf = <T extends Item>(
  { render, separator }: KeptList<T>,
  page: Page<T>,
): Generator<Buffer, undefined> => slices(itemsText({ items: page.items, render }, separator, separator))

/** The gzip stream of one list. */
class Zip {
  readonly #sum = new GzipSum()
  readonly #separator: GzipPiece
  readonly #head: GzipPiece
  readonly #tail: GzipPiece
  #isEmpty = true

  constructor({ head, separator, tail }: Pick<KeptList<Item>, 'head' | 'separator' | 'tail'>) {
    this.#head = storedPiece(head)
    this.#separator = storedPiece(separator)
    this.#tail = storedPiece(tail)
  }

  head(): Buffer {
    return Buffer.concat([gzipHead, this.more(this.#head)])
  }

  /** Items that come after a separator, unless they are the first. */
  page(piece: GzipPiece): Buffer {
    if (piece.length === 0) return noBytes
    const separator = this.#isEmpty || this.#separator.length === 0 ? noBytes : this.more(this.#separator)
    this.#isEmpty = false
    return Buffer.concat([separator, this.more(piece)])
  }

  more(piece: GzipPiece): Buffer {
    this.#sum.add(piece)
    return piece.deflated
  }

  tail(): Buffer {
    return Buffer.concat([this.more(this.#tail), this.#sum.end()])
  }
}
