// The checks of the tasks that run here, as an executor of Mesos would run them: when each is asked, and what is told
// of the answers. What a task info says of them is in check-target.ts, who asks in command-checks.ts and
// network-checks.ts.

import { type ExecutorHealth, judgeExecutorHealth, neverAsked } from '../../core/health/executor-health.ts'
import type { CheckInfo, CheckResult, HealthCheckInfo, TaskInfo } from '../../core/mesos.ts'
import { millis } from '../../lib/instant.ts'
import { limits } from '../../lib/limits.ts'
import { sameValue } from '../../spec/same-value.ts'
import {
  type Answer,
  type CheckKind,
  type CheckTarget,
  healthOf,
  resultOf,
  targetOf,
} from './check-target.ts'
import type { Found, LaunchId } from './task-files.ts'

export interface ChecksOptions {
  readonly ask: (id: LaunchId, kind: CheckKind, target: CheckTarget, given: Asking) => Promise<Answer>
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Rejects with an AbortError when the signal comes first. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
  readonly onHealth: (id: LaunchId, told: { readonly isHealthy: boolean; readonly kills: boolean }) => void
  readonly onCheck: (id: LaunchId, result: CheckResult) => void
}

export interface Asking {
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

export interface CheckedTask {
  readonly id: LaunchId
  readonly info: Pick<TaskInfo, 'healthCheck' | 'check'>
  /** Milliseconds since 1970. */
  readonly startedAt: number
  /** It has run before this server did; what was told of it by then. */
  readonly earlier?: Found
}

export class Checks {
  readonly #options: ChecksOptions
  readonly #running = new Map<LaunchId, AbortController>()

  constructor(options: ChecksOptions) {
    this.#options = options
  }

  /** The task runs: its checks are asked until it is over. */
  begin(task: CheckedTask): void {
    const { id, info } = task
    if (this.#running.has(id) || (info.healthCheck === undefined && info.check === undefined)) return
    const abort = new AbortController()
    this.#running.set(id, abort)
    if (info.healthCheck !== undefined)
      this.#repeat('health', task, info.healthCheck, abort, this.#healthTaker(task, info.healthCheck))
    if (info.check !== undefined) this.#repeat('check', task, info.check, abort, this.#checkTaker(task))
  }

  /** What is asked of the task now is of no interest any more. */
  end(id: LaunchId): void {
    this.#running.get(id)?.abort()
    this.#running.delete(id)
  }

  close(): void {
    for (const id of this.#running.keys()) this.end(id)
  }

  #healthTaker({ id, startedAt, earlier }: CheckedTask, info: HealthCheckInfo): (answer: Answer) => void {
    let health: ExecutorHealth =
      earlier?.healthy === undefined ? neverAsked : { hasSucceeded: true, failures: earlier.healthy ? 0 : 1 }
    return (answer) => {
      const isHealthy = healthOf(answer)
      if (isHealthy === undefined) return
      const verdict = judgeExecutorHealth(
        health,
        { isHealthy, runningFor: millis(this.#options.now() - startedAt) },
        info,
      )
      health = verdict.health
      if (verdict.told !== undefined)
        this.#options.onHealth(id, { isHealthy: verdict.told, kills: verdict.kills })
    }
  }

  #checkTaker({ id, earlier }: CheckedTask): (answer: Answer) => void {
    let before = earlier?.check
    return (answer) => {
      const result = resultOf(answer)
      if (result === undefined || sameValue(result, before)) return
      before = result
      this.#options.onCheck(id, result)
    }
  }

  /** From each answer to the next question lies the interval. */
  #repeat(
    kind: CheckKind,
    { id, earlier }: CheckedTask,
    info: CheckInfo | HealthCheckInfo,
    { signal }: AbortController,
    take: (answer: Answer) => void,
  ): void {
    const target = targetOf(info)
    if (target === undefined) return
    const { ask, pause } = this.#options
    const run = async (): Promise<void> => {
      await pause(timed(earlier === undefined ? info.delay : info.interval), signal)
      while (!signal.aborted) {
        const answer = await ask(id, kind, target, { timeoutMs: timeoutOf(info), signal })
        if (signal.aborted) return
        take(answer)
        await pause(timed(Math.max(info.interval, shortestPauseMs)), signal)
      }
    }
    run().catch((error: Error) => {
      if (error.name !== 'AbortError') throw error
    })
  }
}

const timed = (ms: number): number => Math.min(ms, limits.longestTimerMs)

/** Without one an executor of Mesos waits for the answer as long as it takes. */
const timeoutOf = ({ timeout }: CheckInfo | HealthCheckInfo): number =>
  timeout > 0 ? timed(timeout) : limits.longestTimerMs

/** An interval of 0 still lets others have their turn. */
const shortestPauseMs = 100
