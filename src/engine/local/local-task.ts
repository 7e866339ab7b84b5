// One task on this machine as the engine remembers it, its phases, and the statuses it gives rise to.

import net from 'node:net'
import type { TaskInfo, TaskState, TaskStatus } from '../../core/mesos.ts'
import { type Instant, instant } from '../../lib/instant.ts'
import type { Identity } from './records.ts'
import type { SandboxPaths } from './sandboxes.ts'
import { StatusStream, type TrackedStatus } from './status-stream.ts'
import type { Found, LaunchId } from './task-files.ts'
import { clipMessage, type Verdict } from './verdicts.ts'

/** Times in milliseconds. */
export type Phase =
  | { readonly kind: 'queued' }
  | { readonly kind: 'preparing'; readonly abort: AbortController }
  /** The launcher was asked; no child has claimed the launch yet. `generation` is that of the launcher asked. */
  | {
      readonly kind: 'requested'
      readonly since: number
      readonly askedAt: number
      readonly generation: number
    }
  | { readonly kind: 'running'; readonly child: Identity; readonly supervisor: Identity }
  | { readonly kind: 'ended' }

export interface LocalTask {
  readonly id: LaunchId
  readonly info: TaskInfo
  readonly paths: SandboxPaths
  readonly acceptedAt: number
  readonly statuses: StatusStream
  phase: Phase
  /** A kill was requested; when SIGKILL is due, in milliseconds. */
  killBy: number | undefined
  /** It is killed because its health check has failed. */
  isUnhealthy: boolean
  /** What its checks have told last. */
  found: Found
  adoptionAskedAt: number
}

export function newTask(given: Pick<LocalTask, 'id' | 'info' | 'paths' | 'acceptedAt' | 'phase'>): LocalTask {
  return {
    ...given,
    statuses: new StatusStream(),
    killBy: undefined,
    isUnhealthy: false,
    found: {},
    adoptionAskedAt: 0,
  }
}

/** A status on the way, with the address at which the task is reached. */
export function progressStatus(
  task: LocalTask,
  given: {
    readonly state: TaskState
    readonly message?: string
    readonly reason?: string
    readonly address: string
    readonly uuid: string
    readonly now: Instant
  },
): TrackedStatus {
  const version = net.isIP(given.address)
  const protocol = version === 6 ? 'IPv6' : 'IPv4'
  return {
    taskId: task.info.taskId,
    agentId: task.info.agentId,
    state: given.state,
    timestamp: given.now,
    uuid: given.uuid,
    ...(given.reason === undefined ? {} : { reason: given.reason }),
    ...(given.state === 'TASK_RUNNING' ? task.found : {}),
    ...(given.message === undefined ? {} : { message: given.message }),
    ...(version > 0 ? { ipAddresses: [{ ipAddress: given.address, protocol }] } : {}),
  }
}

/** @param at milliseconds */
export function terminalStatus(task: LocalTask, verdict: Verdict, uuid: string, at: number): TrackedStatus {
  return {
    taskId: task.info.taskId,
    agentId: task.info.agentId,
    state: verdict.state,
    timestamp: instant(at),
    message: clipMessage(verdict.message),
    uuid,
    ...(verdict.reason === undefined ? {} : { reason: verdict.reason }),
    ...(verdict.healthy === undefined ? {} : { healthy: verdict.healthy }),
  }
}

/** What reconciliation tells. Without uuid: the status that is to be acknowledged comes by its own way. */
export function currentStatus(task: LocalTask, now: Instant): TaskStatus {
  const { taskId, agentId } = task.info
  const { latest, heldSince } = task.statuses
  if (heldSince !== undefined) {
    return {
      taskId,
      agentId,
      state: 'TASK_UNREACHABLE',
      timestamp: now,
      reason: 'REASON_SLAVE_REMOVED',
      message: `Agent ${agentId} was unplugged`,
      unreachableSince: instant(heldSince),
    }
  }
  if (!latest) {
    const timestamp = instant(task.acceptedAt)
    return { taskId, agentId, state: 'TASK_STAGING', timestamp, reason: 'REASON_RECONCILIATION' }
  }
  const { uuid: _, ...status } = latest
  return { ...status, reason: 'REASON_RECONCILIATION' }
}
