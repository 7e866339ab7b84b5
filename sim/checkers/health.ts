// Nobody is killed for being unhealthy before as many answers in a row were bad as its definition allows, and one more
// (runtime 9). Counted here from the answers themselves.

import type { ProbeResult } from '../../src/core/health/probe.ts'
import { parseProbeId } from '../../src/core/health/probe-id.ts'
import { hasEnded } from '../../src/core/instances/condition.ts'
import type { TaskId } from '../../src/core/mesos.ts'
import type { InspectableScheduler } from '../../src/core/scheduler.ts'
import { isPod } from '../../src/spec/run-spec.ts'
import type { Step } from '../observer.ts'
import { type Checker, Violation } from './checker.ts'

export class HealthChecker implements Checker {
  /** Bad answers in a row, by task and check. What one process was told the next has not heard. */
  readonly #failures = new Map<TaskId, number[]>()
  /** Tasks whose kill has been looked at. */
  readonly #killed = new Set<TaskId>()

  started({ core }: InspectableScheduler): void {
    this.#failures.clear()
    this.#killed.clear()
    for (const { kill, tasks } of core.state.instances())
      if (kill !== undefined) for (const { id } of tasks) this.#killed.add(id)
  }

  stepped({ slice, ready, scheduler: { core } }: Step): void {
    for (const event of slice)
      if (event.kind === 'probe-results') for (const result of event.results) this.#count(result)
    for (const write of ready.writes) {
      if (write.table !== 'instance') continue
      if (write.kind === 'delete') continue
      const { kill, tasks } = write.value
      const task = tasks[0]
      if (task === undefined) continue
      if (kill?.cause === 'unhealthy' && !this.#killed.has(task.id)) this.#check(write.key, core)
      if (kill === undefined) this.#killed.delete(task.id)
      else this.#killed.add(task.id)
      // One that was cut off for a while is asked again where it was left.
      if (hasEnded(task)) this.#failures.delete(task.id)
    }
  }

  #count({ id, outcome }: ProbeResult): void {
    const subject = parseProbeId(id)
    if (subject?.kind !== 'health') return
    const { taskId, index } = subject
    const isGood =
      outcome.kind === 'connected' ||
      (outcome.kind === 'answered' && outcome.status >= 200 && outcome.status < 400)
    let counts = this.#failures.get(taskId)
    if (counts === undefined) {
      if (isGood) return
      counts = []
      this.#failures.set(taskId, counts)
    }
    counts[index] = isGood ? 0 : (counts[index] ?? 0) + 1
  }

  #check(instanceId: string, { state }: InspectableScheduler['core']): void {
    const instance = state.instance(instanceId)
    const task = instance?.tasks[0]
    if (instance === undefined || task === undefined) return
    const app = state.runSpecVersion(instance.runSpecId, task.runSpecVersion)
    if (app === undefined || isPod(app)) return
    // What an engine found comes as statuses, and counts by its own rules.
    if (app.healthChecks.some(({ protocol }) => protocol.startsWith('MESOS') || protocol === 'COMMAND'))
      return
    const counts = this.#failures.get(task.id) ?? []
    const isEnough = app.healthChecks.some(
      ({ maxConsecutiveFailures: most }, index) => most > 0 && (counts[index] ?? 0) > most,
    )
    if (!isEnough)
      throw new Violation(
        'health',
        `${task.id} is killed for being unhealthy after ${counts.join(', ') || 'no'} bad answers in a row, ${app.healthChecks.map(({ maxConsecutiveFailures }) => maxConsecutiveFailures).join(', ')} are allowed`,
      )
  }
}
