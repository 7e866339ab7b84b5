// Requests that end tasks, of apps as of pods: others take their places, or the app has fewer from now on (rest-api
// 2.2).

import { type PathId, rootId } from '../../lib/path-id.ts'
import { ok, type Result, refused } from '../../lib/result.ts'
import type { RunSpec } from '../../spec/run-spec.ts'
import { applyAction, killNow } from '../apply.ts'
import type { Core } from '../core.ts'
import { isActive } from '../instances/condition.ts'
import type { Instance } from '../instances/instance.ts'
import { goalOfSurplus } from '../instances/resident.ts'
import type { Outcome, RequestOf, Stopped } from '../requests.ts'
import { changeRoot } from '../tree/root-change.ts'
import { deployed } from './outcomes.ts'
import { selectInstances } from './select-instances.ts'

/**
 * Ends tasks. Without `wipe` the instances that are active are launched again in place, and the others are only told
 * of; with it all are forgotten at once (rest-api 2.2).
 */
export function killTasks(
  core: Core,
  { selection, wipe }: RequestOf<'kill-tasks'>,
): Result<Outcome, Stopped> {
  const selected = selectInstances(core.state, selection)
  if (!selected.ok) return selected
  for (const instance of selected.value) {
    if (wipe) wipeInstance(core, instance.id)
    else if (isActive(instance))
      applyAction(core, { kind: 'kill', instanceId: instance.id, cause: 'api-request' })
  }
  return ok({ kind: 'killed', instances: selected.value })
}

/**
 * Once forgotten, nothing would repeat a kill; should this one be lost, the task is ended when it is heard of again.
 */
function wipeInstance(core: Core, instanceId: string): void {
  applyAction(core, { kind: 'set-goal', instanceId, goal: 'Decommissioned', cause: 'api-request' })
  killNow(core, instanceId)
  applyAction(core, { kind: 'expunge', instanceId })
}

export function killAndScale(
  core: Core,
  { selection, force, isDryRun }: RequestOf<'kill-and-scale'>,
): Result<Outcome, Stopped> {
  if (selection.kind === 'app' && core.state.instancesOf(selection.id).length === 0) {
    return refused({ kind: 'path-not-found', id: selection.id })
  }
  const selected = selectInstances(core.state, selection)
  // An unknown task scales nothing: a deployment without steps (rest-api 2.2).
  if (!selected.ok && selected.error.kind !== 'task-not-found') return selected
  const killable = (selected.ok ? selected.value : []).filter(
    (instance) => isActive(instance) && instance.condition !== 'Killing' && instance.goal === 'Running',
  )
  const targets = new Map<PathId, RunSpec>()
  for (const { runSpecId } of killable) {
    const runSpec = targets.get(runSpecId) ?? core.state.runSpec(runSpecId)
    if (runSpec !== undefined) {
      targets.set(runSpecId, { ...runSpec, instances: Math.max(0, runSpec.instances - 1) })
    }
  }
  const changed = changeRoot(core, {
    targets,
    groupId: rootId,
    force,
    isDryRun,
  })
  if (!changed.ok) return changed
  for (const instance of killable) giveUp(core, instance)
  return ok(deployed(changed.value))
}

function giveUp(core: Core, instance: Instance): void {
  if (core.state.runSpec(instance.runSpecId) === undefined) return
  const goal = goalOfSurplus(instance)
  applyAction(core, { kind: 'set-goal', instanceId: instance.id, goal, cause: 'api-request' })
}
