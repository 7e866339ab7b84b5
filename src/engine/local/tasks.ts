// The life of every task on this machine, from the accept to the acknowledgement of its end: prepared, launched,
// watched, killed, found again after a restart. What is decided from files and /proc is in decide-launch.ts and
// verdicts.ts, offers are the engine's. Every step can be cut by a crash; restore() goes on from what is on disk.

import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { checkReason, healthReason } from '../../core/health/executor-health.ts'
import type { AgentId, TaskId, TaskInfo, TaskState, TaskStatus } from '../../core/mesos.ts'
import { assert } from '../../lib/assert.ts'
import { instant } from '../../lib/instant.ts'
import type { Cgroups } from './cgroups.ts'
import { Checks, type ChecksOptions } from './checks.ts'
import { decideLaunch, type LaunchFacts } from './decide-launch.ts'
import type { Fetcher } from './fetcher.ts'
import type { Launcher } from './launcher.ts'
import { localLimits } from './limits.ts'
import {
  currentStatus,
  type LocalTask,
  newTask,
  type Phase,
  progressStatus,
  terminalStatus,
} from './local-task.ts'
import { describeFailure, describeInvalid, failureVerdict, prepare } from './preparation.ts'
import { isProcessAlive, signalProcess } from './processes.ts'
import type { ExitRecord } from './records.ts'
import { type SandboxKeeper, sandboxPaths } from './sandboxes.ts'
import { SliceQueue } from './slice-queue.ts'
import { type Found, type LaunchId, launchIdOf, type TaskFiles } from './task-files.ts'
import type { Verdict } from './verdicts.ts'
import * as verdicts from './verdicts.ts'

export interface TasksOptions {
  readonly files: TaskFiles
  readonly cgroups: Cgroups
  readonly launcher: Launcher
  readonly fetcher: Fetcher
  readonly keeper: SandboxKeeper
  /** Puts the questions of checks. */
  readonly ask: ChecksOptions['ask']
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
  readonly #kills = new SliceQueue<LocalTask>(
    (task) => this.#deliverRequestedKill(task),
    localLimits.taskSliceMs,
  )
  readonly #checks: Checks
  /** Clearing up, one thing at a time: many at once would take the threads that the store commits with. */
  #chores: Promise<void> = Promise.resolve()
  /** Those under way; what is given up leaves nothing behind. */
  readonly #preparations = new Set<Promise<void>>()
  #isClosed = false
  /** Cgroups that still held a process when they were to be removed. */
  readonly #leftovers = new Set<LaunchId>()

  constructor(options: TasksOptions) {
    this.#options = options
    this.#checks = new Checks({
      ask: options.ask,
      now: () => Date.now(),
      pause: (ms, signal) => setTimeout(ms, undefined, { signal, ref: false }),
      onHealth: (id, { isHealthy, kills }) => this.#handleHealth(id, isHealthy, kills),
      onCheck: (id, check) => {
        const task = this.#tasks.get(id)
        if (task) this.#tell(task, { ...task.found, check }, checkReason)
      },
    })
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
    return task && currentStatus(task, instant(Date.now()))
  }

  currentOfAll(): TaskStatus[] {
    return [...this.#tasks.values()].map((task) => currentStatus(task, instant(Date.now())))
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
    this.#checks.end(task.id)
    switch (task.phase.kind) {
      case 'queued':
        this.#guard('writing down a task', () => this.#writeDown(task))
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
        if (isFirst && this.#options.reportsKilling) this.#push(task, 'TASK_KILLING')
        this.#kills.push(task)
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
      const { files } = this.#options
      if (phase.kind === 'queued') this.#guard('writing down a task', () => this.#writeDown(task))
      task.unreachableSince = Date.now()
      task.killBy = 0
      this.#end(task, verdicts.unplugged(agentId))
      if (phase.kind === 'preparing') phase.abort.abort()
      if (phase.kind === 'requested' && !this.#guard('fencing', () => files.fence(task.id))) {
        const claim = files.readClaim(task.id)
        if (claim?.kind === 'child') this.#deliverKill(task, 0, { ...claim, kind: 'running' })
      }
      if (phase.kind === 'running') this.#deliverKill(task, 0, phase)
      this.#options.cgroups.kill(task.id)
      this.#options.onStatus(currentStatus(task, instant(Date.now())))
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
      const kill = files.readKill(id)
      if (kill !== undefined) {
        task.killBy = Date.now() + kill.graceMs
        task.isUnhealthy = kill.isUnhealthy
      }
      task.found = files.readFound(id) ?? {}
      const verdict = files.readVerdict(id)
      if (verdict) {
        task.phase = { kind: 'ended' }
        this.#clearCgroup(id)
        task.statuses.push(terminalStatus(task, verdict, verdict.uuid, verdict.at))
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
  async cleared(): Promise<void> {
    await Promise.all(this.#preparations)
    await this.#chores
  }

  ids(): LaunchId[] {
    return [...this.#tasks.keys()]
  }

  /** Stops preparing; what was not launched is fenced by the next start. */
  close(): void {
    this.#isClosed = true
    // What was asked for is carried out by the supervisors, once they know.
    this.#kills.drain()
    this.#checks.close()
    for (const queue of [this.#queue, this.#started, this.#exits]) queue.close()
    for (const task of this.#tasks.values()) if (task.phase.kind === 'preparing') task.phase.abort.abort()
  }

  // Launching

  #prepare(task: LocalTask): void {
    if (task.phase.kind !== 'queued') return
    const invalid = describeInvalid(task.info)
    if (invalid) {
      this.#guard('writing down a task', () => this.#writeDown(task))
      this.#end(task, { state: 'TASK_ERROR', reason: 'REASON_TASK_INVALID', message: invalid })
      return
    }
    try {
      this.#writeDown(task)
    } catch (error) {
      this.#end(task, failureVerdict(error))
      return
    }
    const { files, cgroups, fetcher, pidsPerTask } = this.#options
    const preparation = prepare(task, {
      files,
      cgroups,
      fetcher,
      pidsPerTask,
      onFetching: () => this.#push(task, 'TASK_STARTING', { message: 'Fetching artifacts' }),
      onReady: () => this.#request(task),
      onFailed: (_, verdict) => {
        // Closing aborts it too; then the next start fences it.
        if (!this.#isClosed) this.#end(task, verdict)
      },
    })
    this.#preparations.add(preparation)
    void preparation.finally(() => this.#preparations.delete(preparation))
  }

  #writeDown({ id, info, acceptedAt }: LocalTask): void {
    this.#options.files.create(id, { info, acceptedAt })
  }

  /** The point of no return: from here on a process may exist, and only claim and fence decide. */
  #request(task: LocalTask): void {
    const { launcher } = this.#options
    const now = Date.now()
    launcher.launch(task.id)
    task.phase = { kind: 'requested', since: now, askedAt: now, generation: launcher.generation }
  }

  // Watching

  #sweepRequested(task: LocalTask, phase: Extract<Phase, { kind: 'requested' }>, now: number): void {
    const { launcher } = this.#options
    if (now - phase.askedAt < localLimits.adoptionResendMs) return
    const isOverdue = now - phase.since > localLimits.launchTimeoutMs
    if (isOverdue || task.killBy !== undefined || this.#options.files.readClaim(task.id)) {
      this.#settle(task)
      return
    }
    const isOfDeadLauncher = phase.generation !== launcher.generation
    if (!isOfDeadLauncher && now - phase.askedAt < localLimits.launchResendMs) return
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
        if (isNew) this.#push(task, 'TASK_RUNNING')
        if (isNew && task.killBy === undefined) this.#beginChecks(task, isRestoring)
        // After a restart the request is on disk; whether the signal was sent nobody knows.
        if (isNew && task.killBy !== undefined) {
          if (isRestoring) signalProcess(supervisor, this.#options.bootId, 'SIGUSR1')
          else this.#deliverRequestedKill(task)
        }
        if (decision.kind === 'adopt' && Date.now() - task.adoptionAskedAt > localLimits.adoptionResendMs) {
          task.adoptionAskedAt = Date.now()
          launcher.adopt(task.id)
        }
      }
    }
  }

  // Checks

  #beginChecks({ id, info, found }: LocalTask, isRestoring: boolean): void {
    const startedAt = (isRestoring ? this.#options.files.claimedAt(id) : undefined) ?? Date.now()
    this.#checks.begin({ id, info, startedAt, ...(isRestoring ? { earlier: found } : {}) })
  }

  #handleHealth(id: LaunchId, healthy: boolean, kills: boolean): void {
    const task = this.#tasks.get(id)
    if (!task) return
    this.#tell(task, { ...task.found, healthy }, healthReason)
    if (!kills || task.killBy !== undefined) return
    task.isUnhealthy = true
    this.kill(task.info.taskId, undefined)
  }

  /** On disk first: after a restart it is still known, until the checks say something else. */
  #tell(task: LocalTask, found: Found, reason: string): void {
    if (task.phase.kind !== 'running') return
    task.found = found
    this.#guard('writing down what a check has found', () => this.#options.files.writeFound(task.id, found))
    this.#push(task, 'TASK_RUNNING', { reason })
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

  #deliverRequestedKill(task: LocalTask): void {
    if (task.killBy !== undefined) this.#deliverKill(task, Math.max(0, task.killBy - Date.now()))
  }

  #deliverKill(task: LocalTask, graceMs: number, phase: Phase = task.phase): void {
    if (phase.kind !== 'running') return
    const { files, bootId } = this.#options
    // On disk first: a supervisor that adopts the task, or a server that starts, finds the request there.
    this.#guard('writing down a kill', () =>
      files.writeKill(task.id, { graceMs, isUnhealthy: task.isUnhealthy }),
    )
    signalProcess(files.readAdopter(task.id) ?? phase.supervisor, bootId, 'SIGUSR1')
  }

  // Ending

  #endWithRecord(task: LocalTask, record: ExitRecord): void {
    if (task.phase.kind === 'ended') {
      this.#clearCgroup(task.id)
      return
    }
    const { cgroups } = this.#options
    if (task.phase.kind !== 'running' && record.exit.kind !== 'refused') this.#push(task, 'TASK_RUNNING')
    const { killBy, isUnhealthy } = task
    const memory = cgroups.memoryOf(task.id)
    this.#end(
      task,
      verdicts.verdictOf({ exit: record.exit, isKilled: killBy !== undefined, isUnhealthy, memory }),
    )
  }

  #end(task: LocalTask, verdict: Verdict): void {
    const { files, keeper, onEnded } = this.#options
    const now = Date.now()
    const status = terminalStatus(task, verdict, randomUUID(), now)
    this.#guard('writing down the end of a task', () =>
      files.writeVerdict(task.id, { ...verdict, uuid: status.uuid, at: now }),
    )
    task.phase = { kind: 'ended' }
    this.#checks.end(task.id)
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
    state: TaskState,
    said: { readonly message?: string; readonly reason?: string } = {},
  ): void {
    const { address } = this.#options
    const now = instant(Date.now())
    task.statuses.push(progressStatus(task, { state, address, uuid: randomUUID(), now, ...said }))
    this.#send(task)
  }

  #send(task: LocalTask, now = Date.now()): void {
    if (task.unreachableSince !== undefined) return
    const due = task.statuses.takeDue(now)
    if (due) this.#options.onStatus(due)
  }

  #remember(id: LaunchId, info: TaskInfo, acceptedAt: number, phase: Phase): LocalTask {
    const paths = sandboxPaths(this.#options.files.folders, info.agentId, info.taskId, id)
    const task = newTask({ id, info, paths, acceptedAt, phase })
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
