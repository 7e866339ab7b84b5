// RecordIO, the framing of the event stream: the length of each record in decimal digits, a line feed, and as many
// bytes. Chunks end anywhere, also within the length or within a character; what is returned are whole records.

import { mesosLimits } from './limits.ts'

/** What came is no RecordIO, or a record is longer than we take. Nothing after it can be read. */
export class RecordError extends Error {
  override readonly name = 'RecordError'
}

const lineFeed = 10
const zero = 48
const nine = 57

export class RecordReader {
  readonly #maxBytes: number
  /** Of the length being read. */
  #digits = 0
  #length = 0
  /** Bytes of the record being read, and how many are missing; undefined while a length is being read. */
  #missing: number | undefined
  #pieces: Uint8Array[] = []

  constructor(maxBytes: number = mesosLimits.recordBytes) {
    this.#maxBytes = maxBytes
  }

  /** Whether the stream would end within a record if it ended now. */
  get isWithinRecord(): boolean {
    return this.#missing !== undefined || this.#digits > 0
  }

  /**
   * The records this chunk completes, in order, also those before what cannot be read. They may share memory with it.
   * @throws RecordError
   */
  *push(chunk: Uint8Array): Generator<Uint8Array> {
    let at = 0
    while (at < chunk.length) {
      if (this.#missing === undefined) {
        at = this.#readLength(chunk, at)
        // A record without content is complete with its length.
        if (this.#missing !== 0) continue
      }
      const taken = chunk.subarray(at, at + this.#missing!)
      at += taken.length
      this.#missing! -= taken.length
      this.#pieces.push(taken)
      if (this.#missing === 0) yield this.#take()
    }
  }

  /** Reads digits from `at` on; returns where it stopped. */
  #readLength(chunk: Uint8Array, at: number): number {
    for (let i = at; i < chunk.length; i++) {
      const byte = chunk[i]!
      if (byte === lineFeed && this.#digits > 0) {
        this.#missing = this.#length
        return i + 1
      }
      if (byte < zero || byte > nine) throw notALength(chunk, i)
      this.#digits += 1
      this.#length = this.#length * 10 + byte - zero
      if (this.#digits > mesosLimits.recordLengthDigits) {
        throw new RecordError(
          `the length of a record has more than ${mesosLimits.recordLengthDigits} digits; expected a line feed after them`,
        )
      }
      if (this.#length > this.#maxBytes) {
        throw new RecordError(
          `a record has ${this.#length} bytes or more; expected ${this.#maxBytes} at most`,
        )
      }
    }
    return chunk.length
  }

  #take(): Uint8Array {
    const record = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces)
    this.#pieces = []
    this.#digits = 0
    this.#length = 0
    this.#missing = undefined
    return record
  }
}

function notALength(chunk: Uint8Array, at: number): RecordError {
  const shown = JSON.stringify(Buffer.from(chunk.subarray(at, at + 40)).toString('latin1'))
  return new RecordError(`the length of a record goes on with ${shown}; expected digits and a line feed`)
}
