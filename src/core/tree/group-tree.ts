// The tree: groups, and which run specs and groups lie directly in each. The root is always there; it has a record only
// when it has dependencies. What a change costs here depends on how deep it is in the tree, not on the tree's size.

import { type PathId, parentOf, rootId } from '../../lib/path-id.ts'
import type { Group } from '../records.ts'

interface Node {
  readonly groups: Set<PathId>
  readonly runSpecs: Set<PathId>
  /** Run specs beneath it, at any depth. */
  members: number
}

const nothing: ReadonlySet<PathId> = new Set()

export class GroupTree {
  readonly #groups = new Map<PathId, Group>()
  readonly #nodes = new Map<PathId, Node>()
  readonly #dependencies = new Map<PathId, readonly PathId[]>()

  /** The record of a group; of the root only when it has dependencies. */
  get(id: PathId): Group | undefined {
    return this.#groups.get(id)
  }

  has(id: PathId): boolean {
    return this.#groups.has(id)
  }

  values(): IterableIterator<Group> {
    return this.#groups.values()
  }

  /** Groups with dependencies, and what they depend on. */
  get dependencies(): ReadonlyMap<PathId, readonly PathId[]> {
    return this.#dependencies
  }

  set(id: PathId, group: Group): void {
    this.#groups.set(id, group)
    if (group.dependencies.length > 0) this.#dependencies.set(id, group.dependencies)
    else this.#dependencies.delete(id)
    if (id !== rootId) this.#node(parentOf(id)).groups.add(id)
  }

  delete(id: PathId): boolean {
    this.#dependencies.delete(id)
    const parent = parentOf(id)
    if (id !== rootId) this.#nodes.get(parent)?.groups.delete(id)
    this.#drop(parent)
    return this.#groups.delete(id)
  }

  addRunSpec(id: PathId): void {
    this.#node(parentOf(id)).runSpecs.add(id)
    for (let group = parentOf(id); ; group = parentOf(group)) {
      this.#node(group).members++
      if (group === rootId) return
    }
  }

  removeRunSpec(id: PathId): void {
    this.#node(parentOf(id)).runSpecs.delete(id)
    for (let group = parentOf(id); ; group = parentOf(group)) {
      this.#node(group).members--
      this.#drop(group)
      if (group === rootId) return
    }
  }

  /** The groups directly in this one. */
  groupsIn(group: PathId): ReadonlySet<PathId> {
    return this.#nodes.get(group)?.groups ?? nothing
  }

  /** The run specs directly in this group. */
  runSpecsIn(group: PathId): ReadonlySet<PathId> {
    return this.#nodes.get(group)?.runSpecs ?? nothing
  }

  /** How many run specs lie beneath a group, at any depth. */
  memberCount(group: PathId): number {
    return this.#nodes.get(group)?.members ?? 0
  }

  /** This group and all beneath it, outer ones first. */
  *groupsWithin(group: PathId): Generator<PathId> {
    yield group
    for (const inner of this.groupsIn(group)) yield* this.groupsWithin(inner)
  }

  /** All run specs beneath a group. */
  *membersWithin(group: PathId): Generator<PathId> {
    for (const each of this.groupsWithin(group)) yield* this.runSpecsIn(each)
  }

  #node(id: PathId): Node {
    let node = this.#nodes.get(id)
    if (node === undefined) {
      node = { groups: new Set(), runSpecs: new Set(), members: 0 }
      this.#nodes.set(id, node)
    }
    return node
  }

  #drop(id: PathId): void {
    const node = this.#nodes.get(id)
    if (node !== undefined && node.groups.size === 0 && node.runSpecs.size === 0 && node.members === 0) {
      this.#nodes.delete(id)
    }
  }
}
