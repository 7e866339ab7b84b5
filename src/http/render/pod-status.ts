// PodStatus: a pod with how each of its instances and containers is doing (app-definition 3, examples 4). An instance
// record never changes, so its JSON is made once.

import { conditions, isActive } from '../../core/instances/condition.ts'
import type { Condition, Instance, Task } from '../../core/instances/instance.ts'
import {
  containerHealth,
  containerOf,
  isShownInPod,
  type PodInstanceState,
  podInstanceStatus,
  podState,
} from '../../core/instances/pod-state.ts'
import type { View } from '../../core/view.ts'
import { formatInstant, type Instant } from '../../lib/instant.ts'
import type { Pod, PodContainer, PodResources } from '../../spec/pod.ts'
import { renderPodInStatus } from '../../spec/render/pod.ts'
import { isPod } from '../../spec/run-spec.ts'
import { localVolumesOf } from './local-volumes.ts'

type Json = Readonly<Record<string, unknown>>

/** The JSON of the status of a pod, as of `now`. */
export function podStatusJson(pod: Pod, view: View, now: Instant): string {
  const shown = view.instancesOf(pod.id).filter(isShownInPod)
  const instances = shown.map((instance) => renderInstance(instance, pod, view))
  const since = formatInstant(
    shown.length === 0
      ? now
      : shown.reduce((latest, { since }) => (since > latest ? since : latest), 0 as Instant),
  )
  const status = podState(
    pod,
    instances.map(({ state }) => state),
    view,
  )
  const open = JSON.stringify({ id: pod.id, spec: renderPodInStatus(pod), status, statusSince: since })
  const rest = JSON.stringify({
    terminationHistory: terminationHistory(pod, shown, view),
    lastUpdated: formatInstant(now),
    lastChanged: since,
  })
  const list = instances.map(({ json }) => json).join(',')
  return `${open.slice(0, -1)},"instances":[${list}],${rest.slice(1)}`
}

interface RenderedInstance {
  readonly state: PodInstanceState
  readonly json: string
}

const rendered = new WeakMap<Instance, RenderedInstance>()

/** Shown by the version it runs, or by the present one when that is no longer kept. */
function renderInstance(instance: Instance, current: Pod, view: View): RenderedInstance {
  const known = rendered.get(instance)
  if (known !== undefined) return known
  const version = view.runSpecVersion(instance.runSpecId, instance.runSpecVersion)
  const pod = version !== undefined && isPod(version) ? version : current
  const { state, message } = podInstanceStatus(instance, pod)
  const made = { state, json: JSON.stringify(instanceBody(instance, pod, { state, message })) }
  rendered.set(instance, made)
  return made
}

function instanceBody(
  instance: Instance,
  pod: Pod,
  { state, message }: { readonly state: PodInstanceState; readonly message: string | undefined },
): Json {
  const { agent } = instance
  const since = formatInstant(instance.since)
  const containers = instance.tasks.map((task) => containerStatus(instance, task, containerOf(pod, task)))
  return {
    id: instance.id,
    status: state,
    statusSince: since,
    message,
    conditions: [],
    agentHostname: agent?.hostname,
    agentId: agent?.agentId,
    agentRegion: agent?.region,
    agentZone: agent?.zone,
    resources: sum([
      { ...pod.executorResources, gpus: 0 },
      ...containers.map(({ resources }) => resources).filter((resources) => resources !== undefined),
    ]),
    networks: networkStatuses(instance.tasks),
    containers,
    specReference: `/v2/pods${pod.id}::versions/${shortForm(instance.runSpecVersion)}`,
    localVolumes: localVolumesOf(instance),
    lastUpdated: since,
    lastChanged: since,
    role: instance.role,
  }
}

/** ISO 8601 without the seconds when they are zero, as the original writes times in references. */
const shortForm = (version: string): string => version.replace(/(:00)?\.000Z$/, 'Z')

const holdsResources: ReadonlySet<Condition> = new Set([
  'Staging',
  'Starting',
  'Running',
  'Unreachable',
  'Killing',
])

/** What is reserved for an instance is held also while nothing of it runs. */
function containerStatus(instance: Instance, task: Task, container: PodContainer | undefined) {
  const since = formatInstant(task.startedAt ?? task.stagedAt)
  const isHeld = instance.reservation !== undefined || holdsResources.has(task.condition)
  const resources = isHeld ? container?.resources : undefined
  return {
    name: task.name,
    status: conditions[task.condition].taskState,
    statusSince: since,
    conditions: healthConditions(instance, task, container, since),
    containerId: task.id,
    endpoints: isActive(task) && container !== undefined ? endpointStatuses(task, container) : [],
    resources,
    lastUpdated: since,
    lastChanged: since,
  }
}

function healthConditions(
  instance: Instance,
  task: Task,
  container: PodContainer | undefined,
  since: string,
): readonly Json[] {
  const health = containerHealth(instance, task, container)
  if (health === undefined) return []
  return [
    {
      name: 'healthy',
      lastChanged: since,
      lastUpdated: since,
      value: String(health === 'healthy'),
      reason: health === 'unreported' ? 'health-unreported-by-mesos' : 'health-reported-by-mesos',
    },
  ]
}

/** Those with a host port first, then the others; the one that is checked, with its health, comes last. */
function endpointStatuses(task: Task, container: PodContainer): readonly Json[] {
  const withHostPort = container.endpoints.filter(({ hostPort }) => hostPort !== undefined)
  const others = container.endpoints.filter(({ hostPort }) => hostPort === undefined)
  const statuses: { readonly name: string; readonly allocatedHostPort?: number }[] = []
  withHostPort.forEach(({ name }, index) => {
    const port = task.hostPorts[index]
    if (port !== undefined) statuses.push({ name, allocatedHostPort: port })
  })
  for (const { name } of others) statuses.push({ name })
  const checked = (container.healthCheck?.http ?? container.healthCheck?.tcp)?.endpoint
  const status = statuses.find(({ name }) => name === checked)
  return status === undefined
    ? statuses
    : [...statuses.filter(({ name }) => name !== checked), { ...status, healthy: task.healthy }]
}

/** The addresses of all containers, which share their networks, by the name of the network. */
function networkStatuses(tasks: readonly Task[]): readonly Json[] {
  const byName = new Map<string | undefined, Set<string>>()
  for (const { ipAddresses } of tasks) {
    for (const { network, ipAddress } of ipAddresses) {
      const known = byName.get(network)
      if (known === undefined) byName.set(network, new Set([ipAddress]))
      else known.add(ipAddress)
    }
  }
  return [...byName].map(([name, addresses]) => ({ name, addresses: [...addresses] }))
}

/** Mesos knows three decimals, so sums have no more. */
function sum(all: readonly PodResources[]): PodResources {
  const total = (name: keyof PodResources): number =>
    Math.round(all.reduce((amount, resources) => amount + resources[name], 0) * 1000) / 1000
  return { cpus: total('cpus'), mem: total('mem'), disk: total('disk'), gpus: total('gpus') }
}

/** The last failure, as long as the task that failed is still its instance's. */
function terminationHistory(pod: Pod, instances: readonly Instance[], view: View): readonly Json[] {
  const failure = view.taskFailure(pod.id)
  if (failure === undefined) return []
  for (const instance of instances) {
    const task = instance.tasks.find(({ id }) => id === failure.taskId)
    if (task === undefined) continue
    return [
      {
        instanceID: instance.id,
        startedAt: formatInstant(task.startedAt ?? task.stagedAt),
        terminatedAt: formatInstant(failure.timestamp),
        message: failure.message,
        containers: [{ containerId: task.id, lastKnownState: failure.state }],
      },
    ]
  }
  return []
}
