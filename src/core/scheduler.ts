// The scheduler: absorb what happened, decide, apply, until nothing is left to decide. Synchronous, without clock,
// randomness of its own or I/O. Same events at the same times, same seed: same outputs.

import { assert } from '../lib/assert.ts'
import { DeadlineHeap } from '../lib/deadline-heap.ts'
import { after, type Instant } from '../lib/instant.ts'
import { limits } from '../lib/limits.ts'
import { stream } from '../lib/rng.ts'
import type { RunSpecValidator } from '../spec/validate/run-spec-validators.ts'
import { absorb } from './absorb.ts'
import { sendKills } from './apply.ts'
import { Batch } from './batch.ts'
import type { Core } from './core.ts'
import { CoreView } from './core-view.ts'
import { meetDeadlines, nextDeadline } from './deadlines.ts'
import { decideDirty } from './decide.ts'
import { ProgressClocks } from './deployments/progress.ts'
import { ReadinessResults } from './deployments/readiness-results.ts'
import { Dirty } from './dirty.ts'
import type { LoggedEvents } from './event-log/segment.ts'
import type { Event } from './events.ts'
import { HealthBook } from './health/book.ts'
import { resumeHealthChecks } from './health-checks.ts'
import { Ids } from './ids.ts'
import { isTerminalForWaiting } from './instances/condition.ts'
import { KillsInFlight } from './kills-in-flight.ts'
import { Delays } from './launching/backoff.ts'
import { Delayed } from './launching/delayed.ts'
import { LaunchTokens } from './launching/launch-tokens.ts'
import { OfferPool } from './launching/offer-pool.ts'
import { OffersWanted } from './launching/offers-wanted.ts'
import { placeWaiting } from './launching/place-waiting.ts'
import { rolesAtHand } from './launching/waiting-roles.ts'
import { loadRecords } from './load.ts'
import { deploymentInfo } from './notices/deployment.ts'
import type { Notice } from './notices/notice.ts'
import type { TaskProcessor } from './placement/task-processors.ts'
import { meetProgressDeadlines } from './progress-watch.ts'
import { Quarantine } from './quarantine.ts'
import type { Ready } from './ready.ts'
import type { StoredRecord, Write } from './records.ts'
import { askForOffers } from './registration/ask-for-offers.ts'
import { ConstraintUpdates } from './registration/constraint-updates.ts'
import { AskedBack } from './reservations/asked-back.ts'
import { watchReservation } from './reservations/changed.ts'
import { Patience } from './reservations/patience.ts'
import { resumeStep } from './run-deployments.ts'
import type { Settings } from './settings.ts'
import { State } from './state.ts'
import { Timetable } from './timetable.ts'
import type { View } from './view.ts'

export interface Scheduler {
  /** Takes what happened, in order. Synchronous and total: what is refused is refused by value. */
  step(slice: readonly Event[], now: Instant): void
  /** What is to leave since the last call: writes first, then effects, notices, replies. */
  takeReady(): Ready
  /** When to step again at the latest, should nothing happen before. */
  readonly wakeAt: Instant | undefined
  readonly view: View
}

export interface SchedulerOptions {
  readonly settings: Settings
  /** Different for every process: all ids rest on it. */
  readonly seed: number | string
  readonly records: Iterable<StoredRecord>
  readonly now: Instant
  /** Off in tests and simulation: there a decision that throws stops the run. */
  readonly quarantines: boolean
  /** The operator's own rules about definitions. Part of the input: with others the same requests end otherwise. */
  readonly runSpecValidators?: readonly RunSpecValidator[]
  /** The operator's own changes of what is launched; part of the input, too. */
  readonly taskProcessors?: readonly TaskProcessor[]
}

/**
 * With its insides open to those who check them: tests, the simulator, tools. Nothing outside changes what it finds.
 */
export interface InspectableScheduler extends Scheduler {
  readonly core: Core
}

/** A scheduler that goes on from what the store holds. */
export function createScheduler(options: SchedulerOptions): InspectableScheduler {
  const core = createCore(options)
  loadRecords(core.state, options.records)
  for (const url of options.settings.httpEndpoints) core.state.callbackUrls.add(url)
  resume(core)
  let hasMoreWork = false
  const view = new CoreView(core)
  return {
    step(slice, now) {
      core.state.now = Math.max(now, core.state.now) as Instant
      core.dirty.promoteLater()
      for (const event of slice) absorb(core, event)
      meetDeadlines(core)
      settle(core)
      // What has just been heard may be the progress that was waited for.
      meetProgressDeadlines(core)
      settle(core)
      hasMoreWork = placeWaiting(core)
      // A launch is a change like any other: what it means for deployments is decided before anything leaves.
      settle(core)
      sendKills(core)
      askForOffers(core)
    },
    takeReady: () => core.batch.take((notices, put) => logNotices(core, notices, put)),
    get wakeAt() {
      return hasMoreWork || core.dirty.hasLaterWork ? core.state.now : nextDeadline(core)
    },
    view,
    core,
  }
}

/** Whoever keeps no log forgets an earlier one with the first batch, so that nobody takes it for complete later. */
function logNotices(
  { state: { eventLog }, settings }: Core,
  notices: readonly Notice[],
  put: (write: Write) => void,
): LoggedEvents | undefined {
  if (settings.eventLogMaxEvents > 0) return eventLog.append(notices, settings, put)
  eventLog.clear(put)
  return undefined
}

/** Decides until nothing is dirty any more. */
function settle(core: Core): void {
  for (let round = 0; core.dirty.hasWork; round++) {
    assert(round < limits.roundsPerStep, `decisions settle within ${limits.roundsPerStep} rounds`)
    decideDirty(core)
  }
}

function createCore(options: SchedulerOptions): Core {
  const { settings, seed, now, quarantines, runSpecValidators = [], taskProcessors = [] } = options
  const state = new State()
  state.now = now
  return {
    settings,
    runSpecValidators,
    taskProcessors,
    state,
    batch: new Batch(),
    dirty: new Dirty(),
    delays: new Delays(),
    kills: new KillsInFlight({ chunkSize: settings.killChunkSize, retryAfter: settings.killRetryTimeout }),
    offers: new OfferPool(),
    offersWanted: new OffersWanted({
      interval: settings.minReviveOffersInterval,
      suppresses: settings.suppressOffers,
    }),
    constraintUpdates: settings.mesosOfferConstraints
      ? new ConstraintUpdates(settings.minOfferConstraintsUpdateInterval)
      : undefined,
    tokens: new LaunchTokens({
      full: settings.launchTokens,
      interval: settings.launchTokenRefreshInterval,
      now,
    }),
    statistics: new Map(),
    refusalRoom: { left: limits.refusalsRemembered },
    quarantine: new Quarantine({ isOn: quarantines }),
    health: new HealthBook(),
    delayed: new Delayed(),
    timetable: new Timetable(),
    unreachable: new DeadlineHeap(),
    reservationDeadlines: new DeadlineHeap(),
    askedBack: new AskedBack(),
    patience: new Patience(settings.taskReservationTimeout),
    unreachableFloor: {
      inactive: after(now, settings.reconciliationInitialDelay),
      expunge: after(now, settings.taskLostExpungeInitialDelay),
    },
    ids: new Ids(seed),
    placementRng: stream(seed, 'placement'),
    unfinished: new Map(),
    progress: new ProgressClocks(),
    readiness: new ReadinessResults(),
    engine: {
      isConnected: false,
      wasConnected: false,
      connectedAt: undefined,
      holdsOffers: false,
      reserves: false,
      homeRegion: undefined,
      master: undefined,
    },
    counters: { launched: 0 },
  }
}

/** Derives the volatile part from what was loaded: everything is dirty once, and undone kills are queued again. */
function resume(core: Core): void {
  const { state, kills, dirty, timetable, settings, unreachable, batch } = core
  for (const instance of state.instances()) {
    // What is cut off cannot answer; should it come back, its status makes the kill due.
    if (instance.kill !== undefined && !isTerminalForWaiting(instance)) kills.enqueue(instance.id)
    if (instance.condition === 'Unreachable' || instance.condition === 'UnreachableInactive') {
      unreachable.add(state.now, instance.id)
    }
    watchReservation(core, instance)
  }
  for (const runSpec of state.runSpecs()) dirty.mark(runSpec.id)
  for (const id of state.runSpecIdsWithInstances()) dirty.mark(id)
  for (const deployment of state.deployments()) {
    for (const { id } of deployment.changes) dirty.mark(id)
    // Listeners of this server have heard of no deployment yet (worked-examples 10.6).
    batch.notice(deploymentInfo(deployment, state.now))
    resumeStep(core, deployment)
  }
  resumeHealthChecks(core)
  for (const id of state.waiting) dirty.placement.add(id)
  timetable.set('scale-all', after(state.now, settings.scaleAppsInitialDelay))
  core.offersWanted.register(rolesAtHand(core))
}
