// The names the core gives: of instances, tasks and deployments (runtime 2), and what a task id says about its origin.
// Each kind of id draws from a stream of its own.

import type { Instant } from '../lib/instant.ts'
import { type PathId, safePath } from '../lib/path-id.ts'
import { type Rng, stream } from '../lib/rng.ts'
import type { DeploymentId } from './deployments/deployment.ts'
import type { InstanceId } from './instances/instance.ts'
import type { TaskId } from './mesos.ts'

/** The name of an app's only task; pods have the names of their containers here. */
export const appTaskName = '_app'

export const instanceId = (runSpecId: PathId, uuid: string): InstanceId =>
  `${safePath(runSpecId)}.instance-${uuid}`

/** `attempt` counts the launches of the instance, from 1. */
export const taskId = (instance: InstanceId, attempt: number, name: string = appTaskName): TaskId =>
  `${instance}.${name}.${attempt}`

/** What the tasks of a pod instance run in has the same id at every launch of the instance (runtime 2). */
export function executorId(instance: InstanceId): string {
  const at = instance.lastIndexOf('.')
  return `instance-${instance.slice(0, at)}.${instance.slice(instance.indexOf('-', at) + 1)}`
}

export interface ParsedTaskId {
  readonly instanceId: InstanceId
  readonly runSpecId: PathId
  /** Absent in the oldest forms, where a task had no name. */
  readonly name?: string
  /** Absent in forms from before tasks were relaunched in place. */
  readonly attempt?: number
}

const uuidPattern = '[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}'
const instancePattern = new RegExp(`^(.+)\\.(?:instance|marathon)-${uuidPattern}$`)
const taskPattern = new RegExp(
  `^((.+)\\.(?:instance|marathon)-${uuidPattern})[._](_app|[^_.]+)(?:\\.(\\d+))?$`,
)
const legacyPattern = new RegExp(`^(.+)[._](${uuidPattern})(?:\\.(\\d+))?$`)

/** The run spec an instance id belongs to, or undefined when the text is no instance id. */
export function runSpecIdOf(id: InstanceId): PathId | undefined {
  const match = instancePattern.exec(id)
  return match === null ? undefined : pathOf(match[1]!)
}

/** Reads every form of task id that Marathon ever gave out (runtime 2), or undefined: not one of ours. */
export function parseTaskId(text: string): ParsedTaskId | undefined {
  const task = taskPattern.exec(text)
  if (task !== null) {
    return {
      instanceId: task[1]!,
      runSpecId: pathOf(task[2]!),
      name: task[3]!,
      ...(task[4] === undefined ? {} : { attempt: Number(task[4]) }),
    }
  }
  const legacy = legacyPattern.exec(text)
  if (legacy === null || instancePattern.test(text)) return undefined
  return {
    instanceId: `${legacy[1]!}.marathon-${legacy[2]!}`,
    runSpecId: pathOf(legacy[1]!),
    ...(legacy[3] === undefined ? {} : { attempt: Number(legacy[3]) }),
  }
}

/**
 * The instance something is reserved for, by the label that says so: its id, or an older form of it (runtime 2).
 * Undefined: no Marathon wrote that.
 */
export function reservedFor(label: string): InstanceId | undefined {
  if (instancePattern.test(label)) return label
  const task = legacyPattern.exec(label)
  return task === null || task[3] !== undefined ? undefined : `${task[1]!}.marathon-${task[2]!}`
}

/** Segments of path ids contain no underscore, so the safe form can be read back. */
const pathOf = (safe: string): PathId => `/${safe.replaceAll('_', '/')}`

/** A random UUID (RFC 9562, version 4): the form of deployment ids. */
export function randomUuid(rng: Rng): string {
  const clock = 0x8000 | rng.int(0x4000)
  return `${hex(rng.int(0x100000000), 8)}-${hex(rng.int(0x10000), 4)}-4${hex(rng.int(0x1000), 3)}-${hex(clock, 4)}-${hex(rng.int(0x10000), 4)}${hex(rng.int(0x100000000), 8)}`
}

/**
 * The source of new ids. Each process needs a seed of its own, never used before: the seed is all that keeps ids of two
 * lives of the server apart when its clock went back.
 */
export class Ids {
  readonly #instances: TimeUuids
  readonly #volumes: TimeUuids
  readonly #deployments: Rng

  constructor(seed: number | string) {
    this.#instances = new TimeUuids(stream(seed, 'instance-ids'))
    this.#volumes = new TimeUuids(stream(seed, 'volume-ids'))
    this.#deployments = stream(seed, 'deployment-ids')
  }

  instanceId(runSpecId: PathId, now: Instant): InstanceId {
    return instanceId(runSpecId, this.#instances.next(now))
  }

  /** What a persistent volume of one instance is known by in the cluster. `name`: see ReservedVolume. */
  volumeId(runSpecId: PathId, name: string, now: Instant): string {
    return `${safePath(runSpecId)}#${name}#${this.#volumes.next(now)}`
  }

  deploymentId(): DeploymentId {
    return randomUuid(this.#deployments)
  }
}

/** Milliseconds from the Gregorian reform, where UUID time begins, to 1970 (RFC 9562, section 5.1). */
const gregorianOffsetMs = 12_219_292_800_000
const ticksPerMs = 10_000

/**
 * Time-based UUIDs (RFC 9562, version 1), rising and without repetition as long as the process lives, also when the
 * clock stands still or goes back. Uniqueness across processes rests on the random node and clock sequence, so each
 * process needs a stream of its own.
 */
export class TimeUuids {
  readonly #tail: string
  #ms = 0
  #tick = 0

  constructor(rng: Rng) {
    const clock = 0x8000 | rng.int(0x4000)
    // The multicast bit marks a node that is no network card's address.
    const nodeHigh = (rng.int(0x10000) | 0x0100) & 0xffff
    this.#tail = `${hex(clock, 4)}-${hex(nodeHigh, 4)}${hex(rng.int(0x100000000), 8)}`
  }

  next(now: Instant): string {
    if (now > this.#ms) {
      this.#ms = now
      this.#tick = 0
    } else if (++this.#tick === ticksPerMs) {
      this.#ms++
      this.#tick = 0
    }
    const ticks = BigInt(this.#ms + gregorianOffsetMs) * BigInt(ticksPerMs) + BigInt(this.#tick)
    const low = Number(ticks & 0xffff_ffffn)
    const mid = Number((ticks >> 32n) & 0xffffn)
    const high = Number((ticks >> 48n) & 0x0fffn)
    return `${hex(low, 8)}-${hex(mid, 4)}-1${hex(high, 3)}-${this.#tail}`
  }
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0')
