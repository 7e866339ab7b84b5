// Who keeps an answer learns of everything that makes it another one: what people see of a run spec, of the groups and
// of the deployments changes only together with the revision, under its name.

import type { InspectableScheduler } from '../../src/core/scheduler.ts'
import type { View } from '../../src/core/view.ts'
import { type PathId, rootId } from '../../src/lib/path-id.ts'
import type { Step } from '../observer.ts'
import { type Checker, Violation } from './checker.ts'

/** In worlds with more run specs only some steps are looked at. */
const smallWorld = 64
/** Steps that write nothing, which change nothing as a rule. */
const stepsBetweenLooks = 8

export class RevisionChecker implements Checker {
  #revision = 0
  #seen = new Map<PathId, readonly unknown[]>()
  #sinceLook = 0

  started({ view }: InspectableScheduler): void {
    this.#look(view)
  }

  stepped({ ready, scheduler: { view } }: Step): void {
    this.#sinceLook += ready.writes.length === 0 ? 1 : stepsBetweenLooks
    if (this.#sinceLook < stepsBetweenLooks) return
    if (this.#sinceLook * smallWorld < view.runSpecs().length * stepsBetweenLooks) return
    const changed = view.changedSince(this.#revision)
    const before = this.#seen
    this.#look(view)
    if (changed === undefined) return
    for (const id of new Set([...before.keys(), ...this.#seen.keys()])) {
      if (!changed.has(id) && !isSame(before.get(id) ?? [], this.#seen.get(id) ?? []))
        throw new Violation('revision', `${id} is shown otherwise than before, and is not among what changed`)
    }
  }

  #look(view: View): void {
    this.#sinceLook = 0
    this.#revision = view.revision
    this.#seen = new Map([[rootId, seenOfRoot(view)]])
    for (const { id } of view.runSpecs()) this.#seen.set(id, seenOf(id, view))
  }
}

/** Records are never edited, so that the same ones mean the same answer. */
const seenOf = (id: PathId, view: View): readonly unknown[] => [
  view.runSpec(id),
  view.taskFailure(id),
  view.versions(id).join(),
  ...view.instancesOf(id),
  ...view.deploymentsOf(id).map((deployment) => deployment.id),
]

const seenOfRoot = (view: View): readonly unknown[] => [
  view.rootVersion,
  view.rootVersionsOf(rootId).join(),
  ...view.groups(),
  ...view.deployments(),
]

const isSame = (before: readonly unknown[], after: readonly unknown[]): boolean =>
  before.length === after.length && before.every((each, i) => each === after[i])
