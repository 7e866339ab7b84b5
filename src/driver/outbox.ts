// What the core has decided and the world has not seen yet. Batches are committed and then released, strictly in the
// order they were added; batches that arrive while a commit is in flight go into the next commit together. After a
// failure nothing is committed or released any more.

import type { Ready } from '../core/ready.ts'
import type { Write } from '../core/records.ts'
import type { Store } from '../ports/store.ts'

export interface OutboxParts {
  readonly store: Pick<Store, 'commit'>
  /** Lets a batch out. Called when its writes are durable, and those of every batch before it. */
  readonly release: (ready: Ready) => void
  /** Called once, when a commit failed or a release threw. */
  readonly fail: (error: unknown) => void
  /** Called when what waited has gone into a commit, and when everything is out. */
  readonly progressed: () => void
}

export class Outbox {
  readonly #parts: OutboxParts
  #waiting: Ready[] = []
  #writesWaiting = 0
  #isFlushing = false
  #isClosed = false

  constructor(parts: OutboxParts) {
    this.#parts = parts
  }

  add(ready: Ready): void {
    if (this.#isClosed) return
    this.#waiting.push(ready)
    this.#writesWaiting += ready.writes.length
    if (!this.#isFlushing) void this.#flush()
  }

  /** Writes that wait for the commit in flight to end. */
  get writesWaiting(): number {
    return this.#writesWaiting
  }

  get isIdle(): boolean {
    return !this.#isFlushing
  }

  /** Nothing leaves after this, not even what is being committed now. */
  close(): void {
    this.#isClosed = true
    this.#waiting = []
  }

  async #flush(): Promise<void> {
    this.#isFlushing = true
    try {
      while (this.#waiting.length > 0) {
        const batches = this.#waiting
        this.#waiting = []
        this.#writesWaiting = 0
        this.#parts.progressed()
        const writes = mergeWrites(batches)
        // A batch without writes may rely on earlier ones, but those are out by now: it need not wait for the disk.
        if (writes.length > 0) await this.#parts.store.commit(writes)
        for (const batch of batches) {
          if (this.#isClosed) return
          this.#parts.release(batch)
        }
      }
    } catch (error) {
      this.close()
      this.#parts.fail(error)
      return
    } finally {
      this.#isFlushing = false
    }
    this.#parts.progressed()
  }
}

/** The writes of all batches, of each record only the last one. */
function mergeWrites(batches: readonly Ready[]): readonly Write[] {
  const [first] = batches
  if (first !== undefined && batches.length === 1) return first.writes
  const latest = new Map<string, Write>()
  for (const batch of batches)
    for (const write of batch.writes) latest.set(`${write.table} ${write.key}`, write)
  return [...latest.values()]
}
