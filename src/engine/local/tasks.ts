// The life of every task on this machine, from the accept to the acknowledgement of its end: prepared, launched,
// watched, killed, found again after a restart. What is decided from files and /proc is in decide-launch.ts and
// verdicts.ts, offers are the engine's. Every step can be cut by a crash; restore() goes on from what is on disk.

import { randomUUID } from 'node:crypto'
import net from 'node:net'
import type { AgentId, TaskId, TaskInfo, TaskStatus } from '../../core/mesos.ts'
import { assert } from '../../lib/assert.ts'
import { instant } from '../../lib/instant.ts'
import type { Cgroups } from './cgroups.ts'
import { decideLaunch, type LaunchFacts } from './decide-launch.ts'
import { FetchError, type Fetcher } from './fetcher.ts'
import { argvOf, environmentOf, renderLaunchFile, type UserIds } from './launch-file.ts'
import type { Launcher } from './launcher.ts'
import { localLimits } from './limits.ts'
import { isProcessAlive, signalProcess } from './processes.ts'
import type { ExitRecord, Identity } from './records.ts'
import { describeUnsupported } from './refusals.ts'
import { amountsOf } from './resources.ts'
import { createSandbox, giveTo, type SandboxKeeper, type SandboxPaths, sandboxPaths } from './sandboxes.ts'
import { SliceQueue } from './slice-queue.ts'
import { StatusStream, type TrackedStatus } from './status-stream.ts'
import { type LaunchId, launchIdOf, type TaskFiles } from './task-files.ts'
import { findUser } from './users.ts'
import type { Verdict } from './verdicts.ts'
import * as verdicts from './verdicts.ts'

type Phase =
  | { readonly kind: 'queued' }
  | { readonly kind: 'preparing'; readonly abort: AbortController }
  /** The launcher was asked; no child has claimed the launch yet. Times in milliseconds. */
  | {
      readonly kind: 'requested'
      readonly since: number
      readonly askedAt: number
      /** Of the launcher that was asked. */
      readonly generation: number
    }
  | { readonly kind: 'running'; readonly child: Identity; readonly supervisor: Identity }
  | { readonly kind: 'ended' }

interface LocalTask {
  readonly id: LaunchId
  readonly info: TaskInfo
  readonly paths: SandboxPaths
  readonly acceptedAt: number
  readonly statuses: StatusStream
  phase: Phase
  /** A kill was requested; when SIGKILL is due, in milliseconds. */
  killBy: number | undefined
  adoptionAskedAt: number
  /** Its agent is unplugged: what became of it is told when it is plugged in again. */
  heldBack: TrackedStatus | undefined
  unreachableSince: number | undefined
}

export interface TasksOptions {
  readonly files: TaskFiles
  readonly cgroups: Cgroups
  readonly launcher: Launcher
  readonly fetcher: Fetcher
  readonly keeper: SandboxKeeper
  readonly bootId: string
  readonly pidsPerTask: number
  /** Where tasks are reached. */
  readonly address: string
  /** Report TASK_KILLING too (--enable_features task_killing). */
  readonly reportsKilling: boolean
  readonly onStatus: (status: TaskStatus) => void
  readonly onEnded: (agentId: AgentId, taskId: TaskId) => void
  readonly onProblem: (message: string) => void
}

export class Tasks {
  readonly #options: TasksOptions
  readonly #tasks = new Map<LaunchId, LocalTask>()
  readonly #queue = new SliceQueue<LocalTask>((task) => this.#prepare(task), localLimits.taskSliceMs)
  readonly #started = new SliceQueue<LaunchId>((id) => this.#handleStarted(id), localLimits.taskSliceMs)
  readonly #exits = new SliceQueue<LaunchId>((id) => this.#handleExit(id), localLimits.taskSliceMs)
  /** Clearing up, one thing at a time: many at once would take the threads that the store commits with. */
  #chores: Promise<void> = Promise.resolve()
  #isClosed = false
  /** Cgroups that still held a process when they were to be removed. */
  readonly #leftovers = new Set<LaunchId>()

  constructor(options: TasksOptions) {
    this.#options = options
  }

  /** Tasks that hold resources, after restore(). */
  *holding(): Generator<TaskInfo> {
    for (const task of this.#tasks.values()) if (task.phase.kind !== 'ended') yield task.info
  }

  has(id: LaunchId): boolean {
    return this.#tasks.has(id)
  }

  get size(): number {
    return this.#tasks.size
  }

  /** Whether the task can still write to its logs. */
  isOpen(taskId: TaskId): boolean {
    const task = this.#find(taskId)
    return task !== undefined && task.phase.kind !== 'ended'
  }

  /** The state of a task as reconciliation tells it; undefined when it is not known here. */
  current(taskId: TaskId): TaskStatus | undefined {
    const task = this.#find(taskId)
    return task && this.#currentOf(task)
  }

  currentOfAll(): TaskStatus[] {
    return [...this.#tasks.values()].map((task) => this.#currentOf(task))
  }

  launch(info: TaskInfo): void {
    const id = launchIdOf(info.taskId)
    // The same accept again: what is known about it is on its way already.
    if (this.#tasks.has(id)) return
    this.#queue.push(this.#remember(id, info, Date.now(), { kind: 'queued' }))
  }

  /** @param graceMs undefined: what the task info says, else the default. */
  kill(taskId: TaskId, graceMs: number | undefined): void {
    const task = this.#find(taskId)
    if (!task || task.phase.kind === 'ended') return
    const grace = graceMs ?? task.info.killGracePeriod ?? localLimits.killGraceMs
    const killBy = Date.now() + grace
    // A repeated kill may shorten what is left of the grace period, never lengthen it.
    if (task.killBy !== undefined && task.killBy <= killBy) return
    const isFirst = task.killBy === undefined
    task.killBy = killBy
    switch (task.phase.kind) {
      case 'queued':
        this.#end(task, verdicts.killedBeforeStart)
        return
      case 'preparing':
        task.phase.abort.abort()
        this.#end(task, verdicts.killedBeforeStart)
        return
      case 'requested':
        this.#settle(task)
        return
      case 'running':
        if (isFirst && this.#options.reportsKilling) this.#push(task, { state: 'TASK_KILLING' })
        this.#deliverKill(task, grace)
    }
  }

  acknowledge(taskId: TaskId, uuid: string): void {
    const task = this.#find(taskId)
    if (!task?.statuses.acknowledge(uuid)) return
    if (task.phase.kind === 'ended' && task.statuses.isEmpty && !task.heldBack) {
      this.#tasks.delete(task.id)
      this.#forget(task.id)
    } else {
      this.#send(task)
    }
  }

  /** The power cord: everything dies at once, and nothing is heard of it until plug(). */
  unplug(agentId: AgentId): void {
    for (const task of this.#tasks.values()) {
      if (task.info.agentId !== agentId || task.phase.kind === 'ended') continue
      const { phase } = task
      task.unreachableSince = Date.now()
      task.killBy = 0
      this.#end(task, verdicts.unplugged(agentId))
      if (phase.kind === 'preparing') phase.abort.abort()
      if (phase.kind === 'requested') this.#guard('fencing', () => this.#options.files.fence(task.id))
      if (phase.kind === 'running') this.#deliverKill(task, 0, phase)
      this.#options.cgroups.kill(task.id)
      this.#options.onStatus(this.#currentOf(task))
    }
  }

  plug(agentId: AgentId): void {
    for (const task of this.#tasks.values()) {
      if (task.info.agentId !== agentId || !task.heldBack) continue
      task.statuses.push(task.heldBack)
      task.heldBack = undefined
      task.unreachableSince = undefined
      this.#send(task)
    }
  }

  /** A child has claimed its launch. */
  onStarted(id: LaunchId): void {
    this.#started.push(id)
  }

  /** An exit record has appeared. */
  onExit(id: LaunchId): void {
    this.#exits.push(id)
  }

  /**
   * Finds the tasks of earlier runs (D5): fences what never started, collects what ended, goes on with what runs.
   * Statuses that were not acknowledged are sent again.
   */
  restore(): void {
    const { files, cgroups } = this.#options
    for (const id of files.list()) {
      const saved = files.readTask(id)
      if (!saved) {
        // The server died while it wrote it down: it was never launched.
        this.#clearCgroup(id)
        this.#forget(id)
        continue
      }
      const task = this.#remember(id, saved.info, saved.acceptedAt, {
        kind: 'requested',
        since: Date.now(),
        askedAt: Date.now(),
        generation: this.#options.launcher.generation,
      })
      const grace = files.readKill(id)
      if (grace !== undefined) task.killBy = Date.now() + grace
      const verdict = files.readVerdict(id)
      if (verdict) {
        task.phase = { kind: 'ended' }
        this.#clearCgroup(id)
        task.statuses.push(this.#terminal(task, verdict, verdict.uuid, verdict.at))
        this.#send(task)
      } else {
        this.#settle(task, { isRestoring: true })
      }
    }
    for (const id of cgroups.list()) if (!this.#tasks.has(id)) this.#clearCgroup(id)
  }

  /** Looks at some tasks: repeats what was lost on the way. Returns ids to look at later, for the next slice. */
  sweep(ids: readonly LaunchId[]): void {
    const now = Date.now()
    for (const id of ids) {
      const task = this.#tasks.get(id)
      if (!task) continue
      this.#send(task, now)
      if (task.phase.kind === 'requested') this.#sweepRequested(task, task.phase, now)
      else if (task.phase.kind === 'running') this.#sweepRunning(task, task.phase, now)
    }
  }

  sweepLeftovers(): void {
    for (const id of this.#leftovers) this.#clearCgroup(id)
  }

  /** Resolves when everything that was to be cleared up is. */
  cleared(): Promise<void> {
    return this.#chores
  }

  ids(): LaunchId[] {
    return [...this.#tasks.keys()]
  }

  /** Stops preparing; what was not launched is fenced by the next start. */
  close(): void {
    this.#isClosed = true
    for (const queue of [this.#queue, this.#started, this.#exits]) queue.close()
    for (const task of this.#tasks.values()) if (task.phase.kind === 'preparing') task.phase.abort.abort()
  }

  // Preparing and launching

  #prepare(task: LocalTask): void {
    if (task.phase.kind !== 'queued') return
    const { info } = task
    const unsupported = describeUnsupported(info)
    const argv = argvOf(info.command)
    const invalid = unsupported ?? (argv.ok ? undefined : argv.error)
    if (invalid) {
      this.#guard('writing down a task', () =>
        this.#options.files.create(task.id, { info, acceptedAt: task.acceptedAt }),
      )
      this.#end(task, { state: 'TASK_ERROR', reason: 'REASON_TASK_INVALID', message: invalid })
      return
    }
    try {
      this.#options.files.create(task.id, { info, acceptedAt: task.acceptedAt })
      if (info.command.user === undefined && info.command.uris.length === 0) {
        createSandbox(task.paths, { id: task.id, taskId: info.taskId, user: undefined })
        this.#request(task, undefined)
        return
      }
    } catch (error) {
      this.#failLaunch(task, error)
      return
    }
    const abort = new AbortController()
    task.phase = { kind: 'preparing', abort }
    void this.#prepareSlowly(task, abort.signal).catch((error) => this.#failLaunch(task, error))
  }

  async #prepareSlowly(task: LocalTask, signal: AbortSignal): Promise<void> {
    const { command } = task.info
    const found =
      command.user === undefined ? { ok: true as const, value: undefined } : await findUser(command.user)
    if (!found.ok) throw new LaunchRefusal(found.error)
    const user = found.value
    if (signal.aborted) return
    createSandbox(task.paths, { id: task.id, taskId: task.info.taskId, user })
    if (command.uris.length > 0) {
      this.#push(task, { state: 'TASK_STARTING', message: 'Fetching artifacts' })
      await this.#options.fetcher.fetchAll(command.uris, task.paths.sandbox, signal)
      if (user) await giveTo(task.paths.sandbox, user)
    }
    if (!signal.aborted && task.phase.kind === 'preparing') this.#request(task, user)
  }

  /** The point of no return: from here on a process may exist, and only claim and fence decide. */
  #request(task: LocalTask, user: UserIds | undefined): void {
    const { cgroups, files, launcher, pidsPerTask } = this.#options
    const { info, paths } = task
    const argv = argvOf(info.command)
    assert(argv.ok, 'a command was checked before its launch')
    const text = renderLaunchFile({
      sandbox: paths.sandbox,
      logs: paths.logs,
      cgroup: cgroups.filesOf(task.id),
      argv: argv.value,
      environment: environmentOf(info.command, paths.sandbox),
      ...(user ? { user } : {}),
    })
    if (!text.ok) throw new LaunchRefusal(text.error)
    const { cpus, mem } = amountsOf(info.resources)
    const cpusMax = info.limits?.cpus
    cgroups.create(task.id, {
      cpus,
      mem,
      memMax: info.limits?.mem ?? (mem > 0 ? mem : Number.POSITIVE_INFINITY),
      pids: pidsPerTask,
      ...(cpusMax === undefined ? {} : { cpusMax }),
    })
    files.writeLaunchFile(task.id, text.value)
    const now = Date.now()
    launcher.launch(task.id)
    task.phase = { kind: 'requested', since: now, askedAt: now, generation: launcher.generation }
  }

  #failLaunch(task: LocalTask, error: unknown): void {
    if (task.phase.kind === 'ended' || this.#isClosed) return
    const message =
      error instanceof FetchError || error instanceof LaunchRefusal ? error.message : describeFailure(error)
    this.#end(task, { state: 'TASK_FAILED', reason: 'REASON_CONTAINER_LAUNCH_FAILED', message })
  }

  // Watching

  #sweepRequested(task: LocalTask, phase: Extract<Phase, { kind: 'requested' }>, now: number): void {
    const { launcher } = this.#options
    const isOfDeadLauncher =
      phase.generation !== launcher.generation && now - phase.askedAt > localLimits.adoptionResendMs
    if (!isOfDeadLauncher && now - phase.askedAt < localLimits.launchResendMs) return
    const isOverdue = now - phase.since > localLimits.launchTimeoutMs
    if (isOverdue || task.killBy !== undefined || this.#options.files.readClaim(task.id)) {
      this.#settle(task)
      return
    }
    launcher.launch(task.id)
    task.phase = { ...phase, askedAt: now, generation: launcher.generation }
  }

  #sweepRunning(task: LocalTask, phase: Extract<Phase, { kind: 'running' }>, now: number): void {
    const { bootId, cgroups } = this.#options
    if (!isProcessAlive(phase.supervisor, bootId)) this.#settle(task)
    // Whoever was to count the grace period is gone.
    else if (task.killBy !== undefined && now > task.killBy + localLimits.killOverdueMs)
      this.#deliverKill(task, 0)
    // The kernel kills one process; a task that lost one to its limit is not what was asked for, so the rest goes too.
    else if (task.killBy === undefined && cgroups.memoryKills(task.id) > 0) cgroups.kill(task.id)
  }

  #handleStarted(id: LaunchId): void {
    const task = this.#tasks.get(id)
    if (task?.phase.kind === 'requested') this.#settle(task)
  }

  #handleExit(id: LaunchId): void {
    const task = this.#tasks.get(id)
    if (!task) {
      // Of a launch whose end was acknowledged without it.
      this.#forget(id)
      return
    }
    if (task.phase.kind === 'ended' && !this.#leftovers.has(id)) return
    const record = this.#options.files.readExit(id)
    if (record) this.#endWithRecord(task, record)
  }

  /** Looks at everything there is to know about a launch and does what it calls for. */
  #settle(task: LocalTask, { isRestoring = false } = {}): void {
    const { files, launcher } = this.#options
    const facts = this.#gatherFacts(task)
    const decision = decideLaunch(facts)
    switch (decision.kind) {
      case 'keep-verdict':
      case 'wait':
        return
      case 'ended':
        this.#endWithRecord(task, decision.record)
        return
      case 'fence': {
        const isOverdue =
          task.phase.kind === 'requested' && Date.now() - task.phase.since > localLimits.launchTimeoutMs
        if (!isRestoring && !isOverdue && task.killBy === undefined) return
        if (!this.#guard('fencing', () => files.fence(task.id))) return
        this.#end(
          task,
          task.killBy !== undefined
            ? verdicts.killedBeforeStart
            : isRestoring
              ? verdicts.fenced
              : verdicts.notStartedInTime,
        )
        return
      }
      case 'dropped':
        this.#end(task, verdicts.fenced)
        return
      case 'gone-with-boot':
        this.#end(task, verdicts.goneWithBoot)
        return
      case 'running':
      case 'adopt': {
        const claim = facts.claim
        assert(claim?.kind === 'child', 'what runs has a claim')
        const supervisor = files.readAdopter(task.id) ?? claim.supervisor
        const isNew = task.phase.kind !== 'running'
        task.phase = { kind: 'running', child: claim.child, supervisor }
        if (isNew) this.#push(task, { state: 'TASK_RUNNING' })
        // After a restart the request is on disk; whether the signal was sent nobody knows.
        if (isNew && task.killBy !== undefined) {
          if (isRestoring) signalProcess(supervisor, this.#options.bootId, 'SIGUSR1')
          else this.#deliverKill(task, Math.max(0, task.killBy - Date.now()))
        }
        if (decision.kind === 'adopt' && Date.now() - task.adoptionAskedAt > localLimits.adoptionResendMs) {
          task.adoptionAskedAt = Date.now()
          launcher.adopt(task.id)
        }
      }
    }
  }

  #gatherFacts(task: LocalTask): LaunchFacts {
    const { files, bootId } = this.#options
    const claim = files.readClaim(task.id)
    const isChild = claim?.kind === 'child'
    const supervisor = isChild ? (files.readAdopter(task.id) ?? claim.supervisor) : undefined
    const facts = {
      hasVerdict: task.phase.kind === 'ended',
      claim,
      isOtherBoot: isChild && claim.child.bootId !== bootId,
      isTaskAlive: isChild && isProcessAlive(claim.child, bootId),
      isSupervisorAlive: supervisor !== undefined && isProcessAlive(supervisor, bootId),
      isCandidateAlive: files.readIntents(task.id).some((one) => isProcessAlive(one, bootId)),
    }
    // Last: a supervisor leaves the record before it is gone, so one that is gone has left it by now.
    return { ...facts, record: files.readExit(task.id) }
  }

  #deliverKill(task: LocalTask, graceMs: number, phase: Phase = task.phase): void {
    if (phase.kind !== 'running') return
    const { files, bootId } = this.#options
    // On disk first: a supervisor that adopts the task, or a server that starts, finds the request there.
    this.#guard('writing down a kill', () => files.writeKill(task.id, graceMs))
    signalProcess(files.readAdopter(task.id) ?? phase.supervisor, bootId, 'SIGUSR1')
  }

  // Ending

  #endWithRecord(task: LocalTask, record: ExitRecord): void {
    if (task.phase.kind === 'ended') {
      this.#clearCgroup(task.id)
      return
    }
    const { cgroups } = this.#options
    if (task.phase.kind !== 'running' && record.exit.kind !== 'refused')
      this.#push(task, { state: 'TASK_RUNNING' })
    const isKilled = task.killBy !== undefined
    this.#end(task, verdicts.verdictOf({ exit: record.exit, isKilled, memory: cgroups.memoryOf(task.id) }))
  }

  #end(task: LocalTask, verdict: Verdict): void {
    const { files, keeper, onEnded } = this.#options
    const now = Date.now()
    const status = this.#terminal(task, verdict, randomUUID(), now)
    this.#guard('writing down the end of a task', () =>
      files.writeVerdict(task.id, { ...verdict, uuid: status.uuid, at: now }),
    )
    task.phase = { kind: 'ended' }
    if (task.unreachableSince === undefined) {
      task.statuses.push(status)
      this.#send(task)
    } else {
      task.heldBack = status
    }
    this.#clearCgroup(task.id)
    onEnded(task.info.agentId, task.info.taskId)
    keeper.ended(task.id, task.info.taskId, task.paths, now)
  }

  /** Removes a cgroup whose task is over; what should still be in it is killed, and it is removed by a later sweep. */
  #clearCgroup(id: LaunchId): void {
    const { cgroups } = this.#options
    this.#leftovers.add(id)
    this.#chore('removing a cgroup', async () => {
      if (await cgroups.remove(id)) this.#leftovers.delete(id)
      else cgroups.kill(id)
    })
  }

  /** Nothing of this launch is needed any more. */
  #forget(id: LaunchId): void {
    this.#chore('removing the record of a task', () => this.#options.files.remove(id))
  }

  #chore(doing: string, work: () => Promise<void>): void {
    this.#chores = this.#chores
      .then(work)
      .catch((error) => this.#options.onProblem(`${doing}: ${describeFailure(error)}`))
  }

  // Statuses

  #push(
    task: LocalTask,
    { state, message }: { readonly state: TaskStatus['state']; readonly message?: string },
  ): void {
    const { address } = this.#options
    const version = net.isIP(address)
    task.statuses.push({
      taskId: task.info.taskId,
      agentId: task.info.agentId,
      state,
      timestamp: instant(Date.now()),
      uuid: randomUUID(),
      ...(message === undefined ? {} : { message }),
      ...(version > 0
        ? { ipAddresses: [{ ipAddress: address, protocol: version === 6 ? 'IPv6' : 'IPv4' }] }
        : {}),
    })
    this.#send(task)
  }

  #terminal(task: LocalTask, verdict: Verdict, uuid: string, at: number): TrackedStatus {
    return {
      taskId: task.info.taskId,
      agentId: task.info.agentId,
      state: verdict.state,
      timestamp: instant(at),
      message: verdicts.clipMessage(verdict.message),
      uuid,
      ...(verdict.reason === undefined ? {} : { reason: verdict.reason }),
    }
  }

  #send(task: LocalTask, now = Date.now()): void {
    if (task.unreachableSince !== undefined) return
    const due = task.statuses.takeDue(now)
    if (due) this.#options.onStatus(due)
  }

  #currentOf(task: LocalTask): TaskStatus {
    const { taskId, agentId } = task.info
    if (task.unreachableSince !== undefined) {
      return {
        taskId,
        agentId,
        state: 'TASK_UNREACHABLE',
        timestamp: instant(Date.now()),
        reason: 'REASON_SLAVE_REMOVED',
        message: `Agent ${agentId} was unplugged`,
        unreachableSince: instant(task.unreachableSince),
      }
    }
    const latest = task.statuses.latest
    if (!latest)
      return {
        taskId,
        agentId,
        state: 'TASK_STAGING',
        timestamp: instant(task.acceptedAt),
        reason: 'REASON_RECONCILIATION',
      }
    // Not to be acknowledged: the one with the uuid comes by its own way.
    const { uuid: _, ...status } = latest
    return { ...status, reason: 'REASON_RECONCILIATION' }
  }

  #remember(id: LaunchId, info: TaskInfo, acceptedAt: number, phase: Phase): LocalTask {
    const task: LocalTask = {
      id,
      info,
      paths: sandboxPaths(this.#options.files.folders, info.agentId, info.taskId, id),
      acceptedAt,
      statuses: new StatusStream(),
      phase,
      killBy: undefined,
      adoptionAskedAt: 0,
      heldBack: undefined,
      unreachableSince: undefined,
    }
    this.#tasks.set(id, task)
    return task
  }

  #find(taskId: TaskId): LocalTask | undefined {
    return this.#tasks.get(launchIdOf(taskId))
  }

  /** Runs a step whose failure (a full disk) must not stop the rest: the sweep or the next start repeats it. */
  #guard<T>(doing: string, step: () => T): T | undefined {
    try {
      return step()
    } catch (error) {
      this.#options.onProblem(`${doing}: ${describeFailure(error)}`)
      return undefined
    }
  }
}

/** A launch that cannot be, with a message made for its user. */
class LaunchRefusal extends Error {
  override readonly name = 'LaunchRefusal'
}

const failureTexts: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EMFILE: 'too many open files',
}

/** What went wrong with a file, in words, with its name. */
function describeFailure(error: unknown): string {
  const { code, path: file, message } = error as NodeJS.ErrnoException
  const text = code && failureTexts[code]
  return text
    ? `Could not prepare the task: ${text}${file ? ` (${file})` : ''}`
    : `Could not prepare the task: ${message}`
}
