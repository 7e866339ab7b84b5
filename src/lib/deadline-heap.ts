// A binary heap of deadlines. Entries are never removed early: whoever pops one checks whether it still means
// anything. That keeps setting a deadline cheap, and forgetting one free.

import type { Instant } from './instant.ts'

export class DeadlineHeap<K> {
  readonly #at: Instant[] = []
  readonly #keys: K[] = []

  get size(): number {
    return this.#at.length
  }

  /** The earliest deadline, or undefined when there is none. */
  get next(): Instant | undefined {
    return this.#at[0]
  }

  add(at: Instant, key: K): void {
    let i = this.#at.length
    this.#at.push(at)
    this.#keys.push(key)
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (this.#at[parent]! <= at) break
      this.#at[i] = this.#at[parent]!
      this.#keys[i] = this.#keys[parent]!
      i = parent
    }
    this.#at[i] = at
    this.#keys[i] = key
  }

  /** Takes the earliest entry whose deadline is at or before `now`. */
  popDue(now: Instant): K | undefined {
    const first = this.#at[0]
    if (first === undefined || first > now) return undefined
    const key = this.#keys[0]!
    const at = this.#at.pop()!
    const last = this.#keys.pop()!
    const size = this.#at.length
    if (size > 0) this.#sink(at, last, size)
    return key
  }

  #sink(at: Instant, key: K, size: number): void {
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= size) break
      if (child + 1 < size && this.#at[child + 1]! < this.#at[child]!) child++
      if (this.#at[child]! >= at) break
      this.#at[i] = this.#at[child]!
      this.#keys[i] = this.#keys[child]!
      i = child
    }
    this.#at[i] = at
    this.#keys[i] = key
  }
}
