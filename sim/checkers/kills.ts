// No kill without a reason: whatever is told to end has a cause in a record, or is a task of nobody's.

import { parseTaskId } from '../../src/core/ids.ts'
import type { Instance, InstanceId } from '../../src/core/instances/instance.ts'
import type { InspectableScheduler } from '../../src/core/scheduler.ts'
import type { Step } from '../observer.ts'
import { type Checker, Violation } from './checker.ts'

export class KillChecker implements Checker {
  #before = new Map<InstanceId, Instance>()

  started({ core }: InspectableScheduler): void {
    this.#before = new Map()
    for (const instance of core.state.instances()) this.#before.set(instance.id, instance)
  }

  stepped({ ready, slice, scheduler: { core } }: Step): void {
    for (const effect of ready.effects) {
      if (effect.kind !== 'kill') continue
      const id = parseTaskId(effect.taskId)?.instanceId
      const instance = id === undefined ? undefined : core.state.instance(id)
      const isCurrent = instance?.tasks.some((task) => task.id === effect.taskId) ?? false
      const fail = (why: string): never => {
        throw new Violation('kills', `${effect.taskId} is killed for ${effect.cause}, ${why}`)
      }
      if (effect.cause === 'unknown-instance') {
        const wasTold = slice.some(
          (event) => event.kind === 'status' && event.status.taskId === effect.taskId,
        )
        const before = id === undefined ? undefined : this.#before.get(id)
        const isWanted = before?.goal === 'Running' && before.tasks.some((task) => task.id === effect.taskId)
        if (!wasTold) fail('and nobody spoke of it')
        if (isCurrent && isWanted) fail('and it is the task of an instance we keep')
      } else if (isCurrent) {
        if (instance!.kill?.cause !== effect.cause) fail(`and the record says ${instance!.kill?.cause}`)
      } else {
        // Forgotten in the same step: only a user may want that.
        const isWiped = slice.some(
          (event) => event.kind === 'request' && event.request.kind === 'kill-tasks' && event.request.wipe,
        )
        if (!isWiped) fail('and its instance is not kept')
      }
    }
    for (const write of ready.writes) {
      if (write.table !== 'instance') continue
      const after = core.state.instance(write.key)
      if (after === undefined) this.#before.delete(write.key)
      else this.#before.set(write.key, after)
    }
  }
}
