// What /proc tells about processes of this machine: who runs a certain command, how much memory one holds, and the
// end of those we are responsible for.

import { readdirSync, readFileSync } from 'node:fs'

/** Pids of the processes whose command line is exactly this. */
export function pidsOf(argv: readonly string[]): number[] {
  const wanted = `${argv.join('\0')}\0`
  return pids().filter((pid) => commandLine(pid) === wanted)
}

/** Counts processes with one command line again and again: those once found are only looked up, not read. */
export class ProcessCounter {
  readonly #wanted: string
  #found = new Set<number>()
  /** Processes that were there before and are of no interest. */
  readonly #others = new Set(pids())

  constructor(argv: readonly string[]) {
    this.#wanted = `${argv.join('\0')}\0`
  }

  count(): number {
    const found = new Set<number>()
    for (const pid of pids()) {
      if (this.#found.has(pid)) found.add(pid)
      else if (!this.#others.has(pid) && commandLine(pid) === this.#wanted) found.add(pid)
    }
    this.#found = found
    return found.size
  }

  /** Resolves with the moment (performance.now) at which there are `count` of them. @throws after `withinMs` */
  async reaches(count: number, withinMs: number): Promise<number> {
    const until = performance.now() + withinMs
    for (;;) {
      const now = this.count()
      const at = performance.now()
      if (now === count) return at
      if (at > until)
        throw new Error(`after ${withinMs} ms ${now} of ${count} processes '${this.#wanted}' are there`)
      await pause(pollMs)
    }
  }
}

/** A compromise: one look at 1,500 processes takes about 2 ms. */
const pollMs = 15

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Resident bytes of a process, 0 when it is gone. */
export function residentBytes(pid: number): number {
  return kibibytesIn(`/proc/${pid}/status`, /^VmRSS:\s+(\d+) kB$/m) * 1024
}

/** Resident bytes with shared pages divided among those who share them: such sums are honest. */
export function proportionalBytes(pid: number): number {
  return kibibytesIn(`/proc/${pid}/smaps_rollup`, /^Pss:\s+(\d+) kB$/m) * 1024
}

/** Processes that work for this server: everything whose command line names its data directory, itself excluded. */
export function pidsNaming(text: string): number[] {
  return pids().filter((pid) => pid !== process.pid && commandLine(pid).includes(text))
}

/** Sends a signal to each, by pid; those that are gone already are fine. */
export function signalAll(targets: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of targets) {
    try {
      process.kill(pid, signal)
    } catch {
      // It has ended meanwhile.
    }
  }
}

export function isRunning(pid: number): boolean {
  const stat = readText(`/proc/${pid}/stat`)
  return stat !== '' && stat[stat.lastIndexOf(')') + 2] !== 'Z'
}

const pids = (): number[] =>
  readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0)

const commandLine = (pid: number): string => readText(`/proc/${pid}/cmdline`)

function kibibytesIn(file: string, pattern: RegExp): number {
  return Number(pattern.exec(readText(file))?.[1] ?? 0)
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
