// Work that comes in heaps and takes a millisecond each: done in order, a slice at a time, with room for everything
// else in between.

export class SliceQueue<T> {
  readonly #handle: (item: T) => void
  readonly #sliceMs: number
  #items: T[] = []
  #isScheduled = false
  #isClosed = false

  constructor(handle: (item: T) => void, sliceMs: number) {
    this.#handle = handle
    this.#sliceMs = sliceMs
  }

  push(item: T): void {
    if (this.#isClosed) return
    this.#items.push(item)
    this.#schedule()
  }

  /** Does what waits at once. */
  drain(): void {
    for (const item of this.#items.splice(0)) this.#handle(item)
  }

  /** What waits is forgotten. */
  close(): void {
    this.#isClosed = true
    this.#items = []
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      const until = performance.now() + this.#sliceMs
      let done = 0
      // One at least, however slow the machine is.
      while (done < this.#items.length && (done === 0 || performance.now() < until)) {
        this.#handle(this.#items[done++]!)
      }
      this.#items = this.#items.slice(done)
      if (this.#items.length > 0) this.#schedule()
    })
  }
}
