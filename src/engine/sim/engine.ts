// The simulated engine as a server uses it (`--master sim`): the cluster of cluster.ts in real time. Nothing is
// executed; everything else is as on a cluster, so that clients, dashboards and deployments can be tried on a laptop.
// It forgets everything when the process ends: the next one finds its tasks gone and launches them again.

import type { EngineEvent } from '../../core/events.ts'
import type { AgentId } from '../../core/mesos.ts'
import type { EngineEffect } from '../../core/ready.ts'
import type { Registration } from '../../core/registration/registration.ts'
import type { Instant } from '../../lib/instant.ts'
import { stream } from '../../lib/rng.ts'
import type { Alarm, Clock } from '../../ports/clock.ts'
import type { AgentControl, AgentResources, AgentStatus, Engine } from '../../ports/engine.ts'
import type { Prober } from '../../ports/prober.ts'
import { defaultFleet, fleet } from './agents.ts'
import { type Amounts, flat, minus, plus } from './amounts.ts'
import { SimCluster } from './cluster.ts'
import type { SimAgent } from './parts.ts'
import { portsText } from './ports.ts'
import { SimProber } from './prober.ts'
import { SimProbes } from './probes.ts'
import { type ClusterTiming, type Span, usualTiming } from './timing.ts'

export interface SimEngineOptions {
  readonly clock: Clock
  /** How many; 10 by default (--sim_agents). */
  readonly agents?: number
  readonly role: string
  readonly seed: number | string
  readonly timing?: ClusterTiming
}

/** Milliseconds a question of the prober travels, and its answer. */
const probeWire: Span = [1, 1]

type Report = (event: EngineEvent) => void

export class SimEngine implements Engine {
  readonly agents: AgentControl
  readonly prober: Prober
  readonly #clock: Clock
  readonly #cluster: SimCluster
  #report: Report | undefined
  #alarm: { readonly at: Instant; readonly alarm: Alarm } | undefined
  #isFlushing = false

  constructor(options: SimEngineOptions) {
    this.#clock = options.clock
    this.#cluster = new SimCluster({
      agents: fleet({ ...defaultFleet, agents: options.agents ?? defaultFleet.agents }),
      holdsOffers: true,
      role: options.role,
      seed: options.seed,
      timing: options.timing ?? usualTiming,
    })
    const rng = stream(options.seed, 'probes')
    this.prober = new SimProber(this.#clock, new SimProbes({ cluster: this.#cluster, rng, wire: probeWire }))
    this.agents = {
      list: () => Array.from(this.#cluster.agents.values(), statusOf),
      unplug: (id) => this.#act(id, (now) => this.#cluster.loseAgent(id, 'gone', now)),
      plug: (id) => this.#act(id, (now) => this.#cluster.returnAgent(id, now)),
    }
  }

  async start(report: Report, registration?: Registration): Promise<void> {
    this.#report = report
    this.#cluster.connect(this.#clock.now(), registration)
    this.#flushSoon()
  }

  perform(effects: readonly EngineEffect[]): void {
    if (this.#report === undefined) return
    this.#cluster.perform(effects, this.#clock.now())
    this.#flushSoon()
  }

  async stop(): Promise<void> {
    this.#report = undefined
    this.#cluster.disconnect(this.#clock.now())
    this.#alarm?.alarm.cancel()
    this.#alarm = undefined
  }

  #act(id: AgentId, act: (now: Instant) => void): AgentStatus | undefined {
    const agent = this.#cluster.agents.get(id)
    if (agent === undefined) return undefined
    act(this.#clock.now())
    this.#flushSoon()
    return statusOf(agent)
  }

  /** Reports never leave from within a call of the scheduler's. */
  #flushSoon(): void {
    if (this.#isFlushing) return
    this.#isFlushing = true
    setImmediate(() => {
      this.#isFlushing = false
      this.#flush()
    })
  }

  #flush(): void {
    const report = this.#report
    if (report === undefined) return
    for (const event of this.#cluster.take()) report(event)
    this.#arm()
  }

  #arm(): void {
    const at = this.#cluster.nextAt
    if (this.#alarm?.at === at) return
    this.#alarm?.alarm.cancel()
    this.#alarm = undefined
    if (at === undefined || this.#report === undefined) return
    const alarm = this.#clock.alarm(at, () => {
      this.#alarm = undefined
      // It may ring early; then nothing is due, and it is armed anew.
      this.#cluster.advance(this.#clock.now())
      this.#flush()
    })
    this.#alarm = { at, alarm }
  }
}

function statusOf({ config, isConnected, free, offers, tasks }: SimAgent): AgentStatus {
  const unused = [...offers].reduce((sum, offer) => plus(sum, offer.amounts), free)
  const used = minus(flat(config.total), flat(unused))
  return {
    id: config.id,
    hostname: config.hostname,
    connected: isConnected,
    attributes: Object.fromEntries(config.attributes.map(({ name, text }) => [name, text ?? ''])),
    resources: render(flat(config.total)),
    used: render(typeof used === 'string' ? flat(config.total) : used),
    tasks: [...tasks].filter((task) => !task.hasEnded).length,
  }
}

const render = ({ cpus, mem, disk, gpus, ports }: Amounts): AgentResources => ({
  cpus: cpus / 1000,
  mem: mem / 1000,
  disk: disk / 1000,
  gpus: gpus / 1000,
  ports: portsText(ports),
})
