// The local engine: this machine, offered as one or several virtual agents, in Mesos' words (D2). It decides nothing
// about what runs; it offers, runs what is accepted, and tells what became of it. Tasks outlive it (D5).

import { createHash, randomUUID } from 'node:crypto'
import fs from 'node:fs'
import { type AgentId, launchedTasks, type TaskId, type TaskInfo, type TaskStatus } from '../../core/mesos.ts'
import type { EngineEffect } from '../../core/ready.ts'
import { unreachable } from '../../lib/assert.ts'
import { type Instant, instant } from '../../lib/instant.ts'
import type {
  AgentControl,
  AgentStatus,
  Engine,
  IsolationInfo,
  LogChunk,
  TaskLogs,
} from '../../ports/engine.ts'
import type { AgentConfig } from './agents.ts'
import { type CgroupMount, parseMounts } from './cgroup-limits.ts'
import { openCgroups } from './cgroups.ts'
import { CommandChecks } from './command-checks.ts'
import { Fetcher } from './fetcher.ts'
import { FolderWatches } from './folder-watches.ts'
import { Launcher } from './launcher.ts'
import { localLimits } from './limits.ts'
import { readStream } from './logs.ts'
import { droppedStatus, podStatus, unknownStatus } from './master-statuses.ts'
import { NetworkChecks } from './network-checks.ts'
import { OfferBook } from './offer-book.ts'
import { Outbox, type Report } from './outbox.ts'
import { readPortsInUse } from './ports-in-use.ts'
import { readBootId } from './processes.ts'
import { amountsOf, attributesText, rangesText } from './resources.ts'
import { SandboxKeeper } from './sandboxes.ts'
import { Sweep } from './sweep.ts'
import { launchIdOf, openFolders, TaskFiles } from './task-files.ts'
import { Tasks } from './tasks.ts'

export interface LocalEngineOptions {
  readonly dataDir: string
  readonly agents: readonly AgentConfig[]
  /** Where tasks are reached: HOST, probes, task lists (--hostname). */
  readonly address: string
  /** Report TASK_KILLING (--enable_features task_killing). */
  readonly reportsKilling?: boolean
  readonly pidsPerTask?: number
  readonly sandboxKeepMs?: number
  readonly sandboxKeepBytes?: number
  readonly logRotateBytes?: number
  readonly logRotateSeconds?: number
  /** Hears of what the engine could not do and goes on from. */
  readonly onProblem?: (message: string) => void
  /** For tests: the hierarchies to use instead of this machine's; none runs tasks without cgroups. */
  readonly cgroupMounts?: readonly CgroupMount[]
}

export class LocalEngine implements Engine {
  readonly agents: AgentControl
  readonly logs: TaskLogs
  readonly #id: string
  readonly #files: TaskFiles
  readonly #cgroups: ReturnType<typeof openCgroups>
  readonly #launcher: Launcher
  readonly #fetcher: Fetcher
  readonly #keeper: SandboxKeeper
  readonly #book: OfferBook
  readonly #commands: CommandChecks
  readonly #tasks: Tasks
  readonly #sweep: Sweep
  readonly #watches: FolderWatches
  readonly #outbox = new Outbox()
  #isOffering = false

  /** Opens the folders and cgroups of `dataDir`. Throws when the folders cannot be made. */
  constructor(options: LocalEngineOptions) {
    const onProblem = options.onProblem ?? (() => {})
    const folders = openFolders(options.dataDir)
    this.#id = createHash('sha256').update(folders.base).digest('hex').slice(0, 12)
    const bootId = readBootId()
    const mounts = options.cgroupMounts ?? parseMounts(fs.readFileSync('/proc/self/mountinfo', 'utf8'))
    this.#cgroups = openCgroups(mounts, `marathon-${this.#id}`)
    this.#files = new TaskFiles(folders)
    this.#fetcher = new Fetcher(folders.cache)
    this.#launcher = new Launcher({
      base: folders.base,
      bootId,
      supervisorProcs: this.#cgroups.supervisorProcs,
      rotateBytes: options.logRotateBytes ?? localLimits.logRotateBytes,
      rotateSeconds: options.logRotateSeconds ?? localLimits.logRotateSeconds,
      onProblem,
    })
    this.#keeper = new SandboxKeeper({
      folders,
      keepMs: options.sandboxKeepMs ?? localLimits.sandboxKeepMs,
      keepBytes: options.sandboxKeepBytes ?? localLimits.sandboxKeepBytes,
      onProblem,
    })
    this.#book = new OfferBook({
      agents: options.agents,
      address: options.address,
      newOfferId: () => `${this.#id}-O${randomUUID()}`,
    })
    this.#commands = new CommandChecks({
      files: this.#files,
      cgroups: this.#cgroups,
      launcher: this.#launcher,
      bootId,
    })
    const network = new NetworkChecks()
    this.#tasks = new Tasks({
      ask: (id, kind, target, { timeoutMs, signal }) =>
        target.kind === 'command'
          ? this.#commands.ask(id, kind, timeoutMs, signal)
          : network.ask(target, timeoutMs, signal),
      files: this.#files,
      cgroups: this.#cgroups,
      launcher: this.#launcher,
      fetcher: this.#fetcher,
      keeper: this.#keeper,
      bootId,
      pidsPerTask: options.pidsPerTask ?? localLimits.pidsPerTask,
      address: options.address,
      reportsKilling: options.reportsKilling ?? false,
      onStatus: (status) => this.#tell(status),
      onEnded: (agentId, taskId) => {
        this.#book.release(agentId, taskId)
        this.#offerSoon()
      },
      onProblem,
    })
    this.#sweep = new Sweep({
      folders,
      launcher: this.#launcher,
      tasks: this.#tasks,
      commands: this.#commands,
      keeper: this.#keeper,
      onPortsInUse: (ports) => {
        this.#book.setPortsTaken(ports)
        this.#offerSoon()
      },
      onProblem,
    })
    this.#watches = new FolderWatches(onProblem)
    this.agents = {
      list: () => this.#book.list().map(agentStatus),
      unplug: (id) => this.#setPlugged(id, false),
      plug: (id) => this.#setPlugged(id, true),
    }
    this.logs = { read: (taskId, stream, offset, limit) => this.#readLog(taskId, stream, offset, limit) }
  }

  async start(report: Report): Promise<void> {
    this.#outbox.open(report)
    this.#book.reset()
    this.#outbox.push({
      kind: 'engine-connected',
      frameworkId: `marathon-local-${this.#id}`,
      master: 'local',
      holdsOffers: true,
    })
    // Watching first: what appears while the folders are read is then seen at least once.
    this.#watches.add(this.#files.folders.started, (id) => this.#onStarted(id))
    this.#watches.add(this.#files.folders.exits, (id) => this.#tasks.onExit(id))
    this.#watches.add(this.#files.folders.checks, (name) => this.#commands.onAnswer(name))
    this.#tasks.restore()
    for (const info of this.#tasks.holding())
      this.#book.hold(info.agentId, info.taskId, amountsOf(info.resources))
    this.#launcher.flush()
    this.#book.setPortsTaken(await readPortsInUse())
    this.#offerSoon()
    void this.#keeper.load((id) => this.#tasks.has(id), Date.now())
    // Unless it was stopped while the ports were read.
    if (this.#outbox.isOpen) this.#sweep.start()
  }

  perform(effects: readonly EngineEffect[]): void {
    for (const effect of effects) this.#performOne(effect)
    this.#offerSoon()
  }

  async stop(): Promise<void> {
    // Never started, or stopped already: it knows nothing of tasks, so it touches none.
    if (!this.#outbox.isOpen) {
      this.#cgroups.removeParents()
      return
    }
    this.#outbox.close()
    this.#sweep.stop()
    this.#watches.close()
    this.#tasks.close()
    await this.#fetcher.close()
    await this.#tasks.cleared()
    if (this.#tasks.size === 0) {
      await this.#launcher.quit()
      // A supervisor that has just left its exit record is still on its way out.
      const until = Date.now() + localLimits.launcherQuitMs
      while (!this.#cgroups.removeParents() && Date.now() < until) {
        await new Promise((resolve) => setTimeout(resolve, 5))
        this.#tasks.sweepLeftovers()
        await this.#tasks.cleared()
      }
    }
    this.#launcher.close()
  }

  describeIsolation(): IsolationInfo {
    return this.#cgroups.isolation
  }

  #performOne(effect: EngineEffect): void {
    switch (effect.kind) {
      case 'accept': {
        const isValid = this.#book.accept(effect.offerIds, effect.agentId)
        for (const operation of effect.operations) {
          const isPod = operation.type === 'LAUNCH_GROUP'
          for (const task of launchedTasks(operation)) {
            if (isPod && isValid) this.#tell(podStatus(task, effect.agentId, now()))
            else this.#launch(task, effect.agentId, isValid)
          }
        }
        return
      }
      case 'decline':
        for (const id of effect.offerIds) this.#book.decline(id, Date.now(), effect.refuseFor)
        return
      case 'kill':
        if (this.#tasks.current(effect.taskId)) this.#tasks.kill(effect.taskId, effect.gracePeriod)
        else this.#tell(this.#unknown(effect.taskId, effect.agentId))
        return
      case 'acknowledge':
        this.#tasks.acknowledge(effect.taskId, effect.uuid)
        return
      case 'reconcile':
        this.#reconcile(effect.tasks)
        return
      case 'revive':
        this.#book.revive()
        return
      case 'suppress':
        this.#book.suppress()
        return
      case 'update-framework':
      case 'answer-inverse-offers':
        // This machine serves one framework, in whatever role, and makes no inverse offers.
        return
      default:
        unreachable(effect)
    }
  }

  #launch(info: TaskInfo, agentId: AgentId, isOfferValid: boolean): void {
    if (this.#tasks.current(info.taskId)) return
    const missing = isOfferValid
      ? this.#book.take(agentId, info.taskId, amountsOf(info.resources))
      : undefined
    if (isOfferValid && missing === undefined) this.#tasks.launch(info)
    else this.#tell(droppedStatus(info, agentId, missing, now()))
  }

  #reconcile(tasks: readonly { readonly taskId: TaskId; readonly agentId?: AgentId }[]): void {
    const statuses =
      tasks.length === 0
        ? this.#tasks.currentOfAll()
        : tasks.map(({ taskId, agentId }) => this.#tasks.current(taskId) ?? this.#unknown(taskId, agentId))
    for (const status of statuses) this.#tell(status)
  }

  #unknown(taskId: TaskId, agentId: AgentId | undefined): TaskStatus {
    return unknownStatus(taskId, agentId, agentId !== undefined && this.#book.has(agentId), now())
  }

  /** Undefined: no such agent. Pulling a pulled plug changes nothing. */
  #setPlugged(id: AgentId, isPlugged: boolean): AgentStatus | undefined {
    if (!this.#book.has(id)) return undefined
    if (this.#book.isPlugged(id) !== isPlugged) {
      this.#book.setPlugged(id, isPlugged)
      if (isPlugged) {
        this.#tasks.plug(id)
      } else {
        for (const event of this.#book.flush(Date.now())) this.#outbox.push(event)
        this.#tasks.unplug(id)
        this.#outbox.push({ kind: 'agent-lost', agentId: id })
      }
      this.#offerSoon()
    }
    return this.agents.list().find((agent) => agent.id === id)
  }

  async #readLog(
    taskId: TaskId,
    stream: 'stdout' | 'stderr',
    offset: number,
    limit: number,
  ): Promise<LogChunk | undefined> {
    const isOpen = this.#tasks.isOpen(taskId)
    const chunk = await readStream(`${this.#files.folders.logs}/${launchIdOf(taskId)}`, stream, offset, limit)
    if (chunk) return { ...chunk, isOpen }
    return isOpen ? { bytes: new Uint8Array(), start: 0, end: 0, size: 0, isOpen } : undefined
  }

  #onStarted(id: string): void {
    fs.rm(`${this.#files.folders.started}/${id}`, { force: true }, () => {})
    this.#tasks.onStarted(id)
  }

  #tell(status: TaskStatus): void {
    this.#outbox.push({ kind: 'status', status })
  }

  /** One rescind and one offer for all that changes in one turn. */
  #offerSoon(): void {
    if (this.#isOffering) return
    this.#isOffering = true
    setImmediate(() => {
      this.#isOffering = false
      if (!this.#outbox.isOpen) return
      for (const event of this.#book.flush(Date.now())) this.#outbox.push(event)
    })
  }
}

const now = (): Instant => instant(Date.now())

function agentStatus(agent: ReturnType<OfferBook['list']>[number]): AgentStatus {
  const render = (resources: (typeof agent)['total']) => ({
    ...resources,
    ports: rangesText(resources.ports),
  })
  return {
    id: agent.id,
    hostname: agent.id,
    connected: agent.isPlugged,
    attributes: attributesText(agent.attributes),
    resources: render(agent.total),
    used: render(agent.used),
    tasks: agent.tasks,
  }
}
