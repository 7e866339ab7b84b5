// How many instances of a run spec are in which situation, kept up to date with every change. Decisions about numbers
// read it instead of walking the instances, so that an app of a million costs no more per decision than one of ten.

import type { Version } from '../../lib/instant.ts'
import {
  countsTowardsTarget,
  haveAllTasksEnded,
  isHealthy,
  isProvisioned,
  isScheduled,
  isTerminalForWaiting,
  isTerminalGoal,
} from '../instances/condition.ts'
import type { Instance } from '../instances/instance.ts'

export interface Tally {
  readonly all: number
  /** Not to be used again, whether something of them still runs or not. */
  readonly decommissioned: number
  /** Kept for what they left on their volumes, whether something of them still runs or not. */
  readonly stopped: number
  /** Instances that count towards the target (runtime 7). */
  readonly counted: number
  /** Told to end, and something of them may still run. */
  readonly ending: number
  /** Launched, and nothing heard of them yet. */
  readonly provisioned: number
  ofVersion(version: Version): VersionTally
  /** Those that some of the counted ones carry. */
  versions(): Iterable<Version>
}

/** Of the instances that count, those that carry one version. */
export interface VersionTally {
  readonly counted: number
  readonly running: number
  readonly healthy: number
  /** Healthy, and ready as well, of a version with readiness checks. */
  readonly ready: number
  readonly scheduled: number
}

/** Told to end, and something of it may still run. Cut off tasks are not waited for (runtime 7). */
export const isEnding = (instance: Instance): boolean =>
  isTerminalGoal(instance.goal) && !isTerminalForWaiting(instance) && !haveAllTasksEnded(instance)

const none: VersionTally = { counted: 0, running: 0, healthy: 0, ready: 0, scheduled: 0 }

export class RunningTally implements Tally {
  all = 0
  decommissioned = 0
  stopped = 0
  counted = 0
  ending = 0
  provisioned = 0
  readonly #versions = new Map<
    Version,
    { counted: number; running: number; healthy: number; ready: number; scheduled: number }
  >()

  add(instance: Instance): void {
    this.#count(instance, 1)
  }

  remove(instance: Instance): void {
    this.#count(instance, -1)
  }

  ofVersion(version: Version): VersionTally {
    return this.#versions.get(version) ?? none
  }

  versions(): Iterable<Version> {
    return this.#versions.keys()
  }

  #count(instance: Instance, by: 1 | -1): void {
    this.all += by
    if (instance.goal === 'Decommissioned') this.decommissioned += by
    else if (instance.goal === 'Stopped') this.stopped += by
    if (isEnding(instance)) this.ending += by
    if (isProvisioned(instance)) this.provisioned += by
    if (!countsTowardsTarget(instance)) return
    this.counted += by
    let version = this.#versions.get(instance.runSpecVersion)
    if (version === undefined) {
      version = { counted: 0, running: 0, healthy: 0, ready: 0, scheduled: 0 }
      this.#versions.set(instance.runSpecVersion, version)
    }
    version.counted += by
    if (instance.condition === 'Running') version.running += by
    if (isHealthy(instance)) {
      version.healthy += by
      if (instance.ready === true) version.ready += by
    }
    if (isScheduled(instance)) version.scheduled += by
    if (version.counted === 0) this.#versions.delete(instance.runSpecVersion)
  }
}

/** The tally of a list, for those who have no running one. */
export function tallyOf(instances: Iterable<Instance>): Tally {
  const tally = new RunningTally()
  for (const instance of instances) tally.add(instance)
  return tally
}
