// Which tasks an explicit reconciliation names (runtime 8, last paragraph). An implicit one always follows it.

import type { Instant } from '../../lib/instant.ts'
import type { PathId } from '../../lib/path-id.ts'
import { hasEnded } from '../instances/condition.ts'
import type { Instance, InstanceId } from '../instances/instance.ts'
import type { AgentId, TaskId } from '../mesos.ts'

export interface ReconcileQuestion {
  readonly instances: Iterable<Instance>
  /** Whether this run spec exists. */
  readonly isKnown: (id: PathId) => boolean
  /**
   * Tasks launched before this and never heard of since are named too: a launch decided by a process that died may
   * never have left it, and without the question only the launch timeout would find out. One that is just on its way
   * must not be asked about, or it would be called lost.
   */
  readonly launchedBefore?: Instant
}

export interface ReconcileAnswer {
  /** No explicit call when empty: an empty one would be the implicit call. */
  readonly tasks: readonly { readonly taskId: TaskId; readonly agentId?: AgentId }[]
  /** Instances whose run spec is gone: their goal becomes Decommissioned. */
  readonly orphans: readonly InstanceId[]
}

export function decideReconcile({ instances, isKnown, launchedBefore }: ReconcileQuestion): ReconcileAnswer {
  const tasks: { taskId: TaskId; agentId?: AgentId }[] = []
  const orphans: InstanceId[] = []
  for (const instance of instances) {
    // Asked about all the same: one that is cut off and never given up would otherwise be kept for ever.
    if (!isKnown(instance.runSpecId) && instance.goal !== 'Decommissioned') orphans.push(instance.id)
    for (const task of instance.tasks) {
      if (hasEnded(task)) continue
      const isLongSilent = launchedBefore !== undefined && task.stagedAt < launchedBefore
      if (task.state === undefined && !isLongSilent) continue
      tasks.push({
        taskId: task.id,
        ...(instance.agent === undefined ? {} : { agentId: instance.agent.agentId }),
      })
    }
  }
  return { tasks, orphans }
}
