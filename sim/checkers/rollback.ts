// Taking a deployment back leads to what was before: the same definitions, with as many instances; and what is well of
// the old configuration stays, as far as it is wanted. A rollback that ends with nothing running is no rollback.

import type { DeploymentId } from '../../src/core/deployments/deployment.ts'
import { isHealthy } from '../../src/core/instances/condition.ts'
import type { InstanceId } from '../../src/core/instances/instance.ts'
import type { InspectableScheduler } from '../../src/core/scheduler.ts'
import type { Version } from '../../src/lib/instant.ts'
import type { PathId } from '../../src/lib/path-id.ts'
import type { RunSpec } from '../../src/spec/run-spec.ts'
import type { Step } from '../observer.ts'
import { type Checker, Violation } from './checker.ts'

/** What a deployment that is under way changes: the definition before, and the version it leads to. */
interface Changed {
  readonly id: PathId
  readonly before: RunSpec | undefined
  readonly to: Version | undefined
}

export class RollbackChecker implements Checker {
  #underWay = new Map<DeploymentId, readonly Changed[]>()
  /** Apps that went back, and the version they went back to. */
  readonly #back = new Map<PathId, RunSpec>()
  #inForce = new Map<PathId, Version>()
  /** Instances that are to end, as of the last step: two steps may share one time. */
  readonly #ending = new Set<InstanceId>()

  started(scheduler: InspectableScheduler): void {
    this.#underWay = new Map()
    this.#back.clear()
    this.#ending.clear()
    for (const { id, goal } of scheduler.core.state.instances()) if (goal !== 'Running') this.#ending.add(id)
    this.#look(scheduler)
  }

  stepped({ slice, ready, scheduler }: Step): void {
    const { core } = scheduler
    const requests = slice.flatMap((event) => (event.kind === 'request' ? [event.request] : []))
    const [request] = requests
    const isTaken = request?.kind === 'cancel-deployment' && !request.force && requests.length === 1
    const taken =
      isTaken && core.state.deployment(request.id) === undefined ? this.#underWay.get(request.id) : undefined
    for (const changed of taken ?? []) this.#checkDefinition(changed, core)
    this.#checkKept(ready, core)
    const isChanged = ready.writes.some(({ table }) => table === 'deployment' || table === 'run-spec')
    if (isChanged) this.#look(scheduler)
  }

  /** What was changed again meanwhile stays as its author wanted it. */
  #checkDefinition({ id, before, to }: Changed, { state }: InspectableScheduler['core']): void {
    if (this.#inForce.get(id) !== to) return
    const now = state.runSpec(id)
    if ((before === undefined) !== (now === undefined))
      throw new Violation(
        'rollback',
        `${id} ${before ? 'was there' : 'was not there'} before, and is ${now ? '' : 'not '}now`,
      )
    if (before === undefined || now === undefined) return
    if (textOf(before) !== textOf(now))
      throw new Violation('rollback', `${id} was\n${textOf(before)}\nand was taken back to\n${textOf(now)}`)
    this.#back.set(id, now)
  }

  #checkKept(ready: Step['ready'], { state }: InspectableScheduler['core']): void {
    for (const write of ready.writes) {
      if (write.table !== 'instance') continue
      const wasEnding = this.#ending.has(write.key)
      if (write.kind === 'put' && write.value.goal !== 'Running') this.#ending.add(write.key)
      else this.#ending.delete(write.key)
      if (write.kind === 'delete' || wasEnding) continue
      const { runSpecId, runSpecVersion, kill, goal } = write.value
      const target = this.#back.get(runSpecId)
      // A scale-down takes what its order says, the well ones before those just launched (runtime 7).
      if (target === undefined || goal === 'Running' || kill?.cause !== 'deployment') continue
      const isGood = (version: Version): boolean =>
        state.runSpecVersion(runSpecId, version)?.versionInfo.lastConfigChangeAt ===
        target.versionInfo.lastConfigChangeAt
      // Tried again, there are as many of it as the trial wants: one that was cut off and comes back is one too many.
      if (state.deploymentsOf(runSpecId).some(({ canaries = [] }) => canaries.length > 0)) continue
      if (!isHealthy(write.value) || !isGood(runSpecVersion) || state.runSpec(runSpecId) !== target) continue
      const left = state
        .instancesOf(runSpecId)
        .filter((each) => each.goal === 'Running' && isHealthy(each) && isGood(each.runSpecVersion)).length
      if (left < target.instances)
        throw new Violation(
          'rollback',
          `${write.key} was well and is ended for ${kill.cause} after ${runSpecId} went back, ${left} of ${target.instances} are left`,
        )
    }
  }

  #look({ core: { state } }: InspectableScheduler): void {
    const before = this.#underWay
    this.#underWay = new Map()
    for (const { id, changes } of state.deployments()) {
      const known = before.get(id)
      this.#underWay.set(
        id,
        known ??
          changes.map((change) => ({
            id: change.id,
            before: change.from === undefined ? undefined : state.runSpecVersion(change.id, change.from),
            to: change.to,
          })),
      )
    }
    this.#inForce = new Map(state.runSpecs().map(({ id, version }) => [id, version]))
    for (const [id, target] of this.#back) if (state.runSpec(id) !== target) this.#back.delete(id)
  }
}

function textOf(runSpec: RunSpec): string {
  const { version: _version, versionInfo: _versionInfo, ...rest } = runSpec
  return JSON.stringify(rest)
}
