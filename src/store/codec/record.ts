// Records as bytes: one byte of format, then JSON in UTF-8, or the text itself where the record is a text. JSON because
// it costs the same as MessagePack here (docs/internals/storage.md has the figures), can be read by people, and needs
// no schema to be read by a later version.

import { Buffer } from 'node:buffer'
import type { StoredRecord, TableName } from '../../core/records.ts'
import { StoreError } from '../../ports/store.ts'

const jsonFormat = 1
const textFormat = 2

/** The byte before the text. */
export const prefixBytes = 1

/** What a record is written as: a byte for the format, and a text. */
export function encodingOf(value: object | string): { readonly format: number; readonly text: string } {
  return typeof value === 'string'
    ? { format: textFormat, text: value }
    : { format: jsonFormat, text: JSON.stringify(value) }
}

export function encodeRecord(value: object | string): Uint8Array {
  const { format, text } = encodingOf(value)
  return Buffer.from(`${String.fromCharCode(format)}${text}`)
}

/** Throws a StoreError of kind `corrupt` that names table and key when the bytes are no record. */
export function decodeRecord(table: TableName, key: string, bytes: Uint8Array): StoredRecord {
  const text = () => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8', 1)
  if (bytes[0] === textFormat) return { table, key, value: text() } as StoredRecord
  if (bytes[0] !== jsonFormat) {
    throw corrupt(
      table,
      key,
      `starts with format ${bytes[0] ?? 'nothing'}, this version reads ${jsonFormat} and ${textFormat}`,
    )
  }
  let value: unknown
  try {
    value = JSON.parse(text())
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
