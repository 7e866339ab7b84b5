// One simulated run from a seed. A run has three parts: users and faults for some hours; then nothing
// goes wrong any more and everything must settle; then nothing happens at all and nothing may be done.

import type { EngineEffect } from '../src/core/ready.ts'
import type { Request, TaskSelection } from '../src/core/requests.ts'
import type { InspectableScheduler, SchedulerOptions } from '../src/core/scheduler.ts'
import type { Settings } from '../src/core/settings.ts'
import { fleet } from '../src/engine/sim/agents.ts'
import { usualTiming } from '../src/engine/sim/timing.ts'
import { after, type Duration, type Instant, instant, millis, seconds } from '../src/lib/instant.ts'
import type { PathId } from '../src/lib/path-id.ts'
import { type Rng, stream } from '../src/lib/rng.ts'
import type { Pace } from './checked-workload.ts'
import { AgreementChecker } from './checkers/agreement.ts'
import { BackoffChecker } from './checkers/backoff.ts'
import { CapacityChecker } from './checkers/capacity.ts'
import { type Checker, Violation } from './checkers/checker.ts'
import { troubledApps, unsettled } from './checkers/convergence.ts'
import { DeploymentChecker } from './checkers/deployments.ts'
import { EventChecker } from './checkers/events.ts'
import { ExplanationChecker } from './checkers/explained.ts'
import { HealthChecker } from './checkers/health.ts'
import { IncarnationChecker } from './checkers/incarnation.ts'
import { KillChecker } from './checkers/kills.ts'
import { bereaved, strayReservations } from './checkers/leftovers.ts'
import { PlacementChecker } from './checkers/placement.ts'
import { PortChecker } from './checkers/ports.ts'
import { PromiseChecker } from './checkers/promises.ts'
import { RevisionChecker } from './checkers/revision.ts'
import { RollbackChecker } from './checkers/rollback.ts'
import { StartChecker } from './checkers/start.ts'
import { StructureChecker } from './checkers/structure.ts'
import { TreeChecker } from './checkers/tree.ts'
import { VolumeChecker } from './checkers/volumes.ts'
import { type FaultRates, Faults } from './faults.ts'
import type { FaultKind } from './misfortune.ts'
import type { Observer } from './observer.ts'
import { Spoiler } from './spoil.ts'
import { Timeline } from './timeline.ts'
import { Workload } from './workload.ts'
import { World } from './world.ts'
import type { WorldTiming } from './world-options.ts'

export interface RunOptions {
  readonly seed: number
  readonly agents: number
  readonly hours: number
  readonly apps: number
  readonly pods: number
  /** Apps and pods that keep data, besides. */
  readonly residents: { readonly apps: number; readonly pods: number }
  /** Chance that an app in a group has the role of that group. */
  readonly ownRole: number
  readonly mostInstances: number
  /** Mean seconds between two requests of users. */
  readonly requestEvery: number
  readonly crashing: number
  readonly pace: Pace
  readonly holdsOffers: boolean
  readonly faults: FaultRates
  readonly settings: Settings
  readonly timing: WorldTiming
  /** How long the server may be away before the master ends all of its tasks; absent: for ever. */
  readonly failoverTimeout?: Duration
  /** False: only what the server does is looked at, not whether its state agrees with itself. */
  readonly looksInside?: boolean
  /** A definition on the disk becomes one that cannot be decided about. */
  readonly spoils?: boolean
  /** Told a line for each thing worth a line. */
  readonly log?: (line: string) => void
  readonly createScheduler?: (options: SchedulerOptions) => InspectableScheduler
}

export interface RunResult {
  readonly seed: number
  /** Of everything that was decided, in order, and of what is left. */
  readonly hash: string
  /** Of virtual time, all parts of the run together. */
  readonly hours: number
  readonly steps: number
  readonly crashes: number
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>
  readonly launched: number
  readonly acknowledged: number
  readonly refused: number
  readonly notAnswered: number
  readonly troubled: number
  readonly volumes: VolumeCounts
}

export interface VolumeCounts {
  readonly made: number
  /** By us. */
  readonly givenBack: number
  /** With their agents, or by an operator. */
  readonly lost: number
}

const start = instant(Date.UTC(2031, 3, 2, 9, 15, 20))
const agentsPerRack = 4
const isAboutOffers: ReadonlySet<EngineEffect['kind']> = new Set([
  'decline',
  'revive',
  'suppress',
  'update-framework',
])
const nothingSpoilt: ReadonlySet<PathId> = new Set()
/** Of those who clear up. */
const origin = { clientIp: '10.9.8.7', uri: '/v2/pods' }

/** @throws Violation when a promise is broken. */
export function runSeed(options: RunOptions): RunResult {
  const run = new Run(options)
  try {
    run.live()
    run.settle()
    run.rest()
  } catch (error) {
    if (error instanceof Violation) error.hours = run.hours
    throw error
  }
  return run.result()
}

const settleStep = seconds(60)
const longestSettling: Readonly<Record<Pace, Duration>> = {
  often: seconds(4 * 3_600),
  // Asked every half an hour, an upgrade that goes one by one takes half an hour for each instance.
  seldom: seconds(4 * 86_400),
}
const restFor = seconds(3_600)

class Run {
  readonly #options: RunOptions
  readonly #timeline: Timeline
  readonly #promises: PromiseChecker
  readonly #checkers: readonly Checker[]
  readonly #world: World
  readonly #workload: Workload
  readonly #spoiler: Spoiler | undefined
  readonly #rng: Rng
  #refused = 0
  #notAnswered = 0
  #troubled = 0
  #isResting = false

  constructor(options: RunOptions) {
    this.#options = options
    this.#rng = stream(options.seed, 'pace')
    this.#timeline = new Timeline(start, options.log)
    this.#promises = new PromiseChecker(() => this.#world.disk)
    this.#checkers = [
      new StartChecker(() => this.#spoilt),
      new CapacityChecker(),
      new PlacementChecker(() => this.#world),
      new PortChecker(() => this.#world),
      new VolumeChecker(() => this.#world),
      new AgreementChecker(() => this.#world),
      new IncarnationChecker(),
      new KillChecker(),
      new BackoffChecker(),
      new HealthChecker(),
      new DeploymentChecker(),
      new RollbackChecker(),
      new TreeChecker(),
      new RevisionChecker(),
      new ExplanationChecker(),
      new EventChecker(() => this.#world.disk, options.seed),
      this.#promises,
      // Last: what is broken inside has often broken a promise, and that says more.
      ...(options.looksInside === false ? [] : [new StructureChecker()]),
    ]
    this.#spoiler = options.spoils ? new Spoiler(options.seed) : undefined
    const spoiler = this.#spoiler
    this.#workload = new Workload({
      seed: options.seed,
      apps: options.apps,
      pods: options.pods,
      residents: options.residents,
      ownRole: options.ownRole,
      mostInstances: options.mostInstances,
      racks: Math.max(1, Math.ceil(options.agents / agentsPerRack)),
      crashing: options.crashing,
      pace: options.pace,
    })
    this.#world = new World({
      seed: options.seed,
      start,
      agents: fleet({
        agents: options.agents,
        agentsPerRack,
        cpus: 4,
        mem: 8_192,
        disk: 65_536,
        ports: [31_000, 31_099],
        ...(options.residents.apps + options.residents.pods > 0 ? { ownDisks: 512 } : {}),
      }),
      holdsOffers: options.holdsOffers,
      settings: options.settings,
      clusterTiming: usualTiming,
      timing: options.timing,
      observer: this.#observer(),
      ...(options.failoverTimeout === undefined ? {} : { failoverTimeout: options.failoverTimeout }),
      ...(spoiler === undefined ? {} : { spoil: (records) => spoiler.spoil(records) }),
      ...(options.createScheduler === undefined ? {} : { createScheduler: options.createScheduler }),
    })
  }

  /** Users and faults. */
  live(): void {
    const world = this.#world
    world.startServer()
    const faults = new Faults(world, this.#options.faults, this.#options.seed)
    let isLive = true
    const ask = (): void => {
      world.in(millis(Math.ceil(-Math.log(1 - this.#rng.next()) * this.#options.requestEvery * 1000)), () => {
        if (!isLive) return
        const { scheduler } = world
        const request = scheduler === undefined ? undefined : this.#workload.next(scheduler.view)
        if (request !== undefined) this.#request(request)
        ask()
      })
    }
    ask()
    world.runUntil(after(start, seconds(this.#options.hours * 3_600)))
    isLive = false
    faults.stop()
    this.#timeline.note(world.now, 'users and faults stop')
  }

  /** Everything that can settle does. */
  settle(): void {
    const world = this.#world
    const left = this.#waitFor(() => unsettled(world, this.#spoilt))
    if (left.length > 0) throw this.#unsettled(left)
    // What crashes for ever or cannot be placed goes, so that what is left can be quiet. That may let deployments go on
    // that waited for it, with trouble of their own.
    const { apps, pods, residents } = this.#options
    const most = apps + pods + residents.apps + residents.pods
    for (let round = 0; round <= most; round++) {
      const troubled = troubledApps(world, world.scheduler!, this.#spoilt)
      if (troubled.size === 0) break
      if (round === most)
        throw new Violation('convergence', `${[...troubled].join(', ')} removed and still there`)
      this.#troubled += troubled.size
      for (const id of troubled) {
        const { view } = world.scheduler!
        if (view.app(id) !== undefined) this.#request({ kind: 'remove-app', id, force: true })
        if (view.pod(id) !== undefined) this.#request({ kind: 'remove-pod', id, force: true, origin })
      }
      const rest = this.#waitFor(() => unsettled(world, this.#spoilt))
      if (rest.length > 0) throw this.#unsettled(rest, 'after the troubled were removed: ')
    }
    this.#timeline.note(world.now, 'settled')
  }

  /** An hour in which nothing changes: nothing is written, nothing is done but asking how things are. */
  rest(): void {
    // Delays die, and acknowledged ends are answered once more when all is reconciled, before it is quiet.
    const quiet = Math.max(900_000, this.#options.settings.reconciliationInterval + 300_000)
    this.#world.runUntil(after(this.#world.now, millis(quiet)))
    this.#isResting = true
    this.#world.runUntil(after(this.#world.now, restFor))
    const left = unsettled(this.#world, this.#spoilt)
    if (left.length > 0)
      throw new Violation('idle', `nothing happened, and then: ${left.slice(0, 5).join('; ')}`)
  }

  get hours(): number {
    return (this.#world.now - start) / 3_600_000
  }

  result(): RunResult {
    return {
      seed: this.#options.seed,
      hash: this.#timeline.hashWith(this.#world.disk.load()),
      hours: this.hours,
      steps: this.#world.steps,
      crashes: this.#world.crashes,
      faults: this.#world.faults.all(),
      launched: this.#world.cluster.launched,
      acknowledged: this.#promises.acknowledged,
      refused: this.#refused,
      notAnswered: this.#notAnswered,
      troubled: this.#troubled,
      volumes: this.#volumes(),
    }
  }

  #volumes(): VolumeCounts {
    const { all, destroyed } = this.#world.cluster.volumes
    const givenBack = destroyed.filter(({ by }) => by === 'framework').length
    return { made: [...all].length + destroyed.length, givenBack, lost: destroyed.length - givenBack }
  }

  /** What is kept for nobody is a promise of its own. */
  #unsettled(left: readonly string[], when = ''): Violation {
    const { scheduler } = this.#world
    const stray = scheduler === undefined ? [] : strayReservations(this.#world, scheduler)
    const checker = left.length === stray.length ? 'leftovers' : 'convergence'
    return new Violation(checker, `${when}${left.slice(0, 5).join('; ')}`)
  }

  get #spoilt(): ReadonlySet<PathId> {
    return this.#spoiler?.ids ?? nothingSpoilt
  }

  #waitFor(left: () => readonly string[]): readonly string[] {
    const world = this.#world
    const end: Instant = after(world.now, longestSettling[this.#options.pace])
    let open: readonly string[]
    do {
      this.#letGoOn()
      world.runUntil(after(world.now, settleStep))
      open = left()
    } while (open.length > 0 && world.now < end)
    return open
  }

  /** Somebody looks after what waits for somebody: pauses, trials, and volumes that are there no more. */
  #letGoOn(): void {
    const { scheduler } = this.#world
    const view = scheduler?.view
    for (const { id, runSpecId, tasks } of scheduler === undefined ? [] : bereaved(this.#world, scheduler)) {
      const selection: TaskSelection =
        view?.pod(runSpecId) === undefined
          ? { kind: 'tasks', taskIds: [tasks[0]?.id ?? `${id}._app.1`] }
          : { kind: 'instances', runSpecId, instanceIds: [id] }
      this.#request({ kind: 'kill-tasks', selection, wipe: true })
    }
    for (const { id, pausedAt } of view?.deployments() ?? []) {
      if (pausedAt !== undefined) this.#request({ kind: 'resume-deployment', id })
      else if (view?.deploymentWaitingOn(id).some(({ kind }) => kind === 'promotion'))
        this.#request({ kind: 'promote-deployment', id, all: true })
    }
  }

  #request(request: Request): void {
    this.#timeline.request(this.#world.now, request)
    this.#world.request(request, (answer) => {
      if (answer.kind === 'refused') this.#refused++
      if (answer.kind === 'lost' || answer.kind === 'down') this.#notAnswered++
      this.#timeline.answer(this.#world.now, answer)
      for (const checker of this.#checkers) checker.told?.(request, answer)
    })
  }

  /**
   * On a shared cluster that is not told to be quiet, offers keep coming and are given back; on one where something can
   * be reserved, they are asked for with every reconciliation.
   */
  get #getsOffers(): boolean {
    const { holdsOffers, settings } = this.#options
    return !holdsOffers && (!settings.suppressOffers || settings.mesosPrincipal !== undefined)
  }

  #observer(): Observer {
    return {
      started: (scheduler, life) => {
        this.#timeline.note(this.#world?.now ?? start, `server ${life} starts`)
        for (const checker of this.#checkers) checker.started?.(scheduler, life)
      },
      stepped: (step) => {
        this.#timeline.step(step)
        for (const checker of this.#checkers) checker.stepped?.(step)
        if (!this.#isResting) return
        const { writes, effects, notices } = step.ready
        const doing = effects.filter(
          ({ kind }) => kind !== 'reconcile' && (!isAboutOffers.has(kind) || !this.#getsOffers),
        )
        if (writes.length + doing.length + notices.length > 0)
          throw new Violation(
            'idle',
            `nothing happened, and yet: ${JSON.stringify(step.ready).slice(0, 500)}`,
          )
      },
      threw: (error, life) => {
        for (const checker of this.#checkers) checker.threw?.(error, life)
      },
      released: (ready) => {
        for (const checker of this.#checkers) checker.released?.(ready)
      },
      crashed: (reason) => {
        this.#timeline.note(this.#world.now, `the server stops: ${reason}`)
        for (const checker of this.#checkers) checker.crashed?.(reason)
      },
    }
  }
}
