// Looking at processes of this machine and signalling them, always by identity: never by a process id alone.

import fs from 'node:fs'
import { type Identity, isAlive } from './records.ts'

/** Changes with every start of the machine. */
export function readBootId(): string {
  return fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
}

export function isProcessAlive(who: Identity, bootId: string): boolean {
  return isAlive(who, bootId, readStat(who.pid))
}

/**
 * Signals a process if it is still the one meant. Between the look and the signal lie microseconds, in which the
 * kernel would have to hand out every other process id first for another process to be hit.
 */
export function signalProcess(who: Identity, bootId: string, signal: NodeJS.Signals): boolean {
  if (!isProcessAlive(who, bootId)) return false
  try {
    process.kill(who.pid, signal)
    return true
  } catch {
    return false
  }
}

function readStat(pid: number): string | undefined {
  try {
    return fs.readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return undefined
  }
}
