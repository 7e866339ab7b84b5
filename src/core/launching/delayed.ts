// Run specs that wait for the end of their delay (backoff.ts), by the moment it ends. So a step costs the ones whose
// time has come, and not all that are crashing.

import { DeadlineHeap } from '../../lib/deadline-heap.ts'
import type { Instant } from '../../lib/instant.ts'
import type { PathId } from '../../lib/path-id.ts'

interface Entry {
  readonly until: Instant
  /** Nothing of the run spec could be launched now: no other version of it waits for an offer. */
  readonly isAll: boolean
}

export class Delayed {
  readonly #entries = new Map<PathId, Entry>()
  /** Also moments that mean nothing any more; they are dropped when they come. */
  readonly #moments = new DeadlineHeap<PathId>()
  #all = 0

  /** Run specs of which everything that waits is delayed. */
  get size(): number {
    return this.#all
  }

  /** When to ask takeDue again. */
  get wakeAt(): Instant | undefined {
    return this.#moments.next
  }

  set(id: PathId, entry: Entry): void {
    const before = this.#entries.get(id)
    this.#all += (entry.isAll ? 1 : 0) - (before?.isAll ? 1 : 0)
    this.#entries.set(id, entry)
    if (before?.until !== entry.until) this.#moments.add(entry.until, id)
  }

  /** It waits for something else now, or for nothing. */
  delete(id: PathId): void {
    const before = this.#entries.get(id)
    if (before === undefined) return
    this.#entries.delete(id)
    if (before.isAll) this.#all--
  }

  /** Those whose delay was to end by now. It may have grown meanwhile; whoever asks looks again. */
  takeDue(now: Instant): PathId[] {
    const due: PathId[] = []
    for (let id = this.#moments.popDue(now); id !== undefined; id = this.#moments.popDue(now)) {
      const entry = this.#entries.get(id)
      if (entry === undefined || entry.until > now) continue
      this.delete(id)
      due.push(id)
    }
    return due
  }
}
