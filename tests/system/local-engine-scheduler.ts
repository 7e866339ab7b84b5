// A scheduler of a few lines for tests of the local engine: takes every offer, launches what a test asks for,
// acknowledges what it hears and remembers it.

import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { EngineEvent } from '../../src/core/events.ts'
import type { Offer, TaskInfo, TaskState, TaskStatus } from '../../src/core/mesos.ts'
import { LocalEngine, type LocalEngineOptions } from '../../src/engine/local/engine.ts'
import { millis } from '../../src/lib/instant.ts'

export interface TaskWish {
  readonly id: string
  readonly cmd?: string
  readonly args?: readonly string[]
  readonly agentId?: string
  readonly cpus?: number
  readonly mem?: number
  readonly ports?: readonly number[]
  readonly user?: string
  readonly env?: Readonly<Record<string, string>>
  readonly uris?: TaskInfo['command']['uris']
  readonly container?: TaskInfo['container']
  readonly limits?: TaskInfo['limits']
  readonly healthCheck?: TaskInfo['healthCheck']
  readonly check?: TaskInfo['check']
}

export const terminalStates: ReadonlySet<TaskState> = new Set([
  'TASK_FINISHED',
  'TASK_FAILED',
  'TASK_KILLED',
  'TASK_ERROR',
  'TASK_DROPPED',
  'TASK_GONE',
])

export function taskInfo(wish: TaskWish): TaskInfo {
  const role = '*'
  return {
    name: wish.id,
    taskId: wish.id,
    agentId: wish.agentId ?? 'agent-1',
    resources: [
      { name: 'cpus', scalar: wish.cpus ?? 0.01, role },
      { name: 'mem', scalar: wish.mem ?? 32, role },
      ...(wish.ports
        ? [{ name: 'ports', ranges: wish.ports.map((port) => ({ begin: port, end: port })), role }]
        : []),
    ],
    ...(wish.limits ? { limits: wish.limits } : {}),
    command: {
      shell: wish.cmd !== undefined,
      ...(wish.cmd === undefined ? {} : { value: wish.cmd }),
      ...(wish.args === undefined ? {} : { arguments: wish.args }),
      ...(wish.user === undefined ? {} : { user: wish.user }),
      environment: Object.entries(wish.env ?? {}).map(([name, value]) => ({ name, value })),
      uris: wish.uris ?? [],
    },
    ...(wish.container ? { container: wish.container } : {}),
    ...(wish.healthCheck ? { healthCheck: wish.healthCheck } : {}),
    ...(wish.check ? { check: wish.check } : {}),
    labels: {},
    discovery: { visibility: 'FRAMEWORK', name: wish.id, ports: [] },
  }
}

export const machine = {
  cpus: 8,
  mem: 32_768,
  disk: 10_000,
  gpus: 0,
  ports: [{ begin: 31_000, end: 32_000 }],
}

export function temporaryFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'marathon-local-'))
  fs.chmodSync(folder, 0o755)
  return folder
}

export class TestScheduler {
  readonly engine: LocalEngine
  readonly statuses: TaskStatus[] = []
  readonly events: EngineEvent[] = []
  readonly problems: string[] = []
  readonly offers = new Map<string, Offer>()
  acknowledges = true
  #waiters: (() => void)[] = []

  constructor(dataDir: string, options: Partial<LocalEngineOptions> = {}) {
    this.engine = new LocalEngine({
      dataDir,
      agents: [{ id: 'agent-1', attributes: [], resources: machine }],
      address: '127.0.0.1',
      onProblem: (message) => this.problems.push(message),
      ...options,
    })
  }

  async start(): Promise<this> {
    await this.engine.start((event) => this.#hear(event))
    await this.until(() => this.offers.size > 0, 'an offer')
    return this
  }

  async run(...wishes: readonly TaskWish[]): Promise<void> {
    for (const wish of wishes) {
      const agentId = wish.agentId ?? 'agent-1'
      await this.until(() => this.offerOf(agentId) !== undefined, `an offer of ${agentId}`)
      this.launchOn(this.offerOf(agentId)!, [wish])
    }
  }

  launchOn(offer: Offer, wishes: readonly TaskWish[]): void {
    this.offers.delete(offer.id)
    this.engine.perform([
      {
        kind: 'accept',
        offerIds: [offer.id],
        agentId: offer.agentId,
        operations: [{ type: 'LAUNCH', tasks: wishes.map(taskInfo) }],
      },
    ])
  }

  kill(taskId: string, graceMs?: number): void {
    this.engine.perform([
      {
        kind: 'kill',
        taskId,
        cause: 'api-request',
        ...(graceMs === undefined ? {} : { gracePeriod: millis(graceMs) }),
      },
    ])
  }

  offerOf(agentId: string): Offer | undefined {
    return [...this.offers.values()].find((offer) => offer.agentId === agentId)
  }

  statesOf(taskId: string): TaskState[] {
    return this.statuses.filter((status) => status.taskId === taskId).map((status) => status.state)
  }

  async state(taskId: string, state: TaskState): Promise<TaskStatus> {
    const find = () => this.statuses.find((status) => status.taskId === taskId && status.state === state)
    await this.until(() => find() !== undefined, `${taskId} ${state}`)
    return find()!
  }

  /** The first terminal status of a task. */
  async end(taskId: string): Promise<TaskStatus> {
    const find = () => this.statuses.find((one) => one.taskId === taskId && terminalStates.has(one.state))
    await this.until(() => find() !== undefined, `the end of ${taskId}`)
    return find()!
  }

  async until(condition: () => boolean, what: string, ms = 20_000): Promise<void> {
    const deadline = Date.now() + ms
    while (!condition()) {
      if (Date.now() > deadline) {
        throw new Error(
          `waited ${ms} ms for ${what}; heard ${JSON.stringify(this.statuses.slice(-5))} ${this.problems.join('; ')}`,
        )
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 20)
        this.#waiters.push(() => {
          clearTimeout(timer)
          resolve()
        })
      })
    }
  }

  async log(taskId: string, stream: 'stdout' | 'stderr' = 'stdout'): Promise<string> {
    const chunk = await this.engine.logs.read(taskId, stream, 0, 1_000_000)
    return Buffer.from(chunk?.bytes ?? []).toString()
  }

  #hear(event: EngineEvent): void {
    this.events.push(event)
    if (event.kind === 'offers') for (const offer of event.offers) this.offers.set(offer.id, offer)
    if (event.kind === 'offer-rescinded') this.offers.delete(event.offerId)
    if (event.kind === 'status') {
      this.statuses.push(event.status)
      const { taskId, uuid } = event.status
      if (uuid !== undefined && this.acknowledges)
        this.engine.perform([{ kind: 'acknowledge', taskId, uuid }])
    }
    for (const wake of this.#waiters.splice(0)) wake()
  }
}

/** The content of a file, undefined when there is none. */
export function textOf(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

/** Processes whose command line holds `marker`; zombies have none. */
export function processesWith(marker: string): number[] {
  return fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => textOf(`/proc/${pid}/cmdline`)?.includes(marker) ?? false)
    .map(Number)
}
