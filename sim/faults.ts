// What goes wrong: the server crashes, the engine is cut off, agents go and come back, tasks fail, messages are lost,
// clocks jump.
// Each kind has a mean time between two of its kind; none happens once `stop` was called.

import type { AgentId, TaskId } from '../src/core/mesos.ts'
import type { Loss } from '../src/engine/sim/parts.ts'
import { after, type Duration, millis } from '../src/lib/instant.ts'
import { type Rng, stream } from '../src/lib/rng.ts'
import { type Misfortune, noMisfortune } from './misfortune.ts'
import type { World } from './world.ts'

/** Mean seconds between two; 0: never. */
export interface FaultRates {
  readonly crash: number
  readonly disconnect: number
  readonly agentLoss: number
  /** How long an agent stays away, on average. */
  readonly agentAway: number
  readonly taskFailure: number
  /** Of a task that turns unhealthy, and well again after a while. */
  readonly sickness: number
  /** Of times in which nothing can be asked how it is, and all seems sick. */
  readonly blindness: number
  readonly rescind: number
  /** Of masters that die and are succeeded. */
  readonly masterFailover: number
  /** Of executors that die with all that runs in them. */
  readonly executorLoss: number
  /** Of tasks whose end is forgotten while the server is away: no status ever tells of it. */
  readonly forgottenEnd: number
  /** Of agents that die, and whose volumes an operator has destroyed by the time they are back. */
  readonly volumeLoss: number
  /** Of agents that are given up, with all that is on their disks. */
  readonly agentGivenUp: number
  /** Of planned maintenance. */
  readonly maintenance: number
  /** Of jumps of the server's clock, forward or back. */
  readonly clock: number
  readonly misfortune: Misfortune
}

export const noFaults: FaultRates = {
  crash: 0,
  disconnect: 0,
  agentLoss: 0,
  agentAway: 0,
  taskFailure: 0,
  sickness: 0,
  blindness: 0,
  rescind: 0,
  masterFailover: 0,
  executorLoss: 0,
  forgottenEnd: 0,
  volumeLoss: 0,
  agentGivenUp: 0,
  maintenance: 0,
  clock: 0,
  misfortune: noMisfortune,
}

/** The names `--faults` knows, with what each brings. */
export const faultKinds: Readonly<Record<string, (rates: FaultRates) => FaultRates>> = {
  crashes: (rates) => ({ ...rates, crash: 900 }),
  store: (rates) => ({
    ...rates,
    misfortune: { ...rates.misfortune, commitFails: 0.002, crashAtCommit: 0.002, commitSlow: 0.01 },
  }),
  disconnects: (rates) => ({ ...rates, disconnect: 600 }),
  agents: (rates) => ({ ...rates, agentLoss: 300, agentAway: 400 }),
  tasks: (rates) => ({ ...rates, taskFailure: 60 }),
  health: (rates) => ({
    ...rates,
    sickness: 120,
    blindness: 1_800,
    misfortune: { ...rates.misfortune, answerLost: 0.05, answerLate: 0.1 },
  }),
  offers: (rates) => ({
    ...rates,
    rescind: 60,
    misfortune: { ...rates.misfortune, offersRepeated: 0.1 },
  }),
  masters: (rates) => ({ ...rates, masterFailover: 900, forgottenEnd: 600 }),
  executors: (rates) => ({ ...rates, executorLoss: 300 }),
  volumes: (rates) => ({ ...rates, volumeLoss: 600, agentGivenUp: 1_800, agentAway: rates.agentAway || 200 }),
  maintenance: (rates) => ({ ...rates, maintenance: 1_200 }),
  clock: (rates) => ({ ...rates, clock: 600 }),
  messages: (rates) => ({
    ...rates,
    misfortune: {
      ...rates.misfortune,
      statusLost: 0.05,
      statusRepeated: 0.1,
      statusDelayed: 0.1,
      killLost: 0.1,
      acknowledgementLost: 0.05,
    },
  }),
}

const smallJumpMs = 2_000
const largeJumpMs = 300_000
const longestSicknessMs = 1_800_000
const longestBlindnessMs = 3_600_000
/** Between the announcement of maintenance and its start. */
const longestNoticeMs = 600_000
const longestWindowMs = 900_000

export class Faults {
  readonly #world: World
  readonly #rates: FaultRates
  readonly #rng: Rng
  readonly #sick = new Set<TaskId>()
  readonly #givenUp = new Set<AgentId>()
  #isOn = true

  constructor(world: World, rates: FaultRates, seed: number | string) {
    this.#world = world
    this.#rates = rates
    this.#rng = stream(seed, 'faults')
    Object.assign(world.misfortune, rates.misfortune)
    this.#repeat(rates.crash, () => world.crashServer('killed'))
    this.#repeat(rates.disconnect, () => world.disconnect())
    this.#repeat(rates.agentLoss, () => this.#loseAgent())
    this.#repeat(rates.taskFailure, () => this.#failTask())
    this.#repeat(rates.sickness, () => this.#sicken())
    this.#repeat(rates.blindness, () => this.#blind())
    this.#repeat(rates.rescind, () => this.#rescind())
    this.#repeat(rates.clock, () => this.#setClock())
    this.#repeat(rates.masterFailover, () => world.failOverMaster())
    this.#repeat(rates.executorLoss, () => this.#failExecutor())
    this.#repeat(rates.forgottenEnd, () => this.#forgetEnd())
    this.#repeat(rates.volumeLoss, () => this.#loseVolumes())
    this.#repeat(rates.agentGivenUp, () => this.#giveUpAgent())
    this.#repeat(rates.maintenance, () => this.#plan())
  }

  /** Nothing goes wrong any more, and everything that was lost is back. */
  stop(): void {
    this.#isOn = false
    Object.assign(this.#world.misfortune, noMisfortune)
    this.#world.isBlind = false
    this.#world.touch((cluster, now) => {
      for (const id of [...cluster.agents.keys()]) cluster.plan(id, undefined, now)
      for (const id of [...cluster.agents.keys(), ...this.#givenUp]) cluster.returnAgent(id, now)
      for (const id of this.#sick) cluster.setHealth(id, true, now)
    })
  }

  #repeat(meanSeconds: number, act: () => void): void {
    if (meanSeconds <= 0) return
    const again = (): void => {
      this.#world.in(millis(Math.ceil(-Math.log(1 - this.#rng.next()) * meanSeconds * 1000)), () => {
        if (!this.#isOn) return
        act()
        again()
      })
    }
    again()
  }

  #loseAgent(): void {
    const ids = [...this.#world.cluster.agents.keys()]
    const id = this.#rng.pick(ids)
    const loss = this.#rng.pick<Loss>(['partition', 'partition', 'crash', 'lost', 'gone'])
    const away = this.#awayTime()
    this.#world.faults.add('agentLoss')
    this.#world.touch((cluster, now) => cluster.loseAgent(id, loss, now))
    this.#world.in(away, () => {
      this.#world.touch((cluster, now) => cluster.returnAgent(id, now))
    })
  }

  #failTask(): void {
    const id = this.#anyTask()
    if (id === undefined) return
    this.#world.faults.add('taskFailure')
    this.#world.touch((cluster, now) => cluster.failTask(id, now))
  }

  #sicken(): void {
    const id = this.#anyTask()
    if (id === undefined) return
    this.#world.faults.add('sickness')
    this.#sick.add(id)
    this.#world.touch((cluster, now) => cluster.setHealth(id, false, now))
    this.#world.in(millis(this.#rng.int(longestSicknessMs)), () => {
      this.#sick.delete(id)
      this.#world.touch((cluster, now) => cluster.setHealth(id, true, now))
    })
  }

  #failExecutor(): void {
    const id = this.#anyTask()
    if (id === undefined) return
    this.#world.faults.add('executorLoss')
    this.#world.touch((cluster, now) => cluster.failExecutor(id, now))
  }

  /** Who is away hears nothing of it, and is told nothing of it later. */
  #forgetEnd(): void {
    const id = this.#anyTask()
    if (id === undefined) return
    this.#world.disconnect()
    this.#world.faults.add('forgottenEnd')
    this.#world.touch((cluster, now) => cluster.forgetTask(id, now))
  }

  #loseVolumes(): void {
    const world = this.#world
    const volumes = [...world.cluster.volumes.all]
    if (volumes.length === 0) return
    const { agentId, labels } = this.#rng.pick(volumes)
    const own = volumes.filter((volume) => volume.agentId === agentId && isSameOwner(volume.labels, labels))
    world.faults.add('volumeLoss')
    world.touch((cluster, now) => cluster.loseAgent(agentId, 'crash', now))
    const frees = this.#rng.chance(0.5)
    world.in(this.#awayTime(), () => {
      world.touch((cluster, now) => {
        cluster.returnAgent(agentId, now)
        for (const { id } of own) cluster.tidyUp(agentId, { kind: 'destroy', persistenceId: id }, now)
        if (frees) cluster.tidyUp(agentId, { kind: 'unreserve', labels }, now)
      })
    })
  }

  #giveUpAgent(): void {
    const world = this.#world
    const id = this.#rng.pick([...world.cluster.agents.keys()])
    world.faults.add('agentGivenUp')
    this.#givenUp.add(id)
    world.touch((cluster, now) => cluster.loseAgent(id, 'gone-by-operator', now))
    world.in(this.#awayTime(), () => world.touch((cluster, now) => cluster.returnAgent(id, now)))
  }

  #plan(): void {
    const world = this.#world
    const id = this.#rng.pick([...world.cluster.agents.keys()])
    const start = after(world.now, millis(this.#rng.int(longestNoticeMs)))
    const duration = millis(60_000 + this.#rng.int(longestWindowMs))
    world.faults.add('maintenance')
    world.touch((cluster, now) => cluster.plan(id, { start, duration }, now))
    if (this.#rng.chance(0.2))
      world.in(millis(this.#rng.int(longestNoticeMs)), () =>
        world.touch((cluster, now) => cluster.plan(id, undefined, now)),
      )
  }

  #awayTime(): Duration {
    return millis(Math.ceil(this.#rng.next() * 2 * this.#rates.agentAway * 1000))
  }

  #blind(): void {
    const world = this.#world
    if (world.isBlind) return
    world.faults.add('blindness')
    world.isBlind = true
    world.in(millis(this.#rng.int(longestBlindnessMs)), () => {
      world.isBlind = false
    })
  }

  #anyTask(): TaskId | undefined {
    const { tasks } = this.#world.cluster
    if (tasks.size === 0) return undefined
    let skip = this.#rng.int(Math.min(tasks.size, 1_000))
    for (const id of tasks.keys()) if (skip-- <= 0) return id
    return undefined
  }

  #rescind(): void {
    const id = this.#rng.pick([...this.#world.cluster.agents.keys()])
    this.#world.faults.add('rescind')
    this.#world.touch((cluster, now) => cluster.rescindOffers(id, now))
  }

  /** A little most of the time, as when a clock is set right, and never far from the true time. */
  #setClock(): void {
    const most = this.#rng.chance(0.8) ? smallJumpMs : largeJumpMs
    const ahead = this.#rng.int(2 * most) - most
    this.#world.faults.add(ahead > this.#world.clockAhead ? 'clockForward' : 'clockBack')
    this.#world.setClock(ahead)
  }
}

const owner = 'marathon_task_id'
const isSameOwner = (a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean =>
  a[owner] === b[owner]
