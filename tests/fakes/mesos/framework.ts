// What the master keeps of a framework: who it is, what it may have, where its events go, what it has refused.

import type { AgentTask } from './agent.ts'
import { type Bundle, contains } from './resources.ts'
import type { Timers } from './timing.ts'
import type { WireEvent, WireFrameworkInfo, WireOfferConstraints } from './wire.ts'

/** Where events go. Closing ends the response as Mesos does, with the last chunk. */
export interface EventSink {
  send(event: WireEvent): void
  close(): void
}

export interface FakeOffer {
  readonly id: string
  readonly frameworkId: string
  readonly agentId: string
  readonly role: string
  readonly resources: Bundle
}

interface Filter {
  readonly resources: Bundle
  readonly until: number
}

export class Framework {
  readonly id: string
  info: WireFrameworkInfo
  roles: readonly string[] = []
  suppressed = new Set<string>()
  constraints: WireOfferConstraints | undefined
  principal: string | undefined
  sink: EventSink | undefined
  streamId: string | undefined
  heartbeat: NodeJS.Timeout | undefined
  failover: NodeJS.Timeout | undefined
  /** Tasks the master knows of, by id. */
  readonly tasks = new Map<string, AgentTask>()
  readonly unreachable = new Map<string, AgentTask>()
  readonly completed: string[] = []
  readonly offers = new Map<string, FakeOffer>()
  /** What it holds, offers included, for fairness: thousandths. */
  readonly allocated = { cpus: 0, mem: 0 }
  readonly #capabilities = new Set<string>()
  /** By role and agent. */
  readonly #filters = new Map<string, Filter[]>()
  readonly registeredTime: number

  readonly #timers: Timers

  constructor(id: string, info: WireFrameworkInfo, timers: Timers) {
    this.id = id
    this.#timers = timers
    this.registeredTime = timers.now() / 1_000
    this.info = info
    this.update(info)
  }

  update(info: WireFrameworkInfo): void {
    this.info = info
    this.#capabilities.clear()
    for (const { type } of info.capabilities ?? []) if (type !== undefined) this.#capabilities.add(type)
    this.roles = this.has('MULTI_ROLE') ? (info.roles ?? []) : [info.role ?? '*']
  }

  has(capability: string): boolean {
    return this.#capabilities.has(capability)
  }

  get capabilities(): readonly string[] {
    return [...this.#capabilities]
  }

  get isConnected(): boolean {
    return this.sink !== undefined
  }

  send(event: WireEvent): void {
    this.sink?.send(event)
  }

  refuse(role: string, agentId: string, resources: Bundle, untilMs: number): void {
    const key = `${role} ${agentId}`
    const now = this.#timers.now()
    const kept = (this.#filters.get(key) ?? []).filter(({ until }) => until > now)
    this.#filters.set(key, [...kept, { resources, until: untilMs }])
  }

  isRefused(role: string, agentId: string, resources: Bundle): boolean {
    const key = `${role} ${agentId}`
    const filters = this.#filters.get(key)
    if (filters === undefined) return false
    const now = this.#timers.now()
    const alive = filters.filter(({ until }) => until > now)
    if (alive.length === 0) this.#filters.delete(key)
    else if (alive.length < filters.length) this.#filters.set(key, alive)
    return alive.some((filter) => contains(filter.resources, resources))
  }

  /** Forgets what was refused, for some roles or for all. */
  revive(roles: readonly string[]): void {
    for (const key of this.#filters.keys()) {
      const [role = ''] = key.split(' ')
      if (roles.includes(role)) this.#filters.delete(key)
    }
  }
}

/** What is wrong with a framework that wants to subscribe; the event stream then has this one error. */
export function infoError(info: WireFrameworkInfo): string | undefined {
  const isMultiRole = (info.capabilities ?? []).some(({ type }) => type === 'MULTI_ROLE')
  if (!isMultiRole && (info.roles ?? []).length > 0)
    return "'FrameworkInfo.roles' must not be set when the framework is not MULTI_ROLE capable"
  if (isMultiRole && info.role !== undefined)
    return "'FrameworkInfo.role' must not be set when the framework is MULTI_ROLE capable"
  const seen = new Set<string>()
  const twice = new Set<string>()
  for (const role of info.roles ?? []) {
    if (seen.has(role)) twice.add(role)
    seen.add(role)
  }
  if (twice.size > 0) return `'FrameworkInfo.roles' contains duplicate items: { ${[...twice].join(', ')} }`
  for (const role of seen) {
    const problem = roleError(role)
    if (problem !== undefined) return `'FrameworkInfo.roles' contains invalid role: ${problem}`
  }
  const { failover_timeout: failoverTimeout = 0 } = info
  if (failoverTimeout > 9_223_372_036)
    return `The framework failover_timeout (${String(failoverTimeout)}) is invalid`
  return undefined
}

function roleError(role: string): string | undefined {
  if (role === '*') return undefined
  for (const part of role.split('/')) {
    if (part === '..' || part === '.') return `Role '${role}' cannot include '${part}' as a component`
    if (/[\s\b]/.test(part))
      return `Role component '${part}' is invalid because it contains backspace or whitespace`
  }
  return undefined
}
