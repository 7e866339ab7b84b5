// The tasks of one pod instance, one per container, and the executor they run in (runtime 6.2, 6.3; worked-examples
// 9.4): sent together, started together or not at all. The parts that are the same for every launch of a version are
// made once.

import { type Duration, seconds } from '../../lib/instant.ts'
import { hostnameForm } from '../../lib/path-id.ts'
import type { Writable } from '../../lib/writable.ts'
import type { Pod, PodContainer } from '../../spec/pod.ts'
import { isHostNetwork } from '../../spec/run-spec.ts'
import type { LaunchedTask } from '../actions.ts'
import { executorId as executorIdOf, taskId as taskIdOf } from '../ids.ts'
import type { AgentInfo, Instance } from '../instances/instance.ts'
import type { CommandInfo, ContainerInfo, ExecutorInfo, Resource, TaskInfo } from '../mesos.ts'
import type { Settings } from '../settings.ts'
import { discoveryOf } from './discovery.ts'
import { limitsOf, uriOf } from './launch-task.ts'
import { executorContainer, taskContainer } from './pod-container.ts'
import { type PodEnvironmentPlan, planPodEnvironment, podEnvironmentOf } from './pod-environment.ts'
import { healthCheckInfo } from './pod-health-check.ts'
import { type ExposedPorts, portsOfContainer } from './ports.ts'

/** The launch-independent part of the instances of one version. */
export interface PodTemplate {
  readonly kind: 'pod'
  readonly pod: Pod
  readonly settings: Settings
  /** In service discovery. */
  readonly name: string
  readonly containers: readonly ContainerTemplate[]
}

interface ContainerTemplate {
  readonly container: PodContainer
  /** Without environment. */
  readonly command: Omit<CommandInfo, 'environment' | 'secrets'>
  readonly environment: PodEnvironmentPlan
  readonly exposed: ExposedPorts
  /** Where its endpoints begin among those of the pod. */
  readonly firstEndpoint: number
  readonly info: ContainerInfo
  readonly limits: TaskInfo['limits']
  readonly killGracePeriod: Duration | undefined
}

/** What only the launch knows. */
export interface PodLaunch {
  readonly instance: Instance
  readonly agent: AgentInfo
  /** What each container takes, in their order, and last the executor. */
  readonly shares: readonly (readonly Resource[])[]
  /** Ports are the executor's, for the network is, and so are persistent volumes, which containers mount from there. */
  readonly common: readonly Resource[]
  /** Of every endpoint of the pod; undefined for those without one. */
  readonly hostPorts: readonly (number | undefined)[]
  readonly enforceGroupRole: boolean
}

export function planPod(pod: Pod, settings: Settings): PodTemplate {
  let firstEndpoint = 0
  const containers = pod.containers.map((container): ContainerTemplate => {
    const template = {
      container,
      command: commandOf(pod, container),
      environment: planPodEnvironment(pod, container, settings),
      exposed: portsOfContainer(pod, container),
      firstEndpoint,
      info: taskContainer(pod, container),
      limits: limitsOf(container.resourceLimits),
      killGracePeriod: gracePeriodOf(container),
    }
    firstEndpoint += container.endpoints.length
    return template
  })
  return { kind: 'pod', pod, settings, name: hostnameForm(pod.id), containers }
}

export function launchPod(
  template: PodTemplate,
  launch: PodLaunch,
): { readonly tasks: readonly LaunchedTask[]; readonly executor: ExecutorInfo } {
  const { pod, settings, containers } = template
  const { instance, shares, common, hostPorts } = launch
  const executorId = executorIdOf(instance.id)
  const tasks = containers.map((container, i): LaunchedTask => {
    const { name, endpoints } = container.container
    const own = hostPorts.slice(container.firstEndpoint, container.firstEndpoint + endpoints.length)
    const info = launchContainer(template, container, launch, { executorId, own, share: shares[i]! })
    return { info, name, hostPorts: own.filter((port) => port !== undefined) }
  })
  return {
    tasks,
    executor: {
      executorId,
      resources: [...shares[containers.length]!, ...common],
      labels: pod.labels,
      container: executorContainer(pod, settings, hostPorts),
    },
  }
}

function launchContainer(
  { pod, settings, name }: PodTemplate,
  { container, command, environment, exposed, info, limits, killGracePeriod }: ContainerTemplate,
  { instance, agent, hostPorts, enforceGroupRole }: PodLaunch,
  {
    executorId,
    own,
    share,
  }: {
    readonly executorId: string
    /** The host ports of its own endpoints. */
    readonly own: readonly (number | undefined)[]
    readonly share: readonly Resource[]
  },
): TaskInfo {
  const taskId = taskIdOf(instance.id, instance.attempt + 1, container.name)
  const host = agent.address
  const variables = podEnvironmentOf(environment, { taskId, executorId, host, hostPorts, enforceGroupRole })
  const task: Writable<TaskInfo> = {
    name: container.name,
    taskId,
    agentId: agent.agentId,
    resources: share,
    command: { ...command, ...variables },
    container: info,
    labels: container.labels,
    discovery: discoveryOf(exposed, settings, { name, hostPorts: own }),
  }
  if (limits !== undefined) task.limits = limits
  if (killGracePeriod !== undefined) task.killGracePeriod = killGracePeriod
  const { healthCheck, endpoints } = container
  const isOnHost = isHostNetwork(pod)
  const check =
    healthCheck === undefined
      ? undefined
      : healthCheckInfo(healthCheck, { endpoints, hostPorts: own, isOnHost })
  if (check !== undefined) task.healthCheck = check
  return task
}

/** Without `exec` the image's own entry point and arguments run (runtime 6.3). */
function commandOf(
  pod: Pod,
  { exec, user = pod.user, artifacts }: PodContainer,
): ContainerTemplate['command'] {
  const command: Writable<ContainerTemplate['command']> = { shell: false, uris: artifacts.map(uriOf) }
  if (user !== undefined) command.user = user
  if (exec === undefined) return command
  if ('shell' in exec.command) {
    command.shell = true
    command.value = exec.command.shell
    return command
  }
  const { argv } = exec.command
  command.arguments = argv
  if (exec.overrideEntrypoint === true && argv[0] !== undefined) command.value = argv[0]
  return command
}

function gracePeriodOf({ lifecycle }: PodContainer): Duration | undefined {
  const inSeconds = lifecycle?.killGracePeriodSeconds
  return inSeconds === undefined ? undefined : seconds(inSeconds)
}
