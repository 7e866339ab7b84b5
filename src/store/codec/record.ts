// Records as bytes: one byte of format version, then JSON in UTF-8. JSON because it costs the same as MessagePack
// here (docs/internals/storage.md has the figures), can be read by people, and needs no schema to be read by a later
// version.

import { Buffer } from 'node:buffer'
import type { StoredRecord, TableName } from '../../core/records.ts'
import { StoreError } from '../../ports/store.ts'

const formatVersion = 1

export function encodeRecord(value: object): Uint8Array {
  return Buffer.from(`${String.fromCharCode(formatVersion)}${JSON.stringify(value)}`)
}

/** Throws a StoreError of kind `corrupt` that names table and key when the bytes are no record. */
export function decodeRecord(table: TableName, key: string, bytes: Uint8Array): StoredRecord {
  if (bytes[0] !== formatVersion) {
    throw corrupt(
      table,
      key,
      `starts with format ${bytes[0] ?? 'nothing'}, this version reads format ${formatVersion}`,
    )
  }
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8', 1))
  } catch (cause) {
    throw corrupt(table, key, `is not JSON: ${(cause as Error).message}`, { cause })
  }
  if (typeof value !== 'object' || value === null)
    throw corrupt(table, key, `is ${JSON.stringify(value)}, not an object`)
  // The shape was checked when the record was made; what this program wrote it can read.
  return { table, key, value } as StoredRecord
}

function corrupt(table: TableName, key: string, problem: string, options?: ErrorOptions): StoreError {
  return new StoreError('corrupt', `the record ${JSON.stringify(key)} of table ${table} ${problem}`, options)
}
