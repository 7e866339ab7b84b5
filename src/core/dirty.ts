// Which run specs need a decision. Absorbing an event marks; deciding takes. A run spec that is marked a hundred times
// in a slice is decided once.

import type { PathId } from '../lib/path-id.ts'

export class Dirty {
  #runSpecs = new Set<PathId>()
  /** Work a decision left over, for the next step and not for the next round. */
  #later = new Set<PathId>()
  /** Run specs to be tried against every held offer, not only against new ones. */
  readonly placement = new Set<PathId>()

  mark(id: PathId): void {
    if (!this.#later.has(id)) this.#runSpecs.add(id)
  }

  /** Decided for the last time in this step, whatever else is marked: a step does only so much for one run spec. */
  postpone(id: PathId): void {
    this.#runSpecs.delete(id)
    this.#later.add(id)
  }

  isPostponed(id: PathId): boolean {
    return this.#later.has(id)
  }

  get hasWork(): boolean {
    return this.#runSpecs.size > 0
  }

  get hasLaterWork(): boolean {
    return this.#later.size > 0
  }

  /** Starts a step: what the last one left over is due now. */
  promoteLater(): void {
    for (const id of this.#later) this.#runSpecs.add(id)
    this.#later.clear()
  }

  take(): Iterable<PathId> {
    const taken = this.#runSpecs
    this.#runSpecs = new Set()
    return taken
  }
}
