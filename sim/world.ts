// The simulated world: virtual time, one cluster, one server process at a time and the wire between them. The server is
// the production core; its loop and its store are played here, so that they can be slow, fail, and stop at any moment.

import type { EngineEvent, Event } from '../src/core/events.ts'
import type { ProbeOutcome, ProbeResult } from '../src/core/health/probe.ts'
import type { Ready } from '../src/core/ready.ts'
import type { Request } from '../src/core/requests.ts'
import { createScheduler, type InspectableScheduler } from '../src/core/scheduler.ts'
import { SimCluster } from '../src/engine/sim/cluster.ts'
import { SimProbes } from '../src/engine/sim/probes.ts'
import { drawDelay, type Span } from '../src/engine/sim/timing.ts'
import { assert } from '../src/lib/assert.ts'
import { after, type Duration, type Instant, millis } from '../src/lib/instant.ts'
import { type Rng, stream } from '../src/lib/rng.ts'
import { Disk } from './disk.ts'
import { EventHeap } from './event-heap.ts'
import { FaultCounts, type FaultKind, type Misfortune, noMisfortune } from './misfortune.ts'
import type { Answer } from './observer.ts'
import { Server } from './server.ts'
import { Wire } from './wire.ts'
import type { WorldOptions } from './world-options.ts'

/** Of messages and answers that are held up. */
const longestHoldUpMs = 5_000
const blind: ProbeOutcome = { kind: 'failed', name: 'TimeoutError', message: 'nothing came' }
const slowCommit: Span = [5_000, 30_000]
/** Things that may happen at one moment. More is a server that wakes itself for ever. */
const mostAtOnce = 100_000

export class World {
  readonly cluster: SimCluster
  readonly disk = new Disk()
  readonly misfortune: Misfortune = { ...noMisfortune }
  readonly faults = new FaultCounts()
  now: Instant
  /** How far the clock of the server is ahead of the world's, in milliseconds. */
  clockAhead = 0
  /** Whatever is asked how it is: the answer is that nobody answers. */
  isBlind = false
  steps = 0
  crashes = 0
  readonly #options: WorldOptions
  readonly #heap = new EventHeap()
  readonly #rng: Rng
  #server: Server | undefined
  #wire: Wire | undefined
  #lives = 0
  #atOnce = 0
  #clusterWake: Instant | undefined

  constructor(options: WorldOptions) {
    this.#options = options
    this.now = options.start
    this.#rng = stream(options.seed, 'world')
    this.cluster = new SimCluster({
      agents: options.agents,
      holdsOffers: options.holdsOffers,
      role: options.settings.mesosRole,
      ...(options.settings.mesosPrincipal === undefined
        ? {}
        : { principal: options.settings.mesosPrincipal }),
      ...(options.failoverTimeout === undefined ? {} : { failoverTimeout: options.failoverTimeout }),
      seed: options.seed,
      timing: options.clusterTiming,
    })
  }

  get scheduler(): InspectableScheduler | undefined {
    return this.#server?.scheduler
  }

  get isUp(): boolean {
    return this.#server !== undefined
  }

  get isConnected(): boolean {
    return this.#wire !== undefined
  }

  /** What the server takes for the time. */
  get clock(): Instant {
    return (this.now + this.clockAhead) as Instant
  }

  /** Does something later. */
  in(delay: Duration, run: () => void): void {
    this.#heap.add(after(this.now, delay), run)
  }

  /** Lets time pass. What is due at `end` still happens. */
  runUntil(end: Instant): void {
    for (;;) {
      const at = this.#heap.nextAt
      if (at === undefined || at > end) break
      const entry = this.#heap.pop()!
      if (entry.at > this.now) this.#atOnce = 0
      assert(++this.#atOnce < mostAtOnce, `time goes on: ${mostAtOnce} things happened at ${this.now}`)
      this.now = entry.at
      entry.run()
    }
    if (end > this.now) this.now = end
  }

  /** When anything happens next. */
  get nextAt(): Instant | undefined {
    return this.#heap.nextAt
  }

  /** A new process on what the disk holds. It subscribes to the engine once it is up. */
  startServer(): void {
    if (this.#server !== undefined) return
    const { settings, seed, observer } = this.#options
    const life = ++this.#lives
    const create = this.#options.createScheduler ?? createScheduler
    const scheduler = this.#attempt(life, () =>
      create({
        settings,
        seed: `${seed}/${life}`,
        records: this.#options.spoil?.(this.disk.load()) ?? this.disk.load(),
        now: this.clock,
        quarantines: this.#options.spoil !== undefined,
      }),
    )
    const rng = stream(seed, `probes/${life}`)
    const probes = new SimProbes({ cluster: this.cluster, rng, wire: this.#options.timing.wire })
    this.#server = new Server(scheduler, probes, life)
    observer.started?.(scheduler, life)
    this.#turnSoon(this.#server)
    this.connect()
  }

  /** Stops the process where it is: the commit under way is all there or not at all, what was not released never is. */
  crashServer(reason: string): void {
    const server = this.#server
    if (server === undefined) return
    this.crashes++
    this.faults.add('crash')
    this.#server = undefined
    this.#cutWire()
    if (server.committing !== undefined && this.#rng.chance(0.5)) this.#commit(server.committing)
    this.#options.observer.crashed?.(reason)
    for (const answer of server.answers.values()) answer({ kind: 'lost' })
    this.in(this.draw(this.#options.timing.restart), () => this.startServer())
  }

  connect(): void {
    if (this.#server === undefined || this.#wire !== undefined) return
    const server = this.#server
    this.#wire = new Wire({
      now: () => this.now,
      at: (at, run) => this.#heap.add(at, run),
      travel: () => this.draw(this.#options.timing.wire),
      holdUp: () => millis(this.#rng.int(longestHoldUpMs)),
      strikes: (kind) => this.#strikes(kind),
      toServer: (event) => this.#deliver(server, event),
      toCluster: (effects) => {
        this.cluster.perform(effects, this.now)
        this.#pump()
      },
    })
    this.cluster.connect(this.now, server.scheduler.view.registration())
    this.#pump()
  }

  /** The engine is lost to the server for a while. */
  disconnect(): void {
    if (this.#wire === undefined) return
    this.faults.add('disconnect')
    this.#lose()
  }

  /** The master dies, and another one takes over. */
  failOverMaster(): void {
    this.faults.add('masterFailover')
    this.cluster.failOver(this.now)
    if (this.#wire !== undefined) this.#lose()
    else this.#pump()
  }

  request(request: Request, answer: (answer: Answer) => void): void {
    const server = this.#server
    if (server === undefined) {
      answer({ kind: 'down' })
      return
    }
    const requestId = ++server.requests
    server.answers.set(requestId, answer)
    this.#deliver(server, { kind: 'request', requestId, request })
  }

  /** Something reaches the server that the cluster did not say. */
  inject(event: EngineEvent): void {
    this.#deliver(this.#server, event)
  }

  /** Does something to the cluster, and lets what comes of it travel. */
  touch(act: (cluster: SimCluster, now: Instant) => void): void {
    act(this.cluster, this.now)
    this.#pump()
  }

  /** From now on the clock of the server shows another time. What it waits for may be due at once, or later. */
  setClock(ahead: number): void {
    this.clockAhead = ahead
    const server = this.#server
    if (server === undefined) return
    server.wakeAt = undefined
    this.#wakeLater(server)
  }

  draw(span: Span): Duration {
    return drawDelay(this.#rng, span)
  }

  #lose(): void {
    this.#cutWire()
    this.#deliver(this.#server, { kind: 'engine-disconnected' })
    this.in(this.draw(this.#options.timing.reconnect), () => this.connect())
  }

  #cutWire(): void {
    if (this.#wire === undefined) return
    this.#wire.cut()
    this.#wire = undefined
    this.cluster.disconnect(this.now)
  }

  #deliver(server: Server | undefined, event: Event): void {
    if (server === undefined || server !== this.#server) return
    server.mailbox.push(event)
    this.#turnSoon(server)
  }

  #turnSoon(server: Server): void {
    if (server.isTurnDue) return
    server.isTurnDue = true
    this.in(this.draw(this.#options.timing.turn), () => {
      server.isTurnDue = false
      if (server === this.#server) this.#turn(server)
    })
  }

  #turn(server: Server): void {
    const { scheduler } = server
    const slice = server.mailbox
    server.mailbox = []
    if (scheduler.wakeAt !== undefined && scheduler.wakeAt <= this.clock) slice.push({ kind: 'woke' })
    const ready = this.#attempt(server.life, () => {
      scheduler.step(slice, this.clock)
      return scheduler.takeReady()
    })
    this.steps++
    this.#options.observer.stepped?.({ now: this.now, slice, ready, scheduler, life: server.life })
    server.outbox.push(ready)
    this.#commitSoon(server)
    this.#wakeLater(server)
  }

  #attempt<T>(life: number, act: () => T): T {
    try {
      return act()
    } catch (error) {
      this.#options.observer.threw?.(error, life)
      throw error
    }
  }

  #wakeLater(server: Server): void {
    const due = server.scheduler.wakeAt
    if (due === undefined) return
    if (due <= this.clock) {
      this.#turnSoon(server)
      return
    }
    const at = (due - this.clockAhead) as Instant
    if (server.wakeAt !== undefined && server.wakeAt > this.now && server.wakeAt <= at) return
    server.wakeAt = at
    this.#heap.add(at, () => {
      if (server !== this.#server || server.wakeAt !== at) return
      server.wakeAt = undefined
      this.#wakeLater(server)
    })
  }

  /** One commit for all that waits. */
  #commitSoon(server: Server): void {
    if (server.committing !== undefined || server.outbox.length === 0) return
    const batches = server.outbox
    server.outbox = []
    server.committing = batches
    const hasWrites = batches.some((ready) => ready.writes.length > 0)
    this.in(hasWrites ? this.#commitTime() : millis(0), () => {
      if (server !== this.#server) return
      if (hasWrites && this.#strikes('commitFails')) {
        server.committing = undefined
        this.crashServer('a commit failed')
        return
      }
      server.committing = undefined
      this.#commit(batches)
      if (hasWrites && this.#strikes('crashAtCommit')) {
        this.crashServer('a crash between commit and release')
        return
      }
      for (const ready of batches) if (server === this.#server) this.#release(server, ready)
      this.#commitSoon(server)
    })
  }

  #commitTime(): Duration {
    return this.draw(this.#strikes('commitSlow') ? slowCommit : this.#options.timing.commit)
  }

  /** Whether this goes wrong now. */
  #strikes(kind: keyof Misfortune): boolean {
    const chance = this.misfortune[kind]
    if (chance === 0 || !this.#rng.chance(chance)) return false
    this.faults.add(kind satisfies FaultKind)
    return true
  }

  #commit(batches: readonly Ready[]): void {
    for (const { writes } of batches) {
      if (writes.length === 0) continue
      this.disk.apply(writes)
      this.#options.observer.committed?.(writes)
    }
  }

  #release(server: Server, ready: Ready): void {
    this.#options.observer.released?.(ready)
    this.#wire?.send(ready.effects)
    if (ready.probes.length > 0) {
      server.probes.perform(ready.probes, this.now)
      this.#probeLater(server)
    }
    for (const { requestId, outcome } of ready.replies) {
      const answer = server.answers.get(requestId)
      server.answers.delete(requestId)
      answer?.(outcome)
    }
    if (ready.ending !== undefined) this.crashServer(ready.ending.message)
  }

  /** Answers of tasks, which come to the process that asked, whatever becomes of its connection to the engine. */
  #probeLater(server: Server): void {
    const at = server.probes.nextAt
    if (at === undefined || (server.probesWake !== undefined && server.probesWake <= at)) return
    server.probesWake = at
    this.#heap.add(at, () => {
      if (server !== this.#server || server.probesWake !== at) return
      server.probesWake = undefined
      server.probes.advance(this.now)
      this.#tellAnswers(server, server.probes.take())
      this.#probeLater(server)
    })
  }

  #tellAnswers(server: Server, answers: readonly ProbeResult[]): void {
    const results: ProbeResult[] = []
    for (const given of answers) {
      const answer = this.isBlind ? { ...given, outcome: blind } : given
      if (this.#strikes('answerLost')) continue
      if (!this.#strikes('answerLate')) results.push(answer)
      else {
        const late = { kind: 'probe-results', results: [answer] } as const
        this.in(millis(this.#rng.int(longestHoldUpMs)), () => this.#deliver(server, late))
      }
    }
    if (results.length > 0) this.#deliver(server, { kind: 'probe-results', results })
  }

  /** Puts what the cluster reports on the wire, and arms the cluster's next moment. */
  #pump(): void {
    for (const event of this.cluster.take()) this.#wire?.tell(event)
    const at = this.cluster.nextAt
    if (at === undefined || (this.#clusterWake !== undefined && this.#clusterWake <= at)) return
    this.#clusterWake = at
    this.#heap.add(at, () => {
      if (this.#clusterWake !== at) return
      this.#clusterWake = undefined
      this.cluster.advance(this.now)
      this.#pump()
    })
  }
}
