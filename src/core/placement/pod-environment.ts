// The environment of a pod's container (runtime 6.2). Every container sees the endpoints of all of them; what a launch
// says wins over what the definition says, other than for apps.

import type { Pod, PodContainer } from '../../spec/pod.ts'
import { isHostNetwork } from '../../spec/run-spec.ts'
import type { CommandInfo, SecretVariable, TaskId } from '../mesos.ts'
import type { Settings } from '../settings.ts'
import { labelVariables, plainVariables, secretVariables, type Variable } from './environment.ts'
import { doubleText } from './fixed-point.ts'

export interface PodEnvironmentPlan {
  /** What pod and container set themselves, the container winning. */
  readonly own: readonly Variable[]
  /** Those of them that the engine looks up; none of them is in `own`. */
  readonly secrets: readonly SecretVariable[]
  readonly context: readonly Variable[]
  readonly labels: readonly Variable[]
  /** In the order of the host ports: those of all containers. */
  readonly endpoints: readonly EndpointNaming[]
}

interface EndpointNaming {
  /** Upper case, with the prefix's. */
  readonly prefix: string
  readonly name: string
  readonly containerPort: number | undefined
  /** Reached at the host port, being on the host network. */
  readonly isOnHost: boolean
}

/** What only the launch knows. */
export interface PodLaunchContext {
  readonly taskId: TaskId
  readonly executorId: string
  /** Where tasks on the agent are reached. */
  readonly host: string
  /** Of every endpoint of the pod; undefined for those without one. */
  readonly hostPorts: readonly (number | undefined)[]
  readonly enforceGroupRole: boolean
}

/** The launch-independent part. */
export function planPodEnvironment(
  pod: Pod,
  container: PodContainer,
  settings: Settings,
): PodEnvironmentPlan {
  const { cpus, mem, disk, gpus } = container.resources
  const prefix = (settings.envVarsPrefix ?? '').toUpperCase()
  const isOnHost = isHostNetwork(pod)
  const own = { ...pod.env, ...container.env }
  return {
    own: plainVariables(own),
    secrets: secretVariables(own, pod.secrets),
    context: [
      { name: 'MARATHON_APP_ID', value: pod.id },
      { name: 'MARATHON_APP_VERSION', value: pod.version },
      { name: 'MARATHON_CONTAINER_ID', value: container.name },
      { name: 'MARATHON_CONTAINER_RESOURCE_CPUS', value: doubleText(cpus) },
      { name: 'MARATHON_CONTAINER_RESOURCE_MEM', value: doubleText(mem) },
      { name: 'MARATHON_CONTAINER_RESOURCE_DISK', value: doubleText(disk) },
      { name: 'MARATHON_CONTAINER_RESOURCE_GPUS', value: String(gpus) },
    ],
    labels: labelVariables({ ...pod.labels, ...container.labels }),
    endpoints: pod.containers.flatMap(({ endpoints }) =>
      endpoints.map(({ name, containerPort }) => ({
        prefix,
        name: name.toUpperCase().replace(/[^A-Z0-9_]+/g, '_'),
        containerPort,
        isOnHost,
      })),
    ),
  }
}

/** All variables of one task, each name once, the later ones winning. Secrets only where no other has their name. */
export function podEnvironmentOf(
  plan: PodEnvironmentPlan,
  launch: PodLaunchContext,
): Pick<CommandInfo, 'environment' | 'secrets'> {
  const variables = new Map<string, string>()
  for (const { name, value } of plan.own) variables.set(name, value)
  variables.set('HOST', launch.host)
  variables.set('MESOS_TASK_ID', launch.taskId)
  variables.set('MESOS_EXECUTOR_ID', launch.executorId)
  for (const { name, value } of plan.context) variables.set(name, value)
  variables.set('MARATHON_APP_ENFORCE_GROUP_ROLE', launch.enforceGroupRole ? 'TRUE' : 'FALSE')
  for (const { name, value } of plan.labels) variables.set(name, value)
  for (const [i, endpoint] of plan.endpoints.entries()) addEndpoint(variables, endpoint, launch.hostPorts[i])
  const environment = Array.from(variables, ([name, value]) => ({ name, value }))
  const secrets = plan.secrets.filter(({ name }) => !variables.has(name))
  return secrets.length === 0 ? { environment } : { environment, secrets }
}

function addEndpoint(
  variables: Map<string, string>,
  { prefix, name, containerPort, isOnHost }: EndpointNaming,
  hostPort: number | undefined,
): void {
  const port = isOnHost ? hostPort : containerPort
  if (port !== undefined) variables.set(`${prefix}ENDPOINT_${name}`, String(port))
  if (hostPort !== undefined) variables.set(`${prefix}EP_HOST_${name}`, String(hostPort))
  if (containerPort !== undefined) variables.set(`${prefix}EP_CONTAINER_${name}`, String(containerPort))
}
