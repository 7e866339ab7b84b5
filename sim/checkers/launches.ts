// What a step launches: read from what leaves the core, since two steps may share one time.

import { parseTaskId } from '../../src/core/ids.ts'
import type { InstanceId } from '../../src/core/instances/instance.ts'
import { launchedTasks as launchedBy, type TaskId } from '../../src/core/mesos.ts'
import type { Ready } from '../../src/core/ready.ts'

export function launchedTasks({ effects }: Ready): ReadonlySet<TaskId> {
  const launched = new Set<TaskId>()
  for (const effect of effects) {
    if (effect.kind !== 'accept') continue
    for (const { taskId } of effect.operations.flatMap(launchedBy)) launched.add(taskId)
  }
  return launched
}

export function launchedInstances(ready: Ready): ReadonlySet<InstanceId> {
  const launched = new Set<InstanceId>()
  for (const taskId of launchedTasks(ready)) {
    const id = parseTaskId(taskId)?.instanceId
    if (id !== undefined) launched.add(id)
  }
  return launched
}
