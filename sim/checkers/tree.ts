// Every version of the tree that is kept stays what it was: after later changes, after taking them back, and for the
// next process. And who only asks for a plan changes nothing.

import type { InspectableScheduler } from '../../src/core/scheduler.ts'
import type { TreeView } from '../../src/core/tree/tree-view.ts'
import type { View } from '../../src/core/view.ts'
import type { Version } from '../../src/lib/instant.ts'
import { type PathId, rootId } from '../../src/lib/path-id.ts'
import type { Step } from '../observer.ts'
import { type Checker, Violation } from './checker.ts'

export class TreeChecker implements Checker {
  /** As text: groups with what they depend on, run specs with their versions. */
  readonly #trees = new Map<Version, string>()
  #inForce: ReadonlyMap<PathId, Version> = new Map()

  started({ view }: InspectableScheduler): void {
    this.#inForce = versionsOf(view)
    this.#checkAll(view)
  }

  stepped({ ready, slice, scheduler: { view } }: Step): void {
    const isChanged = ready.writes.some(({ table, key }) => table === 'meta' && key === 'root')
    const requests = slice.flatMap((event) => (event.kind === 'request' ? [event.request] : []))
    const isAllDry = requests.every((request) => 'isDryRun' in request && request.isDryRun === true)
    if (isChanged && requests.length > 0 && isAllDry)
      throw new Violation('tree', 'a plan was asked for, and the tree is another')
    if (!isChanged) {
      const other = ready.writes.find(
        (write) =>
          write.table === 'run-spec' &&
          (write.kind === 'delete' || write.value.version !== this.#inForce.get(write.key)),
      )
      if (other !== undefined)
        throw new Violation('tree', `${other.key} is another without a version of the tree that says so`)
      return
    }
    this.#inForce = versionsOf(view)
    // Several changes of one step: those in between are not seen as the present tree, and are not known here.
    this.#trees.set(view.rootVersion, textOf(view.tree()!))
    this.#checkAll(view)
  }

  #checkAll(view: View): void {
    for (const version of view.rootVersionsOf(rootId)) {
      const known = this.#trees.get(version)
      const tree = view.tree(version)
      if (tree === undefined) throw new Violation('tree', `version ${version} is listed and not known`)
      if (known !== undefined && textOf(tree) !== known)
        throw new Violation('tree', `version ${version} was\n${known}\nand is now\n${textOf(tree)}`)
    }
  }
}

const versionsOf = (view: View): ReadonlyMap<PathId, Version> =>
  new Map(view.runSpecs().map(({ id, version }) => [id, version]))

function textOf(tree: TreeView): string {
  const lines: string[] = []
  const add = (id: PathId): void => {
    lines.push(`${id} needs ${tree.group(id).dependencies.join(', ') || 'nothing'}`)
    for (const { id: member, version } of tree.runSpecsIn(id)) lines.push(`  ${member} ${version}`)
    for (const inner of tree.groupsIn(id)) add(inner)
  }
  add(rootId)
  return lines.join('\n')
}
