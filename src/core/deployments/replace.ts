// The rolling restart of one run spec (runtime 11.1), as arithmetic over the instances that exist now: never fewer
// healthy ones than minHealthy because of a kill, never more in all than maxCapacity. The original decides once and
// then counts events, one kill for each new instance that becomes healthy, so that failures of new instances lower
// its capacity below the minimum (worked-examples 4.1, row 10). Looking at sets each time, a failed new instance
// delays the next kill instead, and a new leader simply goes on.

import { isResident, type RunSpec } from '../../spec/run-spec.ts'
import type { Decision } from '../actions.ts'
import { haveAllTasksEnded } from '../instances/condition.ts'
import type { Instance } from '../instances/instance.ts'
import type { WaitingOn } from '../reasons.ts'
import {
  scheduleAction,
  surplusActions,
  waitingForEnd,
  waitingForNextSlice,
} from '../scaling/decide-scale.ts'
import { firstToGo, killOrder } from '../scaling/kill-order.ts'
import type { KillQueue } from './kill-queue.ts'
import { waitingForHealth } from './launch-waiting.ts'
import type { Progress } from './progress.ts'
import { holdsPlace, type ReplaceSets, stageOf } from './replace-sets.ts'

export interface ReplaceInput {
  /** The version to lead to. */
  readonly runSpec: RunSpec
  /** Of all its instances, of every version, goal and condition. */
  readonly sets: ReplaceSets
  /** Most instances this decision may create or stop. */
  readonly most: number
  /** How many new ones there shall be for now; absent: all of them (canary.ts). */
  readonly canaries?: number
  /** They are there, and the deployment pauses: only what fails of them is replaced. */
  readonly isHeld?: boolean
  /** What the old ones are: while new ones are tried, those that are lost of the others are replaced by it. */
  readonly former?: RunSpec
  /** Old ones of yet another configuration, left by a trial that was interrupted: they make way first. */
  readonly isStray?: (instance: Instance) => boolean
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
  const { sets } = input
  const aim = aimOf(input)
  const capacity = capacityOf(runSpec, sets)
  const spared = chooseKills(input, capacity, aim)
  const isStuck = !isHeld && spared.length === 0 && !canMove(sets, capacity, aim)
  const kills = isStuck ? makeRoom(runSpec, sets, capacity, aim) : spared
  const wanted = toStart(sets, capacity, aim, kills)
  const missing = input.former === undefined ? 0 : oldToStart(runSpec, sets, capacity, aim)

  // What does not run makes way first: it costs no capacity.
  const idle = [...firstOf(sets.oldLost, aim.oldLostToGo), ...firstOf(sets.oldIdle, aim.oldIdleToGo)]
  const stopped = [...idle, ...kills].slice(0, most)
  const started = Math.min(wanted, most - stopped.length)
  const refilled = Math.min(missing, most - stopped.length - started)
  const rest = idle.length + kills.length - stopped.length + wanted - started + missing - refilled
  const isAtRest = stopped.length + started + refilled + rest + sets.ending.size + sets.newPending.size === 0
  return {
    actions: [
      ...surplusActions(stopped, 'deployment'),
      ...scheduleAction(runSpec, started),
      ...(input.former === undefined ? [] : scheduleAction(input.former, refilled)),
    ],
    waitingOn: waitingOf(input, capacity, { stopped, started, rest }),
    isDone: isFinished(runSpec, sets),
    isReached: isAtRest && sets.newUp.size >= aim.news,
    progress: progressOf(sets),
    spent: stopped.length + started + refilled,
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

/** What there shall be when nothing more is to be done for now. */
interface Aim {
  readonly news: number
  /** Old ones to go, by whether they have a task. */
  readonly oldIdleToGo: number
  readonly oldToGo: number
  readonly oldLostToGo: number
}

/** Old ones keep the places that new ones do not take yet; in a pause none of them goes. */
function aimOf({ runSpec, sets, canaries = runSpec.instances, isHeld = false }: ReplaceInput): Aim {
  const news = Math.min(canaries, runSpec.instances)
  const working = sets.oldHealthy.size + sets.oldSick.size
  const toGo = isHeld ? 0 : Math.max(0, sets.oldIdle.size + working - (runSpec.instances - news))
  const oldIdleToGo = Math.min(sets.oldIdle.size, toGo)
  const oldLostToGo = news < runSpec.instances ? 0 : sets.oldLost.size
  return { news, oldIdleToGo, oldToGo: toGo - oldIdleToGo, oldLostToGo }
}

const progressOf = ({ oldHealthy, oldSick, oldIdle, oldLost, newUp, ending }: ReplaceSets): Progress => ({
  up: newUp.size,
  left: oldHealthy.size + oldSick.size + oldIdle.size + oldLost.size + ending.size,
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
function capacityOf(runSpec: RunSpec, sets: ReplaceSets): Capacity {
  const { minimumHealthCapacity, maximumOverCapacity } = runSpec.upgradeStrategy
  const minHealthy = Math.ceil(runSpec.instances * minimumHealthCapacity)
  const maxCapacity = Math.floor(runSpec.instances * (1 + maximumOverCapacity))
  const healthy = sets.oldHealthy.size + sets.newUp.size
  const spare = healthy - minHealthy
  if (minHealthy !== maxCapacity || maxCapacity > healthy) return { minHealthy, maxCapacity, spare }
  if (!isResident(runSpec)) return { minHealthy, maxCapacity: maxCapacity + 1, spare }
  const isMoving = sets.ending.size + sets.oldSick.size + sets.newPending.size > 0
  return { minHealthy, maxCapacity, spare: isMoving ? spare : spare + 1 }
}

/**
 * With enough healthy instances every sick old one goes, and as many healthy old ones as can be spared. With too few,
 * only what exceeds the wanted number goes, and only sick ones. New ones beyond the wanted number go as well, those
 * that are up last.
 */
function chooseKills(
  { runSpec, sets, isStray }: ReplaceInput,
  { spare }: Capacity,
  { news, oldToGo }: Aim,
): readonly Instance[] {
  const { oldHealthy, oldSick, newUp, newPending } = sets
  const surplus = newUp.size + newPending.size - news
  const newSick = pick(runSpec, newPending, Math.min(surplus, newPending.size))
  // In a trial there may be fewer old ones than the minimum counts on.
  const newTooMany = pick(runSpec, newUp, Math.min(newUp.size - news, Math.max(0, spare)))
  const left = spare - newTooMany.length
  const tooManyOld = oldHealthy.size + oldSick.size - runSpec.instances
  const sickToGo = Math.min(oldSick.size, left >= 0 ? oldToGo : Math.min(tooManyOld, oldToGo))
  const sick = pick(runSpec, oldSick, sickToGo)
  const healthyToGo = Math.min(left, oldHealthy.size, oldToGo - sick.length)
  return [...sick, ...newSick, ...newTooMany, ...pickStraysFirst(runSpec, oldHealthy, healthyToGo, isStray)]
}

function pickStraysFirst(
  runSpec: RunSpec,
  instances: KillQueue,
  count: number,
  isStray: ReplaceInput['isStray'],
): readonly Instance[] {
  if (count <= 0 || isStray === undefined) return instances.first(count, runSpec.killSelection)
  const all = [...instances]
  const strays = pick(runSpec, new Set(all.filter(isStray)), count)
  const rest = new Set(all.filter((instance) => !isStray(instance)))
  return [...strays, ...pick(runSpec, rest, count - strays.length)]
}

/** Instances that are told to end hold their place until they have ended; an old one that comes back has its own. */
function toStart(
  sets: ReplaceSets,
  { maxCapacity }: Capacity,
  { news, oldIdleToGo }: Aim,
  kills: readonly Instance[],
): number {
  const started = sets.newUp.size + sets.newPending.size
  const leavingAtOnce = kills.filter((instance) => !holdsPlace(instance)).length
  const occupied = occupiedBy(sets) + sets.oldIdle.size - oldIdleToGo - leavingAtOnce
  return Math.max(0, Math.min(news - started, maxCapacity - occupied))
}

/** Old and new together shall be as many as wanted, also when some of the old ones are lost in a long trial. */
function oldToStart(runSpec: RunSpec, sets: ReplaceSets, { maxCapacity }: Capacity, { news }: Aim): number {
  const started = sets.newUp.size + sets.newPending.size
  const olds = sets.oldHealthy.size + sets.oldSick.size + sets.oldIdle.size
  const places = runSpec.instances - Math.max(news, started)
  const room = maxCapacity - occupiedBy(sets) - sets.oldIdle.size - Math.max(0, news - started)
  return Math.max(0, Math.min(places - olds, room))
}

const occupiedBy = (sets: ReplaceSets): number =>
  sets.oldHealthy.size + sets.oldSick.size + sets.newUp.size + sets.newPending.size + sets.ending.size

/** Whether something is under way, or can be started, that may change the picture; or need not change. */
const canMove = (sets: ReplaceSets, capacity: Capacity, aim: Aim): boolean =>
  sets.ending.size + sets.newPending.size > 0 ||
  sets.newUp.size >= aim.news ||
  toStart(sets, capacity, aim, []) > 0

/**
 * Too few are healthy to spare one, there is no room to start one, and nothing is under way: a sick old instance makes
 * room, more only as far as they leave none. The original stands still here (runtime 11.1, the row with
 * Marathon-run checks).
 */
function makeRoom(
  runSpec: RunSpec,
  sets: ReplaceSets,
  { maxCapacity }: Capacity,
  { oldIdleToGo }: Aim,
): readonly Instance[] {
  const candidates = killOrder([...sets.oldSick], runSpec.killSelection)
  const tooMany = occupiedBy(sets) + sets.oldIdle.size - oldIdleToGo - maxCapacity + 1
  const first = candidates.findIndex(holdsPlace)
  return candidates.slice(0, first === -1 ? tooMany : Math.min(tooMany, first + 1))
}

/** Looks at them only when some are to go. */
const pick = (runSpec: RunSpec, instances: ReadonlySet<Instance>, count: number): readonly Instance[] =>
  count <= 0 ? [] : firstToGo([...instances], count, runSpec.killSelection)

function firstOf(instances: ReadonlySet<Instance>, count: number): readonly Instance[] {
  const first: Instance[] = []
  for (const instance of instances) {
    if (first.length >= count) break
    first.push(instance)
  }
  return first
}

const isFinished = (runSpec: RunSpec, sets: ReplaceSets): boolean =>
  sets.newUp.size === runSpec.instances &&
  sets.newPending.size + sets.oldHealthy.size + sets.oldSick.size === 0 &&
  sets.oldIdle.size + sets.oldLost.size + sets.ending.size === 0

function waitingOf(
  { runSpec, sets }: ReplaceInput,
  { minHealthy, maxCapacity }: Capacity,
  { stopped, started, rest }: { stopped: readonly Instance[]; started: number; rest: number },
): readonly WaitingOn[] {
  const { scheduled, launched, unhealthy, unready } = sets.pending
  const gone = { scheduled: 0, launched: 0, unhealthy: 0, unready: 0 }
  let withTask = 0
  let oldStopped = 0
  for (const instance of stopped) {
    if (!haveAllTasksEnded(instance)) withTask++
    if (sets.newPending.has(instance)) gone[stageOf(instance)]++
    else if (sets.oldHealthy.has(instance) || sets.oldSick.has(instance)) oldStopped++
  }
  const olds = sets.oldHealthy.size + sets.oldSick.size - oldStopped
  const news = sets.newUp.size + sets.newPending.size + started
  const isHeldBack = olds > 0 || news < runSpec.instances
  return [
    ...waitingForEnd(runSpec.id, sets.ending.size + withTask),
    ...waitingForHealth(runSpec.id, {
      scheduled: scheduled - gone.scheduled + started,
      launched: launched - gone.launched,
      unhealthy: unhealthy - gone.unhealthy,
      unready: unready - gone.unready,
    }),
    ...(isHeldBack ? [{ kind: 'capacity' as const, runSpecId: runSpec.id, minHealthy, maxCapacity }] : []),
    ...waitingForNextSlice(runSpec.id, rest),
  ]
}
