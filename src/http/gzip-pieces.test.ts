import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GzipSum, gzipHead, gzipPiece, storedPiece } from './gzip-pieces.ts'

async function zipped(pieces: readonly Buffer[]): Promise<Buffer> {
  const sum = new GzipSum()
  const parts: Buffer[] = [gzipHead]
  for (const bytes of pieces) {
    const piece = bytes.length < 10 ? storedPiece(bytes.toString()) : await gzipPiece(bytes)
    sum.add(piece)
    parts.push(piece.deflated)
  }
  return Buffer.concat([...parts, sum.end()])
}

describe('gzip in pieces', () => {
  it('is one stream with the checksum of the whole, whatever the pieces are', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 2_000 }).map((value) => Buffer.from(value))
    await fc.assert(
      fc.asyncProperty(fc.array(text, { maxLength: 12 }), async (pieces) => {
        // Refuses a stream whose checksum or length is wrong, and anything after its end.
        expect(gunzipSync(await zipped(pieces))).toEqual(Buffer.concat(pieces))
      }),
      { numRuns: 60 },
    )
  })

  it('holds for pieces of a megabyte', async () => {
    const pieces = [1, 2, 3].map((n) => Buffer.alloc(1_048_573 + n, `${n} and more, `))
    const bytes = await zipped([Buffer.from('['), ...pieces, Buffer.from(']')])
    expect(gunzipSync(bytes).equals(Buffer.concat([Buffer.from('['), ...pieces, Buffer.from(']')]))).toBe(
      true,
    )
  })
})
