// The server's end of the launcher: finds the one that runs, starts one where none does, passes requests. A request
// may be lost or repeated with a launcher's death; the claim makes repeating harmless, the engine's sweep repeats
// what was lost.

import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { withoutInheritedFds } from './inherited-fds.ts'
import { launcherScript, launcherVersion } from './launcher-script.ts'
import { localLimits } from './limits.ts'
import { isProcessAlive } from './processes.ts'
import { type Identity, parseIdentityRecord, parseProcStat } from './records.ts'

export interface LauncherOptions {
  /** Folder of the local engine. */
  readonly base: string
  readonly bootId: string
  /** cgroup.procs files the launcher moves itself into. */
  readonly supervisorProcs: readonly string[]
  readonly rotateBytes: number
  readonly rotateSeconds: number
  readonly onProblem: (message: string) => void
}

export class Launcher {
  readonly #options: LauncherOptions
  #requests: number | undefined
  #identity: Identity | undefined
  #generation = 0
  #starting = false
  #startedAt = 0
  #isClosed = false
  /** Requests not yet in the pipe: it was full, or there was no launcher. */
  #waiting: string[] = []

  constructor(options: LauncherOptions) {
    this.#options = options
    const { base, bootId } = options
    const own = parseProcStat(fs.readFileSync('/proc/self/stat', 'utf8'))
    // An idle launcher ends once this process has.
    fs.writeFileSync(path.join(base, 'server.new'), `1 ${bootId} ${process.pid} ${own?.startTicks}\n`)
    fs.renameSync(path.join(base, 'server.new'), path.join(base, 'server'))
  }

  /**
   * Which launcher the latest request went to, or goes to once it is up. Grows with every launcher this server has
   * spoken to: what was asked of an earlier one may be lost.
   */
  get generation(): number {
    return this.#identity ? this.#generation : this.#generation + 1
  }

  launch(id: string): void {
    this.#waiting.push(`launch ${id}\n`)
    this.flush()
  }

  adopt(id: string): void {
    this.#waiting.push(`adopt ${id}\n`)
    this.flush()
  }

  /** Runs a check of a task once; `number` names the question. */
  check(id: string, kind: string, number: string): void {
    this.#waiting.push(`check ${id} ${kind} ${number}\n`)
    this.flush()
  }

  /** Sends what waits; starts a launcher when there is none. Called by the sweep too. */
  flush(): void {
    if (this.#isClosed) return
    if (!this.#isUp()) {
      this.#start()
      return
    }
    if (this.#requests === undefined) return
    try {
      while (this.#waiting.length > 0) {
        // A line is shorter than PIPE_BUF, so it is written whole or not at all.
        fs.writeSync(this.#requests, this.#waiting[0]!)
        this.#waiting.shift()
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN')
        this.#options.onProblem(`writing to the launcher: ${String(error)}`)
      setTimeout(() => this.flush(), 20).unref()
    }
  }

  /** Ends the launcher: nothing is left for it to do. Waits for its end, for a while. */
  async quit(): Promise<void> {
    const startUntil = this.#startedAt + localLimits.launcherStartMs
    while (this.#starting && Date.now() < startUntil) await pause()
    const identity = this.#isUp() ? this.#identity : undefined
    if (!identity || this.#requests === undefined) return
    try {
      fs.writeSync(this.#requests, 'quit\n')
    } catch {
      // It stays, idle, until the next server uses it.
      return
    }
    const until = Date.now() + localLimits.launcherQuitMs
    while (Date.now() < until && isProcessAlive(identity, this.#options.bootId)) {
      await pause()
    }
  }

  close(): void {
    this.#isClosed = true
    this.#closeRequests()
  }

  #closeRequests(): void {
    if (this.#requests !== undefined) fs.closeSync(this.#requests)
    this.#requests = undefined
  }

  #isUp(): boolean {
    const { base, bootId } = this.#options
    if (this.#identity && isProcessAlive(this.#identity, bootId) && this.#requests !== undefined) return true
    this.#identity = undefined
    const record = readRecord(path.join(base, 'launcher'))
    if (!record || !isProcessAlive(record.identity, bootId)) return false
    this.#closeRequests()
    // Both ends are opened, so that what was written survives the death of the launcher.
    this.#requests = fs.openSync(path.join(base, 'requests'), fs.constants.O_RDWR | fs.constants.O_NONBLOCK)
    if (record.version !== launcherVersion) {
      fs.writeSync(this.#requests, 'quit\n')
      return false
    }
    this.#identity = record.identity
    this.#generation += 1
    return true
  }

  #start(): void {
    const { base, supervisorProcs, rotateBytes, rotateSeconds, onProblem } = this.#options
    if (this.#starting && Date.now() - this.#startedAt < localLimits.launcherStartMs) return
    this.#starting = true
    this.#startedAt = Date.now()
    const script = path.join(base, `launcher-${launcherVersion}.sh`)
    try {
      // By rename: a running shell reads its script as it goes.
      fs.writeFileSync(`${script}.new`, launcherScript, { mode: 0o700 })
      fs.renameSync(`${script}.new`, script)
      const args = [
        script,
        base,
        String(launcherVersion),
        String(rotateBytes),
        String(rotateSeconds),
        ...supervisorProcs,
      ]
      const env = { PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' }
      const child = withoutInheritedFds(['ignore', 'ignore', 'ignore'], (stdio) =>
        spawn('/bin/sh', args, { detached: true, cwd: base, stdio, env }),
      )
      child.on('error', (error) => onProblem(`starting the launcher: ${error.message}`))
      child.unref()
    } catch (error) {
      onProblem(`starting the launcher: ${String(error)}`)
    }
    this.#awaitRecord()
  }

  /** The record appears a few milliseconds after the start; another launcher may have won. */
  #awaitRecord(): void {
    const timer = setInterval(() => {
      const isOver = this.#isClosed || Date.now() - this.#startedAt > localLimits.launcherStartMs
      if (!isOver && !this.#isUp()) return
      clearInterval(timer)
      this.#starting = false
      if (!this.#isClosed) this.flush()
    }, 3)
  }
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 5))

function readRecord(file: string): ReturnType<typeof parseIdentityRecord> {
  try {
    return parseIdentityRecord(fs.readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}
