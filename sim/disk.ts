// What survives the server: the records of committed batches. A commit takes time; a crash in the middle of one leaves
// either all of it or nothing.

import { type StoredRecord, type TableName, tableNames, type Write } from '../src/core/records.ts'

export class Disk {
  readonly #tables = new Map<TableName, Map<string, unknown>>()
  commits = 0

  apply(writes: readonly Write[]): void {
    this.commits++
    for (const write of writes) {
      let table = this.#tables.get(write.table)
      if (table === undefined) {
        table = new Map()
        this.#tables.set(write.table, table)
      }
      if (write.kind === 'put') table.set(write.key, write.value)
      else table.delete(write.key)
    }
  }

  get<T>(table: TableName, key: string): T | undefined {
    return this.#tables.get(table)?.get(key) as T | undefined
  }

  keys(table: TableName): Iterable<string> {
    return this.#tables.get(table)?.keys() ?? []
  }

  /**
   * As a new process reads them: tables and keys in the order a store gives them, and through the encoding, so that
   * what JSON cannot hold is missed.
   */
  *load(): Generator<StoredRecord> {
    for (const table of tableNames) {
      const records = this.#tables.get(table)
      if (records === undefined) continue
      for (const key of [...records.keys()].sort()) {
        const value = records.get(key)
        yield {
          table,
          key,
          value: typeof value === 'string' ? value : JSON.parse(JSON.stringify(value)),
        } as StoredRecord
      }
    }
  }
}
