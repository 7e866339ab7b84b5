// Accepted tasks on their way to the launcher: those that wait for their turn and those being prepared. Every one is
// written down before anything of it is made. What preparing is, is told in preparation.ts.

import type { Cgroups } from './cgroups.ts'
import { attempt, type OnProblem } from './failures.ts'
import type { Fetcher } from './fetcher.ts'
import { localLimits } from './limits.ts'
import type { LocalTask } from './local-task.ts'
import { describeInvalid, failureVerdict, prepare } from './preparation.ts'
import { SliceQueue } from './slice-queue.ts'
import type { TaskFiles } from './task-files.ts'
import type { Verdict } from './verdicts.ts'

export interface LaunchQueueOptions {
  readonly files: TaskFiles
  readonly cgroups: Cgroups
  readonly fetcher: Fetcher
  readonly pidsPerTask: number
  readonly onFetching: (task: LocalTask) => void
  /** Everything is in place; the launcher can be asked. */
  readonly onReady: (task: LocalTask) => void
  /** It can never run here, or could not be prepared. */
  readonly onFailed: (task: LocalTask, verdict: Verdict) => void
  readonly onProblem: OnProblem
}

export class LaunchQueue {
  readonly #options: LaunchQueueOptions
  readonly #waiting = new SliceQueue<LocalTask>((task) => this.#prepare(task), localLimits.taskSliceMs)
  /** Those under way; what is given up leaves nothing behind. */
  readonly #preparations = new Map<LocalTask, Promise<void>>()
  #isClosed = false

  constructor(options: LaunchQueueOptions) {
    this.#options = options
  }

  push(task: LocalTask): void {
    this.#waiting.push(task)
  }

  /** The task is to be ended before it is started; the record of its end needs that of the task. */
  abandon(task: LocalTask): void {
    const { phase } = task
    if (phase.kind === 'queued')
      attempt(this.#options.onProblem, 'writing down a task', () => this.#writeDown(task))
    if (phase.kind === 'preparing') phase.abort.abort()
  }

  /** Resolves when no preparation is under way. */
  async idle(): Promise<void> {
    await Promise.all(this.#preparations.values())
  }

  /** Stops preparing; what was not launched is fenced by the next start. */
  close(): void {
    this.#isClosed = true
    this.#waiting.close()
    for (const { phase } of this.#preparations.keys()) if (phase.kind === 'preparing') phase.abort.abort()
  }

  #prepare(task: LocalTask): void {
    if (task.phase.kind !== 'queued') return
    const { onFailed, onProblem } = this.#options
    const invalid = describeInvalid(task.info)
    if (invalid) {
      attempt(onProblem, 'writing down a task', () => this.#writeDown(task))
      onFailed(task, { state: 'TASK_ERROR', reason: 'REASON_TASK_INVALID', message: invalid })
      return
    }
    try {
      this.#writeDown(task)
    } catch (error) {
      onFailed(task, failureVerdict(error))
      return
    }
    const preparation = prepare(task, {
      ...this.#options,
      onFailed: (_, verdict) => {
        // Closing aborts it too; then the next start fences it.
        if (!this.#isClosed) onFailed(task, verdict)
      },
    })
    this.#preparations.set(task, preparation)
    void preparation.finally(() => this.#preparations.delete(task))
  }

  #writeDown({ id, info, acceptedAt }: LocalTask): void {
    this.#options.files.create(id, { info, acceptedAt })
  }
}
