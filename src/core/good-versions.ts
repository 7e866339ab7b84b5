// The last good version of each run spec: the last one a deployment led to and succeeded. It is what a deployment that
// gets no further is rolled back to, and it is kept beside the version in force.

import type { Version } from '../lib/instant.ts'
import type { PathId } from '../lib/path-id.ts'
import type { RunSpec } from '../spec/run-spec.ts'
import type { Core } from './core.ts'
import type { Deployment } from './deployments/deployment.ts'
import type { Tables } from './records.ts'
import type { State } from './state.ts'

/** `none`: no deployment of it has succeeded yet. */
export type GoodVersion = Version | 'none'

/** The record of the version in force; what is good stays what it was, and is nothing of what is new. */
export function inForceRecord(
  { goodVersions }: State,
  id: PathId,
  version: Version,
  { isNew }: { readonly isNew: boolean },
): Tables['run-spec'] {
  if (isNew) goodVersions.set(id, 'none')
  const goodVersion = goodVersions.get(id)
  return { id, version, ...(goodVersion === undefined ? {} : { goodVersion }) }
}

/** The deployment has succeeded: what it led to is good, as far as it is still in force. */
export function markGood({ state, batch }: Core, { changes }: Deployment): void {
  for (const { id, to } of changes) {
    if (to === undefined || state.runSpec(id)?.version !== to || state.goodVersions.get(id) === to) continue
    state.goodVersions.set(id, to)
    batch.put('run-spec', id, { id, version: to, goodVersion: to })
  }
}

/** Whether a deployment that led to this configuration has succeeded, as the last one that did. */
export function isGood(state: State, { id, version, versionInfo }: RunSpec): boolean {
  const good = state.goodVersions.get(id)
  if (good === undefined || good === version) return true
  const configuredAt = state.runSpecVersion(id, good)?.versionInfo.lastConfigChangeAt
  return configuredAt === versionInfo.lastConfigChangeAt
}
