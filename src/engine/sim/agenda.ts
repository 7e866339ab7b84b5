// The time of a simulated cluster, and what is to happen later. It moves when it is told to; nothing on it is ever
// crossed out: whoever has put something down looks, when it is due, whether it still means anything.

import { DeadlineHeap } from '../../lib/deadline-heap.ts'
import { after, type Duration, type Instant } from '../../lib/instant.ts'

export class Agenda {
  now = 0 as Instant
  readonly #due = new DeadlineHeap<() => void>()

  /** When something is due next. */
  get nextAt(): Instant | undefined {
    return this.#due.next
  }

  in(delay: Duration, act: () => void): void {
    this.#due.add(after(this.now, delay), act)
  }

  /** Does what is due. What that puts down for this same moment happens, too. */
  advance(now: Instant): void {
    this.now = now
    for (let act = this.#due.popDue(now); act !== undefined; act = this.#due.popDue(now)) act()
  }
}
