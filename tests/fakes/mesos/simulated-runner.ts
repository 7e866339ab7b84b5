// Tasks without processes. A behaviour says what becomes of each from its command; the usual one does what a shell
// would make of `sleep 3; exit 2` in that time. Thousands cost next to nothing.

import type { Exit, Launch, LaunchFailure, Runner, RunnerHooks } from './runner.ts'
import type { Timers } from './timing.ts'
import type { WireCommand } from './wire.ts'

export interface Behaviour {
  /** Why it does not even start. */
  failure?(launch: Launch): LaunchFailure | undefined
  /** When and how a task ends by itself; undefined: never. */
  fate(command: string): Fate | undefined
  /** How it ends when it is told to; `ignores`: only when it has to. */
  onTerm(command: string): Exit | 'ignores'
  /** The exit code of a check's command; a network check has none. Undefined: no answer in time. */
  check(command: string, check: string | undefined, ageMs: number): number | undefined
}

export interface Fate {
  readonly afterMs: number
  readonly exit: Exit
}

interface Running {
  readonly agentId: string
  readonly hooks: RunnerHooks
  readonly command: string
  readonly since: number
  timer?: NodeJS.Timeout
}

/**
 * `sleep 3; exit 2` and the like end; `ignores TERM` does; `unhealthy after 5 s` fails its checks from then on;
 * everything else runs until it is killed, and is well.
 */
export const usualBehaviour: Behaviour = {
  fate(command) {
    let afterMs = 0
    for (const part of command.split(/;|&&/)) {
      const text = part.trim()
      const [, seconds] = /^sleep ([\d.]+)$/.exec(text) ?? []
      if (seconds !== undefined) {
        afterMs += Number(seconds) * 1_000
        continue
      }
      const [, code] = /^exit (\d+)$/.exec(text) ?? []
      if (code !== undefined) return { afterMs, exit: { code: Number(code) } }
      if (text === 'false') return { afterMs, exit: { code: 1 } }
      if (text !== 'true' && !/^echo\b/.test(text)) return undefined
    }
    return { afterMs, exit: { code: 0 } }
  },
  onTerm: (command) => (/ignores TERM|trap '' TERM/.test(command) ? 'ignores' : { signal: 'Terminated' }),
  check(command, check, ageMs) {
    const exit = check === undefined ? undefined : usualBehaviour.fate(check)?.exit
    if (exit !== undefined && 'code' in exit && exit.code !== 0) return exit.code
    const [, seconds] = /unhealthy after ([\d.]+) s/.exec(command) ?? []
    return seconds === undefined || ageMs < Number(seconds) * 1_000 ? 0 : 1
  },
}

export class SimulatedRunner implements Runner {
  readonly #timers: Timers
  readonly #startMs: number
  readonly #behaviour: Behaviour
  readonly #tasks = new Map<string, Running>()

  /** @param startMs from the launch to the start */
  constructor(timers: Timers, startMs: number, behaviour: Behaviour = usualBehaviour) {
    this.#timers = timers
    this.#startMs = startMs
    this.#behaviour = behaviour
  }

  launch(launch: Launch, hooks: RunnerHooks): void {
    const { key, agentId, command } = launch
    const text = command.value ?? ''
    const task: Running = { agentId, hooks, command: text, since: this.#timers.now() }
    this.#tasks.set(key, task)
    const start = (): void => {
      if (this.#tasks.get(key) !== task) return
      const failure = this.#behaviour.failure?.(launch)
      if (failure !== undefined) {
        this.#tasks.delete(key)
        hooks.failed(failure)
        return
      }
      hooks.started()
      const fate = this.#behaviour.fate(text)
      // Longer than a day is for ever.
      if (fate !== undefined && fate.afterMs < 86_400_000)
        task.timer = this.#timers.after(fate.afterMs, () => this.#end(key, fate.exit))
    }
    if (this.#startMs === 0) setImmediate(start)
    else this.#timers.after(this.#startMs, start)
  }

  kill(key: string, graceMs: number): void {
    const task = this.#tasks.get(key)
    if (task === undefined) return
    const exit = this.#behaviour.onTerm(task.command)
    if (exit === 'ignores') this.#timers.after(graceMs, () => this.#end(key, { signal: 'Killed' }))
    else this.#timers.after(0, () => this.#end(key, exit))
  }

  check(key: string, command: WireCommand, timeoutMs: number): Promise<number> {
    const code = this.#answer(key, command.value)
    if (code !== undefined) return Promise.resolve(code)
    return new Promise((resolve) => this.#timers.after(timeoutMs, () => resolve(1)))
  }

  answersChecks(key: string): boolean {
    return this.#answer(key, undefined) === 0
  }

  killAll(agentId: string): void {
    for (const [key, task] of this.#tasks) if (task.agentId === agentId) this.#forget(key, task)
  }

  close(): Promise<void> {
    this.#tasks.clear()
    return Promise.resolve()
  }

  #answer(key: string, check: string | undefined): number | undefined {
    const task = this.#tasks.get(key)
    return task === undefined
      ? 1
      : this.#behaviour.check(task.command, check, this.#timers.now() - task.since)
  }

  #end(key: string, exit: Exit): void {
    const task = this.#tasks.get(key)
    if (task === undefined) return
    this.#forget(key, task)
    task.hooks.ended(exit)
  }

  #forget(key: string, task: Running): void {
    this.#timers.cancel(task.timer)
    this.#tasks.delete(key)
  }
}
