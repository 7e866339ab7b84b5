// Looks at the store's files before LMDB does. The addon ends the process with a segmentation fault when LMDB refuses
// to open an environment, a full disk kills it by SIGBUS in the lock file's map, and a page that cannot be written
// makes it write a message past the end of its buffer; so what LMDB would refuse is refused here first, with a
// message.

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

/** Starting writes a handful of pages, and a server without room for its first commits will stop within seconds. */
const freeToStartBytes = 2 * 1024 * 1024

/** Room that is left over beside what a commit needs: others may write to the same device meanwhile. */
const freeBesideCommitBytes = 1024 * 1024
/** Pages that one write may add: its leaf, and the branches above it that are copied with it. */
const pagesPerWrite = 2

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
  checkRoom(directory, 'starting', freeToStartBytes)
  for (const name of ['data.mdb', 'lock.mdb']) {
    const path = join(directory, name)
    if (existsSync(path)) accessSync(path, constants.R_OK | constants.W_OK)
  }
  checkDataFile(join(directory, 'data.mdb'))
}

/** Throws a StoreError (`full`) when a commit of so many writes with so many bytes might not find room. */
export function checkRoomToCommit(directory: string, writes: number, bytes: number): void {
  const needed = bytes + writes * pagesPerWrite * pageBytes + freeBesideCommitBytes
  checkRoom(directory, `a commit of ${writes} writes`, needed)
}

function checkRoom(directory: string, what: string, needed: number): void {
  const { bavail, bsize } = statfsSync(directory)
  if (bavail * bsize >= needed) return
  throw new StoreError(
    'full',
    `${directory} has ${bavail * bsize} bytes free, ${what} needs ${needed}: make room there and start again`,
  )
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
