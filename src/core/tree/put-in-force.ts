// A change of the root takes place: definitions and groups become what was prepared, and what they were is kept as far
// as older trees are asked for. The only writer of definitions, groups and their history.

import type { Version } from '../../lib/instant.ts'
import type { PathId } from '../../lib/path-id.ts'
import { forgetOldVersions, versionKey } from '../apply.ts'
import type { Core } from '../core.ts'
import { inForceRecord } from '../good-versions.ts'
import type { Group, RootChange } from '../records.ts'
import { partsOf } from './root-history.ts'
import type { GroupChanges, RunSpecChanges } from './target-tree.ts'

export function putInForce(
  core: Core,
  { runSpecs, groups }: { readonly runSpecs: RunSpecChanges; readonly groups: GroupChanges },
  version: Version,
): void {
  const { state, batch } = core
  remember(core, {
    version,
    previous: state.rootVersion,
    runSpecs: [...runSpecs].flatMap(([id, to]) => {
      const from = state.runSpec(id)
      if (from === to) return []
      return [{ id, ...(from === undefined ? {} : { from: from.version }) }]
    }),
    groups: [...groups.keys()].map((id) => {
      const from = state.groups.get(id)
      return { id, ...(from === undefined ? {} : { from: formOf(from) }) }
    }),
  })
  state.rootVersion = version
  batch.put('meta', 'root', { version })
  for (const [id, group] of groups) putGroup(core, id, group)
  for (const [id, runSpec] of runSpecs) {
    core.quarantine.release(id)
    if (runSpec === undefined) {
      state.removeRunSpec(id)
      state.goodVersions.delete(id)
      batch.delete('run-spec', id)
    } else if (runSpec !== state.runSpec(id)) {
      const isNew = state.runSpec(id) === undefined
      state.putRunSpec(runSpec)
      batch.put('run-spec-version', versionKey(id, runSpec.version), runSpec)
      batch.put('run-spec', id, inForceRecord(state, id, runSpec.version, { isNew }))
    }
    core.dirty.mark(id)
  }
}

export function putGroup({ state, batch }: Core, id: PathId, group: Group | undefined): void {
  if (group === undefined) {
    state.groups.delete(id)
    batch.delete('group', id)
  } else {
    state.groups.set(id, group)
    batch.put('group', id, group)
  }
}

const formOf = ({ dependencies, enforceRole }: Group): Pick<Group, 'dependencies' | 'enforceRole'> => ({
  dependencies,
  ...(enforceRole === undefined ? {} : { enforceRole }),
})

/** Keeps what the change replaces, and forgets what the oldest one kept replaced. */
function remember(core: Core, change: RootChange): void {
  const { batch, settings, state } = core
  const { history } = state
  history.add(change)
  for (const { key, part } of partsOf(change)) batch.put('root-version', key, part)
  while (history.size > settings.versionsPerRunSpec) {
    const oldest = history.removeOldest()!
    for (const { key } of partsOf(oldest)) batch.delete('root-version', key)
    for (const { id } of oldest.runSpecs) forgetOldVersions(core, id, settings.versionsPerRunSpec)
  }
}
