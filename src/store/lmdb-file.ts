// Looks at the store's files before LMDB does. The addon ends the process with a segmentation fault when LMDB refuses
// to open an environment, and a full disk kills it by SIGBUS in the lock file's map; so what LMDB would refuse is
// refused here first, with a message.

import { Buffer } from 'node:buffer'
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  readSync,
  statfsSync,
  statSync,
} from 'node:fs'
import { join } from 'node:path'
import { StoreError } from '../ports/store.ts'

/** Starting writes a handful of pages, and a server that cannot write a megabyte more will stop within seconds. */
const freeToStartBytes = 1024 * 1024

const metaPages = 2
const pageBytes = 4_096
/** Offsets inside a meta page, behind its page header of 24 bytes (liblmdb's MDB_meta). */
const magicOffset = 24
const versionOffset = 28
const magic = 0xbeefc0de
/** MDB_DATA_VERSION of the liblmdb that the lmdb package carries. */
const dataVersion = 2

/** Throws a StoreError (`full`, `corrupt`) or Node's own error when LMDB could not open this directory. */
export function checkStoreFiles(directory: string): void {
  accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK)
  const { bavail, bsize } = statfsSync(directory)
  if (bavail * bsize < freeToStartBytes) {
    throw new StoreError(
      'full',
      `${directory} has ${bavail * bsize} bytes free, starting needs ${freeToStartBytes}: make room there and start again`,
    )
  }
  for (const name of ['data.mdb', 'lock.mdb']) {
    const path = join(directory, name)
    if (existsSync(path)) accessSync(path, constants.R_OK | constants.W_OK)
  }
  checkDataFile(join(directory, 'data.mdb'))
}

function checkDataFile(path: string): void {
  // LMDB fills an empty file as it does a missing one; that is what a crash in the first millisecond leaves.
  if (!existsSync(path) || statSync(path).size === 0) return
  const head = Buffer.alloc(metaPages * pageBytes)
  const file = openSync(path, 'r')
  try {
    const length = readSync(file, head, 0, head.length, 0)
    if (length < head.length) throw damaged(path, `has ${length} bytes, its head alone has ${head.length}`)
  } finally {
    closeSync(file)
  }
  for (let page = 0; page < metaPages; page++) checkMetaPage(path, page, head.subarray(page * pageBytes))
}

function checkMetaPage(path: string, page: number, bytes: Buffer): void {
  if (bytes.readUInt32LE(magicOffset) !== magic)
    throw damaged(path, `is no LMDB file: page ${page} has no magic number`)
  const version = bytes.readUInt32LE(versionOffset)
  if (version !== dataVersion) {
    throw damaged(path, `has LMDB data version ${version} in page ${page}, this version reads ${dataVersion}`)
  }
}

function damaged(path: string, problem: string): StoreError {
  return new StoreError(
    'corrupt',
    `${path} ${problem}. Move it away to start empty, or put a backup in its place`,
  )
}
