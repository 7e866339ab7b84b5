// Placement rules, computed anew from the records and by other means than placement itself: at every launch the
// instance that was launched, and those placed already, obey the constraints (runtime 5.3). What an agent has is the
// simulated cluster's own bookkeeping: it tells of every violation. No offer is used twice.

import { conditions, isScheduled } from '../../src/core/instances/condition.ts'
import type { Instance } from '../../src/core/instances/instance.ts'
import { awaitsCleanup } from '../../src/core/instances/resident.ts'
import type { OfferId } from '../../src/core/mesos.ts'
import { fieldText } from '../../src/core/placement/field-text.ts'
import type { Constraint } from '../../src/spec/app.ts'
import type { RunSpec } from '../../src/spec/run-spec.ts'
import type { Step } from '../observer.ts'
import type { World } from '../world.ts'
import { type Checker, Violation } from './checker.ts'
import { launchedInstances } from './launches.ts'

export class PlacementChecker implements Checker {
  readonly #world: () => World
  /** Every offer that was accepted: they are used once, and no two have one name. */
  readonly #accepted = new Set<OfferId>()

  constructor(world: () => World) {
    this.#world = world
  }

  stepped({ ready, scheduler: { core } }: Step): void {
    const { violations } = this.#world().cluster
    if (violations.length > 0) throw new Violation('placement', violations[0]!)
    for (const effect of ready.effects) {
      if (effect.kind !== 'accept') continue
      for (const id of effect.offerIds) {
        if (this.#accepted.has(id)) throw new Violation('placement', `${id} is accepted twice`)
        this.#accepted.add(id)
      }
    }
    const launched = new Map<RunSpec, Instance[]>()
    const launchedNow = launchedInstances(ready)
    for (const write of ready.writes) {
      if (write.table !== 'instance' || write.kind !== 'put' || write.value.condition !== 'Provisioned')
        continue
      const instance = write.value
      if (!launchedNow.has(instance.id)) continue
      const runSpec = core.state.runSpecVersion(instance.runSpecId, instance.runSpecVersion)
      if (runSpec === undefined)
        throw new Violation('placement', `${instance.id} was launched without a definition`)
      const list = launched.get(runSpec)
      if (list === undefined) launched.set(runSpec, [instance])
      else list.push(instance)
    }
    for (const [runSpec, instances] of launched) {
      if (runSpec.constraints.length === 0) continue
      const { lastConfigChangeAt } = runSpec.versionInfo
      // Launches of another configuration may have come after, and have rules of their own.
      const later = new Set<Instance>()
      for (const [other, others] of launched) {
        if (other.id !== runSpec.id || other.versionInfo.lastConfigChangeAt === lastConfigChangeAt) continue
        for (const instance of others) later.add(instance)
      }
      const placed = core.state
        .instancesOf(runSpec.id)
        .filter((instance) => isPlacedFor(instance, runSpec) && !later.has(instance))
      const wanted = core.state.runSpec(runSpec.id)?.instances ?? runSpec.instances
      for (const constraint of runSpec.constraints)
        check(runSpec, constraint, { launched: instances, placed, wanted, isAlone: later.size === 0 })
    }
  }
}

/** Launched, not lost, not waiting for a relaunch or its end, and of the configuration in question. */
const isPlacedFor = (instance: Instance, runSpec: RunSpec): boolean =>
  instance.agent !== undefined &&
  !conditions[instance.condition].isLost &&
  !isScheduled(instance) &&
  !awaitsCleanup(instance) &&
  instance.runSpecVersion >= runSpec.versionInfo.lastConfigChangeAt

interface Launches {
  readonly launched: readonly Instance[]
  readonly placed: readonly Instance[]
  readonly wanted: number
  /** Nothing of another configuration was launched in the same step. */
  readonly isAlone: boolean
}

function check(
  { id }: RunSpec,
  [field, operator, value = '']: Constraint,
  { launched, placed, wanted, isAlone }: Launches,
): void {
  const at = (instance: Instance): string | undefined => fieldText(instance.agent!, field)
  const counts = new Map<string | undefined, number>()
  for (const instance of placed) counts.set(at(instance), (counts.get(at(instance)) ?? 0) + 1)
  const fail = (instance: Instance, why: string): never => {
    const others = placed.map((other) => `${at(other)} ${other.condition} ${other.runSpecVersion}`)
    throw new Violation(
      'placement',
      `${id} ${field} ${operator} ${value}: ${instance.id} of ${instance.runSpecVersion} on ${at(instance)}, ${why}; ${wanted} wanted, placed: ${others.join(', ')}`,
    )
  }
  for (const instance of launched) {
    const own = at(instance)
    const count = counts.get(own) ?? 0
    switch (operator) {
      case 'UNIQUE':
        if (count > 1) fail(instance, `with ${count - 1} others`)
        break
      case 'MAX_PER':
        if (count > Number(value)) fail(instance, `with ${count - 1} others`)
        break
      case 'CLUSTER':
        if (value !== '' && own !== value) fail(instance, 'elsewhere')
        break
      case 'IS':
        if (own !== value) fail(instance, 'elsewhere')
        break
      case 'LIKE':
        if (own === undefined || !new RegExp(`^(?:${value})$`).test(own))
          fail(instance, 'which does not match')
        break
      case 'UNLIKE':
        if (own !== undefined && new RegExp(`^(?:${value})$`).test(own)) fail(instance, 'which matches')
        break
      case 'GROUP_BY': {
        const groups = value === '' ? 0 : Number(value)
        // A value nobody uses may always be the next one (runtime 5.3).
        if (groups > 0 && count > Math.max(1, Math.ceil(wanted / groups)))
          fail(instance, `with ${count - 1} others`)
        // Without a number of groups, a group that was opened later in the same step may have fewer (runtime 5.3).
        const fewest = Math.min(...counts.values())
        if (groups <= 0 && isAlone && !hasOpened(launched, counts, at) && count > fewest + 1)
          fail(instance, `with ${count - 1} others`)
        break
      }
    }
  }
}

/** Whether some group consists of nothing but these launches. */
function hasOpened(
  launched: readonly Instance[],
  counts: ReadonlyMap<string | undefined, number>,
  at: (instance: Instance) => string | undefined,
): boolean {
  const own = new Map<string | undefined, number>()
  for (const instance of launched) own.set(at(instance), (own.get(at(instance)) ?? 0) + 1)
  for (const [value, count] of own) if (counts.get(value) === count) return true
  return false
}
