// The simulated users' wishes about groups: to make them of apps that are there and of new ones, to scale, remove and
// restore them, to take an empty one for the name of an app. Like all users they do not look.

import type { Request } from '../src/core/requests.ts'
import type { View } from '../src/core/view.ts'
import { type PathId, parentOf, rootId } from '../src/lib/path-id.ts'
import { type Rng, stream } from '../src/lib/rng.ts'

type Body = Record<string, unknown>

export interface GroupWorkloadOptions {
  readonly seed: number | string
  /** Of the apps users know of; pods have places of their own among them. */
  readonly appIds: readonly PathId[]
  readonly mostInstances: number
  /** A definition for an app of this id. */
  readonly define: (id: PathId, view: View) => Body
}

export class GroupWorkload {
  readonly #options: GroupWorkloadOptions
  readonly #rng: Rng
  readonly #groups: readonly PathId[]

  constructor(options: GroupWorkloadOptions) {
    this.#options = options
    this.#rng = stream(options.seed, 'users of groups')
    const parents = new Set(options.appIds.map(parentOf))
    // Two that clash with apps: in the place of one, and beneath one.
    const clashing = options.appIds.slice(0, 2).map((id, i) => (i === 0 ? id : `${id}/in`))
    this.#groups = [...new Set([rootId, ...parents, '/shop', '/spare', '/shop/spare', ...clashing])]
  }

  next(view: View): Request | undefined {
    const rng = this.#rng
    const id = rng.pick(this.#groups)
    const options = { force: rng.chance(0.35), isDryRun: rng.chance(0.1) }
    const update = (body: Body): Request => ({
      kind: rng.chance(0.2) ? 'create-group' : 'update-group',
      id,
      body,
      ...options,
    })
    const choices: readonly (readonly [weight: number, make: () => Request | undefined])[] = [
      [10, () => update(this.#structure(id, view, 0))],
      [4, () => update({ scaleBy: this.#factor(id, view) })],
      [6, () => this.#formerVersion(id, view, options)],
      [3, () => (id === rootId && rng.chance(0.9) ? undefined : { kind: 'remove-group', id, ...options })],
      [3, () => update({ dependencies: this.#dependencies() })],
      [2, () => ({ kind: 'patch-group', id, body: { enforceRole: false } })],
    ]
    let at = rng.int(choices.reduce((sum, [weight]) => sum + weight, 0))
    for (const [weight, make] of choices) {
      if (at < weight) return make()
      at -= weight
    }
    return undefined
  }

  /** Some apps as they are now, some anew, some left out; and the groups within, down to a depth. */
  #structure(id: PathId, view: View, depth: number): Body {
    const rng = this.#rng
    const body: Body = {}
    if (rng.chance(0.7)) {
      const own = this.#options.appIds.filter((app) => parentOf(app) === id && rng.chance(0.7))
      body['apps'] = own.map((app) => this.#options.define(app, view))
    }
    if (rng.chance(0.5) && depth < 2) {
      const inner = this.#groups.filter((group) => group !== id && parentOf(group) === id && rng.chance(0.7))
      body['groups'] = inner.map((group) => ({ id: group, ...this.#structure(group, view, depth + 1) }))
    }
    if (rng.chance(0.2)) body['dependencies'] = this.#dependencies()
    return body
  }

  /** Few depend on anything: what does waits for all of it. */
  #dependencies(): readonly PathId[] {
    return this.#rng.chance(0.5) ? [] : [this.#rng.pick(this.#groups)]
  }

  /** Up only where it does not lead out of the cluster. */
  #factor(id: PathId, view: View): number {
    const rng = this.#rng
    const beneath = view.apps().filter((app) => id === rootId || app.id.startsWith(`${id}/`))
    const most = beneath.reduce((max, { instances }) => Math.max(max, instances), 0)
    return most * 2 > this.#options.mostInstances ? rng.pick([0, 0.3, 0.5]) : rng.pick([0.5, 1, 1.2, 2])
  }

  #formerVersion(
    id: PathId,
    view: View,
    options: { readonly force: boolean; readonly isDryRun: boolean },
  ): Request | undefined {
    const versions = view.rootVersionsOf(id)
    if (versions.length === 0) return undefined
    return { kind: 'update-group', id, body: { version: this.#rng.pick(versions) }, ...options }
  }
}
