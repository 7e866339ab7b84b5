// What the results of health checks lead to (runtime 9): what is known of the task changes and is told of, the instance
// is alive or not, and one that fails too often is killed. Who is asked is health-watch.ts's business.

import { after, type Duration, millis } from '../lib/instant.ts'
import { applyAction, changeInstance, rememberFailure } from './apply.ts'
import type { Core } from './core.ts'
import type { TaskHealth } from './health/book.ts'
import type { BreakerTurn } from './health/breaker.ts'
import { type Finding, failed, judge, judgeFlag } from './health/judge.ts'
import type { ProbeOutcome } from './health/probe.ts'
import { type ProbeSubject, probeIdOf } from './health/probe-id.ts'
import {
  emptyRecord,
  failedOnce,
  type HealthRecord,
  isAlive,
  meaningOfFailure,
  succeeded,
} from './health/record.ts'
import { intervalOf, isMarathonCheck } from './health/target.ts'
import { verdictOf } from './health/verdict.ts'
import type { Instance } from './instances/instance.ts'
import {
  healthCheckFailed,
  healthStatusChanged,
  unhealthyInstanceKill,
  unhealthyKillsResumed,
  unhealthyKillsSuspended,
} from './notices/health.ts'
import { instanceHealthChanged } from './notices/instance.ts'
import { unhealthyFailureOf } from './task-failure.ts'

/** An answer to a question of ours; nothing when it is asked no longer. */
export function healthAnswered(
  core: Core,
  { taskId, index }: Extract<ProbeSubject, { kind: 'health' }>,
  outcome: ProbeOutcome,
): void {
  const health = core.health.get(taskId)
  const check = health?.checks[index]
  if (health === undefined || !health.isAsked || check === undefined || !isMarathonCheck(check)) return
  found(core, health, { index, finding: judge(check, outcome), isTold: true })
}

/** The flag of the engine's own check: it stands for each check of the app that is not ours. */
export function engineFound(
  core: Core,
  health: TaskHealth,
  healthy: boolean,
  { isTold }: { readonly isTold: boolean },
): void {
  health.checks.forEach((check, index) => {
    if (!isMarathonCheck(check)) found(core, health, { index, finding: judgeFlag(healthy), isTold })
  })
}

/** Checks with nowhere to ask fail as often as they would be asked. */
export function failNowhere(core: Core): void {
  const { health: book, state } = core
  for (let next = book.takeNowhere(state.now); next !== undefined; next = book.takeNowhere(state.now)) {
    const { taskId, index, cause } = next
    const health = book.get(taskId)
    const check = health?.checks[index]
    if (health === undefined || check === undefined) continue
    book.failNowhere(probeIdOf({ kind: 'health', taskId, index }), {
      ...next,
      at: after(state.now, intervalOf(check)),
    })
    found(core, health, { index, finding: failed(cause), isTold: true })
  }
}

interface Found {
  readonly index: number
  readonly finding: Finding
  /** False: it was found before this process started, and told of then. */
  readonly isTold: boolean
}

function found(core: Core, health: TaskHealth, { index, finding, isTold }: Found): void {
  const { state, batch, health: book } = core
  const { now } = state
  const shown = health.results[index]
  if (finding.kind === 'well' && shown !== undefined && isAlive(shown)) {
    if (book.succeededAgain(health, index, now)) state.changes.touch(health.appId)
    return
  }
  const known = book.resultOf(health, index) ?? emptyRecord
  if (finding.kind === 'well') {
    health.excused[index] = 0
    settle(core, health, { index, result: succeeded(known, now), isTold })
    return
  }
  const check = health.checks[index]!
  const instance = state.instance(health.instanceId)
  if (instance === undefined) return
  const means =
    finding.kind === 'none'
      ? 'ignored'
      : meaningOfFailure(check, known, instance, {
          wasAlive: health.assumed === true,
          excused: health.excused[index]!,
          now,
        })
  if (finding.kind === 'none' || means === 'ignored') {
    // What was found alive by the process before this one stays so until something is found.
    if (shown === undefined && health.assumed !== true)
      settle(core, health, { index, result: emptyRecord, isTold })
    return
  }
  if (isTold) batch.notice(healthCheckFailed(instance, check, now))
  // What runs beside the task is not misled by what lies between it and us.
  const isLetLive = isMarathonCheck(check) && book.breaker.suspendedAt !== undefined
  if (isLetLive) health.excused[index]! += 1
  else if (means === 'kills') killUnhealthy(core, instance, known)
  settle(core, health, { index, result: failedOnce(known, finding.cause, now), isTold })
}

/** Again with each further failure, as long as it runs: a kill that is under way stays the one it is. */
function killUnhealthy(core: Core, instance: Instance, known: HealthRecord): void {
  const { state, batch } = core
  batch.notice(unhealthyInstanceKill(instance, known, state.now))
  rememberFailure(core, unhealthyFailureOf(instance, known, state.now))
  applyAction(core, { kind: 'kill', instanceId: instance.id, cause: 'unhealthy' })
}

interface Settled {
  readonly index: number
  readonly result: HealthRecord
  readonly isTold: boolean
}

/** Something else is known of one check: what is told of it, and what all checks say together. */
function settle(core: Core, health: TaskHealth, { index, result, isTold }: Settled): void {
  const { state, batch, health: book } = core
  const before = health.results[index]
  const wasAlive = before === undefined ? health.assumed === true : isAlive(before)
  book.show(health, index, result)
  state.changes.touch(health.appId)
  const instance = state.instance(health.instanceId)
  if (instance === undefined) return
  const alive = isAlive(result)
  if (isTold && alive !== wasAlive) batch.notice(healthStatusChanged(instance, alive, state.now))
  recount(core, health)
  const verdict = verdictOf(health.results, health.assumed)
  if (verdict === instance.alive) return
  const { alive: _alive, ...rest } = instance
  const next: Instance = verdict === undefined ? rest : { ...rest, alive: verdict }
  changeInstance(core, instance, next)
  batch.notice(instanceHealthChanged(next, state.now, verdict))
}

/** Tells the breaker whether what Marathon asks of the task is well. */
export function recount(core: Core, health: TaskHealth): void {
  const isWell = health.isAsked && isWellToUs(health)
  if (isWell === health.isWell) return
  health.isWell = isWell
  const { instanceId, appId } = health
  const { breaker } = core.health
  tellOfBreaker(
    core,
    isWell
      ? breaker.isWell(instanceId, appId)
      : breaker.fell(instanceId, appId, core.state.now, longestInterval(health)),
  )
}

/** Of the checks that are ours. */
const longestInterval = ({ checks }: TaskHealth): Duration =>
  millis(Math.max(0, ...checks.filter(isMarathonCheck).map(intervalOf)))

/** Of the checks that are ours each has found it alive, and there is one. */
function isWellToUs({ checks, results, assumed }: TaskHealth): boolean {
  let isChecked = false
  for (let i = 0; i < checks.length; i++) {
    if (!isMarathonCheck(checks[i]!)) continue
    isChecked = true
    const result = results[i]
    if (result === undefined ? assumed !== true : !isAlive(result)) return false
  }
  return isChecked
}

/** The next process has to know, too. */
export function tellOfBreaker({ batch, state }: Core, turn: BreakerTurn): void {
  if (turn === undefined) return
  if (turn.kind === 'suspended') batch.put('meta', 'unhealthy-kills', { suspendedAt: state.now })
  else batch.delete('meta', 'unhealthy-kills')
  const notice = turn.kind === 'suspended' ? unhealthyKillsSuspended : unhealthyKillsResumed
  batch.notice(notice(turn.outage, state.now))
}
