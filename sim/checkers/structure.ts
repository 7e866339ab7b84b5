// The state agrees with itself after every step: what was touched each time, everything every now and then; and what a
// new process reads from the disk is what the old one believed.

import type { InstanceId } from '../../src/core/instances/instance.ts'
import { checkInstance, checkInvariants, checkRunSpec, checkSettled } from '../../src/core/invariants.ts'
import type { InspectableScheduler } from '../../src/core/scheduler.ts'
import type { PathId } from '../../src/lib/path-id.ts'
import type { Step } from '../observer.ts'
import { type Checker, Violation } from './checker.ts'

/** Run specs with more instances than this are not looked at whole each time one of them changes. */
const smallRunSpec = 16

export class StructureChecker implements Checker {
  /** Work since the last look at everything, and at each big run spec: so looking at most doubles the cost of a run. */
  #sinceAll = 0
  readonly #since = new Map<PathId, number>()

  started({ core }: InspectableScheduler): void {
    fail(checkInvariants(core))
  }

  stepped({ ready, scheduler: { core } }: Step): void {
    fail(checkSettled(core))
    const written = writtenInstances(ready.writes)
    this.#sinceAll += 1
    for (const [id, keys] of written) {
      const count = core.state.instanceCountOf(id)
      const since = (this.#since.get(id) ?? 0) + keys.length
      this.#sinceAll += Math.min(count, keys.length * 4)
      if (count <= smallRunSpec || since >= count) {
        this.#since.set(id, 0)
        fail(checkRunSpec(core, id))
        continue
      }
      this.#since.set(id, since)
      for (const key of keys) {
        const instance = core.state.instance(key)
        if (instance !== undefined) fail(checkInstance(core, instance))
      }
    }
    if (this.#sinceAll < core.state.instanceCount) return
    this.#sinceAll = 0
    fail(checkInvariants(core))
  }
}

/** The instances that were written or removed, by run spec. */
function writtenInstances(writes: Step['ready']['writes']): ReadonlyMap<PathId, readonly InstanceId[]> {
  const written = new Map<PathId, InstanceId[]>()
  for (const write of writes) {
    if (write.table !== 'instance') continue
    const id = write.kind === 'put' ? write.value.runSpecId : pathOfInstance(write.key)
    const keys = written.get(id)
    if (keys === undefined) written.set(id, [write.key])
    else keys.push(write.key)
  }
  return written
}

const pathOfInstance = (id: string): PathId =>
  `/${id.slice(0, id.indexOf('.instance-')).replaceAll('_', '/')}`

function fail(broken: readonly string[]): void {
  if (broken.length > 0) throw new Violation('structure', broken.slice(0, 5).join('; '))
}
