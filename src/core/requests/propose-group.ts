// From the body of a request about a group to what shall become of it and of everything in it (rest-api 4): back to a
// former version, more or fewer instances of every app, or the structure the body describes, merged with what is there.
// Nothing is changed here.

import { formatInstant, parseInstant, type Version } from '../../lib/instant.ts'
import { absolutePathId, isWithin, type PathId, parentOf, rootId, topLevelGroup } from '../../lib/path-id.ts'
import { ok, type Result, refused } from '../../lib/result.ts'
import type { App } from '../../spec/app.ts'
import { normaliseApp } from '../../spec/normalise/app.ts'
import { isApp, type RunSpec, type RunSpecDraft } from '../../spec/run-spec.ts'
import type { GroupUpdateInput } from '../../spec/schema/group.ts'
import { validateScaledApp } from '../../spec/validate/scaled-app.ts'
import type { Core } from '../core.ts'
import type { Refusal } from '../requests.ts'
import { hadGroup } from '../tree/root-history.ts'
import type { GroupForm } from '../tree/target-tree.ts'
import { contextOf } from './propose-app.ts'

/** What shall be. Undefined: removed. */
export interface GroupProposal {
  readonly targets: ReadonlyMap<PathId, RunSpecDraft | undefined>
  readonly groups: ReadonlyMap<PathId, GroupForm | undefined>
}

/** `update` is about the group `id`. Its apps are normalised and validated; a rule about groups is not judged here. */
export function proposeGroup(
  core: Core,
  id: PathId,
  update: GroupUpdateInput,
  options: { readonly force: boolean },
): Result<GroupProposal, Refusal> {
  if (update.version !== undefined) return formerGroup(core, id, update.version)
  if (update.scaleBy !== undefined) return scaledGroup(core, id, update.scaleBy)
  const proposal = new Merge(core, options.force)
  const merged = proposal.merge(id, update)
  return merged.ok ? ok(proposal) : merged
}

/** Everything in a group goes, and the group; the root stays, empty. */
export function proposeRemoval({ state }: Core, id: PathId): GroupProposal {
  const targets = absent<RunSpecDraft>(state.groups.membersWithin(id))
  const groups = absent<GroupForm>(state.groups.groupsWithin(id))
  if (id === rootId) groups.set(rootId, { dependencies: [] })
  return { targets, groups }
}

const absent = <T>(ids: Iterable<PathId>): Map<PathId, T | undefined> =>
  new Map([...ids].map((id) => [id, undefined]))

/** Every app beneath it; pods keep their number. A group that is not there is created, empty. */
function scaledGroup({ state }: Core, id: PathId, factor: number): Result<GroupProposal, Refusal> {
  const targets = new Map<PathId, RunSpecDraft>()
  for (const member of state.groups.membersWithin(id)) {
    const app = state.app(member)
    if (app === undefined) continue
    const scaled: App = { ...app, instances: Math.min(Math.ceil(app.instances * factor), maxInstances) }
    const issues = scaled.instances > app.instances ? validateScaledApp(scaled) : []
    if (issues.length > 0) return refused({ kind: 'invalid-object', issues })
    targets.set(member, scaled)
  }
  const isThere = id === rootId || state.groups.has(id)
  return ok({ targets, groups: isThere ? new Map() : new Map([[id, { dependencies: [] }]]) })
}

/** Numbers of instances are ints; so many are refused later, by their number. */
const maxInstances = 2 ** 31 - 1

/** The group and all beneath it as they were in this version of the root; what came since is removed. */
function formerGroup({ state }: Core, id: PathId, version: string): Result<GroupProposal, Refusal> {
  const at = parseInstant(version)
  if (at === undefined) {
    return unprocessable(`Invalid timestamp provided '${version}'. Expecting ISO-8601 datetime string.`)
  }
  const wanted: Version = formatInstant(at)
  const former = state.history.treeAt(wanted, state.rootVersion)
  if (former === undefined || !hadGroup(former, id, state.groups.has(id))) {
    return unprocessable(`Group ${id} not available in version ${wanted}`)
  }

  const targets = new Map<PathId, RunSpec | undefined>()
  for (const [member, then] of former.runSpecs) {
    if (member === id || !isWithin(member, id) || state.runSpec(member)?.version === then) continue
    const runSpec = then === undefined ? undefined : state.runSpecVersion(member, then)
    if (then !== undefined && runSpec === undefined) {
      return unprocessable(
        `Group ${id} not available in version ${wanted}: the definition of ${member} in its version ${then} is no longer kept`,
      )
    }
    targets.set(member, runSpec)
  }
  const groups = [...former.groups].filter(([group]) => isWithin(group, id))
  return ok({ targets, groups: new Map(groups) })
}

const unprocessable = (message: string): Result<never, Refusal> => refused({ kind: 'unprocessable', message })

/** The structure of a body laid over what is there, group by group. */
class Merge implements GroupProposal {
  readonly targets = new Map<PathId, RunSpecDraft | undefined>()
  readonly groups = new Map<PathId, GroupForm | undefined>()
  readonly #core: Core
  readonly #force: boolean

  constructor(core: Core, force: boolean) {
    this.#core = core
    this.#force = force
  }

  /** What the body does not name stays: absent lists, and pods always. */
  merge(id: PathId, update: GroupUpdateInput): Result<void, Refusal> {
    const { state } = this.#core
    const enforceRole = this.#enforceRole(id, update)
    this.groups.set(id, {
      dependencies:
        update.dependencies === undefined
          ? (state.groups.get(id)?.dependencies ?? [])
          : [...new Set(update.dependencies.map((dependency) => absolutePathId(dependency, id)))],
      ...(enforceRole === undefined ? {} : { enforceRole }),
    })
    const apps = update.apps === undefined ? ok(undefined) : this.#replaceApps(id, update.apps)
    if (!apps.ok || update.groups === undefined) return apps
    const named = new Set<PathId>()
    for (const group of update.groups) {
      const inner = absolutePathId(group.id ?? '', id)
      named.add(inner)
      // Judged with the rules about groups; here it would be merged into something else than what it is named in.
      if (inner === rootId || parentOf(inner) !== id) continue
      const merged = this.merge(inner, group)
      if (!merged.ok) return merged
    }
    for (const inner of state.groups.groupsIn(id)) if (!named.has(inner)) this.#remove(inner)
    return ok(undefined)
  }

  #replaceApps(id: PathId, apps: NonNullable<GroupUpdateInput['apps']>): Result<void, Refusal> {
    const { state } = this.#core
    for (const present of state.groups.runSpecsIn(id)) {
      if (isApp(state.runSpec(present)!)) this.targets.set(present, undefined)
    }
    for (const input of apps) {
      const appId = absolutePathId(input.id, id)
      const top = topLevelGroup(appId)
      const spec = normaliseApp(input, {
        ...contextOf(this.#core, appId, this.#force, {
          isOfGroup: true,
          ...(top === undefined ? {} : { group: this.groups.get(top) }),
        }),
        base: id,
      })
      if (!spec.ok) return spec
      this.targets.set(appId, spec.value)
    }
    return ok(undefined)
  }

  /** Of top-level groups only: what the body says, or the default also of one that is there (rest-api 4). */
  #enforceRole(id: PathId, update: GroupUpdateInput): boolean | undefined {
    if (id === rootId || parentOf(id) !== rootId) return undefined
    return update.enforceRole ?? this.#core.settings.newGroupEnforceRole === 'top'
  }

  #remove(id: PathId): void {
    const { targets, groups } = proposeRemoval(this.#core, id)
    for (const member of targets.keys()) this.targets.set(member, undefined)
    for (const group of groups.keys()) this.groups.set(group, undefined)
  }
}
