// A store that fails where it is told to: before a commit reaches the disk, or after it did but before anyone was told.
// Afterwards it is what a crashed process leaves behind: whatever the inner store holds.

import type { StoredRecord, TableName, Tables, Write } from '../../src/core/records.ts'
import { type Epoch, type Store, StoreError, type StoreErrorKind } from '../../src/ports/store.ts'

export interface Fault {
  /** The commit that fails, counted from 1. */
  readonly commit: number
  /** `before`: nothing was written. `after`: everything was, and the answer got lost. */
  readonly moment: 'before' | 'after'
  readonly kind: StoreErrorKind
}

export class FaultyStore implements Store {
  readonly #inner: Store
  readonly #fault: Fault
  #commits = 0
  #hasFailed = false

  constructor(inner: Store, fault: Fault) {
    this.#inner = inner
    this.#fault = fault
  }

  open(): Promise<Epoch> {
    return this.#inner.open()
  }

  load(): AsyncIterable<StoredRecord> {
    return this.#inner.load()
  }

  read<T extends TableName>(table: T, key: string): Promise<Tables[T] | undefined> {
    return this.#inner.read(table, key)
  }

  async commit(writes: readonly Write[]): Promise<void> {
    if (this.#hasFailed) throw new StoreError('closed', 'an earlier commit failed')
    this.#commits += 1
    const isDue = this.#commits === this.#fault.commit
    if (isDue) this.#hasFailed = true
    if (!isDue || this.#fault.moment === 'after') await this.#inner.commit(writes)
    if (isDue)
      throw new StoreError(this.#fault.kind, `made to fail ${this.#fault.moment} commit ${this.#commits}`)
  }

  close(): Promise<void> {
    return this.#inner.close()
  }
}
