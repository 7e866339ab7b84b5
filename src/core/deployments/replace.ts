// The rolling restart of one run spec (runtime 11.1), as arithmetic over the instances that exist now: never fewer
// healthy ones than minHealthy because of a kill, never more in all than maxCapacity. The original decides once and
// then counts events, one kill for each new instance that becomes healthy, so that failures of new instances lower
// its capacity below the minimum (worked-examples 4.1, row 10). Looking at sets each time, a failed new instance
// delays the next kill instead, and a new leader simply goes on.

import { isResident, type RunSpec } from '../../spec/run-spec.ts'
import type { Decision } from '../actions.ts'
import {
  countsTowardsTarget,
  haveAllTasksEnded,
  isActive,
  isHealthy,
  isScheduled,
} from '../instances/condition.ts'
import type { Instance } from '../instances/instance.ts'
import type { WaitingOn } from '../reasons.ts'
import {
  goalOfSurplus,
  scheduleAction,
  stopActions,
  waitingForEnd,
  waitingForNextSlice,
} from '../scaling/decide-scale.ts'
import { firstToGo, killOrder } from '../scaling/kill-order.ts'
import { isEnding } from '../scaling/tally.ts'
import { waitingForHealth } from './launch-waiting.ts'

export interface ReplaceInput {
  /** The version to lead to. */
  readonly runSpec: RunSpec
  /** All of the run spec, of every version, goal and condition. */
  readonly instances: readonly Instance[]
  /** Whether an instance has the configuration to lead to. */
  readonly isNew: (instance: Instance) => boolean
  /** Most instances this decision may create or stop. */
  readonly most: number
}

export interface ReplaceDecision extends Decision {
  readonly isDone: boolean
  readonly spent: number
}

/** The next move towards `instances` healthy instances of the new version and none of an old one. */
export function decideReplace(input: ReplaceInput): ReplaceDecision {
  const { runSpec, most } = input
  if (runSpec.instances === 0) return { actions: [], waitingOn: [], isDone: true, spent: 0 }
  const sets = split(input)
  const capacity = capacityOf(runSpec, sets)
  const spared = chooseKills(runSpec, sets, capacity)
  const kills =
    spared.length > 0 || canMove(runSpec, sets, capacity) ? spared : makeRoom(runSpec, sets, capacity)
  const wanted = toStart(runSpec, sets, capacity, kills)

  // What does not run makes way first: it costs no capacity.
  const stopped = [...sets.oldIdle, ...kills].slice(0, most)
  const started = Math.min(wanted, most - stopped.length)
  const rest = sets.oldIdle.length + kills.length - stopped.length + wanted - started
  return {
    actions: [
      ...stopActions(stopped, goalOfSurplus(runSpec), 'deployment'),
      ...scheduleAction(runSpec, started),
    ],
    waitingOn: waitingOf(input, sets, capacity, { stopped, started, rest }),
    isDone: isFinished(runSpec, sets),
    spent: stopped.length + started,
  }
}

interface Sets {
  /** Old, meant to run, with a task (or perhaps with one: Unreachable). */
  readonly oldHealthy: readonly Instance[]
  readonly oldSick: readonly Instance[]
  /** Old, meant to run, without a task: never launched, or failed and waiting for a relaunch that shall not come. */
  readonly oldIdle: readonly Instance[]
  readonly newHealthy: readonly Instance[]
  /** New, on its way to be healthy: waiting for an offer, starting, failed and waiting for its relaunch. */
  readonly newPending: readonly Instance[]
  /** Of any version: told to end, may still run. */
  readonly ending: readonly Instance[]
}

function split({ instances, isNew }: ReplaceInput): Sets {
  const oldHealthy: Instance[] = []
  const oldSick: Instance[] = []
  const oldIdle: Instance[] = []
  const newHealthy: Instance[] = []
  const newPending: Instance[] = []
  const ending: Instance[] = []
  for (const instance of instances) {
    if (instance.goal !== 'Running') {
      if (isEnding(instance)) ending.push(instance)
    } else if (isNew(instance)) {
      if (isHealthy(instance)) newHealthy.push(instance)
      else if (countsTowardsTarget(instance)) newPending.push(instance)
    } else if (isHealthy(instance)) oldHealthy.push(instance)
    else if (hasTask(instance)) oldSick.push(instance)
    else oldIdle.push(instance)
  }
  return { oldHealthy, oldSick, oldIdle, newHealthy, newPending, ending }
}

interface Capacity {
  /** Healthy instances there shall be at least. */
  readonly minHealthy: number
  /** Instances there may be at most, those included that are told to end and have not ended. */
  readonly maxCapacity: number
  /** Healthy ones beyond the minimum; negative when there are too few. */
  readonly spare: number
}

/**
 * Where the minimum is the maximum and all of it is healthy, nothing could move: then one more may be started, or, of a
 * resident run spec, which needs the volume of an old instance, one more may be stopped (runtime 11.1).
 */
function capacityOf(runSpec: RunSpec, sets: Sets): Capacity {
  const { minimumHealthCapacity, maximumOverCapacity } = runSpec.upgradeStrategy
  const minHealthy = Math.ceil(runSpec.instances * minimumHealthCapacity)
  const maxCapacity = Math.floor(runSpec.instances * (1 + maximumOverCapacity))
  const healthy = sets.oldHealthy.length + sets.newHealthy.length
  const spare = healthy - minHealthy
  if (minHealthy !== maxCapacity || maxCapacity > healthy) return { minHealthy, maxCapacity, spare }
  if (!isResident(runSpec)) return { minHealthy, maxCapacity: maxCapacity + 1, spare }
  const isMoving = sets.ending.length + sets.oldSick.length + sets.newPending.length > 0
  return { minHealthy, maxCapacity, spare: isMoving ? spare : spare + 1 }
}

/**
 * With enough healthy instances every sick old one goes, and as many healthy old ones as can be spared. With too few,
 * only what exceeds the wanted number goes, and only sick ones. New ones beyond the wanted number go as well, the
 * healthy last.
 */
function chooseKills(runSpec: RunSpec, sets: Sets, { spare }: Capacity): readonly Instance[] {
  const { oldHealthy, oldSick, newHealthy, newPending } = sets
  const surplus = newHealthy.length + newPending.length - runSpec.instances
  const newSick = pick(runSpec, newPending, Math.min(surplus, newPending.length))
  const newTooMany = pick(runSpec, newHealthy, newHealthy.length - runSpec.instances)
  const left = spare - newTooMany.length
  const tooManyOld = oldHealthy.length + oldSick.length - runSpec.instances
  const sick = left >= 0 ? oldSick : pick(runSpec, oldSick, Math.min(tooManyOld, oldSick.length))
  return [...sick, ...newSick, ...newTooMany, ...pick(runSpec, oldHealthy, Math.min(left, oldHealthy.length))]
}

/** Instances that are told to end hold their place until they have ended. */
function toStart(
  runSpec: RunSpec,
  sets: Sets,
  { maxCapacity }: Capacity,
  kills: readonly Instance[],
): number {
  const started = sets.newHealthy.length + sets.newPending.length
  const leavingAtOnce = kills.filter((instance) => !holdsPlace(instance)).length
  const occupied = occupiedBy(sets) - leavingAtOnce
  return Math.max(0, Math.min(runSpec.instances - started, maxCapacity - occupied))
}

const occupiedBy = (sets: Sets): number =>
  sets.oldHealthy.length +
  sets.oldSick.length +
  sets.newHealthy.length +
  sets.newPending.length +
  sets.ending.length

const holdsPlace = (instance: Instance): boolean => isEnding({ ...instance, goal: 'Decommissioned' })

/** Also the rest of a pod of which a container has failed. */
const hasTask = (instance: Instance): boolean => isActive(instance) || holdsPlace(instance)

/** Whether something is under way, or can be started, that may change the picture. */
const canMove = (runSpec: RunSpec, sets: Sets, capacity: Capacity): boolean =>
  sets.ending.length + sets.newPending.length > 0 || toStart(runSpec, sets, capacity, []) > 0

/**
 * Too few are healthy to spare one, there is no room to start one, and nothing is under way: a sick old instance makes
 * room, more only as far as they leave none. The original stands still here (runtime 11.1, the row with
 * Marathon-run checks).
 */
function makeRoom(runSpec: RunSpec, sets: Sets, { maxCapacity }: Capacity): readonly Instance[] {
  const candidates = killOrder(sets.oldSick, runSpec.killSelection)
  const tooMany = occupiedBy(sets) - maxCapacity + 1
  const first = candidates.findIndex(holdsPlace)
  return candidates.slice(0, first === -1 ? tooMany : Math.min(tooMany, first + 1))
}

const pick = (runSpec: RunSpec, instances: readonly Instance[], count: number): readonly Instance[] =>
  firstToGo(instances, count, runSpec.killSelection)

const isFinished = (runSpec: RunSpec, sets: Sets): boolean =>
  sets.newHealthy.length === runSpec.instances &&
  sets.newPending.length +
    sets.oldHealthy.length +
    sets.oldSick.length +
    sets.oldIdle.length +
    sets.ending.length ===
    0

function waitingOf(
  { runSpec, isNew }: ReplaceInput,
  sets: Sets,
  { minHealthy, maxCapacity }: Capacity,
  { stopped, started, rest }: { stopped: readonly Instance[]; started: number; rest: number },
): readonly WaitingOn[] {
  const withTask = stopped.filter((instance) => !haveAllTasksEnded(instance)).length
  const pendingStopped = stopped.filter((instance) => isNew(instance) && !isHealthy(instance))
  const pending = sets.newPending.length - pendingStopped.length
  const scheduled = count(sets.newPending, isScheduled) - count(pendingStopped, isScheduled)
  const oldStopped = count(stopped, (instance) => !isNew(instance) && hasTask(instance))
  const olds = sets.oldHealthy.length + sets.oldSick.length - oldStopped
  const news = sets.newHealthy.length + sets.newPending.length + started
  const isHeldBack = olds > 0 || news < runSpec.instances
  return [
    ...waitingForEnd(runSpec.id, sets.ending.length + withTask),
    ...waitingForHealth(runSpec.id, {
      scheduled: scheduled + started,
      launched: pending - scheduled,
    }),
    ...(isHeldBack ? [{ kind: 'capacity' as const, runSpecId: runSpec.id, minHealthy, maxCapacity }] : []),
    ...waitingForNextSlice(runSpec.id, rest),
  ]
}

/** Without a list in between: there may be 100,000 of them, and a decision for every few that change. */
function count(instances: readonly Instance[], which: (instance: Instance) => boolean): number {
  let found = 0
  for (const instance of instances) if (which(instance)) found++
  return found
}
