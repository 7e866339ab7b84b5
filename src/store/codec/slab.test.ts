import { expect, test } from 'vitest'
import { decodeRecord } from './record.ts'
import { Slab } from './slab.ts'

const big = (n: number): string => String(n).repeat(300_000)
const read = (bytes: Uint8Array): unknown => decodeRecord('event-log', 'k', bytes).value

test('what is encoded stays what it is, over several pieces, until its room is used again', () => {
  const slab = new Slab()
  for (let commit = 0; commit < 5; commit++) {
    const texts = [1, 2, 3, 4].map((n) => big(n + commit))
    const encoded = texts.map((text) => slab.encode(text))
    expect(encoded.map(read)).toEqual(texts)
    slab.reuse()
  }
})

test('room that is free again is used before more is taken', () => {
  const slab = new Slab()
  const pieces = (): ReadonlySet<unknown> => new Set([1, 2, 3].map((n) => slab.encode(big(n)).buffer))
  const before = pieces()
  slab.reuse()
  expect([...pieces()].filter((piece) => !before.has(piece))).toEqual([])
})
