// The records a simulated cluster is made of. They are edited in place: a million tasks must fit into memory.

import type {
  AgentId,
  Attribute,
  IpAddress,
  Offer,
  OfferId,
  TaskId,
  TaskState,
  TaskStatus,
} from '../../core/mesos.ts'
import type { Instant } from '../../lib/instant.ts'
import type { Amounts } from './amounts.ts'
import type { Behaviour } from './behaviour.ts'
import type { SimChecks } from './checks.ts'
import type { Condition } from './condition.ts'

export interface SimAgentConfig {
  readonly id: AgentId
  readonly hostname: string
  readonly attributes: readonly Attribute[]
  readonly region?: string
  readonly zone?: string
  readonly total: Amounts
}

export interface SimAgent {
  readonly config: SimAgentConfig
  readonly addresses: readonly IpAddress[]
  readonly tasks: Set<SimTask>
  readonly offers: Set<SimOffer>
  /** Neither used nor offered. */
  free: Amounts
  isConnected: boolean
  /** A new master has not heard of it yet: it goes on, and nobody is told anything of it. */
  isRecovering: boolean
  lostAt: Instant | undefined
  /** By role: declined until then, unless more becomes free. */
  readonly refusals: Map<string, Refusal>
  unavailability: Unavailability | undefined
}

export interface Refusal {
  readonly until: Instant
  readonly amounts: Amounts
}

/** Planned maintenance. */
export type Unavailability = NonNullable<Offer['unavailability']>

export interface SimOffer {
  readonly id: OfferId
  readonly agent: SimAgent
  readonly amounts: Amounts
  /** Allocated to; undefined: to whoever needs it. */
  readonly role: string | undefined
}

/** The tasks of one pod instance and the executor they run in, which takes something itself and ends with the last. */
export interface SimGroup {
  readonly executorId: string
  readonly amounts: Amounts
  readonly tasks: readonly SimTask[]
}

export interface SimTask {
  readonly id: TaskId
  readonly serial: number
  readonly agent: SimAgent
  readonly amounts: Amounts
  /** Where it answers once it runs. */
  readonly addresses: readonly IpAddress[]
  readonly behaviour: Behaviour
  readonly condition: Condition
  /** Of a custom executor, which is named after its task. */
  readonly hasExecutor: boolean
  /** What its executor asks of it; undefined: nothing. */
  readonly checks: SimChecks | undefined
  readonly graceMs: number
  /** Absent: it runs by itself. */
  group: SimGroup | undefined
  state: TaskState
  runningSince: Instant | undefined
  /** How healthy it is by someone's word; undefined: as its command says. */
  toldHealth: boolean | undefined
  /** Its end is not known to the master, or not acknowledged. */
  hasEnded: boolean
  isKillUnderWay: boolean
  /** It, or another of its group, was killed by its executor: the health check failed. */
  isUnhealthy: boolean
  /** Statuses the scheduler has not acknowledged; only the first is sent. */
  unacknowledged: TaskStatus[]
  updates: number
  /** How often the first unacknowledged status was sent. */
  sent: number
}

/** What happens to the tasks of an agent that is lost, and what is told of them. */
export type Loss =
  /** Cut off: TASK_UNREACHABLE; its tasks go on and are there when it returns. */
  | 'partition'
  /** Dead: TASK_UNREACHABLE; when it returns its tasks are gone. */
  | 'crash'
  /** Dead, and not checkpointed: TASK_LOST at once; it returns empty. */
  | 'lost'
  /** Taken down by its operator for maintenance: TASK_LOST; it returns empty. */
  | 'down'
  /** The plug is pulled, and everybody knows: TASK_GONE; it returns empty. */
  | 'gone'
  /** Given up by an operator: TASK_GONE_BY_OPERATOR; the machine returns as another agent, its disks empty. */
  | 'gone-by-operator'
