// The look at everything, every few seconds: repeats what was lost on the way, finds what no watch has told, and
// removes what is old. A slice at a time, so that other work is let in.

import fsp from 'node:fs/promises'
import type { CommandChecks } from './command-checks.ts'
import type { OnProblem } from './failures.ts'
import { loadFetchLibraries } from './fetcher.ts'
import type { Launcher } from './launcher.ts'
import { localLimits } from './limits.ts'
import { readPortsInUse } from './ports-in-use.ts'
import type { SandboxKeeper } from './sandboxes.ts'
import type { Folders } from './task-files.ts'
import type { Tasks } from './tasks.ts'

export interface SweepOptions {
  readonly folders: Folders
  readonly launcher: Launcher
  readonly tasks: Tasks
  readonly commands: CommandChecks
  readonly keeper: SandboxKeeper
  /** Ports that anything on the machine listens on. */
  readonly onPortsInUse: (ports: ReadonlySet<number>) => void
  readonly onProblem: OnProblem
}

export class Sweep {
  readonly #options: SweepOptions
  #isOn = false
  #timer: NodeJS.Timeout | undefined
  /** Milliseconds since 1970. */
  #lastCollection = 0

  constructor(options: SweepOptions) {
    this.#options = options
  }

  start(): void {
    this.#isOn = true
    this.#schedule()
  }

  /** One under way ends before it touches another task. */
  stop(): void {
    this.#isOn = false
    clearTimeout(this.#timer)
  }

  #schedule(): void {
    this.#timer = setTimeout(() => {
      void this.#run()
        .catch((error) => this.#options.onProblem(`looking after tasks: ${String(error)}`))
        .then(() => {
          if (this.#isOn) this.#schedule()
        })
    }, localLimits.sweepMs)
    this.#timer.unref()
  }

  async #run(): Promise<void> {
    const { folders, launcher, tasks, commands, keeper, onPortsInUse } = this.#options
    launcher.flush()
    for (const id of await fsp.readdir(folders.exits)) if (this.#isOn) tasks.onExit(id)
    commands.sweep(await fsp.readdir(folders.checks))
    const ids = tasks.ids()
    for (let i = 0; i < ids.length && this.#isOn; i += localLimits.tasksPerSweepSlice) {
      tasks.sweep(ids.slice(i, i + localLimits.tasksPerSweepSlice))
      await new Promise(setImmediate)
    }
    if (!this.#isOn) return
    tasks.sweepLeftovers()
    onPortsInUse(await readPortsInUse())
    const now = Date.now()
    if (now - this.#lastCollection > localLimits.collectMs) {
      this.#lastCollection = now
      await keeper.collect(now)
    }
    await loadFetchLibraries()
  }
}
