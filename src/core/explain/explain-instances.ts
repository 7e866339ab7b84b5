// What keeps the instances of one run spec from all doing their work: a cause for each group of them that does not.

import { after, type Instant, seconds } from '../../lib/instant.ts'
import type { PathId } from '../../lib/path-id.ts'
import { killGracePeriod } from '../apply.ts'
import type { Core } from '../core.ts'
import type { Instance } from '../instances/instance.ts'
import { launchDeadline } from '../instances/staging.ts'
import { decideUnreachable, nextUnreachableDeadline } from '../instances/unreachable.ts'
import { type Cause, cause } from './cause.ts'
import { launchCauses } from './explain-launch.ts'
import { earliest, named, type RollCall, rollCall } from './roll-call.ts'

export function instanceCauses(core: Core, id: PathId): readonly Cause[] {
  const groups = rollCall(core.state.instancesOf(id))
  return [
    ...(core.quarantine.has(id) ? [cause({ kind: 'quarantine', runSpecId: id })] : []),
    ...launchCauses(core, id, groups.scheduled),
    ...launching(core, id, groups),
    ...unwell(core, id, groups),
    ...unreachable(core, id, groups),
    ...ending(core, id, groups),
  ]
}

function launching(
  { settings }: Core,
  runSpecId: PathId,
  { launching: instances }: RollCall,
): readonly Cause[] {
  if (instances.length === 0) return []
  const first = earliest(instances, (instance) => launchDeadline(instance, settings))
  return [
    cause({
      kind: 'running',
      runSpecId,
      count: instances.length,
      instances: named(instances),
      ...(first === undefined ? {} : { until: first.at }),
    }),
  ]
}

function unwell(_core: Core, runSpecId: PathId, { sick, unchecked }: RollCall): readonly Cause[] {
  const causes: Cause[] = []
  if (sick.length > 0) {
    causes.push(cause({ kind: 'unhealthy', runSpecId, count: sick.length, instances: named(sick) }))
  }
  if (unchecked.length > 0) {
    causes.push(cause({ kind: 'unchecked', runSpecId, count: unchecked.length, instances: named(unchecked) }))
  }
  return causes
}

function unreachable(core: Core, runSpecId: PathId, { unreachable: instances }: RollCall): readonly Cause[] {
  if (instances.length === 0) return []
  const { state, unreachableFloor: floor } = core
  const strategyOf = (instance: Instance) => state.runSpecVersion(runSpecId, instance.runSpecVersion)
  const next = earliest(instances, (instance) =>
    nextUnreachableDeadline(instance, strategyOf(instance), floor),
  )
  const fate =
    next === undefined
      ? undefined
      : decideUnreachable(next.instance, strategyOf(next.instance), next.at, floor)
  return [
    cause({
      kind: 'unreachable',
      runSpecId,
      count: instances.length,
      instances: named(instances),
      ...(next === undefined ? {} : { until: next.at }),
      ...(fate === undefined ? {} : { fate: fate === 'expunge' ? 'forgotten' : 'replaced' }),
    }),
  ]
}

function ending(
  { state, kills }: Core,
  runSpecId: PathId,
  { ending: instances }: RollCall,
): readonly Cause[] {
  if (instances.length === 0) return []
  const first = earliest(instances, ({ kill }) => kill?.requestedAt)
  const grace = first === undefined ? undefined : graceOf(state, first.instance)
  const until: Instant | undefined =
    first === undefined || grace === undefined ? undefined : after(first.at, seconds(grace))
  const kill = first?.instance.kill
  return [
    cause({
      kind: 'ending',
      runSpecId,
      count: instances.length,
      instances: named(instances),
      ...(kill === undefined ? {} : { cause: kill.cause, since: kill.requestedAt }),
      ...(until === undefined ? {} : { until }),
      queued: instances.filter(({ id }) => kills.isQueued(id)).length,
    }),
  ]
}

/** Seconds; of a pod the longest of its containers. */
function graceOf(state: Core['state'], { runSpecId, runSpecVersion, tasks }: Instance): number | undefined {
  const runSpec = state.runSpecVersion(runSpecId, runSpecVersion)
  if (runSpec === undefined) return undefined
  const graces = tasks.map(({ id }) => killGracePeriod(runSpec, id)).filter((grace) => grace !== undefined)
  return graces.length === 0 ? undefined : Math.max(...graces)
}
