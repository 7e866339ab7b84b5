// What a change would do: its steps, and field by field what it would make of the definitions and groups. For who asks
// with dryRun; nothing is changed, and no version or id is used up.

import type { PathId } from '../../lib/path-id.ts'
import { diffDefinitions } from '../../spec/definition-diff.ts'
import { renderApp } from '../../spec/render/app.ts'
import type { JsonObject } from '../../spec/render/fields.ts'
import { renderPod } from '../../spec/render/pod.ts'
import { isPod, type RunSpec } from '../../spec/run-spec.ts'
import type { Deployment } from '../deployments/deployment.ts'
import type { Group } from '../records.ts'
import type { DefinitionChange, Planned } from '../requests.ts'
import type { State } from '../state.ts'
import type { GroupChanges, RunSpecChanges } from '../tree/target-tree.ts'

export function planned(
  state: State,
  change: {
    readonly runSpecs: RunSpecChanges
    readonly groups: GroupChanges
    readonly deployment: Deployment
    readonly conflicts: readonly Deployment[]
  },
): Planned {
  const groups = [...change.groups].flatMap(([id, to]) =>
    definitionChange(
      { id, kind: 'group' },
      rendered(state.groups.get(id), renderGroup),
      rendered(to, renderGroup),
    ),
  )
  const runSpecs = [...change.runSpecs].flatMap(([id, to]) => {
    const from = state.runSpec(id)
    const kind = kindOf((to ?? from)!)
    return from === to
      ? []
      : definitionChange({ id, kind }, rendered(from, renderRunSpec), rendered(to, renderRunSpec))
  })
  return {
    kind: 'planned',
    steps: change.deployment.steps,
    changes: [...groups, ...runSpecs],
    conflicts: change.conflicts.map(({ id }) => id),
  }
}

const kindOf = (runSpec: RunSpec): 'app' | 'pod' => (isPod(runSpec) ? 'pod' : 'app')

const rendered = <T>(value: T | undefined, render: (value: T) => JsonObject): JsonObject | undefined =>
  value === undefined ? undefined : render(value)

/** Nothing when the two are the same to who reads them: a restart makes a version and changes no field. */
function definitionChange(
  subject: { readonly id: PathId; readonly kind: DefinitionChange['kind'] },
  from: JsonObject | undefined,
  to: JsonObject | undefined,
): DefinitionChange[] {
  if (to === undefined) return from === undefined ? [] : [{ ...subject, action: 'remove', fields: [] }]
  const fields = diffDefinitions(from ?? {}, to)
  if (from === undefined) return [{ ...subject, action: 'create', fields }]
  return fields.length === 0 ? [] : [{ ...subject, action: 'update', fields }]
}

const renderGroup = ({ id, dependencies, enforceRole }: Group): JsonObject => ({
  id,
  dependencies,
  ...(enforceRole === undefined ? {} : { enforceRole }),
})

const renderRunSpec = (runSpec: RunSpec): JsonObject =>
  isPod(runSpec) ? renderPod(runSpec) : renderApp(runSpec)
