// The lives of the tasks on a simulated cluster: launched, started, run, killed, ended, alone or as the group of a pod
// instance. What cannot be right about a launch (more than its agent has, a task twice, two tasks of one instance) is
// kept as a violation.

import type { Operation, TaskId, TaskInfo, TaskState } from '../../core/mesos.ts'
import { unreachable } from '../../lib/assert.ts'
import { type Duration, millis } from '../../lib/instant.ts'
import type { Rng } from '../../lib/rng.ts'
import { ContainerAddresses } from './addresses.ts'
import type { Agenda } from './agenda.ts'
import { type Amounts, amountsOf, minus, plus } from './amounts.ts'
import { behaviourOf } from './behaviour.ts'
import { Checker, simChecksOf } from './checks.ts'
import type { Listeners } from './listeners.ts'
import type { Offers } from './offers.ts'
import type { Loss, SimAgent, SimGroup, SimTask } from './parts.ts'
import type { Statuses } from './statuses.ts'
import type { Subscription } from './subscription.ts'
import { type ClusterTiming, drawDelay } from './timing.ts'
import type { Volumes } from './volumes.ts'

export type GroupLaunch = Extract<Operation, { readonly type: 'LAUNCH_GROUP' }>

const terminal: ReadonlySet<TaskState> = new Set<TaskState>([
  'TASK_FINISHED',
  'TASK_FAILED',
  'TASK_KILLED',
  'TASK_ERROR',
  'TASK_LOST',
  'TASK_DROPPED',
  'TASK_GONE',
  'TASK_GONE_BY_OPERATOR',
])

const defaultGraceMs = 3_000
/** Of a process that was killed, as wait(2) gives it. */
const killedStatus = 9

export interface TasksOptions {
  readonly timing: ClusterTiming
  readonly rng: Rng
  readonly agenda: Agenda
  readonly statuses: Statuses
  readonly offers: Offers
  readonly listeners: Listeners
  readonly volumes: Volumes
  readonly scheduler: Subscription
}

export class Tasks {
  readonly violations: string[] = []
  /** Launches taken, for figures. */
  launched = 0
  running = 0
  readonly #timing: ClusterTiming
  readonly #rng: Rng
  readonly #agenda: Agenda
  readonly #statuses: Statuses
  readonly #offers: Offers
  readonly #listeners: Listeners
  readonly #volumes: Volumes
  readonly #scheduler: Subscription
  readonly #checker: Checker
  readonly #addresses = new ContainerAddresses()
  readonly #all = new Map<TaskId, SimTask>()
  /** How many tasks may run, by the instance they belong to. */
  readonly #byInstance = new Map<string, number>()
  #count = 0

  constructor({ timing, rng, agenda, statuses, offers, listeners, volumes, scheduler }: TasksOptions) {
    this.#timing = timing
    this.#rng = rng
    this.#agenda = agenda
    this.#statuses = statuses
    this.#offers = offers
    this.#listeners = listeners
    this.#volumes = volumes
    this.#scheduler = scheduler
    this.#checker = new Checker({
      agenda,
      tell: (task, reason) => this.#enter(task, 'TASK_RUNNING', reason),
      kill: (task) => {
        task.isUnhealthy = true
        this.kill(task)
      },
    })
  }

  /** Those that run, and those whose end is not acknowledged. */
  get all(): ReadonlyMap<TaskId, SimTask> {
    return this.#all
  }

  launch(agent: SimAgent, info: TaskInfo): void {
    const amounts = amountsOf([...info.resources, ...(info.executorResources ?? [])])
    if (!this.#takeFrom(agent, amounts, [info])) return
    this.#addToInstance(info.taskId, 1)
    const addresses = this.#addresses.of(info.container) ?? agent.addresses
    const task = this.#add(agent, info, amounts, addresses)
    if (task.behaviour.start !== 'silent') this.#startSoon(task)
  }

  /** All of them or none: one that never reaches its agent keeps the others from it. They share their networks. */
  launchGroup(agent: SimAgent, { tasks: infos, executor }: GroupLaunch): void {
    const own = amountsOf(executor.resources)
    const shares = infos.map(({ resources }) => amountsOf(resources))
    if (infos.length === 0 || !this.#takeFrom(agent, shares.reduce(plus, own), infos)) return
    this.#addToInstance(infos[0]!.taskId, infos.length)
    const addresses = this.#addresses.of(executor.container) ?? agent.addresses
    const group: SimGroup = {
      executorId: executor.executorId,
      amounts: own,
      tasks: infos.map((info, i) => this.#add(agent, info, shares[i]!, addresses)),
    }
    const arrives = group.tasks.every(({ behaviour }) => behaviour.start !== 'silent')
    for (const task of group.tasks) {
      task.group = group
      if (arrives) this.#startSoon(task)
    }
  }

  /** What has ended, and is acknowledged to have, is forgotten. */
  acknowledge(task: SimTask, uuid: string): void {
    const isLast = this.#statuses.acknowledge(task, uuid) && task.unacknowledged.length === 0
    if (isLast && task.hasEnded) this.#forget(task)
  }

  /** `grace`: instead of the task's own. */
  kill(task: SimTask, grace?: Duration): void {
    if (task.hasEnded || task.isKillUnderWay) return
    task.isKillUnderWay = true
    const delay = drawDelay(this.#rng, this.#timing.killing)
    const endsIn = task.behaviour.ignoresTerm ? millis(delay + (grace ?? task.graceMs)) : delay
    this.#then(task, endsIn, () =>
      this.#enter(task, 'TASK_KILLED', undefined, 'Command terminated with signal Terminated'),
    )
  }

  /** Ends a task by its own doing. */
  fail(task: SimTask): void {
    if (!task.hasEnded) this.#exit(task, 1)
  }

  /** Its executor dies, and all that runs in it. */
  failExecutor(task: SimTask): void {
    const tasks = (task.group?.tasks ?? [task]).filter(({ hasEnded }) => !hasEnded)
    for (const each of tasks) this.#end(each)
    for (const each of tasks) {
      each.state = 'TASK_FAILED'
      this.#statuses.update(each, 'REASON_EXECUTOR_TERMINATED', 'Executor terminated')
    }
    if (tasks.length > 0) this.#tellExecutorEnd(task, killedStatus)
  }

  /** It ends, and whoever was to tell of it has forgotten it: only who asks is told that nobody knows it. */
  forget(task: SimTask): void {
    this.#end(task)
    this.#forget(task)
    task.unacknowledged = []
  }

  setHealth(task: SimTask, isHealthy: boolean): void {
    task.toldHealth = isHealthy
    this.#checker.again(task)
  }

  /** Its agent was lost. */
  lose(task: SimTask, loss: Loss): void {
    const hadEnded = task.hasEnded
    switch (loss) {
      case 'partition':
        break
      case 'crash':
        if (!hadEnded)
          this.#enter(task, 'TASK_GONE', 'REASON_SLAVE_RESTARTED', 'The agent has restarted without the task')
        break
      case 'lost':
      case 'down':
      case 'gone':
      case 'gone-by-operator':
        this.forget(task)
        break
      default:
        unreachable(loss)
    }
    if (hadEnded && loss !== 'gone' && loss !== 'gone-by-operator') return
    const [state, reason, message] = lossReports[loss]
    this.#statuses.report(task, state, reason, message)
  }

  /** False, and nothing is taken, when the launch cannot be right; why not is kept as a violation. */
  #takeFrom(agent: SimAgent, amounts: Amounts, infos: readonly TaskInfo[]): boolean {
    const twice = infos.find(({ taskId }) => this.#all.has(taskId))
    if (twice !== undefined) {
      this.violations.push(`the task ${twice.taskId} was launched twice`)
      this.#statuses.reportInvalid(twice, `Task has duplicate ID: ${twice.taskId}`)
      return false
    }
    const left = minus(agent.free, amounts)
    if (typeof left === 'string') {
      this.violations.push(`agent ${agent.config.id} has too little ${left} for ${infos[0]!.taskId}`)
      for (const info of infos) this.#statuses.reportInvalid(info, `Task uses more ${left} than available`)
      return false
    }
    agent.free = left
    return true
  }

  #addToInstance(taskId: TaskId, count: number): void {
    const instance = instanceOf(taskId)
    const before = this.#byInstance.get(instance)
    if (before !== undefined)
      this.violations.push(`instance ${instance} was launched while its last task may run`)
    this.#byInstance.set(instance, (before ?? 0) + count)
  }

  #add(agent: SimAgent, info: TaskInfo, amounts: Amounts, addresses: SimTask['addresses']): SimTask {
    const behaviour = behaviourOf(info)
    const task: SimTask = {
      id: info.taskId,
      serial: ++this.#count,
      agent,
      amounts,
      addresses,
      behaviour,
      condition: behaviour.condition,
      hasExecutor: info.executor !== undefined,
      checks: simChecksOf(info),
      graceMs: info.killGracePeriod ?? defaultGraceMs,
      group: undefined,
      state: 'TASK_STAGING',
      runningSince: undefined,
      toldHealth: undefined,
      hasEnded: false,
      isKillUnderWay: false,
      isUnhealthy: false,
      unacknowledged: [],
      updates: 0,
      sent: 0,
    }
    this.launched++
    this.#all.set(task.id, task)
    agent.tasks.add(task)
    this.#listeners.add(task)
    return task
  }

  #startSoon(task: SimTask): void {
    this.#then(task, drawDelay(this.#rng, this.#timing.starting), () => {
      this.#enter(task, 'TASK_STARTING')
      if (task.behaviour.start === 'normal')
        this.#then(task, drawDelay(this.#rng, this.#timing.running), () => this.#run(task))
    })
  }

  #run(task: SimTask): void {
    if (task.isKillUnderWay) return
    task.runningSince = this.#agenda.now
    this.#writeVolumes(task)
    this.#enter(task, 'TASK_RUNNING')
    const { behaviour } = task
    if (behaviour.runsFor !== undefined)
      this.#then(task, behaviour.runsFor, () => this.#exit(task, behaviour.exitCode))
    this.#checker.begin(task)
  }

  #writeVolumes({ id, agent, amounts, group }: SimTask): void {
    for (const used of [amounts, group?.amounts])
      if (used !== undefined && used.parcels.length > 0)
        this.#volumes.write(agent.config.id, instanceOf(id), used)
  }

  #exit(task: SimTask, code: number): void {
    const message = `Command exited with status ${code}`
    if (code === 0) this.#enter(task, 'TASK_FINISHED', undefined, message)
    else this.#enter(task, 'TASK_FAILED', 'REASON_COMMAND_EXECUTOR_FAILED', message)
  }

  #enter(task: SimTask, state: TaskState, reason?: string, message?: string): void {
    if (state === 'TASK_RUNNING' && task.state !== state) this.running++
    if (terminal.has(state)) this.#end(task)
    task.state = state
    this.#statuses.update(task, reason, message)
    if (task.hasEnded) this.#tellExecutorEnd(task)
    // One that failed or was killed takes the others with it; one that ended well does not.
    if (state === 'TASK_FAILED' || state === 'TASK_KILLED')
      for (const other of task.group?.tasks ?? []) {
        other.isUnhealthy ||= task.isUnhealthy
        this.kill(other)
      }
  }

  #end(task: SimTask): void {
    if (task.hasEnded) return
    task.hasEnded = true
    if (task.state === 'TASK_RUNNING') this.running--
    const instance = instanceOf(task.id)
    const left = this.#byInstance.get(instance)! - 1
    if (left === 0) this.#byInstance.delete(instance)
    else this.#byInstance.set(instance, left)
    const { agent, amounts, group } = task
    this.#offers.release(agent, amounts)
    if (group?.tasks.every(({ hasEnded }) => hasEnded)) this.#offers.release(agent, group.amounts)
  }

  /** What is told once all in an executor has ended. Those that run a plain command have none that anybody knows of. */
  #tellExecutorEnd(task: SimTask, status = 0): void {
    const executorId = task.group?.executorId ?? (task.hasExecutor ? task.id : undefined)
    if (executorId === undefined || !task.agent.isConnected) return
    if (task.group?.tasks.some(({ hasEnded }) => !hasEnded)) return
    this.#scheduler.tell({ kind: 'executor-lost', agentId: task.agent.config.id, executorId, status })
  }

  #forget(task: SimTask): void {
    this.#all.delete(task.id)
    task.agent.tasks.delete(task)
    this.#listeners.remove(task)
  }

  /** The next of a life, unless it ends before. */
  #then(task: SimTask, delay: Duration, act: () => void): void {
    this.#agenda.in(delay, () => {
      if (!task.hasEnded) act()
    })
  }
}

/** What the master says of the tasks of an agent it has lost. */
const lossReports: Readonly<Record<Loss, readonly [state: TaskState, reason: string, message: string]>> = {
  partition: ['TASK_UNREACHABLE', 'REASON_SLAVE_REMOVED', 'The agent does not answer'],
  crash: ['TASK_UNREACHABLE', 'REASON_SLAVE_REMOVED', 'The agent does not answer'],
  lost: ['TASK_LOST', 'REASON_SLAVE_DISCONNECTED', 'The agent is gone'],
  down: ['TASK_LOST', 'REASON_SLAVE_REMOVED', "Operator initiated 'Machine DOWN'"],
  gone: ['TASK_GONE', 'REASON_SLAVE_REMOVED', 'The agent is gone'],
  'gone-by-operator': [
    'TASK_GONE_BY_OPERATOR',
    'REASON_SLAVE_REMOVED_BY_OPERATOR',
    'The agent was marked gone',
  ],
}

/** The instance part of a task id of ours: all but name and attempt. */
const instanceOf = (taskId: TaskId): string =>
  taskId.slice(0, taskId.lastIndexOf('.', taskId.lastIndexOf('.') - 1))
