// Launches wait as long as their failures say (runtime 4): a delay is never shorter than it was but for a named cause,
// a change that only scales is none, and nothing is launched before its delay is over. What was said of a configuration
// is compared by its definition, not by the names the core has for configurations.

import type { Instance } from '../../src/core/instances/instance.ts'
import type { InspectableScheduler } from '../../src/core/scheduler.ts'
import type { Instant } from '../../src/lib/instant.ts'
import type { PathId } from '../../src/lib/path-id.ts'
import type { RunSpec } from '../../src/spec/run-spec.ts'
import type { Step } from '../observer.ts'
import { type Checker, Violation } from './checker.ts'
import { launchedInstances } from './launches.ts'

interface Seen {
  readonly runSpec: RunSpec
  readonly deadline: Instant | undefined
}

export class BackoffChecker implements Checker {
  /** As it was after the last step, of every run spec in force. */
  #seen = new Map<PathId, Seen>()

  /** Delays are memory of one process (runtime 4). */
  started(scheduler: InspectableScheduler): void {
    this.#seen = new Map()
    this.#look(scheduler)
  }

  stepped({ slice, ready, scheduler }: Step): void {
    const { core } = scheduler
    const { now } = core.state
    if (this.#seen.size > 0) {
      for (const id of launchedInstances(ready))
        this.#checkLaunch(core.state.instance(id), { slice, ready, scheduler })
    }
    for (const [id, seen] of this.#seen) {
      if (seen.deadline === undefined || seen.deadline <= now) continue
      const runSpec = core.state.runSpec(id)
      if (runSpec === undefined) continue
      const deadline = core.delays.deadline(runSpec)
      if (deadline !== undefined && deadline >= seen.deadline) continue
      if (!isSameConfiguration(seen.runSpec, runSpec) || this.#isEnded(seen, id, { slice, ready, scheduler }))
        continue
      const how = deadline === undefined ? 'is gone' : `is ${seen.deadline - deadline} ms shorter`
      const what =
        runSpec.version === seen.runSpec.version
          ? 'without a cause'
          : `after a change to ${runSpec.instances}`
      throw new Violation(
        'backoff',
        `the delay of ${id}, with ${seen.deadline - now} ms left, ${how} ${what}`,
      )
    }
    this.#look(scheduler)
  }

  #checkLaunch(instance: Instance | undefined, step: Pick<Step, 'slice' | 'ready' | 'scheduler'>): void {
    if (instance === undefined) return
    const { id, runSpecId, runSpecVersion } = instance
    const { now } = step.scheduler.core.state
    const seen = this.#seen.get(runSpecId)
    if (seen?.deadline === undefined || seen.deadline <= now) return
    if (seen.runSpec.version !== runSpecVersion || this.#isEnded(seen, runSpecId, step)) return
    throw new Violation('backoff', `${id} was launched ${seen.deadline - now} ms before its delay is over`)
  }

  /** Users may end it, and a restart does; so does the end of an app. */
  #isEnded(
    seen: Seen,
    id: PathId,
    { slice, ready, scheduler: { core } }: Pick<Step, 'slice' | 'ready' | 'scheduler'>,
  ): boolean {
    // Where nothing is to run a restart replaces nothing, and is a new configuration all the same.
    const isAsked = slice.some(
      (event) =>
        event.kind === 'request' &&
        (event.request.kind === 'reset-delay' || event.request.kind === 'restart-app') &&
        event.request.id === id,
    )
    const isStarted = ready.notices.some(({ type, body }) => type === 'deployment_info' && restarts(body, id))
    const isStopped = core.state.runSpec(id) !== seen.runSpec && wasRemoved(slice)
    return isAsked || isStarted || isStopped
  }

  #look({ core }: InspectableScheduler): void {
    // Most of the time nothing waits.
    if (core.delays.size === 0 && this.#seen.size === 0) return
    this.#seen.clear()
    for (const { runSpecId } of core.delays.all()) {
      const runSpec = core.state.runSpec(runSpecId)
      if (runSpec !== undefined)
        this.#seen.set(runSpecId, { runSpec, deadline: core.delays.deadline(runSpec) })
    }
  }
}

interface ShownStep {
  readonly currentStep?: { readonly actions: readonly Readonly<Record<string, string>>[] }
}

/** Whether a step begins that restarts this app or pod. */
const restarts = (body: object, id: PathId): boolean =>
  ((body as ShownStep).currentStep?.actions ?? []).some(
    ({ action, app, pod }) =>
      (app === id || pod === id) && (action === 'RestartApplication' || action === 'RestartPod'),
  )

/** Several changes of one slice may have removed the app and made it anew. */
const wasRemoved = (slice: Step['slice']): boolean =>
  slice.filter((event) => event.kind === 'request').length > 1

/** All that is said of them is the same, but for the number of instances. */
function isSameConfiguration(a: RunSpec, b: RunSpec): boolean {
  return a === b || textOf(a) === textOf(b)
}

function textOf(runSpec: RunSpec): string {
  const { version: _version, versionInfo: _versionInfo, instances: _instances, ...rest } = runSpec
  return JSON.stringify(rest)
}
