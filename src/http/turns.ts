// Work that takes its time on the thread everything shares: whoever has some waits for a turn of the event loop that is
// nobody else's among those who wait here, so that other work gets its turns in between. Who comes first goes first.

import { setImmediate as nextTurn } from 'node:timers/promises'

export class Turns {
  readonly #most: number
  #waiting = 0
  #last: Promise<void> = Promise.resolve()

  constructor(most: number) {
    this.#most = most
  }

  /** Resolves in a turn of the caller's own; undefined: as many wait as may. */
  next(): Promise<void> | undefined {
    if (this.#waiting >= this.#most) return undefined
    this.#waiting++
    this.#last = this.#last.then(async () => {
      await nextTurn()
      this.#waiting--
    })
    return this.#last
  }
}
