// The life of every task on this machine, from the accept to the acknowledgement of its end, and what is told of it.
// On the way to the launcher a task is in launch-queue.ts, from there to its exit in supervision.ts, and what it leaves
// behind in leftovers.ts; offers are the engine's. A crash can cut every step; restore() goes on from what is on disk.

import { randomUUID } from 'node:crypto'
import type { AgentId, TaskId, TaskInfo, TaskState, TaskStatus } from '../../core/mesos.ts'
import { instant } from '../../lib/instant.ts'
import type { Cgroups } from './cgroups.ts'
import type { ChecksOptions } from './checks.ts'
import { attempt, type OnProblem } from './failures.ts'
import type { Fetcher } from './fetcher.ts'
import { Findings } from './findings.ts'
import { LaunchQueue } from './launch-queue.ts'
import type { Launcher } from './launcher.ts'
import { Leftovers } from './leftovers.ts'
import { localLimits } from './limits.ts'
import {
  currentStatus,
  type LocalTask,
  newTask,
  type Phase,
  progressStatus,
  terminalStatus,
} from './local-task.ts'
import type { ExitRecord } from './records.ts'
import { type SandboxKeeper, sandboxPaths } from './sandboxes.ts'
import { SliceQueue } from './slice-queue.ts'
import { Supervision } from './supervision.ts'
import { type LaunchId, launchIdOf, type TaskFiles } from './task-files.ts'
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
  readonly onProblem: OnProblem
}

export class Tasks {
  readonly #options: TasksOptions
  readonly #tasks = new Map<LaunchId, LocalTask>()
  readonly #started = new SliceQueue<LaunchId>((id) => this.#handleStarted(id), localLimits.taskSliceMs)
  readonly #exits = new SliceQueue<LaunchId>((id) => this.#handleExit(id), localLimits.taskSliceMs)
  readonly #launches: LaunchQueue
  readonly #supervision: Supervision
  readonly #leftovers: Leftovers
  readonly #findings: Findings

  constructor(options: TasksOptions) {
    this.#options = options
    this.#launches = new LaunchQueue({
      ...options,
      onFetching: (task) => this.#push(task, 'TASK_STARTING', { message: 'Fetching artifacts' }),
      onReady: (task) => this.#supervision.request(task),
      onFailed: (task, verdict) => this.#end(task, verdict),
    })
    this.#supervision = new Supervision({
      ...options,
      onRunning: (task, { isRestoring }) => {
        this.#push(task, 'TASK_RUNNING')
        if (task.killBy === undefined) this.#findings.begin(task, isRestoring)
      },
      onExit: (task, record) => this.#endWithRecord(task, record),
      onLost: (task, verdict) => this.#end(task, verdict),
    })
    this.#leftovers = new Leftovers(options)
    this.#findings = new Findings({
      ...options,
      find: (id) => this.#tasks.get(id),
      onFound: (task, reason) => this.#push(task, 'TASK_RUNNING', { reason }),
      onUnhealthy: (task) => this.#killUnhealthy(task),
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
    this.#launches.push(this.#remember(id, info, Date.now(), { kind: 'queued' }))
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
    this.#findings.end(task.id)
    switch (task.phase.kind) {
      case 'queued':
      case 'preparing':
        this.#launches.abandon(task)
        this.#end(task, verdicts.killedBeforeStart)
        return
      case 'requested':
        this.#supervision.settle(task)
        return
      case 'running':
        if (isFirst && this.#options.reportsKilling) this.#push(task, 'TASK_KILLING')
        this.#supervision.kill(task)
    }
  }

  acknowledge(taskId: TaskId, uuid: string): void {
    const task = this.#find(taskId)
    if (!task?.statuses.acknowledge(uuid)) return
    if (task.phase.kind === 'ended' && task.statuses.isEmpty) {
      this.#tasks.delete(task.id)
      this.#leftovers.forget(task.id)
    } else {
      this.#send(task)
    }
  }

  /** The power cord: everything dies at once, and nothing is heard of it until plug(). */
  unplug(agentId: AgentId): void {
    for (const task of this.#tasks.values()) {
      if (task.info.agentId !== agentId || task.phase.kind === 'ended') continue
      const { phase } = task
      this.#launches.abandon(task)
      task.statuses.hold(Date.now())
      task.killBy = 0
      this.#end(task, verdicts.unplugged(agentId))
      this.#supervision.killAtOnce(task, phase)
      this.#options.onStatus(currentStatus(task, instant(Date.now())))
    }
  }

  plug(agentId: AgentId): void {
    for (const task of this.#tasks.values()) {
      if (task.info.agentId !== agentId || task.statuses.heldSince === undefined) continue
      task.statuses.release()
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
        this.#leftovers.clearCgroup(id)
        this.#leftovers.forget(id)
        continue
      }
      const task = this.#remember(id, saved.info, saved.acceptedAt, { kind: 'queued' })
      const kill = files.readKill(id)
      if (kill !== undefined) {
        task.killBy = Date.now() + kill.graceMs
        task.isUnhealthy = kill.isUnhealthy
      }
      this.#findings.restore(task)
      const verdict = files.readVerdict(id)
      if (verdict) {
        task.phase = { kind: 'ended' }
        this.#leftovers.clearCgroup(id)
        task.statuses.push(terminalStatus(task, verdict, verdict.uuid, verdict.at))
        this.#send(task)
      } else {
        this.#supervision.resume(task)
      }
    }
    for (const id of cgroups.list()) if (!this.#tasks.has(id)) this.#leftovers.clearCgroup(id)
  }

  /** Looks at some tasks: repeats what was lost on the way. */
  sweep(ids: readonly LaunchId[]): void {
    const now = Date.now()
    for (const id of ids) {
      const task = this.#tasks.get(id)
      if (!task) continue
      this.#send(task, now)
      this.#supervision.sweep(task, now)
    }
  }

  sweepLeftovers(): void {
    this.#leftovers.sweep()
  }

  /** Resolves when everything that was to be cleared up is. */
  async cleared(): Promise<void> {
    await this.#launches.idle()
    await this.#leftovers.cleared()
  }

  ids(): LaunchId[] {
    return [...this.#tasks.keys()]
  }

  /** Stops preparing; what was not launched is fenced by the next start. */
  close(): void {
    this.#supervision.close()
    this.#findings.close()
    this.#launches.close()
    for (const queue of [this.#started, this.#exits]) queue.close()
  }

  // Watching

  #handleStarted(id: LaunchId): void {
    const task = this.#tasks.get(id)
    if (task?.phase.kind === 'requested') this.#supervision.settle(task)
  }

  #handleExit(id: LaunchId): void {
    const task = this.#tasks.get(id)
    if (!task) {
      // Of a launch whose end was acknowledged without it.
      this.#leftovers.forget(id)
      return
    }
    if (task.phase.kind === 'ended' && !this.#leftovers.hasCgroup(id)) return
    const record = this.#options.files.readExit(id)
    if (record) this.#endWithRecord(task, record)
  }

  // Ending

  #killUnhealthy(task: LocalTask): void {
    if (task.killBy !== undefined) return
    task.isUnhealthy = true
    this.kill(task.info.taskId, undefined)
  }

  #endWithRecord(task: LocalTask, record: ExitRecord): void {
    if (task.phase.kind === 'ended') {
      this.#leftovers.clearCgroup(task.id)
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
    const { files, keeper, onEnded, onProblem } = this.#options
    const now = Date.now()
    const status = terminalStatus(task, verdict, randomUUID(), now)
    attempt(onProblem, 'writing down the end of a task', () =>
      files.writeVerdict(task.id, { ...verdict, uuid: status.uuid, at: now }),
    )
    task.phase = { kind: 'ended' }
    this.#findings.end(task.id)
    task.statuses.push(status)
    this.#send(task)
    this.#leftovers.clearCgroup(task.id)
    onEnded(task.info.agentId, task.info.taskId)
    keeper.ended(task.id, task.info.taskId, task.paths, now)
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
}
