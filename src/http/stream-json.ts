// Long lists leave in slices, with a turn of the event loop between two of them, so that rendering a hundred thousand
// tasks delays nobody else. A short list is one piece, with a Content-Length.

import { setImmediate as nextTurn } from 'node:timers/promises'
import { limits } from '../lib/limits.ts'

export interface ListItems<T> {
  readonly items: Iterable<T>
  /** Of one item, in pieces where it is long; an empty one is left out. */
  readonly render: (item: T) => string | Iterable<string>
}

export interface JsonList<T> extends ListItems<T> {
  /** What comes before the first item, such as `{"apps":[`. */
  readonly head: string
  readonly tail: string
}

export function renderJsonList<T>(list: JsonList<T>): Buffer | AsyncIterable<Buffer> {
  return inSlices(listText(list, ','))
}

/** The same for lines of text, which need nothing between them. */
export function renderTextList<T>(
  items: Iterable<T>,
  render: (item: T) => string,
): Buffer | AsyncIterable<Buffer> {
  return inSlices(listText({ head: '', items, render, tail: '' }, ''))
}

function* listText<T>(list: JsonList<T>, separator: string): Generator<string> {
  yield list.head
  yield* itemsText(list, '', separator)
  yield list.tail
}

/** The items with separators between them. `first` comes before the first one. */
export function* itemsText<T>(
  { items, render }: ListItems<T>,
  first: string,
  separator: string,
): Generator<string> {
  let before = first
  for (const item of items) {
    const text = render(item)
    for (const piece of typeof text === 'string' ? [text] : text) {
      if (piece === '') continue
      if (before !== '') yield before
      yield piece
      before = ''
    }
    // Of an item that was left out the separator stays for the next one.
    if (before === '') before = separator
  }
}

/** Bytes of about `limits.listSliceBytes` each. */
export function* slices(text: Iterable<string>): Generator<Buffer, undefined> {
  let parts: string[] = []
  let size = 0
  for (const part of text) {
    parts.push(part)
    size += part.length
    if (size < limits.listSliceBytes) continue
    yield Buffer.from(parts.join(''))
    parts = []
    size = 0
  }
  if (size > 0) yield Buffer.from(parts.join(''))
}

function inSlices(text: Iterable<string>): Buffer | AsyncIterable<Buffer> {
  const all = slices(text)
  const first = all.next()
  const second = all.next()
  if (second.done) return first.value ?? Buffer.alloc(0)
  return rest(first.value!, second.value, all)
}

async function* rest(first: Buffer, second: Buffer, others: Iterable<Buffer>): AsyncGenerator<Buffer> {
  yield first
  await nextTurn()
  yield second
  for (const slice of others) {
    await nextTurn()
    yield slice
  }
}
