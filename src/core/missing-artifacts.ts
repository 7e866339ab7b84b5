// Which files apps wait for to be in the artifact store, looked up by app and by file: an app may wait for many, and
// thousands of apps for the same one.

import type { PathId } from '../lib/path-id.ts'

const nobody: ReadonlySet<PathId> = new Set()

export class MissingArtifacts {
  readonly #paths = new Map<PathId, Set<string>>()
  readonly #apps = new Map<string, Set<PathId>>()

  /** Paths an app waits for; undefined when it waits for none and never did in this step of its deployment. */
  get(id: PathId): ReadonlySet<string> | undefined {
    return this.#paths.get(id)
  }

  /** Who waits for a path. */
  appsWaitingFor(path: string): ReadonlySet<PathId> {
    return this.#apps.get(path) ?? nobody
  }

  set(id: PathId, paths: ReadonlySet<string>): void {
    this.delete(id)
    this.#paths.set(id, new Set(paths))
    for (const path of paths) {
      const apps = this.#apps.get(path)
      if (apps === undefined) this.#apps.set(path, new Set([id]))
      else apps.add(id)
    }
  }

  /** It is there now. Returns who waited for it. */
  stored(path: string): ReadonlySet<PathId> {
    const apps = this.appsWaitingFor(path)
    for (const id of apps) this.#paths.get(id)?.delete(path)
    this.#apps.delete(path)
    return apps
  }

  /** The app waits for nothing any more. Returns the paths that nobody waits for any more. */
  delete(id: PathId): readonly string[] {
    const paths = this.#paths.get(id)
    if (paths === undefined) return []
    this.#paths.delete(id)
    return [...paths].filter((path) => {
      const apps = this.#apps.get(path)
      apps?.delete(id)
      if (apps === undefined || apps.size > 0) return false
      return this.#apps.delete(path)
    })
  }
}
