// A simulated cluster behind the engine port, on the real clock: tasks start at once, so that what is measured is the
// scheduler and its store. Events leave in turns of the event loop, as they do from a socket.

import type { EngineEvent } from '../../src/core/events.ts'
import type { EngineEffect } from '../../src/core/ready.ts'
import { defaultFleet, fleet } from '../../src/engine/sim/agents.ts'
import { SimCluster } from '../../src/engine/sim/cluster.ts'
import { instant, millis } from '../../src/lib/instant.ts'
import type { Engine } from '../../src/ports/engine.ts'

/** Repeats of statuses are looked after this often; nothing else waits. */
const tickMs = 500

export class InstantCluster implements Engine {
  readonly cluster: SimCluster
  #report: (event: EngineEvent) => void = () => undefined
  #timer: NodeJS.Timeout | undefined
  #isFlushing = false

  constructor(agents: number, ports = defaultFleet.ports) {
    this.cluster = new SimCluster({
      agents: fleet({ ...defaultFleet, agents, cpus: 64, agentsPerRack: 50, ports }),
      holdsOffers: true,
      role: '*',
      seed: 'bench',
      timing: { starting: [0, 0], running: [0, 0], killing: [0, 0], allocation: millis(1_000) },
    })
  }

  async start(report: (event: EngineEvent) => void): Promise<void> {
    this.#report = report
    this.cluster.connect(instant(Date.now()))
    this.#timer = setInterval(() => this.#flushSoon(), tickMs)
    this.#flushSoon()
  }

  perform(effects: readonly EngineEffect[]): void {
    this.cluster.perform(effects, instant(Date.now()))
    this.#flushSoon()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#report = () => undefined
  }

  #flushSoon(): void {
    if (this.#isFlushing) return
    this.#isFlushing = true
    setImmediate(() => {
      this.#isFlushing = false
      this.cluster.advance(instant(Date.now()))
      for (const event of this.cluster.take()) this.#report(event)
    })
  }
}
