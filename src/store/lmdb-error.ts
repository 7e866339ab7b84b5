// What LMDB's error codes mean to us. The addon gives errno values and LMDB's own negative codes as numbers, Node's
// file functions give names; both end here.

import { statfsSync } from 'node:fs'
import { StoreError, type StoreErrorKind } from '../ports/store.ts'

const kindOfCode: Readonly<Record<string, StoreErrorKind>> = {
  28: 'full', // ENOSPC
  ENOSPC: 'full',
  122: 'full', // EDQUOT
  EDQUOT: 'full',
  [-30792]: 'full', // MDB_MAP_FULL
  [-30797]: 'corrupt', // MDB_PAGE_NOTFOUND
  [-30796]: 'corrupt', // MDB_CORRUPTED
  [-30795]: 'corrupt', // MDB_PANIC: an earlier meta page could not be written
  [-30794]: 'corrupt', // MDB_VERSION_MISMATCH
  [-30793]: 'corrupt', // MDB_INVALID: not an LMDB file
}

/** Below this much free space an input/output error is taken for a full disk. */
const fullBelowBytes = 1024 * 1024

/** `doing` completes "while …". */
export function toStoreError(error: unknown, doing: string, directory: string): StoreError {
  if (error instanceof StoreError) return error
  const cause = error instanceof Error ? error : new Error(String(error))
  const code = (cause as { readonly code?: number | string }).code
  let kind = (code === undefined ? undefined : kindOfCode[code]) ?? 'io'
  // LMDB reports a write that was cut short as EIO, which is what a disk does that is filled by this very write.
  if (kind === 'io' && freeBytes(directory) < fullBelowBytes) kind = 'full'
  const hint = kind === 'full' ? '; make room there and start again' : ''
  return new StoreError(kind, `${cause.message} while ${doing} in ${directory}${hint}`, { cause })
}

function freeBytes(directory: string): number {
  try {
    const { bavail, bsize } = statfsSync(directory)
    return bavail * bsize
  } catch {
    // Asking failed too, so the device is in trouble of another kind than being full.
    return Number.POSITIVE_INFINITY
  }
}
