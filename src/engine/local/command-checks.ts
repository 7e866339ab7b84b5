// Checks by a command, run beside the task by the launcher: in the task's cgroup, sandbox and environment, as its user.
// The server asks, counts the time, and kills what has not answered by then. The protocol is told in
// docs/internals/local-engine.md.

import { randomUUID } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Cgroups } from './cgroups.ts'
import type { Answer, CheckKind } from './check-target.ts'
import type { Launcher } from './launcher.ts'
import { localLimits } from './limits.ts'
import { isProcessAlive } from './processes.ts'
import type { LaunchId, TaskFiles } from './task-files.ts'
import { Turnstile } from './turnstile.ts'

export interface CommandChecksOptions {
  readonly files: TaskFiles
  readonly cgroups: Cgroups
  readonly launcher: Launcher
  readonly bootId: string
}

interface Question {
  readonly id: LaunchId
  readonly kind: CheckKind
  readonly number: string
}

export class CommandChecks {
  readonly #options: CommandChecksOptions
  readonly #running = new Turnstile(localLimits.parallelCommandChecks)
  readonly #starting = new Turnstile(localLimits.startingCommandChecks)
  /** Told from those of other processes of the server. */
  readonly #series = randomUUID().slice(0, 8)
  #asked = 0
  readonly #waiting = new Map<string, (answer: Answer) => void>()

  constructor(options: CommandChecksOptions) {
    this.#options = options
  }

  /** Never rejects. The time counts from the moment the launcher is asked. */
  ask(id: LaunchId, kind: CheckKind, timeoutMs: number, signal: AbortSignal): Promise<Answer> {
    return this.#running.pass(async () => {
      let answer: Promise<Answer> | undefined
      await this.#starting.pass(async () => {
        if (signal.aborted) return
        answer = this.#put({ id, kind, number: `${this.#series}-${++this.#asked}` }, timeoutMs, signal)
        await Promise.race([answer, pause(localLimits.checkStartMs, undefined, { ref: false })])
      })
      return answer ?? { kind: 'unknown' }
    })
  }

  /** A file has appeared among the answers, or gone: its name says all. */
  onAnswer(name: string): void {
    const [id, kind, number, code] = name.split('.')
    const end = this.#waiting.get(`${id}.${kind}.${number}`)
    if (end === undefined) return
    this.#remove(name)
    end(code === 'none' ? { kind: 'unknown' } : { kind: 'exit', exitCode: Number(code) })
  }

  /** Answers that lie about: missed until now, or nobody waits for them any more. */
  sweep(names: readonly string[]): void {
    for (const name of names) {
      this.onAnswer(name)
      this.#remove(name)
    }
  }

  #remove(name: string): void {
    fs.rm(path.join(this.#options.files.folders.checks, name), { force: true }, () => {})
  }

  #put(question: Question, timeoutMs: number, signal: AbortSignal): Promise<Answer> {
    const { id, kind, number } = question
    const { cgroups, launcher } = this.#options
    const key = `${id}.${kind}.${number}`
    return new Promise((resolve) => {
      const end = (answer: Answer): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', giveUp)
        this.#waiting.delete(key)
        resolve(answer)
      }
      const giveUp = (): void => end({ kind: 'unknown' })
      const timer = setTimeout(() => end(this.#expire(question)), timeoutMs)
      timer.unref()
      signal.addEventListener('abort', giveUp)
      this.#waiting.set(key, end)
      // What an earlier one left behind: nobody counts its time any more.
      cgroups.killPart(id, kind)
      launcher.check(id, kind, number)
    })
  }

  /**
   * Its time is over. One that has not begun by then was never asked, and of one that has ended the answer was lost:
   * neither is a failure of the task.
   */
  #expire({ id, kind, number }: Question): Answer {
    const { files, cgroups, bootId } = this.#options
    const asked = files.readAsked(id, kind)
    const isRunning = asked?.number === number && isProcessAlive(asked.identity, bootId)
    cgroups.killPart(id, kind)
    if (!isRunning) return { kind: 'unknown' }
    try {
      // Without cgroups its process group is all that can be found.
      process.kill(-asked.identity.pid, 'SIGKILL')
    } catch {
      // It has ended meanwhile, or has no group of its own yet.
    }
    return { kind: 'failed' }
  }
}
