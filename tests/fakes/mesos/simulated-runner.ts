// Tasks without processes. The command decides: `sleep 3; exit 2` does what a shell would make of it in that time,
// `unhealthy after 5 s` runs and fails its checks from then on, `ignores TERM` ends only after the grace period,
// anything else runs until it is killed.

import type { Exit, Launch, Runner, RunnerHooks } from './runner.ts'
import { Timers } from './timing.ts'
import type { WireCommand } from './wire.ts'

interface Running {
  readonly agentId: string
  readonly hooks: RunnerHooks
  readonly command: string
  readonly since: number
  timer?: NodeJS.Timeout
}

/** When and how a command ends; undefined: never. */
export function fateOf(command: string): { readonly afterMs: number; readonly exit: Exit } | undefined {
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
}

export class SimulatedRunner implements Runner {
  readonly #timers = new Timers()
  readonly #tasks = new Map<string, Running>()
  readonly #startMs: number

  constructor(startMs: number) {
    this.#startMs = startMs
  }

  launch({ key, agentId, command }: Launch, hooks: RunnerHooks): void {
    const text = command.value ?? ''
    const task: Running = { agentId, hooks, command: text, since: Date.now() }
    this.#tasks.set(key, task)
    const start = (): void => {
      if (this.#tasks.get(key) !== task) return
      hooks.started()
      const fate = fateOf(text)
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
    const ignoresTerm = /ignores TERM|trap '' TERM/.test(task.command)
    const exit: Exit = { signal: ignoresTerm ? 'Killed' : 'Terminated' }
    this.#timers.after(ignoresTerm ? graceMs : 0, () => this.#end(key, exit))
  }

  check(key: string, command: WireCommand): Promise<number> {
    const fate = fateOf(command.value ?? '')
    if (fate !== undefined && 'code' in fate.exit && fate.exit.code !== 0)
      return Promise.resolve(fate.exit.code)
    return Promise.resolve(this.answersChecks(key) ? 0 : 1)
  }

  answersChecks(key: string): boolean {
    const task = this.#tasks.get(key)
    if (task === undefined) return false
    const [, seconds] = /unhealthy after ([\d.]+) s/.exec(task.command) ?? []
    return seconds === undefined || Date.now() - task.since < Number(seconds) * 1_000
  }

  killAll(agentId: string): void {
    for (const [key, task] of this.#tasks) if (task.agentId === agentId) this.#forget(key, task)
  }

  close(): Promise<void> {
    this.#timers.close()
    this.#tasks.clear()
    return Promise.resolve()
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
