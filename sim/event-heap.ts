// What happens when, in virtual time. Things due at the same moment happen in the order they were added.

import type { Instant } from '../src/lib/instant.ts'

interface Entry {
  readonly at: Instant
  readonly order: number
  readonly run: () => void
}

export class EventHeap {
  readonly #entries: Entry[] = []
  #added = 0

  get nextAt(): Instant | undefined {
    return this.#entries[0]?.at
  }

  get size(): number {
    return this.#entries.length
  }

  add(at: Instant, run: () => void): void {
    const entries = this.#entries
    const entry: Entry = { at, order: this.#added++, run }
    let i = entries.length
    entries.push(entry)
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (!isBefore(entry, entries[parent]!)) break
      entries[i] = entries[parent]!
      i = parent
    }
    entries[i] = entry
  }

  pop(): Entry | undefined {
    const entries = this.#entries
    const first = entries[0]
    const last = entries.pop()
    if (last === undefined || last === first) return first
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= entries.length) break
      if (child + 1 < entries.length && isBefore(entries[child + 1]!, entries[child]!)) child++
      if (!isBefore(entries[child]!, last)) break
      entries[i] = entries[child]!
      i = child
    }
    entries[i] = last
    return first
  }
}

const isBefore = (a: Entry, b: Entry): boolean => a.at < b.at || (a.at === b.at && a.order < b.order)
