// What is known of the health of tasks: memory of this process, as in the original. An app without health checks is not
// in it. What an answer costs does not depend on how many there are.

import { DeadlineHeap } from '../../lib/deadline-heap.ts'
import { type Instant, millis, type Version } from '../../lib/instant.ts'
import { limits } from '../../lib/limits.ts'
import type { PathId } from '../../lib/path-id.ts'
import type { AppHealthCheck } from '../../spec/app.ts'
import type { InstanceId } from '../instances/instance.ts'
import type { TaskId } from '../mesos.ts'
import { HealthBreaker } from './breaker.ts'
import type { ProbeId } from './probe.ts'
import { type HealthRecord, isAlive } from './record.ts'
import type { CheckResult } from './verdict.ts'

/** The health of one task. Changed in place: there is one per task, and an answer every few seconds. */
export interface TaskHealth {
  readonly taskId: TaskId
  readonly instanceId: InstanceId
  readonly appId: PathId
  /** Of the version that the task runs. */
  readonly checks: readonly AppHealthCheck[]
  /** One per check, as they are shown. */
  readonly results: CheckResult[]
  /** Of checks that succeed again and again: when last, where that is later than what is shown. */
  readonly seen: (Instant | undefined)[]
  /** Of the failures in a row of each check those that came while unhealthy instances were let live. */
  readonly excused: number[]
  /** What checks without a result count as (verdict.ts). */
  readonly assumed: boolean | undefined
  /** Marathon's own checks are asked now. */
  isAsked: boolean
  /** The breaker counts it as well. */
  isWell: boolean
}

/** The health checks of an app. */
export interface AppChecks {
  /** The versions whose checks are in force. */
  readonly versions: Map<Version, readonly AppHealthCheck[]>
  /** Grows whenever something else of the results is shown. */
  revision: number
  /** When repeated successes were shown last. */
  shownAt: Instant
  /** Tasks that have succeeded again since. */
  readonly unseen: Set<TaskHealth>
}

/** What is known of one check of one task, for those who show it. */
export interface ShownHealth extends HealthRecord {
  readonly alive: boolean
}

/** A check that can be asked nowhere: when it fails next. */
export interface Nowhere {
  readonly taskId: TaskId
  readonly index: number
  readonly cause: string
  at: Instant
}

const neverShown = 0 as Instant
/** Deadlines of what is over that are not worth the work. */
const slack = 1_024
const noResults: readonly ShownHealth[] = []

export class HealthBook {
  readonly breaker = new HealthBreaker()
  readonly apps = new Map<PathId, AppChecks>()
  readonly #tasks = new Map<TaskId, TaskHealth>()
  readonly #nowhere = new Map<ProbeId, Nowhere>()
  #deadlines = new DeadlineHeap<ProbeId>()
  #revisions = 0

  /** The checks of a version become those in force. */
  putChecks(appId: PathId, version: Version, checks: readonly AppHealthCheck[]): void {
    let app = this.apps.get(appId)
    if (app === undefined) {
      app = { versions: new Map(), revision: ++this.#revisions, shownAt: neverShown, unseen: new Set() }
      this.apps.set(appId, app)
    }
    app.versions.set(version, checks)
  }

  /** They are in force no longer. */
  removeChecks(appId: PathId, version: Version): void {
    const app = this.apps.get(appId)
    app?.versions.delete(version)
    if (app?.versions.size === 0) this.apps.delete(appId)
  }

  get taskCount(): number {
    return this.#tasks.size
  }

  tasks(): IterableIterator<TaskHealth> {
    return this.#tasks.values()
  }

  get(taskId: TaskId): TaskHealth | undefined {
    return this.#tasks.get(taskId)
  }

  add(health: TaskHealth): void {
    this.#tasks.set(health.taskId, health)
  }

  delete(health: TaskHealth): void {
    this.#tasks.delete(health.taskId)
    this.apps.get(health.appId)?.unseen.delete(health)
  }

  /**
   * The results there are, in the order of the checks, as they are shown. After a restart a check without a result is
   * what all were together before it, where that says what each was: load balancers would drop all tasks otherwise.
   */
  shownOf(taskId: TaskId): readonly ShownHealth[] {
    const health = this.#tasks.get(taskId)
    if (health === undefined) return noResults
    const { results, assumed } = health
    const isAssumed = assumed === true || (assumed === false && results.length === 1)
    return results.flatMap((result) => {
      if (result !== undefined) return [{ ...result, alive: isAlive(result) }]
      return isAssumed ? [{ consecutiveFailures: 0, alive: assumed }] : []
    })
  }

  /** As it is, be it shown already or not. */
  resultOf({ results, seen }: TaskHealth, index: number): CheckResult {
    const shown = results[index]
    const lastSuccess = seen[index]
    return shown === undefined || lastSuccess === undefined ? shown : { ...shown, lastSuccess }
  }

  /** Puts a result that is shown at once. */
  show(health: TaskHealth, index: number, result: HealthRecord): void {
    health.results[index] = result
    health.seen[index] = undefined
    const app = this.apps.get(health.appId)
    if (app !== undefined) app.revision = ++this.#revisions
  }

  /**
   * A check that was alive succeeded again: only the time of it is new, and it is shown with others of the app, so that
   * answers do not make every list anew. True when now is the time, and all of them are shown.
   */
  succeededAgain(health: TaskHealth, index: number, now: Instant): boolean {
    health.seen[index] = now
    const app = this.apps.get(health.appId)
    if (app === undefined) return false
    app.unseen.add(health)
    if (now - app.shownAt < millis(limits.healthShownEveryMs)) return false
    for (const one of app.unseen) {
      for (let i = 0; i < one.seen.length; i++) {
        const latest = this.resultOf(one, i)
        if (latest !== undefined) one.results[i] = latest
        one.seen[i] = undefined
      }
    }
    app.unseen.clear()
    app.shownAt = now
    app.revision = ++this.#revisions
    return true
  }

  failNowhere(id: ProbeId, nowhere: Nowhere): void {
    this.#nowhere.set(id, nowhere)
    this.#deadlines.add(nowhere.at, id)
    if (this.#deadlines.size <= 2 * this.#nowhere.size + slack) return
    // Those that are over would stay until their time, by their interval in years.
    this.#deadlines = new DeadlineHeap()
    for (const [id, { at }] of this.#nowhere) this.#deadlines.add(at, id)
  }

  /** For tests: how many deadlines are kept. */
  get deadlineCount(): number {
    return this.#deadlines.size
  }

  /** Asked somewhere, or no more. */
  isAskedSomewhere(id: ProbeId): void {
    this.#nowhere.delete(id)
  }

  isNowhere(id: ProbeId): boolean {
    return this.#nowhere.has(id)
  }

  /** When the next check that can be asked nowhere fails. */
  get wakeAt(): Instant | undefined {
    return this.#deadlines.next
  }

  /** A check that fails now for want of a place to ask; whoever takes it says when it fails next. */
  takeNowhere(now: Instant): Nowhere | undefined {
    for (let id = this.#deadlines.popDue(now); id !== undefined; id = this.#deadlines.popDue(now)) {
      const nowhere = this.#nowhere.get(id)
      if (nowhere !== undefined && nowhere.at <= now) return nowhere
    }
    return undefined
  }
}
