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
import { isUp, needsReadiness, waitingForHealth } from './launch-waiting.ts'
import type { Progress } from './progress.ts'

export interface ReplaceInput {
  /** The version to lead to. */
  readonly runSpec: RunSpec
  /** All of the run spec, of every version, goal and condition. */
  readonly instances: readonly Instance[]
  /** Whether an instance has the configuration to lead to. */
  readonly isNew: (instance: Instance) => boolean
  /** Most instances this decision may create or stop. */
  readonly most: number
  /** How many new ones there shall be for now; absent: all of them (canary.ts). */
  readonly canaries?: number
  /** They are there, and the deployment pauses: only what fails of them is replaced. */
  readonly isHeld?: boolean
}

export interface ReplaceDecision extends Decision {
  readonly isDone: boolean
  /** As many new ones as there shall be for now are up, and nothing is under way. */
  readonly isReached: boolean
  readonly progress: Progress
  readonly spent: number
}

/** The next move towards `instances` new instances that are up, and none of an old version. */
export function decideReplace(input: ReplaceInput): ReplaceDecision {
  const { runSpec, most, isHeld = false } = input
  if (runSpec.instances === 0) return nothingToReplace
  const sets = split(input)
  const aim = aimOf(input, sets)
  const capacity = capacityOf(runSpec, sets)
  const spared = chooseKills(runSpec, sets, capacity, aim)
  const isStuck = !isHeld && spared.length === 0 && !canMove(sets, capacity, aim)
  const kills = isStuck ? makeRoom(runSpec, sets, capacity, aim) : spared
  const wanted = toStart(sets, capacity, aim, kills)

  // What does not run makes way first: it costs no capacity.
  const idle = sets.oldIdle.slice(0, aim.oldIdleToGo)
  const stopped = [...idle, ...kills].slice(0, most)
  const started = Math.min(wanted, most - stopped.length)
  const rest = idle.length + kills.length - stopped.length + wanted - started
  const isAtRest = stopped.length + started + rest + sets.ending.length + sets.newPending.length === 0
  return {
    actions: [
      ...stopActions(stopped, goalOfSurplus(runSpec), 'deployment'),
      ...scheduleAction(runSpec, started),
    ],
    waitingOn: waitingOf(input, sets, capacity, { stopped, started, rest }),
    isDone: isFinished(runSpec, sets),
    isReached: isAtRest && sets.newUp.length >= aim.news,
    progress: progressOf(sets),
    spent: stopped.length + started,
  }
}

const nothingToReplace: ReplaceDecision = {
  actions: [],
  waitingOn: [],
  isDone: true,
  isReached: true,
  progress: { up: 0, left: 0 },
  spent: 0,
}

interface Sets {
  /** Old, meant to run, with a task (or perhaps with one: Unreachable). */
  readonly oldHealthy: readonly Instance[]
  readonly oldSick: readonly Instance[]
  /** Old, meant to run, without a task: never launched, or failed and waiting for a relaunch that shall not come. */
  readonly oldIdle: readonly Instance[]
  /** New, healthy, and ready where that is asked. */
  readonly newUp: readonly Instance[]
  /** New, on its way there: waiting for an offer, starting, failed and waiting for its relaunch, not ready yet. */
  readonly newPending: readonly Instance[]
  /** Of any version: told to end, may still run. */
  readonly ending: readonly Instance[]
}

function split({ runSpec, instances, isNew }: ReplaceInput): Sets {
  const mustBeReady = needsReadiness(runSpec)
  const oldHealthy: Instance[] = []
  const oldSick: Instance[] = []
  const oldIdle: Instance[] = []
  const newUp: Instance[] = []
  const newPending: Instance[] = []
  const ending: Instance[] = []
  for (const instance of instances) {
    if (instance.goal !== 'Running') {
      if (isEnding(instance)) ending.push(instance)
    } else if (isNew(instance)) {
      if (isUp(instance, mustBeReady)) newUp.push(instance)
      else if (countsTowardsTarget(instance)) newPending.push(instance)
    } else if (isHealthy(instance)) oldHealthy.push(instance)
    else if (hasTask(instance)) oldSick.push(instance)
    else oldIdle.push(instance)
  }
  return { oldHealthy, oldSick, oldIdle, newUp, newPending, ending }
}

/** What there shall be when nothing more is to be done for now. */
interface Aim {
  readonly news: number
  /** Old ones to go, by whether they have a task. */
  readonly oldIdleToGo: number
  readonly oldToGo: number
}

/** Old ones keep the places that new ones do not take yet; in a pause none of them goes. */
function aimOf({ runSpec, canaries = runSpec.instances, isHeld = false }: ReplaceInput, sets: Sets): Aim {
  const news = Math.min(canaries, runSpec.instances)
  const working = sets.oldHealthy.length + sets.oldSick.length
  const toGo = isHeld ? 0 : Math.max(0, sets.oldIdle.length + working - (runSpec.instances - news))
  const oldIdleToGo = Math.min(sets.oldIdle.length, toGo)
  return { news, oldIdleToGo, oldToGo: toGo - oldIdleToGo }
}

const progressOf = ({ oldHealthy, oldSick, oldIdle, newUp, ending }: Sets): Progress => ({
  up: newUp.length,
  left: oldHealthy.length + oldSick.length + oldIdle.length + ending.length,
})

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
  const healthy = sets.oldHealthy.length + sets.newUp.length
  const spare = healthy - minHealthy
  if (minHealthy !== maxCapacity || maxCapacity > healthy) return { minHealthy, maxCapacity, spare }
  if (!isResident(runSpec)) return { minHealthy, maxCapacity: maxCapacity + 1, spare }
  const isMoving = sets.ending.length + sets.oldSick.length + sets.newPending.length > 0
  return { minHealthy, maxCapacity, spare: isMoving ? spare : spare + 1 }
}

/**
 * With enough healthy instances every sick old one goes, and as many healthy old ones as can be spared. With too few,
 * only what exceeds the wanted number goes, and only sick ones. New ones beyond the wanted number go as well, those
 * that are up last.
 */
function chooseKills(
  runSpec: RunSpec,
  sets: Sets,
  { spare }: Capacity,
  { news, oldToGo }: Aim,
): readonly Instance[] {
  const { oldHealthy, oldSick, newUp, newPending } = sets
  const surplus = newUp.length + newPending.length - news
  const newSick = pick(runSpec, newPending, Math.min(surplus, newPending.length))
  const newTooMany = pick(runSpec, newUp, newUp.length - news)
  const left = spare - newTooMany.length
  const tooManyOld = oldHealthy.length + oldSick.length - runSpec.instances
  const sickToGo = Math.min(oldSick.length, left >= 0 ? oldToGo : Math.min(tooManyOld, oldToGo))
  const sick = pick(runSpec, oldSick, sickToGo)
  const healthy = pick(runSpec, oldHealthy, Math.min(left, oldHealthy.length, oldToGo - sick.length))
  return [...sick, ...newSick, ...newTooMany, ...healthy]
}

/** Instances that are told to end hold their place until they have ended; an old one that comes back has its own. */
function toStart(
  sets: Sets,
  { maxCapacity }: Capacity,
  { news, oldIdleToGo }: Aim,
  kills: readonly Instance[],
): number {
  const started = sets.newUp.length + sets.newPending.length
  const leavingAtOnce = kills.filter((instance) => !holdsPlace(instance)).length
  const occupied = occupiedBy(sets) + sets.oldIdle.length - oldIdleToGo - leavingAtOnce
  return Math.max(0, Math.min(news - started, maxCapacity - occupied))
}

const occupiedBy = (sets: Sets): number =>
  sets.oldHealthy.length +
  sets.oldSick.length +
  sets.newUp.length +
  sets.newPending.length +
  sets.ending.length

const holdsPlace = (instance: Instance): boolean => isEnding({ ...instance, goal: 'Decommissioned' })

/** Also the rest of a pod of which a container has failed. */
const hasTask = (instance: Instance): boolean => isActive(instance) || holdsPlace(instance)

/** Whether something is under way, or can be started, that may change the picture; or need not change. */
const canMove = (sets: Sets, capacity: Capacity, aim: Aim): boolean =>
  sets.ending.length + sets.newPending.length > 0 ||
  sets.newUp.length >= aim.news ||
  toStart(sets, capacity, aim, []) > 0

/**
 * Too few are healthy to spare one, there is no room to start one, and nothing is under way: a sick old instance makes
 * room, more only as far as they leave none. The original stands still here (runtime 11.1, the row with
 * Marathon-run checks).
 */
function makeRoom(
  runSpec: RunSpec,
  sets: Sets,
  { maxCapacity }: Capacity,
  { oldIdleToGo }: Aim,
): readonly Instance[] {
  const candidates = killOrder(sets.oldSick, runSpec.killSelection)
  const tooMany = occupiedBy(sets) + sets.oldIdle.length - oldIdleToGo - maxCapacity + 1
  const first = candidates.findIndex(holdsPlace)
  return candidates.slice(0, first === -1 ? tooMany : Math.min(tooMany, first + 1))
}

const pick = (runSpec: RunSpec, instances: readonly Instance[], count: number): readonly Instance[] =>
  firstToGo(instances, count, runSpec.killSelection)

const isFinished = (runSpec: RunSpec, sets: Sets): boolean =>
  sets.newUp.length === runSpec.instances &&
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
  const mustBeReady = needsReadiness(runSpec)
  const withTask = stopped.filter((instance) => !haveAllTasksEnded(instance)).length
  const pendingStopped = stopped.filter((instance) => isNew(instance) && !isUp(instance, mustBeReady))
  const pending = (which: (instance: Instance) => boolean): number =>
    count(sets.newPending, which) - count(pendingStopped, which)
  const scheduled = pending(isScheduled)
  const running = pending(isRunning)
  const unready = mustBeReady ? pending(isHealthy) : 0
  const oldStopped = count(stopped, (instance) => !isNew(instance) && hasTask(instance))
  const olds = sets.oldHealthy.length + sets.oldSick.length - oldStopped
  const news = sets.newUp.length + sets.newPending.length + started
  const isHeldBack = olds > 0 || news < runSpec.instances
  return [
    ...waitingForEnd(runSpec.id, sets.ending.length + withTask),
    ...waitingForHealth(runSpec.id, {
      scheduled: scheduled + started,
      launched: sets.newPending.length - pendingStopped.length - scheduled - running,
      unhealthy: running - unready,
      unready,
    }),
    ...(isHeldBack ? [{ kind: 'capacity' as const, runSpecId: runSpec.id, minHealthy, maxCapacity }] : []),
    ...waitingForNextSlice(runSpec.id, rest),
  ]
}

const isRunning = ({ condition }: Instance): boolean => condition === 'Running'

/** Without a list in between: there may be 100,000 of them, and a decision for every few that change. */
function count(instances: readonly Instance[], which: (instance: Instance) => boolean): number {
  let found = 0
  for (const instance of instances) if (which(instance)) found++
  return found
}
