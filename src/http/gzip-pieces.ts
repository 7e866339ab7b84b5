// gzip of answers that are put together from pieces, each compressed once and kept: a list of ten thousand apps of
// which one has changed costs the compression of the piece that one is in. Every piece is a run of deflate blocks that
// ends on a byte and looks back at nothing before it (RFC 1951, RFC 1952), so pieces in a row are one stream, of which
// only the checksum has to be worked out.

import { promisify } from 'node:util'
import zlib from 'node:zlib'

export interface GzipPiece {
  readonly deflated: Buffer
  /** Of what it holds, uncompressed. */
  readonly crc: number
  readonly length: number
}

const deflateRaw = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.deflateRaw)
/** The last block stays open and the output ends on a byte. */
const options: zlib.ZlibOptions = { finishFlush: zlib.constants.Z_FULL_FLUSH }

/** Off the event loop. */
export async function gzipPiece(bytes: Buffer): Promise<GzipPiece> {
  return { deflated: await deflateRaw(bytes, options), crc: zlib.crc32(bytes), length: bytes.length }
}

/** A few bytes as they are, in a stored block. */
export function storedPiece(text: string): GzipPiece {
  const bytes = Buffer.from(text)
  const head = Buffer.alloc(5)
  head.writeUInt16LE(bytes.length, 1)
  head.writeUInt16LE(~bytes.length & 0xffff, 3)
  return { deflated: Buffer.concat([head, bytes]), crc: zlib.crc32(bytes), length: bytes.length }
}

/** No name, no time, an unknown system. */
export const gzipHead = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff])
/** A last block with nothing in it. */
const lastBlock = Buffer.from([3, 0])

/** Counts what goes by and ends the stream. */
export class GzipSum {
  #crc = 0
  #length = 0

  add(piece: GzipPiece): void {
    this.#crc = combinedCrc(this.#crc, piece.crc, piece.length)
    this.#length += piece.length
  }

  end(): Buffer {
    const tail = Buffer.alloc(8)
    tail.writeUInt32LE(this.#crc, 0)
    tail.writeUInt32LE(this.#length >>> 0, 4)
    return Buffer.concat([lastBlock, tail])
  }
}

// CRC-32 reads bytes as a polynomial over two elements, lowest power in the highest bit, and keeps the remainder by
// this one. Appending n bytes multiplies what came before by x^8n.
const polynomial = 0xedb88320
const one = 0x80000000

/** The checksum of two runs of bytes, one after the other. */
const combinedCrc = (first: number, second: number, secondLength: number): number =>
  (product(first, powerOfX(secondLength * 8)) ^ second) >>> 0

function product(a: number, b: number): number {
  let sum = 0
  let factor = b
  for (let bit = one; bit !== 0; bit >>>= 1) {
    if ((a & bit) !== 0) sum ^= factor
    factor = (factor & 1) === 0 ? factor >>> 1 : (factor >>> 1) ^ polynomial
  }
  return sum >>> 0
}

/** x^(2^n) for n from 0. */
const squares: readonly number[] = squaresOf(one >>> 1, 48)

function squaresOf(first: number, count: number): number[] {
  const squares = [first]
  while (squares.length < count) squares.push(product(squares.at(-1)!, squares.at(-1)!))
  return squares
}

function powerOfX(exponent: number): number {
  let power = one
  for (let n = 0, left = exponent; left > 0; n++, left = Math.floor(left / 2)) {
    if (left % 2 === 1) power = product(power, squares[n]!)
  }
  return power
}
