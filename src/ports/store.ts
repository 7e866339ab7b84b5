// The store: where records live. Three implementations (memory, lmdb, zookeeper), one contract suite
// (tests/contracts/store.contract.ts). One commit is one transaction; when it resolves, its writes survive the loss of power.

import type { StoredRecord, Write } from '../core/records.ts'

export interface Store {
  /**
   * Takes the store for this process and starts a new epoch. Every later commit of an older epoch is refused, in the
   * transaction itself. Rejects with a StoreError of kind `in-use` when another process holds it.
   */
  open(): Promise<Epoch>
  /** Every record, for loading at start. */
  load(): AsyncIterable<StoredRecord>
  /**
   * Writes all or nothing, durably. Rejects with a StoreError. After a rejection the store accepts nothing any more:
   * a later commit would leave a hole where the rejected one was.
   */
  commit(writes: readonly Write[]): Promise<void>
  close(): Promise<void>
}

/** Counts the times a process took the store; the fencing token. */
export type Epoch = number

export type StoreErrorKind = 'in-use' | 'fenced' | 'full' | 'io' | 'corrupt' | 'closed'

export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly kind: StoreErrorKind
  constructor(kind: StoreErrorKind, message: string, options?: ErrorOptions) {
    super(message, options)
    this.kind = kind
  }
}
