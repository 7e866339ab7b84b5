// Which apps use which external volumes: looked at when an app with such a volume changes, and scanned by nobody.

import type { PathId } from '../lib/path-id.ts'
import { externalVolumesOf, type VolumeUse, volumeKey } from '../spec/external-volumes.ts'
import type { RunSpec } from '../spec/run-spec.ts'

const nobody: ReadonlyMap<PathId, boolean> = new Map()

export class VolumeUsers {
  readonly #users = new Map<string, Map<PathId, boolean>>()

  /** Who uses a volume, and whether so that nobody else may. */
  of(volume: Pick<VolumeUse, 'provider' | 'name'>): ReadonlyMap<PathId, boolean> {
    return this.#users.get(volumeKey(volume)) ?? nobody
  }

  add(runSpec: RunSpec): void {
    for (const volume of externalVolumesOf(runSpec)) {
      const key = volumeKey(volume)
      let users = this.#users.get(key)
      if (users === undefined) {
        users = new Map()
        this.#users.set(key, users)
      }
      users.set(runSpec.id, volume.isExclusive || (users.get(runSpec.id) ?? false))
    }
  }

  remove(runSpec: RunSpec): void {
    for (const volume of externalVolumesOf(runSpec)) {
      const key = volumeKey(volume)
      const users = this.#users.get(key)
      users?.delete(runSpec.id)
      if (users?.size === 0) this.#users.delete(key)
    }
  }
}
