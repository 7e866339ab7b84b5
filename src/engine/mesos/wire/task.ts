// Tasks, and the executors they run in, as the master wants them (runtime 6.3, worked-examples 9). What is empty is not
// sent. Apps and pods differ in form where the original's do, though not in meaning: `within` tells which it is.

import type {
  CommandInfo,
  DiscoveryInfo,
  ExecutorInfo,
  SecretVariable,
  TaskInfo,
} from '../../../core/mesos.ts'
import type { Writable } from '../../../lib/writable.ts'
import type { Id } from './calls.ts'
import { encodeCheck, encodeHealthCheck, type WireCheck, type WireHealthCheck } from './checks.ts'
import { encodeContainer, type WireContainer, type Within } from './container.ts'
import { encodeLabels, type Labels } from './labels.ts'
import { encodeResources, toThousandths, type WireResource } from './resource.ts'
import { secretReference, type WireSecret } from './secret.ts'
import { type Nanoseconds, nanoseconds } from './times.ts'

export interface WireTask {
  readonly name: string
  readonly task_id: Id
  readonly agent_id: Id
  readonly resources: readonly WireResource[]
  readonly limits?: Readonly<Record<string, { readonly value: number | 'Infinity' }>>
  readonly executor?: WireExecutor
  readonly command?: WireCommand
  readonly container?: WireContainer
  readonly health_check?: WireHealthCheck
  readonly check?: WireCheck
  readonly kill_policy?: { readonly grace_period: Nanoseconds }
  readonly labels?: Labels
  readonly discovery: WireDiscovery
}

export interface WireExecutor {
  /** Absent for custom ones. */
  readonly type?: 'DEFAULT'
  readonly executor_id: Id
  readonly framework_id?: Id
  readonly command?: WireCommand
  readonly container?: WireContainer
  readonly resources?: readonly WireResource[]
  readonly labels?: Labels
}

export interface WireCommand {
  /** Absent: true. */
  readonly shell?: boolean
  readonly value?: string
  readonly arguments?: readonly string[]
  readonly user?: string
  readonly uris?: readonly {
    readonly value: string
    readonly executable: boolean
    readonly extract: boolean
    readonly cache: boolean
    readonly output_file?: string
  }[]
  readonly environment?: { readonly variables: readonly WireVariable[] }
}

type WireVariable =
  | { readonly name: string; readonly value: string }
  | { readonly name: string; readonly type: 'SECRET'; readonly secret: WireSecret }

export interface WireDiscovery {
  readonly visibility: 'FRAMEWORK'
  readonly name: string
  readonly ports: {
    readonly ports?: readonly {
      readonly number: number
      readonly name?: string
      readonly protocol: string
      readonly labels?: Labels
    }[]
  }
}

export function encodeTask(task: TaskInfo, within: Within): WireTask {
  const { limits, container, healthCheck, check, killGracePeriod } = task
  const wire: Writable<WireTask> = {
    name: task.name,
    task_id: { value: task.taskId },
    agent_id: { value: task.agentId },
    resources: encodeResources(task.resources),
    discovery: encodeDiscovery(task.discovery),
  }
  if (task.executor !== undefined) {
    wire.executor = customExecutor(task)
  } else {
    wire.command = encodeCommand(task.command, within)
    if (container !== undefined) wire.container = encodeContainer(container, within)
  }
  const bounds = limits === undefined ? undefined : encodeLimits(limits)
  if (bounds !== undefined) wire.limits = bounds
  if (healthCheck !== undefined) wire.health_check = encodeHealthCheck(healthCheck)
  if (check !== undefined) wire.check = encodeCheck(check)
  if (killGracePeriod !== undefined) wire.kill_policy = { grace_period: nanoseconds(killGracePeriod) }
  const labels = encodeLabels(task.labels)
  if (labels.labels !== undefined) wire.labels = labels
  return wire
}

/** The command is the executor's own, made in the core, and the container is around it (runtime 6.3). */
function customExecutor({ taskId, command, container, executorResources = [] }: TaskInfo): WireExecutor {
  const executor: Writable<WireExecutor> = {
    executor_id: { value: `marathon-${taskId}` },
    command: encodeCommand(command, 'app'),
  }
  if (container !== undefined) executor.container = encodeContainer(container, 'app')
  if (executorResources.length > 0) executor.resources = encodeResources(executorResources)
  return executor
}

/** The default executor of a pod instance. Its container is said also when nothing is in it. */
export function encodeExecutor(
  { executorId, resources, labels, container }: ExecutorInfo,
  frameworkId: string,
): WireExecutor {
  const executor: Writable<WireExecutor> = {
    type: 'DEFAULT',
    executor_id: { value: executorId },
    framework_id: { value: frameworkId },
    resources: encodeResources(resources),
    labels: encodeLabels(labels),
  }
  if (container !== undefined) executor.container = encodeContainer(container, 'pod')
  return executor
}

/** A double that JSON has no number for is its name, as in the JSON of protocol buffers. */
function encodeLimits({ cpus, mem }: NonNullable<TaskInfo['limits']>): WireTask['limits'] {
  const limits: Record<string, { readonly value: number | 'Infinity' }> = {}
  if (cpus !== undefined) limits['cpus'] = { value: bound(cpus) }
  if (mem !== undefined) limits['mem'] = { value: bound(mem) }
  return cpus === undefined && mem === undefined ? undefined : limits
}

const bound = (limit: number): number | 'Infinity' =>
  limit === Number.POSITIVE_INFINITY ? 'Infinity' : toThousandths(limit)

export function encodeCommand(command: CommandInfo, within: Within): WireCommand {
  const { shell, value, arguments: words, user, uris, environment, secrets = [] } = command
  const wire: Writable<WireCommand> = {}
  if (!shell) wire.shell = false
  else if (within === 'pod') wire.shell = true
  if (value !== undefined) wire.value = value
  if (words !== undefined) wire.arguments = words
  if (user !== undefined) wire.user = user
  if (uris.length > 0) wire.uris = uris.map(encodeUri)
  const variables =
    secrets.length === 0 ? environment : [...environment, ...secrets.map(encodeSecretVariable)]
  if (variables.length > 0) wire.environment = { variables }
  return wire
}

function encodeUri({ outputFile, ...uri }: CommandInfo['uris'][number]) {
  return outputFile === undefined ? uri : { ...uri, output_file: outputFile }
}

const encodeSecretVariable = ({ name, secret }: SecretVariable): WireVariable => ({
  name,
  type: 'SECRET',
  secret: secretReference(secret),
})

function encodeDiscovery({ visibility, name, ports }: DiscoveryInfo): WireDiscovery {
  if (ports.length === 0) return { visibility, name, ports: {} }
  return { visibility, name, ports: { ports: ports.map(encodePort) } }
}

function encodePort({ labels, ...port }: DiscoveryInfo['ports'][number]) {
  return labels === undefined ? port : { ...port, labels: encodeLabels(labels) }
}
