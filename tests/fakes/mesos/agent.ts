// An agent: what it has, the tasks it runs, and their updates, which it sends to the master it is registered with and
// repeats until the framework acknowledges them. It outlives masters; a master outlives it only for a while.

import { randomUUID } from 'node:crypto'
import { noResult, startChecks } from './checks.ts'
import type { Bundle } from './resources.ts'
import type { Exit, LaunchFailure, Runner } from './runner.ts'
import type { Timers, Timing } from './timing.ts'
import { UpdateStream } from './updates.ts'
import {
  terminalStates,
  type WireCommand,
  type WireDisk,
  type WireLabels,
  type WireStatus,
  type WireTaskInfo,
} from './wire.ts'

export interface AgentInfo {
  readonly id: string
  readonly hostname: string
  readonly port: number
  readonly attributes: Readonly<Record<string, string>>
  readonly region?: string
  readonly zone?: string
}

/** What a master is told by its agents. */
export interface AgentListener {
  /** @param latest the state the task is in by now, though the update may be older */
  update(agent: Agent, task: AgentTask, status: WireStatus): void
  executorEnded(agent: Agent, executor: Executor, status: number): void
  message(agent: Agent, executor: Executor, data: string): void
  /** The last update of the task was acknowledged, or it is gone without one. */
  forgotten(agent: Agent, task: AgentTask): void
}

/** The executor of a group, or a custom one. Those of single commands have no record. */
export interface Executor {
  readonly id: string
  readonly frameworkId: string
  readonly isGroup: boolean
  readonly resources: Bundle
  readonly role: string
  readonly containerId: string
  readonly tasks: Set<AgentTask>
  isEnding: boolean
}

export interface AgentTask {
  readonly id: string
  readonly agentId: string
  readonly name: string
  readonly frameworkId: string
  readonly resources: Bundle
  readonly role: string
  /** As in the task's own statuses; custom executors do not say it. */
  readonly executorId: string | undefined
  readonly executor: Executor | undefined
  readonly containerId: string
  readonly graceMs: number | undefined
  readonly isCheckpointed: boolean
  readonly tellsKilling: boolean
  readonly labels: WireLabels | undefined
  /** As the agent knows it. */
  state: string
  /** As the last update told the framework. */
  told: string
  healthy: boolean | undefined
  checkStatus: Readonly<Record<string, unknown>> | undefined
  updates: UpdateStream | undefined
  killing: { readonly reason?: string; readonly unhealthy: boolean; readonly failed?: boolean } | undefined
  stopChecks: (() => void) | undefined
  /** Its resources are the master's again. */
  isRecovered: boolean
}

export interface AgentLaunch {
  readonly info: WireTaskInfo
  readonly frameworkId: string
  readonly role: string
  readonly resources: Bundle
  readonly executor: Executor | undefined
  readonly isCheckpointed: boolean
  readonly tellsKilling: boolean
}

export const keyOf = (frameworkId: string, taskId: string): string => `${frameworkId} ${taskId}`

const graceOf = (policy: WireTaskInfo['kill_policy']): number | undefined =>
  policy?.grace_period === undefined ? undefined : policy.grace_period.nanoseconds / 1e6

export class Agent {
  readonly info: AgentInfo
  /** By `keyOf`. */
  readonly tasks = new Map<string, AgentTask>()
  readonly executors = new Map<string, Executor>()
  /** With the reservations and volumes made on it. */
  total: Bundle
  /** The master it is registered with; undefined while it is lost or looks for one. */
  listener: AgentListener | undefined
  readonly #runner: Runner
  readonly #timers: Timers
  readonly #timing: Timing

  constructor(info: AgentInfo, total: Bundle, parts: { runner: Runner; timers: Timers; timing: Timing }) {
    this.info = info
    this.total = total
    this.#runner = parts.runner
    this.#timers = parts.timers
    this.#timing = parts.timing
  }

  launch(launch: AgentLaunch): AgentTask {
    const { info, frameworkId, executor } = launch
    const isCustom = executor !== undefined && !executor.isGroup
    const task: AgentTask = {
      id: info.task_id.value,
      agentId: this.info.id,
      name: info.name,
      frameworkId,
      resources: launch.resources,
      role: launch.role,
      executorId: isCustom ? undefined : (executor?.id ?? info.task_id.value),
      executor,
      containerId: isCustom ? executor.containerId : randomUUID(),
      graceMs: graceOf(info.kill_policy),
      isCheckpointed: launch.isCheckpointed,
      tellsKilling: launch.tellsKilling,
      labels: (info.labels?.labels ?? []).length === 0 ? undefined : info.labels,
      state: 'TASK_STAGING',
      told: 'TASK_STAGING',
      healthy: undefined,
      checkStatus: info.check === undefined ? undefined : noResult(info.check),
      updates: undefined,
      killing: undefined,
      stopChecks: undefined,
      isRecovered: false,
    }
    this.tasks.set(keyOf(frameworkId, task.id), task)
    if (executor !== undefined) {
      executor.tasks.add(task)
      this.executors.set(keyOf(frameworkId, executor.id), executor)
    }
    const disks: WireDisk[] = task.resources.flatMap(({ disk }) =>
      disk?.persistence === undefined ? [] : [disk],
    )
    const command: WireCommand = isCustom ? { value: 'executor' } : (info.command ?? {})
    // Let go of once it has started: of a million tasks the definitions are most of what there is.
    let starting: WireTaskInfo | undefined = info
    this.#runner.launch(
      {
        key: keyOf(frameworkId, task.id),
        taskId: task.id,
        frameworkId,
        agentId: this.info.id,
        executorId: executor?.id ?? task.id,
        containerId: task.containerId,
        command,
        volumes: disks,
      },
      {
        started: () => {
          const definition = starting!
          starting = undefined
          this.#started(task, definition, isCustom)
        },
        ended: (exit) => this.#ended(task, exit),
        failed: (failure) => this.#failed(task, failure),
      },
    )
    return task
  }

  /** As the executor does it; a task that has not started yet is not delivered to it. */
  kill(
    task: AgentTask,
    graceMs?: number,
    why: { reason?: string; unhealthy?: boolean; failed?: boolean } = {},
  ): void {
    if (terminalStates.has(task.state)) return
    const key = keyOf(task.frameworkId, task.id)
    if (task.state === 'TASK_STAGING') {
      this.#runner.kill(key, 0)
      const tasks = task.executor?.isGroup ? [...task.executor.tasks] : [task]
      for (const each of tasks) {
        this.#tell(each, 'TASK_KILLED', {
          message:
            tasks.length > 1
              ? 'A task within the task group was killed before delivery to the executor'
              : 'Killed before delivery to the executor',
          source: 'SOURCE_AGENT',
          reason: 'REASON_TASK_KILLED_DURING_LAUNCH',
        })
      }
      return
    }
    if (task.killing !== undefined) return
    task.killing = { unhealthy: false, ...why }
    task.stopChecks?.()
    if (task.tellsKilling && why.failed !== true)
      this.#tell(task, 'TASK_KILLING', why.reason === undefined ? {} : { reason: why.reason })
    this.#runner.kill(key, graceMs ?? task.graceMs ?? this.#timing.graceMs)
  }

  acknowledge(frameworkId: string, taskId: string, uuid: string): void {
    const task = this.tasks.get(keyOf(frameworkId, taskId))
    const acknowledged = task?.updates?.acknowledge(uuid)
    if (task === undefined || acknowledged === undefined) return
    if (terminalStates.has(acknowledged.state)) this.#forget(task)
    else if (task.updates?.head === undefined) task.updates = undefined
  }

  /** The executor ends with all its tasks. */
  shutDown(frameworkId: string, executorId: string): void {
    const executor = this.executors.get(keyOf(frameworkId, executorId))
    for (const task of executor?.tasks ?? []) this.kill(task)
  }

  /** What a custom executor makes of a message: it answers, or dies of it. */
  message(frameworkId: string, executorId: string, data: string): void {
    const executor = this.executors.get(keyOf(frameworkId, executorId))
    if (executor === undefined) return
    const text = Buffer.from(data, 'base64')
    if (text.toString() !== 'die') {
      const answer = Buffer.concat([Buffer.from('echo:'), text]).toString('base64')
      this.listener?.message(this, executor, answer)
      return
    }
    executor.isEnding = true
    this.listener?.executorEnded(this, executor, 17 << 8)
    this.executors.delete(keyOf(frameworkId, executorId))
    for (const task of executor.tasks) {
      if (terminalStates.has(task.state)) continue
      this.#runner.kill(keyOf(frameworkId, task.id), 0)
      this.#tell(task, 'TASK_FAILED', {
        message: 'Executor terminated',
        source: 'SOURCE_AGENT',
        reason: 'REASON_EXECUTOR_TERMINATED',
      })
    }
  }

  /** Sends what is not acknowledged again, for a framework or for all of them. */
  resume(frameworkId?: string): void {
    for (const task of this.tasks.values())
      if (frameworkId === undefined || task.frameworkId === frameworkId) task.updates?.resume()
  }

  /** A framework is gone for good: its tasks end, and nobody is told. */
  removeFramework(frameworkId: string): void {
    for (const task of [...this.tasks.values()]) if (task.frameworkId === frameworkId) this.drop(task)
  }

  /** Ends a task without a word. */
  drop(task: AgentTask): void {
    this.#runner.kill(keyOf(task.frameworkId, task.id), 0)
    task.stopChecks?.()
    if (!terminalStates.has(task.state)) task.state = 'TASK_KILLED'
    this.#forget(task)
  }

  /** The machine is gone with all its processes, and back without them. */
  loseTasks(): void {
    this.#runner.killAll(this.info.id)
    for (const task of this.tasks.values()) {
      task.stopChecks?.()
      task.updates?.close()
    }
    this.tasks.clear()
    this.executors.clear()
  }

  /** Tasks whose executors did not live to see the agent's return. */
  failTasks(which: (task: AgentTask) => boolean): void {
    for (const task of [...this.tasks.values()]) {
      if (!which(task) || terminalStates.has(task.state)) continue
      this.#runner.kill(keyOf(task.frameworkId, task.id), 0)
      this.#tell(task, 'TASK_FAILED', {
        message: 'Executor terminated',
        source: 'SOURCE_AGENT',
        reason: 'REASON_EXECUTOR_TERMINATED',
      })
    }
  }

  #started(task: AgentTask, info: WireTaskInfo, isCustom: boolean): void {
    if (terminalStates.has(task.state)) return
    this.#tell(task, 'TASK_STARTING')
    this.#tell(task, 'TASK_RUNNING', isCustom ? { message: 'custom', data: 'AQI=' } : {})
    const { health_check, check, max_completion_time: maxTime } = info
    if (maxTime !== undefined) {
      this.#timers.after(maxTime.nanoseconds / 1e6, () =>
        this.kill(task, undefined, { reason: 'REASON_MAX_COMPLETION_TIME_REACHED', failed: true }),
      )
    }
    if (health_check === undefined && check === undefined) return
    const checks = { ...(health_check && { health_check }), ...(check && { check }) }
    task.stopChecks = startChecks(keyOf(task.frameworkId, task.id), this.#runner, this.#timers, checks, {
      health: (healthy, killNow) => {
        task.healthy = healthy
        this.#tell(task, 'TASK_RUNNING', { reason: 'REASON_TASK_HEALTH_CHECK_STATUS_UPDATED', healthy })
        if (killNow) this.kill(task, undefined, { unhealthy: true })
      },
      result: (checkStatus) => {
        task.checkStatus = checkStatus
        this.#tell(task, 'TASK_RUNNING', { reason: 'REASON_TASK_CHECK_STATUS_UPDATED' })
      },
    })
  }

  #ended(task: AgentTask, exit: Exit): void {
    if (terminalStates.has(task.state)) return
    const { killing } = task
    const isWell = 'code' in exit && exit.code === 0
    const state =
      killing !== undefined && killing.failed !== true
        ? 'TASK_KILLED'
        : isWell
          ? 'TASK_FINISHED'
          : 'TASK_FAILED'
    const message =
      'code' in exit
        ? `Command exited with status ${exit.code}`
        : `Command terminated with signal ${exit.signal}`
    this.#tell(task, state, {
      message,
      ...(killing?.reason === undefined ? {} : { reason: killing.reason }),
      ...(killing?.unhealthy === true ? { healthy: false } : {}),
    })
    const { executor } = task
    if (executor?.isGroup !== true || state === 'TASK_FINISHED') return
    for (const other of executor.tasks)
      this.kill(other, undefined, { unhealthy: killing?.unhealthy ?? false })
  }

  #failed(task: AgentTask, failure: LaunchFailure): void {
    if (terminalStates.has(task.state)) return
    const { state, reason, message } = failure
    this.#tell(task, state, { message, source: 'SOURCE_AGENT', reason })
  }

  #tell(task: AgentTask, state: string, more: Readonly<Record<string, unknown>> = {}): void {
    task.state = state
    if (terminalStates.has(state)) task.stopChecks?.()
    const isFromExecutor = more['source'] === undefined
    const agentId = { value: this.info.id }
    task.updates ??= new UpdateStream(this.#timers, this.#timing.repeatMs, (status) => {
      this.listener?.update(this, task, status)
    })
    task.updates.add({
      task_id: { value: task.id },
      state,
      source: 'SOURCE_EXECUTOR',
      ...more,
      agent_id: agentId,
      ...(task.executorId === undefined
        ? isFromExecutor
          ? {}
          : { executor_id: { value: task.executor!.id } }
        : { executor_id: { value: task.executorId } }),
      timestamp: this.#timers.now() / 1_000,
      ...(isFromExecutor && task.checkStatus !== undefined ? { check_status: task.checkStatus } : {}),
      ...(isFromExecutor ? { container_status: containerStatus(task) } : {}),
    })
  }

  #forget(task: AgentTask): void {
    task.updates?.close()
    task.updates = undefined
    this.tasks.delete(keyOf(task.frameworkId, task.id))
    this.listener?.forgotten(this, task)
    const { executor } = task
    if (executor === undefined) return
    executor.tasks.delete(task)
    if (executor.tasks.size > 0 || executor.isEnding) return
    executor.isEnding = true
    this.#timers.after(this.#timing.executorEndMs, () => {
      this.executors.delete(keyOf(task.frameworkId, executor.id))
      this.listener?.executorEnded(this, executor, 0)
    })
  }
}

export const containerStatus = (task: AgentTask): Readonly<Record<string, unknown>> => ({
  container_id: {
    value: task.containerId,
    ...(task.executor?.isGroup === true ? { parent: { value: task.executor.containerId } } : {}),
  },
  network_infos: [{ ip_addresses: [{ protocol: 'IPv4', ip_address: '127.0.0.1' }] }],
})

/** Where offers say that the agent is. */
export const urlOf = ({ hostname, port }: AgentInfo): Readonly<Record<string, unknown>> => ({
  scheme: 'http',
  address: { hostname, ip: '127.0.0.1', port },
  path: '/slave(1)',
})
