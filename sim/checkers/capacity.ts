// Never more than wanted, never fewer than promised. Looked at where it is decided: a step that creates instances may
// not end above the maximum, a step that gives up running ones may not end below the minimum (runtime 7, 11.1).

import { workOf } from '../../src/core/deployments/deployment.ts'
import { countsTowardsTarget, isHealthy } from '../../src/core/instances/condition.ts'
import type { Instance, InstanceId } from '../../src/core/instances/instance.ts'
import { isEnding } from '../../src/core/scaling/tally.ts'
import type { InspectableScheduler } from '../../src/core/scheduler.ts'
import type { PathId } from '../../src/lib/path-id.ts'
import { isResident, type RunSpec } from '../../src/spec/run-spec.ts'
import type { Step } from '../observer.ts'
import { type Checker, Violation } from './checker.ts'

export class CapacityChecker implements Checker {
  /** Every instance as it was after the last step. */
  #before = new Map<InstanceId, Instance>()

  started({ core }: InspectableScheduler): void {
    this.#before = new Map()
    for (const instance of core.state.instances()) this.#before.set(instance.id, instance)
  }

  stepped({ ready, scheduler: { core } }: Step): void {
    const created = new Map<PathId, Instance[]>()
    const givenUp = new Map<PathId, Instance[]>()
    for (const write of ready.writes) {
      if (write.table !== 'instance') continue
      const before = this.#before.get(write.key)
      const after = core.state.instance(write.key)
      if (after === undefined) this.#before.delete(write.key)
      else this.#before.set(write.key, after)
      if (before === undefined && after !== undefined) push(created, after)
      // What the same slice told to have failed or gone is not given up for the sake of a deployment.
      if (before?.goal === 'Running' && after !== undefined && after.goal !== 'Running' && isHealthy(after))
        push(givenUp, after)
    }
    for (const [id, instances] of created)
      checkNotTooMany(core.state.runSpec(id), core.state.instancesOf(id), instances, lockKind(core, id))
    for (const [id, instances] of givenUp)
      checkNotTooFew(core.state.runSpec(id), core.state.instancesOf(id), instances)
  }
}

const push = (map: Map<PathId, Instance[]>, instance: Instance): void => {
  const list = map.get(instance.runSpecId)
  if (list === undefined) map.set(instance.runSpecId, [instance])
  else list.push(instance)
}

type Work = 'restart' | 'scale'

function lockKind(core: InspectableScheduler['core'], id: PathId): Work {
  for (const { steps, currentStep } of core.state.deploymentsOf(id)) {
    const actions = steps[currentStep]?.actions ?? []
    if (actions.some((action) => action.runSpecId === id && workOf(action) === 'restart')) return 'restart'
  }
  return 'scale'
}

function checkNotTooMany(
  runSpec: RunSpec | undefined,
  instances: readonly Instance[],
  created: readonly Instance[],
  work: Work,
): void {
  const id = created[0]!.runSpecId
  if (runSpec === undefined)
    throw new Violation('capacity', `${created.length} instances of ${id} created, which does not exist`)
  const counted = instances.filter(countsTowardsTarget).length
  if (work === 'scale') {
    if (counted > runSpec.instances)
      throw new Violation(
        'capacity',
        `${id}: ${counted} instances after creating ${created.length}, ${runSpec.instances} wanted`,
      )
    return
  }
  const { minimumHealthCapacity, maximumOverCapacity } = runSpec.upgradeStrategy
  const most = Math.floor(runSpec.instances * (1 + maximumOverCapacity))
  const isTight = Math.ceil(runSpec.instances * minimumHealthCapacity) === most
  const alive = counted + instances.filter(isEnding).length
  if (alive > most + (isTight ? 1 : 0))
    throw new Violation(
      'capacity',
      `${id}: ${alive} instances after creating ${created.length}, at most ${most}${isTight ? ' and one' : ''} allowed`,
    )
}

/** Running instances that were given up leave as many as promised, unless a user asked for their end. */
function checkNotTooFew(
  runSpec: RunSpec | undefined,
  instances: readonly Instance[],
  givenUp: readonly Instance[],
): void {
  if (runSpec === undefined) return
  const { id } = runSpec
  const causes = new Set(givenUp.map((instance) => instance.kill?.cause))
  if (causes.has('scale-down') && instances.filter(countsTowardsTarget).length < runSpec.instances)
    throw new Violation('capacity', `${id}: scaled down below the ${runSpec.instances} wanted`)
  if (!causes.has('deployment')) return
  const { minimumHealthCapacity, maximumOverCapacity } = runSpec.upgradeStrategy
  const minimum = Math.ceil(runSpec.instances * minimumHealthCapacity)
  const isTight = minimum === Math.floor(runSpec.instances * (1 + maximumOverCapacity))
  // Its successor needs the volume: where nothing could move, one is given up before there is another.
  const least = isResident(runSpec) && isTight ? minimum - 1 : minimum
  const healthy = instances.filter((instance) => instance.goal === 'Running' && isHealthy(instance)).length
  if (healthy < least)
    throw new Violation(
      'capacity',
      `${id}: a deployment left ${healthy} healthy instances, ${least} promised`,
    )
}
