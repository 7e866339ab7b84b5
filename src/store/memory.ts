// The store without a disk, for tests: same contract, same encoding, same refusals. What would survive the process is a
// MemoryDisk; a restart is a new MemoryStore on the same disk.

import { Buffer } from 'node:buffer'
import { type StoredRecord, type TableName, type Tables, tableNames, type Write } from '../core/records.ts'
import { type Epoch, type Store, StoreError } from '../ports/store.ts'
import { checkPlain } from './codec/plain.ts'
import { decodeRecord, encodeRecord } from './codec/record.ts'
import { encodeKey } from './key.ts'

export interface MemoryDisk {
  epoch: Epoch
  /** The store that has it open. Cleared by hand, it is what a lost lock is on a real disk. */
  holder: MemoryStore | undefined
  readonly tables: ReadonlyMap<TableName, Map<string, Uint8Array>>
}

export function createMemoryDisk(): MemoryDisk {
  return { epoch: 0, holder: undefined, tables: new Map(tableNames.map((name) => [name, new Map()])) }
}

export class MemoryStore implements Store {
  readonly #disk: MemoryDisk
  #epoch: Epoch | undefined
  #failure: StoreError | undefined

  constructor(disk: MemoryDisk = createMemoryDisk()) {
    this.#disk = disk
  }

  async open(): Promise<Epoch> {
    if (this.#disk.holder !== undefined)
      throw new StoreError('in-use', 'the store is held by another MemoryStore')
    this.#disk.holder = this
    this.#disk.epoch += 1
    this.#epoch = this.#disk.epoch
    return this.#epoch
  }

  async *load(): AsyncIterable<StoredRecord> {
    this.#requireOpen()
    for (const [table, records] of this.#disk.tables) {
      const keys = [...records.keys()].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      for (const key of keys) {
        if (table === 'event-log' && key !== keys.at(-1)) yield { table, key, value: '' }
        else yield decodeRecord(table, key, records.get(key) ?? new Uint8Array())
      }
    }
  }

  async read<T extends TableName>(table: T, key: string): Promise<Tables[T] | undefined> {
    this.#requireOpen()
    const bytes = this.#disk.tables.get(table)?.get(key)
    return bytes === undefined ? undefined : (decodeRecord(table, key, bytes).value as Tables[T])
  }

  async commit(writes: readonly Write[]): Promise<void> {
    this.#requireOpen()
    try {
      this.#write(writes)
    } catch (error) {
      this.#failure = new StoreError('closed', 'an earlier commit failed', { cause: error })
      throw error
    }
  }

  async close(): Promise<void> {
    if (this.#disk.holder === this) this.#disk.holder = undefined
    this.#epoch = undefined
  }

  #write(writes: readonly Write[]): void {
    if (this.#epoch !== this.#disk.epoch) {
      throw new StoreError(
        'fenced',
        `epoch ${this.#epoch} has ended, the store is in epoch ${this.#disk.epoch}`,
      )
    }
    const encoded = writes.map((write) => {
      encodeKey(write.table, write.key)
      if (write.kind === 'delete') return undefined
      checkPlain(write.value, `${write.table}/${write.key}`)
      return encodeRecord(write.value)
    })
    for (const [index, write] of writes.entries()) {
      const bytes = encoded[index]
      const records = this.#disk.tables.get(write.table)
      if (bytes === undefined) records?.delete(write.key)
      else records?.set(write.key, bytes)
    }
  }

  #requireOpen(): void {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#epoch === undefined) throw new StoreError('closed', 'the store is not open')
  }
}
