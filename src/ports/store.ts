// The store: where records live. Three implementations (memory, lmdb, zookeeper), one contract suite
// (tests/contracts/store.contract.ts). One commit is one transaction; when it resolves, its writes survive the loss
// of power.

import type { StoredRecord, TableName, Tables, Write } from '../core/records.ts'

export interface Store {
  /**
   * Takes the store for this process and starts a new epoch. Every later commit of an older epoch is refused, in the
   * transaction itself. Rejects with a StoreError of kind `in-use` when another process holds it.
   */
  open(): Promise<Epoch>
  /**
   * Every record, for loading at start: tables in the order of `tableNames`, keys in the order of their bytes. Of
   * `event-log` all keys, but only the last record is read: the others come with an empty text.
   */
  load(): AsyncIterable<StoredRecord>
  /** The record as the last commit left it, or an earlier one that this one has overtaken. Undefined: there is none. */
  read<T extends TableName>(table: T, key: string): Promise<Tables[T] | undefined>
  /**
   * Writes all or nothing, durably. Rejects with a StoreError. After a rejection the store accepts nothing any more:
   * a later commit would leave a hole where the rejected one was.
   */
  commit(writes: readonly Write[]): Promise<void>
  close(): Promise<void>
}

/** Counts the times a process took the store; the fencing token. */
export type Epoch = number

export type StoreErrorKind =
  /** Another process holds it. */
  | 'in-use'
  /** Another process took it over; this one may not write any more. */
  | 'fenced'
  /** No room left on the device. */
  | 'full'
  | 'io'
  /** What is stored cannot be read. The message names the table and the key. */
  | 'corrupt'
  /** Closed, not yet open, or an earlier commit failed. */
  | 'closed'
  /** A write no store can take: a key that is empty or too long. */
  | 'invalid'

export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly kind: StoreErrorKind
  constructor(kind: StoreErrorKind, message: string, options?: ErrorOptions) {
    super(message, options)
    this.kind = kind
  }
}
