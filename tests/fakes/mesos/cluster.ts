// The fake cluster as tests see it: agents, masters with their ports, and everything that can go wrong with them.

import { randomUUID } from 'node:crypto'
import { Agent, type AgentInfo, type AgentTask } from './agent.ts'
import { Master } from './master.ts'
import { add, type Bundle, contains, parseResources, toText } from './resources.ts'
import type { Runner } from './runner.ts'
import { MasterServer } from './server.ts'
import { type Behaviour, SimulatedRunner } from './simulated-runner.ts'
import type { RecordStream } from './stream.ts'
import { recordedTiming, Timers, type Timing } from './timing.ts'
import type { WireEvent } from './wire.ts'

export interface ClusterOptions {
  readonly agents?: number
  /** How many of them are not there at first. */
  readonly absent?: number
  readonly cpus?: number
  /** MiB */
  readonly mem?: number
  /** MiB */
  readonly disk?: number
  readonly ports?: (index: number) => readonly [begin: number, end: number]
  readonly agentPort?: (index: number) => number
  readonly attributes?: (index: number) => Readonly<Record<string, string>>
  readonly hostname?: (index: number) => string
  readonly timing?: Partial<Timing>
  /** Seconds of the cluster in one of ours. */
  readonly speed?: number
  /** Of simulated tasks. */
  readonly behaviour?: Behaviour
  /** In place of simulated tasks. */
  readonly runner?: Runner
  /** Principals and secrets; none: nobody is asked. */
  readonly credentials?: ReadonlyMap<string, string>
  readonly port?: number
}

export class FakeCluster {
  readonly agents: readonly Agent[]
  readonly timing: Timing
  readonly servers: MasterServer[] = []
  readonly #runner: Runner
  readonly #timers: Timers
  readonly #credentials: ReadonlyMap<string, string>
  readonly #absent: number
  #leader!: Master

  private constructor(options: ClusterOptions) {
    this.timing = { ...recordedTiming, ...options.timing }
    this.#timers = new Timers(options.speed)
    this.#runner = options.runner ?? new SimulatedRunner(this.#timers, this.timing.startMs, options.behaviour)
    this.#credentials = options.credentials ?? new Map()
    this.#absent = options.absent ?? 0
    this.agents = newAgents(options, { runner: this.#runner, timers: this.#timers, timing: this.timing })
  }

  /** A cluster with one master, which leads, and its agents. */
  static async start(options: ClusterOptions = {}): Promise<FakeCluster> {
    const cluster = new FakeCluster(options)
    const server = await cluster.#listen(options.port)
    cluster.#lead(server)
    for (const agent of cluster.#registered) cluster.#leader.membership.register(agent)
    return cluster
  }

  get #registered(): readonly Agent[] {
    return this.agents.slice(0, this.agents.length - this.#absent)
  }

  /** The address for `--master`. */
  get address(): string {
    return `127.0.0.1:${this.server.port}`
  }

  /** The leader's. */
  get server(): MasterServer {
    return this.servers.find(({ standing }) => standing.kind === 'leads' && standing.master === this.#leader)!
  }

  get master(): Master {
    return this.#leader
  }

  /** The newest stream of the leader. */
  get stream(): RecordStream | undefined {
    return [...this.server.streams.keys()].at(-1)
  }

  /** Every task that runs or will, wherever. */
  get tasks(): readonly AgentTask[] {
    return this.agents.flatMap(({ tasks }) => [...tasks.values()])
  }

  /** Agents whose resources do not add up: neither free, nor offered, nor used by a task. */
  get leaks(): readonly string[] {
    const problems: string[] = []
    for (const { agent, free, offers } of this.#leader.agents.values()) {
      let sum = free
      for (const { resources } of offers) sum = add(sum, resources)
      for (const task of agent.tasks.values()) if (!task.isRecovered) sum = add(sum, task.resources)
      for (const executor of agent.executors.values()) sum = add(sum, executor.resources)
      if (!contains(sum, agent.total) || !contains(agent.total, sum))
        problems.push(
          `${agent.info.id} has ${toText(agent.total, undefined)}, of which is seen ${toText(sum, undefined)}`,
        )
    }
    return problems
  }

  /** Another master, which redirects to the leader. */
  async addStandby(port?: number): Promise<MasterServer> {
    const server = await this.#listen(port)
    server.standing = { kind: 'stands-by', leaderPort: this.server.port }
    return server
  }

  /**
   * The leader dies, and another server leads from now on, or the same one again. Agents come back after
   * `reregisterMs`, with their tasks.
   */
  async failOver(next?: MasterServer): Promise<void> {
    const port = await this.killLeader()
    this.lead(next ?? (await this.#listen(port)))
  }

  /** Nobody leads then; standbys go on redirecting to where it was. @returns its port */
  async killLeader(): Promise<number> {
    const old = this.server
    const { port } = old
    this.#leader.close()
    for (const agent of this.agents) agent.listener = undefined
    await old.die()
    this.servers.splice(this.servers.indexOf(old), 1)
    return port
  }

  /** Another master leads as well: the old one goes on with its streams, without its agents. */
  async splitBrain(next: MasterServer): Promise<Master> {
    const old = this.#leader
    for (const agent of this.agents) old.membership.disconnected(agent)
    this.lead(next)
    return old
  }

  /** The connections of all frameworks break. */
  disconnect(): void {
    for (const stream of this.server.streams.keys()) stream.cut()
  }

  /** Sends an event of the test's own making to every framework. */
  inject(event: WireEvent): void {
    for (const stream of this.server.streams.keys()) stream.sendRaw(event)
  }

  rescindAll(): void {
    for (const framework of this.#leader.frameworks.values())
      for (const offer of [...framework.offers.values()]) this.#leader.rescind(offer)
  }

  /** The agent's connection breaks; with `tasksDie` the machine is gone with all its processes. */
  loseAgent(agent: Agent, tasksDie = false): void {
    this.#leader.membership.disconnected(agent)
    if (tasksDie) agent.loseTasks()
  }

  /** Pings time out at once. */
  partition(agent: Agent): void {
    this.#leader.membership.disconnected(agent)
    this.#leader.membership.markUnreachable(agent)
  }

  returnAgent(agent: Agent): void {
    this.#leader.membership.register(agent)
  }

  async close(): Promise<void> {
    this.#leader.close()
    this.#timers.close()
    await this.#runner.close()
    for (const server of this.servers) await server.die()
  }

  async #listen(port?: number): Promise<MasterServer> {
    const server = new MasterServer(this.#credentials)
    await server.listen(port)
    this.servers.push(server)
    return server
  }

  #lead(server: MasterServer): void {
    this.#leader = new Master(server.port, { timers: this.#timers, timing: this.timing })
    server.standing = { kind: 'leads', master: this.#leader }
  }

  /** A server leads from now on, knowing nothing but which agents there were. */
  lead(server: MasterServer): void {
    this.#lead(server)
    const master = this.#leader
    for (const other of this.servers)
      if (other.standing.kind === 'stands-by') other.standing = { kind: 'stands-by', leaderPort: server.port }
    for (const agent of this.#registered) {
      master.membership.recovered.add(agent.info.id)
      this.#timers.after(this.timing.reregisterMs, () => {
        if (this.#leader === master) master.membership.register(agent)
      })
    }
  }
}

function newAgents(
  options: ClusterOptions,
  parts: { readonly runner: Runner; readonly timers: Timers; readonly timing: Timing },
): Agent[] {
  const { agents = 2, cpus = 4, mem = 4_096, disk = 10_000, ports } = options
  const clusterId = randomUUID()
  const bundleOf = (range: readonly [number, number]): Bundle =>
    parseResources([
      { name: 'ports', type: 'RANGES', ranges: { range: [{ begin: range[0], end: range[1] }] } },
      { name: 'cpus', type: 'SCALAR', scalar: { value: cpus } },
      { name: 'mem', type: 'SCALAR', scalar: { value: mem } },
      { name: 'disk', type: 'SCALAR', scalar: { value: disk } },
    ])
  const usual = bundleOf([31_000, 31_999])
  return Array.from({ length: agents }, (_, i) => {
    const info: AgentInfo = {
      id: `${clusterId}-S${i}`,
      hostname: options.hostname?.(i) ?? `agent-${i}.test`,
      port: options.agentPort?.(i) ?? 5_051 + i,
      attributes: options.attributes?.(i) ?? { rack: `r${(i % 4) + 1}` },
    }
    const range = ports?.(i)
    return new Agent(info, range === undefined ? usual : bundleOf(range), parts)
  })
}
