// How an instance comes into being and how it gets a task (runtime 2, 3).

import type { Instant } from '../../lib/instant.ts'
import type { Writable } from '../../lib/writable.ts'
import { isMarathonProtocol } from '../../spec/health-protocols.ts'
import { isPod, type RunSpec } from '../../spec/run-spec.ts'
import type { Launch } from '../actions.ts'
import type { Resource } from '../mesos.ts'
import type { Instance, InstanceId, InstanceReservation, TaskResources } from './instance.ts'

/** A new instance that waits for its first offer. */
export function schedule(runSpec: RunSpec, id: InstanceId, now: Instant): Instance {
  return {
    id,
    runSpecId: runSpec.id,
    runSpecVersion: runSpec.version,
    role: runSpec.role,
    goal: 'Running',
    condition: 'Scheduled',
    since: now,
    scheduledAt: now,
    attempt: 0,
    tasks: [],
  }
}

/** The instance with the task of this launch, which takes the place of those it had before. */
export function provision(instance: Instance, launch: Launch, now: Instant): Instance {
  const next: Writable<Instance> = {
    ...forgetTasks(instance),
    condition: 'Provisioned',
    since: now,
    attempt: instance.attempt + 1,
    agent: launch.agent,
    tasks: launch.tasks.map(({ info, name, hostPorts }) => ({
      id: info.taskId,
      name,
      runSpecVersion: instance.runSpecVersion,
      condition: 'Provisioned',
      stagedAt: now,
      hostPorts,
      ipAddresses: [],
      resources: takenResources(info.resources),
    })),
  }
  if (instance.reservation !== undefined) next.reservation = inUse(instance.reservation)
  const checkedBy = checkerOf(launch.runSpec)
  if (checkedBy !== undefined) next.checkedBy = checkedBy
  return next
}

/** Something runs on it: it is no longer given up for want of a launch. */
function inUse({ deadline: _deadline, ...reservation }: InstanceReservation): InstanceReservation {
  return { ...reservation, state: 'launched' }
}

/** Without what is known of the tasks of earlier launches; before the first there is nothing of the kind. */
function forgetTasks(instance: Instance): Instance {
  if (instance.attempt === 0) return instance
  const {
    activeSince: _activeSince,
    healthy: _healthy,
    checkedBy: _checkedBy,
    alive: _alive,
    ready: _ready,
    kill: _kill,
    ...kept
  } = instance
  return kept
}

/** The engine runs the checks of pods, and of apps those whose protocol says so (runtime 9). */
function checkerOf(runSpec: RunSpec): Instance['checkedBy'] {
  if (isPod(runSpec)) {
    return runSpec.containers.some(({ healthCheck }) => healthCheck !== undefined) ? 'engine' : undefined
  }
  if (runSpec.healthChecks.length === 0) return undefined
  return runSpec.healthChecks.some(({ protocol }) => isMarathonProtocol(protocol)) ? 'marathon' : 'engine'
}

/** The sums of the scalar entries; Mesos knows three decimals, so sums have no more. */
export function takenResources(resources: readonly Resource[]): TaskResources {
  const sum = (name: string): number => {
    let total = 0
    for (const resource of resources) if (resource.name === name) total += resource.scalar ?? 0
    return Math.round(total * 1000) / 1000
  }
  return { cpus: sum('cpus'), mem: sum('mem'), disk: sum('disk'), gpus: sum('gpus') }
}
