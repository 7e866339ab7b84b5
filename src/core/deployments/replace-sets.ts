// The sets a rolling restart is decided from, kept up to date with every change of an instance while it lasts, so
// that a decision costs what has changed and not what there is. They hold nothing that is not in the instances: who has
// none builds them from the list.

import type { Version } from '../../lib/instant.ts'
import { countsTowardsTarget, isActive, isHealthy, isScheduled } from '../instances/condition.ts'
import type { Instance } from '../instances/instance.ts'
import { isEnding } from '../scaling/tally.ts'
import { KillQueue } from './kill-queue.ts'
import { isUp, type Pending } from './launch-waiting.ts'

export interface ReplaceSets {
  /** Old, meant to run, with a task (or perhaps with one: Unreachable). */
  readonly oldHealthy: KillQueue
  readonly oldSick: ReadonlySet<Instance>
  /** Old, meant to run, without a task: never launched, or failed and waiting for a relaunch that shall not come. */
  readonly oldIdle: ReadonlySet<Instance>
  /** Old, and given up on: cut off for so long that another takes its place, unless it comes back. */
  readonly oldLost: ReadonlySet<Instance>
  /** New, healthy, and ready where that is asked. */
  readonly newUp: ReadonlySet<Instance>
  /** New, on its way there: waiting for an offer, starting, failed and waiting for its relaunch, not ready yet. */
  readonly newPending: ReadonlySet<Instance>
  /** Of any version: told to end, may still run. */
  readonly ending: ReadonlySet<Instance>
  /** The pending ones, by how far they are. */
  readonly pending: Pending
}

export interface ReplaceQuestion {
  /** Whether instances of a version have the configuration to lead to. */
  readonly isNew: (instance: Instance) => boolean
  /** Whether new ones have to be ready before they are up. */
  readonly mustBeReady: boolean
}

/** Also the rest of a pod of which a container has failed. */
export const hasTask = (instance: Instance): boolean => isActive(instance) || holdsPlace(instance)

/** Told to end, it would have to be waited for. */
export const holdsPlace = (instance: Instance): boolean => isEnding({ ...instance, goal: 'Decommissioned' })

/** Its tasks are told to end, though it may come back: whoever counts on it has counted one too many. */
const isBeingKilled = ({ kill }: Instance): boolean => kill !== undefined

/** How far a new instance that is not up is. */
export const stageOf = (instance: Instance): keyof Pending => {
  if (isScheduled(instance)) return 'scheduled'
  if (instance.condition !== 'Running' || isBeingKilled(instance)) return 'launched'
  return isHealthy(instance) ? 'unready' : 'unhealthy'
}

type SetName = Exclude<keyof ReplaceSets, 'pending'>

export class RunningReplaceSets implements ReplaceSets {
  readonly oldHealthy = new KillQueue()
  readonly oldSick = new Set<Instance>()
  readonly oldIdle = new Set<Instance>()
  readonly oldLost = new Set<Instance>()
  readonly newUp = new Set<Instance>()
  readonly newPending = new Set<Instance>()
  readonly ending = new Set<Instance>()
  readonly pending = { scheduled: 0, launched: 0, unhealthy: 0, unready: 0 }
  /** The version that is led to: sets of another are of no use. */
  readonly version: Version
  readonly #question: ReplaceQuestion

  constructor(version: Version, question: ReplaceQuestion, instances: Iterable<Instance>) {
    this.version = version
    this.#question = question
    for (const instance of instances) this.add(instance)
  }

  /** Anew from a list, to compare with. */
  rebuilt(instances: Iterable<Instance>): RunningReplaceSets {
    return new RunningReplaceSets(this.version, this.#question, instances)
  }

  add(instance: Instance): void {
    const name = this.#setOf(instance)
    if (name === undefined) return
    this[name].add(instance)
    if (name === 'newPending') this.pending[stageOf(instance)]++
  }

  remove(instance: Instance): void {
    const name = this.#setOf(instance)
    if (name === undefined) return
    this[name].delete(instance)
    if (name === 'newPending') this.pending[stageOf(instance)]--
  }

  #setOf(instance: Instance): SetName | undefined {
    if (instance.goal !== 'Running') return isEnding(instance) ? 'ending' : undefined
    const stays = !isBeingKilled(instance)
    if (this.#question.isNew(instance)) {
      if (stays && isUp(instance, this.#question.mustBeReady)) return 'newUp'
      return countsTowardsTarget(instance) ? 'newPending' : undefined
    }
    if (stays && isHealthy(instance)) return 'oldHealthy'
    if (hasTask(instance)) return 'oldSick'
    return countsTowardsTarget(instance) ? 'oldIdle' : 'oldLost'
  }
}
