// What the checks of tasks have found: kept on disk, so that it is still known after a restart, and told. When checks
// are asked is in checks.ts; `LocalTask.found` is written by this file alone.

import { setTimeout } from 'node:timers/promises'
import { checkReason, healthReason } from '../../core/health/executor-health.ts'
import { Checks, type ChecksOptions } from './checks.ts'
import { attempt, type OnProblem } from './failures.ts'
import type { LocalTask } from './local-task.ts'
import type { Found, LaunchId, TaskFiles } from './task-files.ts'

export interface FindingsOptions {
  readonly files: TaskFiles
  /** Puts the questions of checks. */
  readonly ask: ChecksOptions['ask']
  /** Undefined: nothing is known of that launch any more. */
  readonly find: (id: LaunchId) => LocalTask | undefined
  /** Something else was found than before; `reason` is that of the status which tells it. */
  readonly onFound: (task: LocalTask, reason: string) => void
  /** The health check has failed as often as it may. */
  readonly onUnhealthy: (task: LocalTask) => void
  readonly onProblem: OnProblem
}

export class Findings {
  readonly #options: FindingsOptions
  readonly #checks: Checks

  constructor(options: FindingsOptions) {
    this.#options = options
    this.#checks = new Checks({
      ask: options.ask,
      now: () => Date.now(),
      pause: (ms, signal) => setTimeout(ms, undefined, { signal, ref: false }),
      onHealth: (id, { isHealthy, kills }) => {
        const task = options.find(id)
        if (!task) return
        this.#keep(task, { ...task.found, healthy: isHealthy }, healthReason)
        if (kills) options.onUnhealthy(task)
      },
      onCheck: (id, check) => {
        const task = options.find(id)
        if (task) this.#keep(task, { ...task.found, check }, checkReason)
      },
    })
  }

  /** What was found in an earlier run of the server. */
  restore(task: LocalTask): void {
    task.found = this.#options.files.readFound(task.id) ?? {}
  }

  /**
   * The task runs: its checks are asked until end().
   * @param isRestoring an earlier run of the server has launched it
   */
  begin({ id, info, found }: LocalTask, isRestoring: boolean): void {
    const startedAt = (isRestoring ? this.#options.files.claimedAt(id) : undefined) ?? Date.now()
    this.#checks.begin({ id, info, startedAt, ...(isRestoring ? { earlier: found } : {}) })
  }

  /** What is found of the task now is of no interest any more. */
  end(id: LaunchId): void {
    this.#checks.end(id)
  }

  close(): void {
    this.#checks.close()
  }

  /** On disk first: after a restart it is still known, until the checks say something else. */
  #keep(task: LocalTask, found: Found, reason: string): void {
    if (task.phase.kind !== 'running') return
    task.found = found
    const { files, onFound, onProblem } = this.#options
    attempt(onProblem, 'writing down what a check has found', () => files.writeFound(task.id, found))
    onFound(task, reason)
  }
}
