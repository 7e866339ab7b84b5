// The keys every store can hold. The spec bounds ids well below this; the check is for the day it does not.

import { Buffer } from 'node:buffer'
import type { TableName } from '../core/records.ts'
import { limits } from '../lib/limits.ts'
import { StoreError } from '../ports/store.ts'

/** The bytes of a key. Throws a StoreError of kind `invalid` when no store could hold it. */
export function encodeKey(table: TableName, key: string): Buffer {
  const bytes = Buffer.from(key)
  if (bytes.length === 0) throw new StoreError('invalid', `a key of table ${table} is empty`)
  if (bytes.length > limits.storeKeyBytes) {
    throw new StoreError(
      'invalid',
      `a key of table ${table} has ${bytes.length} bytes, at most ${limits.storeKeyBytes} are possible: ${key.slice(0, 80)}…`,
    )
  }
  return bytes
}
