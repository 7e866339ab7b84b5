// The checks that executors run beside their tasks on a simulated cluster: health checks, with what follows from them,
// and checks, from which nothing follows. Answers cost no time; while none can change nobody asks.

import {
  checkReason,
  type ExecutorHealth,
  healthReason,
  judgeExecutorHealth,
  neverAsked,
} from '../../core/health/executor-health.ts'
import type { CheckInfo, CheckResult, HealthCheckInfo, TaskInfo } from '../../core/mesos.ts'
import { between, type Duration, millis } from '../../lib/instant.ts'
import { sameValue } from '../../spec/same-value.ts'
import type { Agenda } from './agenda.ts'
import { exitCodeOf } from './behaviour.ts'
import { isHealthyAt, nextTurn } from './condition.ts'
import type { SimTask } from './parts.ts'

/** The checks of one task, and what they have found. */
export interface SimChecks {
  readonly healthCheck: HealthCheckInfo | undefined
  readonly check: CheckInfo | undefined
  health: ExecutorHealth
  /** As told last. */
  isHealthy: boolean | undefined
  found: CheckResult | undefined
  /** What was put down under an earlier number means nothing any more. */
  round: number
}

/** Undefined: nothing is asked of this task. */
export const simChecksOf = ({ healthCheck, check }: TaskInfo): SimChecks | undefined =>
  healthCheck === undefined && check === undefined
    ? undefined
    : { healthCheck, check, health: neverAsked, isHealthy: undefined, found: undefined, round: 0 }

export interface CheckerOptions {
  readonly agenda: Agenda
  /** The flag, or the result, is another one. */
  readonly tell: (task: SimTask, reason: string) => void
  /** Its health check has failed too often. */
  readonly kill: (task: SimTask) => void
}

export class Checker {
  readonly #options: CheckerOptions

  constructor(options: CheckerOptions) {
    this.#options = options
  }

  /** The task runs. */
  begin(task: SimTask): void {
    const { checks } = task
    if (checks?.healthCheck !== undefined)
      this.#in(checks.healthCheck.delay, task, checks, () => this.#askHealth(task, checks))
    if (checks?.check !== undefined) this.#in(checks.check.delay, task, checks, () => this.#ask(task, checks))
  }

  /** What the task answers may be something else from now on. */
  again(task: SimTask): void {
    const { checks, runningSince } = task
    if (checks === undefined || runningSince === undefined) return
    checks.round++
    const { healthCheck, check } = checks
    if (healthCheck !== undefined)
      this.#in(this.#untilNext(task, healthCheck), task, checks, () => this.#askHealth(task, checks))
    if (check !== undefined)
      this.#in(this.#untilNext(task, check), task, checks, () => this.#ask(task, checks))
  }

  #askHealth(task: SimTask, checks: SimChecks): void {
    const info = checks.healthCheck!
    const isHealthy = exitCodeOf(info.command) === 0 && this.#isWell(task)
    const verdict = judgeExecutorHealth(checks.health, { isHealthy, runningFor: this.#runFor(task) }, info)
    checks.health = verdict.health
    if (verdict.told !== undefined) {
      checks.isHealthy = verdict.told
      this.#options.tell(task, healthReason)
    }
    if (verdict.kills) {
      this.#options.kill(task)
      return
    }
    const next = isHealthy ? this.#untilNews(task, info) : info.interval
    if (next !== undefined) this.#in(next, task, checks, () => this.#askHealth(task, checks))
  }

  #ask(task: SimTask, checks: SimChecks): void {
    const info = checks.check!
    const found = resultOf(info, this.#isWell(task))
    if (!sameValue(found, checks.found)) {
      checks.found = found
      this.#options.tell(task, checkReason)
    }
    const next = this.#untilNews(task, info)
    if (next !== undefined) this.#in(next, task, checks, () => this.#ask(task, checks))
  }

  /** The first time to ask, of those the interval leaves, at which there can be another answer. */
  #untilNews(task: SimTask, info: Timed): Duration | undefined {
    if (task.toldHealth !== undefined) return undefined
    const elapsed = this.#runFor(task)
    const turn = nextTurn(task.condition.health, elapsed)
    if (turn === undefined) return undefined
    const interval = Math.max(1, info.interval)
    return millis(Math.max(1, Math.ceil((turn - elapsed) / interval)) * interval)
  }

  #untilNext(task: SimTask, { delay, interval }: Timed): Duration {
    const elapsed = this.#runFor(task)
    if (elapsed <= delay) return millis(delay - elapsed)
    const every = Math.max(1, interval)
    return millis(every - ((elapsed - delay) % every || every))
  }

  #isWell(task: SimTask): boolean {
    return isHealthyAt(task, this.#options.agenda.now)
  }

  #runFor({ runningSince }: SimTask): Duration {
    return between(runningSince!, this.#options.agenda.now)
  }

  /** Unless the task ends before, or is on its way to. */
  #in(delay: Duration, task: SimTask, checks: SimChecks, act: () => void): void {
    const { round } = checks
    this.#options.agenda.in(millis(Math.max(delay, 0)), () => {
      if (checks.round === round && !task.hasEnded && !task.isKillUnderWay) act()
    })
  }
}

interface Timed {
  readonly delay: Duration
  readonly interval: Duration
}

/** A command ends as one of a task would, while the task is well. */
function resultOf({ http, tcp, command }: CheckInfo, isWell: boolean): CheckResult {
  if (http !== undefined) return { http: { statusCode: isWell ? 200 : 503 } }
  if (tcp !== undefined) return { tcp: { succeeded: isWell } }
  return { command: { exitCode: exitCodeOf(command) || (isWell ? 0 : 1) } }
}
