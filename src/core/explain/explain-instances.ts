// What keeps the instances of one run spec from all doing their work: a cause for each group of them that does not.

import { after, type Instant, seconds } from '../../lib/instant.ts'
import { limits } from '../../lib/limits.ts'
import type { PathId } from '../../lib/path-id.ts'
import { killGracePeriod } from '../apply.ts'
import type { Core } from '../core.ts'
import type { Instance } from '../instances/instance.ts'
import { launchDeadline } from '../instances/staging.ts'
import { decideUnreachable, nextUnreachableDeadline } from '../instances/unreachable.ts'
import { type Cause, cause } from './cause.ts'
import { failingChecks } from './explain-health.ts'
import { launchCauses } from './explain-launch.ts'
import { earliest, type RollCall, rollCall } from './roll-call.ts'

/** `offers`: at most so many are looked at. */
export function instanceCauses(
  core: Core,
  id: PathId,
  offers: number = limits.explainedOffers,
): readonly Cause[] {
  const groups = rollCall(core.state.instancesOf(id))
  return [
    ...(core.quarantine.has(id) && groups.scheduled.length === 0
      ? [cause({ kind: 'quarantine', runSpecId: id })]
      : []),
    ...launchCauses(core, id, groups.scheduled, offers),
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
    cause(
      {
        kind: 'running',
        runSpecId,
        count: instances.length,
        ...(first === undefined ? {} : { until: first.at }),
      },
      namedOf(instances),
    ),
  ]
}

function unwell(core: Core, runSpecId: PathId, { sick, unchecked }: RollCall): readonly Cause[] {
  const causes: Cause[] = []
  const checksOf = (instance: Instance): readonly Cause[] => failingChecks(core, instance)
  if (sick.length > 0) {
    causes.push(cause({ kind: 'unhealthy', runSpecId, count: sick.length }, namedOf(sick, checksOf)))
  }
  if (unchecked.length > 0) {
    causes.push(
      cause({ kind: 'unchecked', runSpecId, count: unchecked.length }, namedOf(unchecked, checksOf)),
    )
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
    cause(
      {
        kind: 'unreachable',
        runSpecId,
        count: instances.length,
        ...(next === undefined ? {} : { until: next.at }),
        ...(fate === undefined ? {} : { fate: fate === 'expunge' ? 'forgotten' : 'replaced' }),
      },
      namedOf(instances),
    ),
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
    cause(
      {
        kind: 'ending',
        runSpecId,
        count: instances.length,
        ...(kill === undefined ? {} : { cause: kill.cause, since: kill.requestedAt }),
        ...(until === undefined ? {} : { until }),
        queued: instances.filter(({ id }) => kills.isQueued(id)).length,
      },
      namedOf(instances),
    ),
  ]
}

/** Seconds; of a pod the longest of its containers. */
function graceOf(state: Core['state'], { runSpecId, runSpecVersion, tasks }: Instance): number | undefined {
  const runSpec = state.runSpecVersion(runSpecId, runSpecVersion)
  if (runSpec === undefined) return undefined
  const graces = tasks.map(({ id }) => killGracePeriod(runSpec, id)).filter((grace) => grace !== undefined)
  return graces.length === 0 ? undefined : Math.max(...graces)
}

/** The first few, each with what is to be said of it. */
function namedOf(
  instances: readonly Instance[],
  causesOf: (instance: Instance) => readonly Cause[] = () => [],
): readonly Cause[] {
  return instances.slice(0, limits.explainedInstances).map((instance) => {
    const { id, condition, since, tasks, agent } = instance
    return cause(
      {
        kind: 'instance',
        instanceId: id,
        condition,
        since,
        ...(tasks[0] === undefined ? {} : { taskId: tasks[0].id }),
        ...(agent === undefined ? {} : { hostname: agent.hostname }),
      },
      causesOf(instance),
    )
  })
}

/** Those whose readiness check has not succeeded, with what it answered last. */
export function unreadyInstances({ state, readiness }: Core, id: PathId): readonly Cause[] {
  const asked = new Set(readiness.askedOf(id))
  const results = new Map(readiness.of(id).map((result) => [result.taskId, result]))
  const unready = state
    .instancesOf(id)
    .filter(({ tasks: [task] }) => task !== undefined && asked.has(task.id))
  return namedOf(unready, ({ tasks: [task] }) => {
    const result = task === undefined ? undefined : results.get(task.id)
    if (result === undefined) return []
    const { name, lastResponse } = result
    const status = lastResponse === undefined ? {} : { status: lastResponse.status }
    return [cause({ kind: 'ready-check', runSpecId: id, name, ...status })]
  })
}
