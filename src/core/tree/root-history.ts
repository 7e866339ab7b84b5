// How the tree was before its latest changes. Each version of the root keeps what it replaced and nothing more, so an
// older tree is found by taking changes back from the present; what a change stores depends on the change alone.

import type { Version } from '../../lib/instant.ts'
import { limits } from '../../lib/limits.ts'
import { type PathId, rootId } from '../../lib/path-id.ts'
import type { Group, RootChange } from '../records.ts'

/** What a tree had where it differed from the present one. Undefined: it had no such run spec or group. */
export interface FormerTree {
  readonly version: Version
  readonly runSpecs: ReadonlyMap<PathId, Version | undefined>
  readonly groups: ReadonlyMap<PathId, FormerGroup | undefined>
}

export type FormerGroup = Pick<Group, 'dependencies' | 'enforceRole'>

/** The root before its first change, which nobody made. */
const noVersion: Version = '1970-01-01T00:00:00.000Z'

export class RootHistory {
  /** Oldest first. */
  #changes: RootChange[] = []
  /** How many changes need a version of a run spec, to be taken back. */
  readonly #needed = new Map<PathId, Map<Version, number>>()

  get size(): number {
    return this.#changes.length
  }

  /** Changes are added in the order of their versions. */
  add(change: RootChange): void {
    this.#changes.push(change)
    for (const { id, from } of change.runSpecs) if (from !== undefined) this.#need(id, from)
  }

  /** Adds one part of a stored change, in any order. `sort` comes after the last. */
  load(part: RootChange): void {
    this.add(part)
  }

  /** Puts what was loaded in order, parts of one change together again. */
  sort(): void {
    const whole = new Map<Version, RootChange>()
    for (const part of this.#changes) {
      const known = whole.get(part.version)
      whole.set(
        part.version,
        known === undefined
          ? part
          : {
              ...known,
              runSpecs: [...known.runSpecs, ...part.runSpecs],
              groups: [...known.groups, ...part.groups],
            },
      )
    }
    this.#changes = [...whole.values()].sort((a, b) => (a.version < b.version ? -1 : 1))
  }

  removeOldest(): RootChange | undefined {
    const oldest = this.#changes.shift()
    for (const { id, from } of oldest?.runSpecs ?? []) if (from !== undefined) this.#release(id, from)
    return oldest
  }

  /** Whether taking a change back needs this version. */
  needs(id: PathId, version: Version): boolean {
    return this.#needed.get(id)?.has(version) ?? false
  }

  /** The versions of the root in which there was a group, newest first. `exists`: whether it is there now. */
  versionsOf(group: PathId, present: { readonly version: Version; readonly exists: boolean }): Version[] {
    let { exists } = present
    const versions = exists && present.version !== noVersion ? [present.version] : []
    for (const change of this.#newestFirst(present.version)) {
      const former = change.groups.find(({ id }) => id === group)
      if (former !== undefined && group !== rootId) exists = former.from !== undefined
      if (exists && change.previous !== noVersion) versions.push(change.previous)
    }
    return versions
  }

  /** The tree of this version; undefined when it is not known, or no longer. */
  treeAt(version: Version, present: Version): FormerTree | undefined {
    const runSpecs = new Map<PathId, Version | undefined>()
    const groups = new Map<PathId, FormerGroup | undefined>()
    if (version === present) return { version, runSpecs, groups }
    for (const change of this.#newestFirst(present)) {
      for (const { id, from } of change.runSpecs) runSpecs.set(id, from)
      for (const { id, from } of change.groups) groups.set(id, from)
      if (change.previous === version) return { version, runSpecs, groups }
    }
    return undefined
  }

  /**
   * As far as each led to the next. A server of an older version that had the store meanwhile made changes that are not
   * here, and nobody can take those back.
   */
  *#newestFirst(present: Version): Generator<RootChange> {
    let version = present
    for (let i = this.#changes.length - 1; i >= 0; i--) {
      const change = this.#changes[i]!
      if (change.version !== version) return
      yield change
      version = change.previous
    }
  }

  #need(id: PathId, version: Version): void {
    let versions = this.#needed.get(id)
    if (versions === undefined) {
      versions = new Map()
      this.#needed.set(id, versions)
    }
    versions.set(version, (versions.get(version) ?? 0) + 1)
  }

  #release(id: PathId, version: Version): void {
    const versions = this.#needed.get(id)
    const left = (versions?.get(version) ?? 0) - 1
    if (left > 0) versions?.set(version, left)
    else versions?.delete(version)
    if (versions?.size === 0) this.#needed.delete(id)
  }
}

/** Whether a group was there in a former tree. `isThereNow`: in the present one. */
export const hadGroup = (former: FormerTree, id: PathId, isThereNow: boolean): boolean =>
  id === rootId || (former.groups.has(id) ? former.groups.get(id) !== undefined : isThereNow)

/** A change as it is stored: in parts of bounded size, each with a key of its own. */
export function partsOf(change: RootChange): readonly { readonly key: string; readonly part: RootChange }[] {
  const { version, previous } = change
  const size = limits.rootChangesPerRecord
  const count = Math.max(1, Math.ceil(Math.max(change.runSpecs.length, change.groups.length) / size))
  return Array.from({ length: count }, (_, index) => {
    const from = index * size
    const runSpecs = change.runSpecs.slice(from, from + size)
    const groups = change.groups.slice(from, from + size)
    return { key: `${version}@${index}`, part: { version, previous, runSpecs, groups } }
  })
}
