// What time alone brings about: launches and reservations overdue, unreachable instances given up, and the periodic
// work of the timetable. Looked at in every step; `nextDeadline` says when to look again if nothing else happens.

import { after, type Duration, type Instant, millis } from '../lib/instant.ts'
import { reconcile } from './absorb.ts'
import { applyAction, changeInstance, removeInstance } from './apply.ts'
import type { Core } from './core.ts'
import { failNowhere } from './health-answers.ts'
import { reconcileHealthChecks } from './health-checks.ts'
import type { InstanceId } from './instances/instance.ts'
import { isLaunchOverdue, launchDeadline } from './instances/staging.ts'
import {
  becomeInactive,
  decideUnreachable,
  expungedByForce,
  nextUnreachableDeadline,
} from './instances/unreachable.ts'
import { giveUpReservations, nextGivenUp } from './reservations/give-up.ts'
import { lookForLeftovers } from './reservations/look-for-leftovers.ts'
import type { Settings } from './settings.ts'

/** How often forgotten delays are looked for (runtime 4). */
const pruneDelaysInterval = millis(10_000)

export function meetDeadlines(core: Core): void {
  const { state, settings, timetable, tokens, delays, dirty } = core
  const { now } = state
  tokens.refresh(now)
  killOverdueLaunches(core)
  giveUpUnreachable(core)
  giveUpReservations(core)
  failNowhere(core)
  if (timetable.takeDue('reconcile', settings.reconciliationInterval, now)) {
    reconcile(core, after(now, millis(-settings.taskLaunchConfirmTimeout)))
    reconcileHealthChecks(core)
    lookForLeftovers(core)
  }
  if (timetable.isDue('look-for-leftovers', now)) timetable.cancel('look-for-leftovers')
  if (timetable.takeDue('scale-all', settings.scaleAppsInterval, now)) {
    for (const runSpec of state.runSpecs()) dirty.mark(runSpec.id)
    for (const id of state.runSpecIdsWithInstances()) dirty.mark(id)
  }
  if (timetable.takeDue('prune-delays', pruneDelaysInterval, now)) {
    delays.prune(now)
    if (delays.size === 0) timetable.cancel('prune-delays')
  } else if (delays.size > 0 && !timetable.has('prune-delays')) {
    timetable.set('prune-delays', after(now, pruneDelaysInterval))
  }
}

/** They come in the order of their launches, so the first that is too young for either timeout ends the search. */
function killOverdueLaunches(core: Core): void {
  const { state, settings } = core
  const shortest = shortestOf(settings)
  const overdue: InstanceId[] = []
  for (const id of state.awaitedInOrder()) {
    const instance = state.instance(id)!
    if (instance.tasks[0]!.stagedAt + shortest > state.now) break
    if (isLaunchOverdue(instance, settings, state.now)) overdue.push(id)
  }
  for (const instanceId of overdue) applyAction(core, { kind: 'kill', instanceId, cause: 'launch-overdue' })
}

function giveUpUnreachable(core: Core): void {
  const { state, unreachable, unreachableFloor: floor } = core
  const { now } = state
  for (let id = unreachable.popDue(now); id !== undefined; id = unreachable.popDue(now)) {
    const instance = state.instance(id)
    if (instance === undefined) continue
    const runSpec = state.runSpecVersion(instance.runSpecId, instance.runSpecVersion)
    switch (decideUnreachable(instance, runSpec, now, floor)) {
      case 'inactive':
        changeInstance(core, instance, becomeInactive(instance, now))
        break
      case 'expunge':
        removeInstance(core, instance, expungedByForce(instance, now))
        break
      case 'none': {
        const next = nextUnreachableDeadline(instance, runSpec, floor)
        if (next !== undefined && next > now) unreachable.add(next, id)
      }
    }
  }
}

/**
 * When the first launch is overdue. An older one may have longer to go, for its timeout is another; once even the
 * shorter of the two would be too late, none of those launched later can be the first.
 */
function nextOverdueLaunch({ state, settings }: Core): Instant | undefined {
  let earliest: Instant | undefined
  for (const id of state.awaitedInOrder()) {
    const instance = state.instance(id)!
    if (earliest !== undefined && after(instance.tasks[0]!.stagedAt, shortestOf(settings)) >= earliest) break
    const deadline = launchDeadline(instance, settings)
    if (deadline !== undefined && (earliest === undefined || deadline < earliest)) earliest = deadline
  }
  return earliest
}

const shortestOf = (settings: Settings): Duration =>
  millis(Math.min(settings.taskLaunchConfirmTimeout, settings.taskLaunchTimeout))

/** The earliest moment at which time alone changes something. */
export function nextDeadline(core: Core): Instant | undefined {
  const { state, timetable, kills, unreachable, delayed, tokens, offersWanted, engine } = core
  let earliest = timetable.wakeAt
  const consider = (at: Instant | undefined): void => {
    if (at !== undefined && (earliest === undefined || at < earliest)) earliest = at
  }
  if (engine.isConnected) consider(kills.wakeAt)
  consider(unreachable.next)
  consider(nextGivenUp(core))
  consider(core.progress.wakeAt)
  consider(core.health.wakeAt)
  consider(nextOverdueLaunch(core))
  consider(delayed.wakeAt)
  if (state.waiting.size > 0) consider(tokens.wakeAt)
  if (!engine.holdsOffers && engine.isConnected) {
    consider(offersWanted.wakeAt)
    consider(core.constraintUpdates?.wakeAt)
  }
  return earliest
}
