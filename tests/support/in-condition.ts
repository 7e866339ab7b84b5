// Instances, tasks and statuses by condition, for tests of what conditions lead to: whole records, of which a test
// names only what it is about. Times are seconds after a fixed morning.

import { instanceId, taskId } from '../../src/core/ids.ts'
import type { AgentInfo, Condition, Instance, Task } from '../../src/core/instances/instance.ts'
import type { TaskState, TaskStatus } from '../../src/core/mesos.ts'
import { type Instant, instant, parseInstant } from '../../src/lib/instant.ts'
import type { App } from '../../src/spec/app.ts'
import { plainApp } from './plain-app.ts'

const morning = parseInstant('2031-04-02T09:00:00.000Z')!

/** Seconds after 09:00:00. */
export const at = (s: number): Instant => instant(morning + Math.round(s * 1000))

const version = '2031-04-02T08:00:00.000Z'

/** The app that the instances here belong to. */
export const webApp = (given: Partial<App> = {}): App =>
  plainApp({ id: '/shop/web', cpus: 0.5, mem: 64, version, ...given })

export const uuid = (n: number): string => `0a1c7e50-3b5d-11ff-8d2e-${n.toString(16).padStart(12, '0')}`

export const agent: AgentInfo = {
  agentId: 'S2',
  hostname: 'n3.example',
  address: 'n3.example',
  attributes: [],
}

const stateOf: Readonly<Partial<Record<Condition, TaskState>>> = {
  Staging: 'TASK_STAGING',
  Starting: 'TASK_STARTING',
  Running: 'TASK_RUNNING',
  Killing: 'TASK_KILLING',
  Unreachable: 'TASK_UNREACHABLE',
  Finished: 'TASK_FINISHED',
  Killed: 'TASK_KILLED',
  Error: 'TASK_ERROR',
  Failed: 'TASK_FAILED',
  Gone: 'TASK_GONE',
  Dropped: 'TASK_DROPPED',
  Unknown: 'TASK_UNKNOWN',
}

export function buildTask(condition: Condition, given: Partial<Task> = {}): Task {
  const state = stateOf[condition]
  return {
    id: taskId(instanceId('/shop/web', uuid(1)), 1),
    name: '_app',
    runSpecVersion: version,
    condition,
    ...(state === undefined ? {} : { state }),
    stagedAt: at(0),
    ...(condition === 'Unreachable' ? { unreachableSince: at(0) } : {}),
    hostPorts: [31544],
    ipAddresses: [],
    resources: { cpus: 0.5, mem: 64, disk: 0, gpus: 0 },
    ...given,
  }
}

/** An instance with one task in this condition; Scheduled has none. */
export function buildInstance(condition: Condition, given: Partial<Instance> = {}): Instance {
  const id = given.id ?? instanceId('/shop/web', uuid(1))
  const taskCondition = condition === 'UnreachableInactive' ? 'Unreachable' : condition
  return {
    id,
    runSpecId: '/shop/web',
    runSpecVersion: version,
    role: '*',
    goal: 'Running',
    condition,
    since: at(0),
    scheduledAt: at(0),
    attempt: condition === 'Scheduled' ? 0 : 1,
    ...(condition === 'Scheduled'
      ? { tasks: [] }
      : { agent, tasks: [buildTask(taskCondition, { id: taskId(id, 1) })] }),
    ...given,
  }
}

export const buildStatus = (state: TaskState, given: Partial<TaskStatus> = {}): TaskStatus => ({
  taskId: taskId(instanceId('/shop/web', uuid(1)), 1),
  state,
  timestamp: at(0),
  agentId: agent.agentId,
  ...given,
})
