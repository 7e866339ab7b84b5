// One server per data directory. The lock is a flock(2) on `<data dir>/lock`: the kernel drops it when the process is
// gone, however it went, and it holds across containers that share the directory. Node cannot call flock, so
// util-linux' `flock` does it on our open file, which keeps the lock after that program has ended.

import { spawnSync } from 'node:child_process'
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { StoreError } from '../ports/store.ts'

export interface DataDirLock {
  release(): void
}

/** Who holds the directory, as written into the lock file. The lock is the flock; this is for the message. */
interface Holder {
  readonly pid: number
  readonly host: string
  readonly bootId: string
  /** In clock ticks since boot: with the boot id it tells a process from a later one of the same pid. */
  readonly startTicks: string
}

/** Throws a StoreError of kind `in-use` that names the process holding the directory. */
export function lockDataDir(dataDir: string): DataDirLock {
  const path = join(dataDir, 'lock')
  // Opened by Node with O_CLOEXEC: no child of ours inherits the lock. Not truncated: the holder's line is in there.
  const file = openSync(path, 'a+', 0o644)
  try {
    if (!tryFlock(file) && !tryWithoutFlock(path)) throw inUse(dataDir, readHolder(path))
    ftruncateSync(file)
    writeSync(file, `${JSON.stringify(describeThisProcess())}\n`)
  } catch (error) {
    closeSync(file)
    throw error
  }
  return { release: () => closeSync(file) }
}

const flockConflict = 1
let isFlockMissing = false

function tryFlock(file: number): boolean {
  const result = spawnSync('flock', ['-xn', '3'], { stdio: ['ignore', 'ignore', 'pipe', file] })
  isFlockMissing = (result.error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT'
  if (result.status === 0) return true
  if (isFlockMissing || (result.status === flockConflict && result.stderr.length === 0)) return false
  throw new StoreError(
    'io',
    `flock failed on the lock file: ${result.error?.message ?? result.stderr.toString().trim()}`,
    {
      cause: result.error,
    },
  )
}

/**
 * Where there is no flock program, the line in the file decides. Two servers starting in the same millisecond could
 * both pass; the epoch in the store then stops the first of them.
 */
function tryWithoutFlock(path: string): boolean {
  if (!isFlockMissing) return false
  const holder = readHolder(path)
  return holder === undefined || !isRunning(holder)
}

function isRunning(holder: Holder): boolean {
  return holder.bootId === bootId() && holder.startTicks === startTicks(holder.pid)
}

function readHolder(path: string): Holder | undefined {
  try {
    const holder = JSON.parse(readFileSync(path, 'utf8')) as Holder
    return typeof holder?.pid === 'number' ? holder : undefined
  } catch {
    // Empty or half-written: the holder is writing it right now, or died doing so. The flock has the answer.
    return undefined
  }
}

function describeThisProcess(): Holder {
  return { pid: process.pid, host: hostname(), bootId: bootId(), startTicks: startTicks(process.pid) ?? '' }
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return ''
  }
}

/** Undefined when there is no such process, or when it has ended and waits for its parent. */
function startTicks(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in field 2 may hold spaces and brackets; the fields after it do not.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    return undefined
  }
}

function inUse(dataDir: string, holder: Holder | undefined): StoreError {
  const who = holder === undefined ? 'another process' : `process ${holder.pid} on ${holder.host}`
  return new StoreError(
    'in-use',
    `the data directory ${dataDir} is in use by ${who}: stop that server first, or give this one another --data_dir`,
  )
}
