// How the instances of a pod are doing, in the words the API has for it (app-definition 3, PodStatus). Read from the
// conditions of its tasks; nothing is stored.

import type { Pod, PodContainer } from '../../spec/pod.ts'
import { changeOf } from '../deployments/deployment.ts'
import type { View } from '../view.ts'
import { hasEnded, isActive, isProvisioned, isScheduled } from './condition.ts'
import type { Condition, Instance, Task } from './instance.ts'

export type PodInstanceState = 'PENDING' | 'STAGING' | 'STABLE' | 'DEGRADED' | 'TERMINAL'

export interface PodInstanceStatus {
  readonly state: PodInstanceState
  readonly message?: string
}

/** What the engine says of a container that has a health check; `unreported`: nothing so far. */
export type ContainerHealth = 'healthy' | 'unhealthy' | 'unreported'

const stateOf: Readonly<Record<Exclude<Condition, 'Running'>, PodInstanceStatus>> = {
  Scheduled: { state: 'TERMINAL' },
  Provisioned: { state: 'TERMINAL' },
  Staging: { state: 'STAGING' },
  Starting: { state: 'STAGING' },
  Unreachable: { state: 'DEGRADED', message: 'pod instance has become unreachable' },
  UnreachableInactive: { state: 'DEGRADED', message: 'pod instance has become unreachable' },
  Killing: { state: 'TERMINAL' },
  Finished: { state: 'TERMINAL' },
  Killed: { state: 'TERMINAL' },
  Error: { state: 'TERMINAL' },
  Failed: { state: 'TERMINAL' },
  Gone: { state: 'TERMINAL' },
  Dropped: { state: 'TERMINAL' },
  Unknown: { state: 'TERMINAL' },
}

/** `pod` is the version the instance runs. */
export function podInstanceStatus(instance: Instance, pod: Pod): PodInstanceStatus {
  if (isScheduled(instance) || isProvisioned(instance)) return { state: 'PENDING' }
  if (instance.condition !== 'Running') return stateOf[instance.condition]
  const isUnwell = instance.tasks.some((task) => {
    const health = containerHealth(instance, task, containerOf(pod, task))
    return health === 'unhealthy' || health === 'unreported'
  })
  return isUnwell
    ? { state: 'DEGRADED', message: 'at least one container is not healthy' }
    : { state: 'STABLE' }
}

export const containerOf = (pod: Pod, task: Task): PodContainer | undefined =>
  pod.containers.find((container) => container.name === task.name)

const neverRan: ReadonlySet<Condition> = new Set(['Scheduled', 'Provisioned', 'Staging', 'Starting'])

/** Undefined without a health check, for tasks that never ran, and for those of which only the volumes are left. */
export function containerHealth(
  { reservation }: Pick<Instance, 'reservation'>,
  task: Task,
  container: PodContainer | undefined,
): ContainerHealth | undefined {
  const check = container?.healthCheck
  if (check === undefined || neverRan.has(task.condition)) return undefined
  if (reservation !== undefined && hasEnded(task)) return undefined
  // A check of an endpoint says something only while the endpoint is there.
  const isAsked = check.exec !== undefined || isActive(task)
  if (!isAsked || task.healthy === undefined) return 'unreported'
  return task.healthy ? 'healthy' : 'unhealthy'
}

/** Freshly scheduled instances are not shown, those that wait for a relaunch are. */
export const isShownInPod = (instance: Instance): boolean =>
  !(isScheduled(instance) && instance.agent === undefined)

/** TERMINAL while a deployment removes it, STABLE when as many instances are so as are wanted, else DEGRADED. */
export function podState(
  pod: Pod,
  instances: readonly PodInstanceState[],
  view: Pick<View, 'deploymentsOf'>,
): 'TERMINAL' | 'STABLE' | 'DEGRADED' {
  const isRemoved = view.deploymentsOf(pod.id).some((deployment) => {
    const change = changeOf(deployment, pod.id)
    return change !== undefined && change.to === undefined
  })
  if (isRemoved) return 'TERMINAL'
  const stable = instances.filter((state) => state === 'STABLE').length
  return stable >= pod.instances ? 'STABLE' : 'DEGRADED'
}
