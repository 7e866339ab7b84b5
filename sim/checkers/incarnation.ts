// A kill is for the launch it was decided for. An instance that was launched again has a new task; what was asked of
// the former one does not reach it.

import { parseTaskId } from '../../src/core/ids.ts'
import type { Instance, InstanceId } from '../../src/core/instances/instance.ts'
import type { InspectableScheduler } from '../../src/core/scheduler.ts'
import type { Instant } from '../../src/lib/instant.ts'
import type { Step } from '../observer.ts'
import { type Checker, Violation } from './checker.ts'

export class IncarnationChecker implements Checker {
  /** For which launch the kill of each instance was decided. */
  readonly #decided = new Map<InstanceId, { readonly requestedAt: Instant; readonly attempt: number }>()

  started({ core }: InspectableScheduler): void {
    this.#decided.clear()
    for (const instance of core.state.instances()) this.#note(instance.id, instance)
  }

  stepped({ ready, scheduler: { core } }: Step): void {
    for (const write of ready.writes)
      if (write.table === 'instance') this.#note(write.key, core.state.instance(write.key))
    for (const effect of ready.effects) {
      if (effect.kind !== 'kill') continue
      const parsed = parseTaskId(effect.taskId)
      const instance = parsed === undefined ? undefined : core.state.instance(parsed.instanceId)
      if (instance === undefined || effect.cause === 'unknown-instance') continue
      const fail = (why: string): never => {
        throw new Violation('incarnation', `${effect.taskId} is killed for ${effect.cause}, ${why}`)
      }
      if (!instance.tasks.some(({ id }) => id === effect.taskId))
        fail(`and ${instance.tasks[0]?.id ?? 'nothing'} has taken its place`)
      const decided = this.#decided.get(instance.id)
      if (decided === undefined) fail('and nobody asked for its end')
      else if (decided.attempt !== instance.attempt)
        fail(`which was decided for launch ${decided.attempt}, and this is launch ${instance.attempt}`)
    }
  }

  #note(id: InstanceId, instance: Instance | undefined): void {
    if (instance?.kill === undefined) this.#decided.delete(id)
    else if (this.#decided.get(id)?.requestedAt !== instance.kill.requestedAt)
      this.#decided.set(id, { requestedAt: instance.kill.requestedAt, attempt: instance.attempt })
  }
}
