// How an instance comes into being and how it gets a task (runtime 2, 3).

import type { Instant } from '../../lib/instant.ts'
import type { RunSpec } from '../../spec/run-spec.ts'
import type { Launch } from '../actions.ts'
import type { Resource } from '../mesos.ts'
import type { Instance, InstanceId, TaskResources } from './instance.ts'

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
  const { activeSince: _activeSince, healthy: _healthy, kill: _kill, ...rest } = instance
  return {
    ...rest,
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
