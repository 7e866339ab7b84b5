// The run specs a change asks for as records: with service ports, and with the version they get. What equals the record
// in force stays that record, so that nothing that holds it is outdated.

import type { Version } from '../../lib/instant.ts'
import { limits } from '../../lib/limits.ts'
import type { PathId } from '../../lib/path-id.ts'
import { ok, type Result, refused } from '../../lib/result.ts'
import { nextVersionInfo } from '../../spec/diff.ts'
import type { RunSpec, RunSpecDraft } from '../../spec/run-spec.ts'
import { assignServicePorts, servicePorts } from '../../spec/service-ports.ts'
import { validateResidentUpdate } from '../../spec/validate/resident-update.ts'
import type { Core } from '../core.ts'
import type { Refusal } from '../requests.ts'
import type { State } from '../state.ts'

interface Wanted {
  readonly targets: ReadonlyMap<PathId, RunSpecDraft | undefined>
  readonly restarted?: ReadonlySet<PathId>
  readonly isRevert?: boolean
}

/** Gives every target its service ports and its version. */
export function toVersions(
  { state, settings }: Core,
  { targets, restarted, isRevert }: Wanted,
  version: Version,
): Result<ReadonlyMap<PathId, RunSpec | undefined>, Refusal> {
  const taken = new Set<number>()
  const used = { has: (port: number) => taken.has(port) || state.usedServicePorts.has(port) }
  const range = { min: settings.localPortMin, max: settings.localPortMax }
  const search = { next: range.min }
  for (const target of targets.values()) {
    if (target !== undefined) for (const port of servicePorts(target)) taken.add(port)
  }
  const versioned = new Map<PathId, RunSpec | undefined>()
  let index = 0
  for (const [id, target] of targets) {
    if (target === undefined) {
      versioned.set(id, undefined)
      continue
    }
    const previous = state.runSpec(id)
    const assigned = assignServicePorts(target, previous, used, range, search)
    if (!assigned.ok) return assigned
    for (const port of servicePorts(assigned.value)) taken.add(port)
    if (previous !== undefined) {
      const issues = validateResidentUpdate(previous, assigned.value, index++)
      if (issues.length > 0) return refused({ kind: 'invalid-object', issues })
    }
    const isRestart = restarted?.has(id) ?? false
    const next =
      isRevert === true
        ? formerConfiguration(assigned.value, version)
        : nextVersionInfo(previous, assigned.value, version, isRestart)
    versioned.set(id, next.version === previous?.version ? previous : { ...assigned.value, ...next })
  }
  return ok(versioned)
}

/** A new version of an old configuration. A definition that never was in force has a configuration of its own. */
const formerConfiguration = (
  former: RunSpecDraft & Partial<Pick<RunSpec, 'versionInfo'>>,
  version: Version,
) => ({
  version,
  versionInfo: {
    lastScalingAt: version,
    lastConfigChangeAt: former.versionInfo?.lastConfigChangeAt ?? version,
  },
})

/** Every server that loads them would run out of memory, so the change that asks for them must not be stored. */
export function tooManyInstances(
  state: State,
  targets: Iterable<RunSpec | undefined>,
): Extract<Refusal, { kind: 'unprocessable' }> | undefined {
  let more = 0
  for (const target of targets) {
    if (target !== undefined) more += Math.max(0, target.instances - state.tallyOf(target.id).counted)
  }
  const exist = state.instanceCount
  if (more === 0 || exist + more <= limits.instances) return undefined
  const message = `${more} more instances are asked for and ${exist} exist; ${limits.instances} in all can be kept track of`
  return { kind: 'unprocessable', message }
}
