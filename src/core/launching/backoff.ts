// How long launches of one configuration wait after its tasks ended (runtime 4, worked-examples 1). Memory of the
// leader: a new one begins without delays. Records are replaced, never edited.

import type { Instant, Version } from '../../lib/instant.ts'
import { limits } from '../../lib/limits.ts'
import type { PathId } from '../../lib/path-id.ts'
import type { RunSpec } from '../../spec/run-spec.ts'
import type { Condition, Instance } from '../instances/instance.ts'
import type { TaskId, TaskStatus } from '../mesos.ts'

export interface Delay {
  readonly runSpecId: PathId
  readonly lastConfigChangeAt: Version
  /** Nanoseconds, as the original counts: the factor is applied to them, rounded down. */
  readonly nanos: number
  /** The last increase or advance. */
  readonly reference: Instant
  /** Launching is allowed from here on. */
  readonly deadline: Instant
  /** The entry means nothing any more after this. */
  readonly diesAfter: Instant
  /** Increases since there is a delay. */
  readonly failures: number
  /** Of the last of them, how many went alike: the same end with the same words. */
  readonly alike: number
  readonly lastFailure?: LaunchFailure
}

/** How a launch ended that makes the next one wait: the evidence of a delay. */
export interface LaunchFailure {
  readonly condition: Condition
  /** What the engine said; the first limits.failureMessageChars of it. */
  readonly message?: string
  readonly taskId?: TaskId
  readonly hostname?: string
  readonly at: Instant
}

export type DelayEffect = 'increase' | 'advance' | 'reset' | 'none'

/** What a run spec says about delays. */
export type DelayedRunSpec = Pick<
  RunSpec,
  'id' | 'versionInfo' | 'backoffSeconds' | 'backoffFactor' | 'maxLaunchDelaySeconds'
>

const effectOf: Readonly<Record<Condition, DelayEffect>> = {
  Dropped: 'increase',
  Error: 'increase',
  Failed: 'increase',
  Gone: 'increase',
  Finished: 'increase',
  Staging: 'advance',
  Starting: 'advance',
  Running: 'advance',
  Provisioned: 'advance',
  Unreachable: 'none',
  UnreachableInactive: 'none',
  Killing: 'none',
  Killed: 'none',
  Unknown: 'none',
  Scheduled: 'none',
}

const drainingStates: ReadonlySet<string> = new Set(['TASK_KILLED', 'TASK_GONE_BY_OPERATOR'])
const drainingReasons: ReadonlySet<string> = new Set(['REASON_SLAVE_DRAINING', 'REASON_AGENT_DRAINING'])

/**
 * What a change of an instance does to the delay of its configuration. Ending because its agent is drained is nobody's
 * failure and takes the delay away, looked at on every change; the rest needs a new condition. An expunged instance
 * has no `previous`, so its last condition counts as new.
 */
export function delayEffect(previous: Instance | undefined, next: Instance): DelayEffect {
  const isDrained = next.tasks.some(
    (task) => drainingStates.has(task.state ?? '') && drainingReasons.has(task.reason ?? ''),
  )
  if (isDrained) return 'reset'
  if (previous?.condition === next.condition) return 'none'
  const effect = effectOf[next.condition]
  return effect === 'increase' && previous !== undefined && hadFailed(previous, next) ? 'none' : effect
}

const failures: ReadonlySet<Condition> = new Set(['Dropped', 'Error', 'Failed', 'Gone'])

/** A pod's instance fails once per launch, however many of its containers do and whatever is heard of them between. */
const hadFailed = (previous: Instance, next: Instance): boolean =>
  previous.attempt === next.attempt && previous.tasks.some(({ condition }) => failures.has(condition))

const nanosPerMilli = 1_000_000
const nanosOf = (inSeconds: number): number => Math.round(inSeconds * 1e9)

type Evidence = Pick<Delay, 'failures' | 'alike' | 'lastFailure'>

const evidenceOf = ({ failures, alike, lastFailure }: Delay): Evidence =>
  lastFailure === undefined ? { failures, alike } : { failures, alike, lastFailure }

const isSameEnd = (a: LaunchFailure, b: LaunchFailure | undefined): boolean =>
  a.condition === b?.condition && a.message === b.message

/** The end of an instance as the evidence of a delay. */
export function launchFailureOf(
  instance: Instance,
  status: TaskStatus | undefined,
  at: Instant,
): LaunchFailure {
  const message = status?.message?.slice(0, limits.failureMessageChars)
  return {
    condition: instance.condition,
    ...(message === undefined || message === '' ? {} : { message }),
    ...(status === undefined ? {} : { taskId: status.taskId }),
    ...(instance.agent === undefined ? {} : { hostname: instance.agent.hostname }),
    at,
  }
}

/** The delays of all configurations, keyed by run spec and last config change. */
export class Delays {
  readonly #byRunSpec = new Map<PathId, Map<Version, Delay>>()

  /** Carries out what delayEffect says. */
  apply(effect: DelayEffect, runSpec: DelayedRunSpec, now: Instant, failure?: LaunchFailure): void {
    if (effect === 'increase') this.increase(runSpec, now, failure)
    else if (effect === 'advance') this.advance(runSpec, now)
    else if (effect === 'reset') this.reset(runSpec)
  }

  /** The first failure waits for the configured time, each further one for the factor of the wait before. */
  increase(runSpec: DelayedRunSpec, now: Instant, failure?: LaunchFailure): void {
    const current = this.get(runSpec)
    const nanos =
      current === undefined
        ? nanosOf(runSpec.backoffSeconds)
        : Math.floor(current.nanos * runSpec.backoffFactor)
    const isAlike = failure !== undefined && isSameEnd(failure, current?.lastFailure)
    this.#put(runSpec, Math.min(nanos, nanosOf(runSpec.maxLaunchDelaySeconds)), now, {
      failures: (current?.failures ?? 0) + 1,
      alike: isAlike ? (current?.alike ?? 0) + 1 : 1,
      ...(failure === undefined ? {} : { lastFailure: failure }),
    })
  }

  /** The same wait, counted again from now; nothing without a delay. */
  advance(runSpec: DelayedRunSpec, now: Instant): void {
    const current = this.get(runSpec)
    if (current !== undefined) this.#put(runSpec, current.nanos, now, evidenceOf(current))
  }

  /** Launches of this configuration wait no longer. */
  reset(runSpec: Pick<DelayedRunSpec, 'id' | 'versionInfo'>): void {
    const versions = this.#byRunSpec.get(runSpec.id)
    if (versions?.delete(runSpec.versionInfo.lastConfigChangeAt) && versions.size === 0) {
      this.#byRunSpec.delete(runSpec.id)
    }
  }

  /** The run spec is gone: so are the delays of all its configurations. */
  resetAll(id: PathId): void {
    this.#byRunSpec.delete(id)
  }

  get(runSpec: Pick<DelayedRunSpec, 'id' | 'versionInfo'>): Delay | undefined {
    return this.#byRunSpec.get(runSpec.id)?.get(runSpec.versionInfo.lastConfigChangeAt)
  }

  /** When launching is allowed, also when that has passed already; undefined without a delay. */
  deadline(runSpec: Pick<DelayedRunSpec, 'id' | 'versionInfo'>): Instant | undefined {
    return this.get(runSpec)?.deadline
  }

  /** Forgets delays nobody has touched for the longest delay possible; the original does so every 10 s. */
  prune(now: Instant): void {
    for (const delay of [...this.all()]) {
      if (now > delay.diesAfter) {
        this.reset({
          id: delay.runSpecId,
          versionInfo: {
            lastConfigChangeAt: delay.lastConfigChangeAt,
            lastScalingAt: delay.lastConfigChangeAt,
          },
        })
      }
    }
  }

  /** Run specs with a delay, whether it is over or not. */
  get size(): number {
    return this.#byRunSpec.size
  }

  *all(): Generator<Delay> {
    for (const versions of this.#byRunSpec.values()) yield* versions.values()
  }

  #put(runSpec: DelayedRunSpec, nanos: number, now: Instant, evidence: Evidence): void {
    let versions = this.#byRunSpec.get(runSpec.id)
    if (versions === undefined) {
      versions = new Map()
      this.#byRunSpec.set(runSpec.id, versions)
    }
    const { lastConfigChangeAt } = runSpec.versionInfo
    versions.set(lastConfigChangeAt, {
      runSpecId: runSpec.id,
      lastConfigChangeAt,
      nanos,
      reference: now,
      deadline: (now + Math.floor(nanos / nanosPerMilli)) as Instant,
      diesAfter: (now + Math.floor(nanosOf(runSpec.maxLaunchDelaySeconds) / nanosPerMilli)) as Instant,
      ...evidence,
    })
  }
}
