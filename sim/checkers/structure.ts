// The state agrees with itself after every step: what was touched each time, everything every now and then; and what a
// new process reads from the disk is what the old one believed.

import { checkInvariants, checkRunSpec, checkSettled } from '../../src/core/invariants.ts'
import type { InspectableScheduler } from '../../src/core/scheduler.ts'
import type { PathId } from '../../src/lib/path-id.ts'
import type { Step } from '../world.ts'
import { type Checker, Violation } from './checker.ts'

export class StructureChecker implements Checker {
  /** Grows with the work done since the last full check, so that full checks at most double the cost of a run. */
  #sinceFull = 0

  started({ core }: InspectableScheduler): void {
    fail(checkInvariants(core))
  }

  stepped({ ready, scheduler: { core } }: Step): void {
    fail(checkSettled(core))
    const touched = touchedRunSpecs(ready.writes)
    this.#sinceFull += 1 + touched.size * 10
    if (this.#sinceFull >= core.state.instanceCount) {
      this.#sinceFull = 0
      fail(checkInvariants(core))
      return
    }
    for (const id of touched) fail(checkRunSpec(core, id))
  }
}

/** The run specs some instance of which was written or removed. */
export function touchedRunSpecs(writes: Step['ready']['writes']): ReadonlySet<PathId> {
  const touched = new Set<PathId>()
  for (const write of writes) {
    if (write.table !== 'instance') continue
    const id = write.kind === 'put' ? write.value.runSpecId : pathOfInstance(write.key)
    touched.add(id)
  }
  return touched
}

const pathOfInstance = (id: string): PathId =>
  `/${id.slice(0, id.indexOf('.instance-')).replaceAll('_', '/')}`

function fail(broken: readonly string[]): void {
  if (broken.length > 0) throw new Violation('structure', broken.slice(0, 5).join('; '))
}
