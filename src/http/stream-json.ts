// Long lists leave in slices, with a turn of the event loop between two of them, so that rendering a hundred thousand
// tasks delays nobody else. A short list is one piece, with a Content-Length.

import { setImmediate as nextTurn } from 'node:timers/promises'
import { limits } from '../lib/limits.ts'

export interface JsonList<T> {
  /** What comes before the first item, such as `{"apps":[`. */
  readonly head: string
  readonly items: Iterable<T>
  /** The JSON of one item; an empty one is left out. */
  readonly render: (item: T) => string | Buffer
  readonly tail: string
}

export function renderJsonList<T>(list: JsonList<T>): Buffer | AsyncIterable<Buffer> {
  return inSlices(list, ',')
}

/** The same for lines of text, which need nothing between them. */
export function renderTextList<T>(
  items: Iterable<T>,
  render: (item: T) => string,
): Buffer | AsyncIterable<Buffer> {
  return inSlices({ head: '', items, render, tail: '' }, '')
}

function inSlices<T>(list: JsonList<T>, separator: string): Buffer | AsyncIterable<Buffer> {
  const writer = new SliceWriter(list, separator)
  const first = writer.next()
  return writer.isDone ? first : rest(first, writer)
}

async function* rest<T>(first: Buffer, writer: SliceWriter<T>): AsyncGenerator<Buffer> {
  yield first
  while (!writer.isDone) {
    await nextTurn()
    yield writer.next()
  }
}

class SliceWriter<T> {
  readonly #list: JsonList<T>
  readonly #separator: string
  readonly #iterator: Iterator<T>
  #isFirst = true
  #hasHead = false
  isDone = false

  constructor(list: JsonList<T>, separator: string) {
    this.#list = list
    this.#separator = separator
    this.#iterator = list.items[Symbol.iterator]()
  }

  next(): Buffer {
    const parts: (string | Buffer)[] = []
    if (!this.#hasHead) parts.push(this.#list.head)
    this.#hasHead = true
    let size = 0
    while (size < limits.listSliceBytes) {
      const next = this.#iterator.next()
      if (next.done) {
        parts.push(this.#list.tail)
        this.isDone = true
        break
      }
      const item = this.#list.render(next.value)
      if (item.length === 0) continue
      if (!this.#isFirst && this.#separator !== '') parts.push(this.#separator)
      this.#isFirst = false
      parts.push(item)
      size += item.length
    }
    return join(parts)
  }
}

const separatorBytes = Buffer.from(',')

function join(parts: readonly (string | Buffer)[]): Buffer {
  if (parts.every((part) => typeof part === 'string')) return Buffer.from(parts.join(''))
  return Buffer.concat(
    parts.map((part) =>
      typeof part !== 'string' ? part : part === ',' ? separatorBytes : Buffer.from(part),
    ),
  )
}
