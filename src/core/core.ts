// Everything one scheduler owns, in one place: passed to absorb, decide and apply. Not a public interface; the outside
// sees Scheduler (scheduler.ts) and View (view.ts).

import type { DeadlineHeap } from '../lib/deadline-heap.ts'
import type { Instant } from '../lib/instant.ts'
import type { PathId } from '../lib/path-id.ts'
import type { Rng } from '../lib/rng.ts'
import type { RunSpecValidator } from '../spec/validate/run-spec-validators.ts'
import type { Batch } from './batch.ts'
import type { DeploymentId } from './deployments/deployment.ts'
import type { ProgressClocks } from './deployments/progress.ts'
import type { ReadinessResults } from './deployments/readiness-results.ts'
import type { Dirty } from './dirty.ts'
import type { HealthBook } from './health/book.ts'
import type { Ids } from './ids.ts'
import type { InstanceId } from './instances/instance.ts'
import type { UnreachableFloor } from './instances/unreachable.ts'
import type { KillsInFlight } from './kills-in-flight.ts'
import type { Delays } from './launching/backoff.ts'
import type { Delayed } from './launching/delayed.ts'
import type { LaunchTokens } from './launching/launch-tokens.ts'
import type { OfferPool } from './launching/offer-pool.ts'
import type { OffersWanted } from './launching/offers-wanted.ts'
import type { OfferStatistics, RefusalRoom } from './placement/explain.ts'
import type { TaskProcessor } from './placement/task-processors.ts'
import type { Quarantine } from './quarantine.ts'
import type { WaitingOn } from './reasons.ts'
import type { ConstraintUpdates } from './registration/constraint-updates.ts'
import type { AskedBack } from './reservations/asked-back.ts'
import type { Patience } from './reservations/patience.ts'
import type { Settings } from './settings.ts'
import type { State } from './state.ts'
import type { Timetable } from './timetable.ts'

export interface Core {
  readonly settings: Settings
  readonly runSpecValidators: readonly RunSpecValidator[]
  readonly taskProcessors: readonly TaskProcessor[]
  readonly state: State
  readonly batch: Batch
  readonly dirty: Dirty
  readonly delays: Delays
  readonly kills: KillsInFlight
  readonly offers: OfferPool
  readonly offersWanted: OffersWanted
  /** Absent when the master is told none. */
  readonly constraintUpdates: ConstraintUpdates | undefined
  readonly tokens: LaunchTokens
  /** Of run specs that wait for launches, or for the first word of them. */
  readonly statistics: Map<PathId, OfferStatistics>
  readonly refusalRoom: RefusalRoom
  readonly quarantine: Quarantine
  /** What is known of the health of tasks, and which checks are in force. */
  readonly health: HealthBook
  /** Run specs that wait for the end of their delay. */
  readonly delayed: Delayed
  readonly timetable: Timetable
  /** When unreachable instances are to be looked at again. */
  readonly unreachable: DeadlineHeap<InstanceId>
  readonly patience: Patience
  /** What agents were asked to give back. */
  readonly askedBack: AskedBack
  /** Until when what was reserved for them must have been launched on. */
  readonly reservationDeadlines: DeadlineHeap<InstanceId>
  /** Before these moments nothing unreachable is given up: a new leader first hears what came back meanwhile. */
  readonly unreachableFloor: UnreachableFloor
  readonly ids: Ids
  readonly counters: { launched: number }
  /** Draws for placement: which of the fitting ports is taken. */
  readonly placementRng: Rng
  /** The run specs whose actions in the current step of a deployment have not ended, and what those wait for. */
  readonly unfinished: Map<DeploymentId, Map<PathId, readonly WaitingOn[]>>
  readonly progress: ProgressClocks
  readonly readiness: ReadinessResults
  readonly engine: {
    isConnected: boolean
    wasConnected: boolean
    /** The last time. */
    connectedAt: Instant | undefined
    holdsOffers: boolean
    /** It keeps resources and volumes for an instance (runtime 12). */
    reserves: boolean
    homeRegion: string | undefined
    master: string | undefined
  }
}
