// Which waiting instances are given up for stopped ones that have volumes. Whoever schedules takes up what is stopped
// first (runtime 4), but a task that was cut off ends after its successor was made: the successor would wait for
// resources, or for a host, that its predecessor still holds, and its deployment with it.

import type { Version } from '../../lib/instant.ts'
import type { PathId } from '../../lib/path-id.ts'
import type { RunSpec } from '../../spec/run-spec.ts'
import type { Action } from '../actions.ts'
import type { Instance, InstanceId } from '../instances/instance.ts'
import { stopActions } from './decide-scale.ts'

export interface TakeUpView {
  scheduledOf(id: PathId): ReadonlyMap<Version, ReadonlyMap<InstanceId, Instance>>
  /** Up to `count` that are stopped and may be taken up again. */
  reusableOf(id: PathId, count: number): readonly Instance[]
  runSpecVersion(id: PathId, version: Version): RunSpec | undefined
}

/** At most `most` are taken up at once; as many waiting ones that nothing is reserved for go. */
export function decideTakeUp(view: TakeUpView, id: PathId, most: number): readonly Action[] {
  let left = view.reusableOf(id, most).length
  const actions: Action[] = []
  if (left === 0) return actions
  for (const [version, waiting] of view.scheduledOf(id)) {
    const runSpec = view.runSpecVersion(id, version)
    if (runSpec === undefined) continue
    const given: Instance[] = []
    for (const instance of waiting.values()) {
      if (given.length === left) break
      if (instance.reservation === undefined) given.push(instance)
    }
    if (given.length === 0) continue
    left -= given.length
    actions.push(...stopActions(given, 'Decommissioned', 'goal-not-running'))
    actions.push({ kind: 'schedule', runSpec, count: given.length })
  }
  return actions
}
