// Room for encoded records in large pieces: what is written beside each other shares one. A buffer for each record, or
// for each eight kilobytes of them, costs more than what is put into it.

import { Buffer } from 'node:buffer'
import { encodingOf, prefixBytes } from './record.ts'

const slabBytes = 1024 * 1024
/** A character of a text takes three bytes at most in UTF-8; pairs take four together. */
const bytesPerChar = 3

/** Pieces kept for the next commit; more than that are left to the collector. */
const keptSlabs = 16

export class Slab {
  #bytes = Buffer.alloc(0)
  #used = 0
  /** Those of this commit, and those of earlier ones that are free again. */
  #full: Buffer<ArrayBuffer>[] = []
  #free: Buffer<ArrayBuffer>[] = []

  /** Nobody reads what was encoded so far any more: its room is used again. */
  reuse(): void {
    for (const bytes of this.#full) if (this.#free.length < keptSlabs) this.#free.push(bytes)
    this.#full = []
    this.#used = 0
  }

  /** The bytes of a record, as in `encodeRecord`. They stay what they are until `reuse`. */
  encode(value: object | string): Uint8Array {
    const { format, text } = encodingOf(value)
    const most = prefixBytes + text.length * bytesPerChar
    if (most > this.#bytes.length - this.#used) {
      if (this.#bytes.length === slabBytes) this.#full.push(this.#bytes)
      this.#bytes =
        (most <= slabBytes ? this.#free.pop() : undefined) ??
        Buffer.allocUnsafeSlow(Math.max(slabBytes, most))
      this.#used = 0
    }
    const start = this.#used
    this.#bytes[start] = format
    this.#used += prefixBytes + this.#bytes.write(text, start + prefixBytes)
    return this.#bytes.subarray(start, this.#used)
  }
}
