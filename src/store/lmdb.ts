// The embedded store: one LMDB environment in `<data dir>/store`, one named database per table. A commit is one
// transaction in LMDB's default, fully synchronous mode: pages written, fdatasync, then the meta page through a
// descriptor opened with O_DSYNC. Only after that does the promise resolve (docs/internals/storage.md, the order
// proved by tests/system/store-durability.test.ts).

import { Buffer } from 'node:buffer'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Database, open, type RootDatabase } from 'lmdb'
import { type StoredRecord, type TableName, type Tables, tableNames, type Write } from '../core/records.ts'
import { assert } from '../lib/assert.ts'
import { limits } from '../lib/limits.ts'
import { type Epoch, type Store, StoreError } from '../ports/store.ts'
import { decodeRecord, encodeRecord } from './codec/record.ts'
import { Slab } from './codec/slab.ts'
import { type DataDirLock, lockDataDir } from './data-dir-lock.ts'
import { encodeKey } from './key.ts'
import { toStoreError } from './lmdb-error.ts'
import { checkRoomToCommit, checkStoreFiles } from './lmdb-file.ts'

type Table = Database<Uint8Array, Buffer>

interface Opened {
  readonly lock: DataDirLock
  readonly environment: RootDatabase<Uint8Array, Buffer>
  readonly tables: ReadonlyMap<TableName, Table>
  /** One record whose version (LMDB's word: a number kept with the value) is the epoch. */
  readonly epochs: Table
  readonly epoch: Epoch
}

/** A write made ready for LMDB; without a value it is a delete. */
interface EncodedWrite {
  readonly table: Table
  readonly key: Buffer
  readonly value: Uint8Array | undefined
}

const epochKey = Buffer.from('epoch')

export class LmdbStore implements Store {
  readonly #dataDir: string
  readonly #directory: string
  #opened: Opened | undefined
  readonly #slab = new Slab()
  #failure: StoreError | undefined
  /** The last commit asked for: commits run one after another, so that none passes one that failed. */
  #last: Promise<void> = Promise.resolve()

  constructor(dataDir: string) {
    this.#dataDir = dataDir
    this.#directory = join(dataDir, 'store')
  }

  async open(): Promise<Epoch> {
    assert(this.#opened === undefined, 'the store is opened once')
    let lock: DataDirLock | undefined
    try {
      mkdirSync(this.#dataDir, { recursive: true })
      // Records hold what users put into env; only the server's user reads them.
      mkdirSync(this.#directory, { recursive: true, mode: 0o700 })
      lock = lockDataDir(this.#dataDir)
      checkStoreFiles(this.#directory)
      const environment = openEnvironment(this.#directory)
      const tables = new Map(tableNames.map((name) => [name, environment.openDB(tableOptions(name))]))
      const epochs = environment.openDB({ ...tableOptions('epoch'), useVersions: true })
      const epoch = await startEpoch(epochs)
      this.#opened = { lock, environment, tables, epochs, epoch }
      return epoch
    } catch (error) {
      lock?.release()
      throw toStoreError(error, 'opening the store', this.#directory)
    }
  }

  async *load(): AsyncIterable<StoredRecord> {
    const { tables } = this.#requireOpen()
    for (const [name, table] of tables) {
      try {
        if (name === 'event-log') yield* newestOfLog(table)
        else for (const { key, value } of table.getRange()) yield decodeRecord(name, key.toString(), value)
      } catch (error) {
        throw toStoreError(error, `reading table ${name}`, this.#directory)
      }
    }
  }

  async read<T extends TableName>(name: T, key: string): Promise<Tables[T] | undefined> {
    const { tables } = this.#requireOpen()
    try {
      const bytes = tables.get(name)?.get(encodeKey(name, key))
      return bytes === undefined ? undefined : (decodeRecord(name, key, bytes).value as Tables[T])
    } catch (error) {
      throw toStoreError(error, `reading table ${name}`, this.#directory)
    }
  }

  commit(writes: readonly Write[]): Promise<void> {
    const commit = this.#last.then(() => this.#commit(writes))
    // The caller gets the rejection; the chain only needs to know when it is over.
    this.#last = commit.catch(() => undefined)
    return commit
  }

  async close(): Promise<void> {
    await this.#last
    const opened = this.#opened
    this.#opened = undefined
    if (opened === undefined) return
    await opened.environment.close()
    opened.lock.release()
  }

  async #commit(writes: readonly Write[]): Promise<void> {
    const opened = this.#requireOpen()
    if (writes.length === 0) return
    try {
      // Everything is encoded before the transaction is begun: nothing in it can throw half-way.
      const encoded = writes.map((write) => encodeWrite(opened.tables, this.#slab, write))
      const bytes = encoded.reduce((sum, write) => sum + (write.value?.length ?? 0), 0)
      checkRoomToCommit(this.#directory, encoded.length, bytes)
      await this.#transact(opened, encoded)
      // On disk: LMDB has its own copy.
      this.#slab.reuse()
    } catch (error) {
      const failure = toStoreError(error, `committing ${writes.length} writes`, this.#directory)
      this.#failure = new StoreError('closed', `an earlier commit failed: ${failure.message}`, {
        cause: failure,
      })
      throw failure
    }
  }

  async #transact(opened: Opened, writes: readonly EncodedWrite[]): Promise<void> {
    // LMDB compares the epoch and does the writes in one transaction, on its own thread.
    const isOurs = await rootCause(
      opened.epochs.ifVersion(epochKey, opened.epoch, () => {
        for (const { table, key, value } of writes) {
          if (value === undefined) table.remove(key)
          else table.put(key, value)
        }
      }),
    )
    if (isOurs) return
    const current = opened.epochs.getEntry(epochKey)?.version
    throw new StoreError(
      'fenced',
      `another process took over the store in ${this.#directory}: it is in epoch ${current}, this process has epoch ${opened.epoch}`,
    )
  }

  #requireOpen(): Opened {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#opened === undefined)
      throw new StoreError('closed', `the store in ${this.#directory} is not open`)
    return this.#opened
  }
}

/** Keys alone, until the last: the values of a long log are megabytes. */
function* newestOfLog(table: Table): Generator<StoredRecord> {
  let last: string | undefined
  for (const key of table.getKeys()) {
    if (last !== undefined) yield { table: 'event-log', key: last, value: '' }
    last = key.toString()
  }
  if (last === undefined) return
  yield decodeRecord('event-log', last, table.get(Buffer.from(last)) ?? new Uint8Array())
}

function openEnvironment(directory: string): RootDatabase<Uint8Array, Buffer> {
  return open<Uint8Array, Buffer>({
    path: directory,
    // Off, though the library's default: with it a transaction becomes visible and valid before it is flushed, and what
    // a restart finds after a failed flush depends on whether the machine was booted in between. Off means LMDB proper.
    overlappingSync: false,
    // Off: it opens a second, hidden promise per transaction whose rejection nobody could handle. `ifVersion` keeps a
    // commit in one transaction without it.
    eventTurnBatching: false,
    mapSize: limits.storeMapBytes,
    maxDbs: tableNames.length + 8,
    encoding: 'binary',
    keyEncoding: 'binary',
  })
}

function tableOptions(name: string): { name: string; encoding: 'binary'; keyEncoding: 'binary' } {
  return { name, encoding: 'binary', keyEncoding: 'binary' }
}

/** Adds one to the epoch, durably. Another process doing the same at this moment makes it try again. */
async function startEpoch(epochs: Table): Promise<Epoch> {
  for (;;) {
    const current = epochs.getEntry(epochKey)?.version
    const next = (current ?? 0) + 1
    // The library takes null for "must not exist"; its types do not say so.
    const expected = (current ?? null) as number
    if (await rootCause(epochs.put(epochKey, encodeRecord({ pid: process.pid }), next, expected))) return next
  }
}

function encodeWrite(tables: ReadonlyMap<TableName, Table>, slab: Slab, write: Write): EncodedWrite {
  const table = tables.get(write.table)
  assert(table !== undefined, `there is a database for table ${write.table}`)
  return {
    table,
    key: encodeKey(write.table, write.key),
    value: write.kind === 'put' ? slab.encode(write.value) : undefined,
  }
}

/** The library's rejection says only that a commit failed and carries a promise that rejects with why. */
async function rootCause(write: Promise<boolean>): Promise<boolean> {
  try {
    return await write
  } catch (error) {
    await (error as { readonly commitError?: Promise<never> }).commitError
    throw error
  }
}
