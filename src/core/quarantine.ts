// Run specs whose decision threw. A bug that one definition provokes must not stop every other one, nor take down each
// new leader in turn; the definition is set aside, visibly, until it changes. Deciding changes nothing, so setting it
// aside leaves nothing half-done.

import type { PathId } from '../lib/path-id.ts'
import { type Result, refused } from '../lib/result.ts'

export class Quarantine {
  readonly #faults = new Map<PathId, string>()
  /** Off in tests and simulation, where a throw must stop the run. */
  readonly #isOn: boolean

  constructor(options: { readonly isOn: boolean }) {
    this.#isOn = options.isOn
  }

  has(id: PathId): boolean {
    return this.#faults.has(id)
  }

  release(id: PathId): void {
    this.#faults.delete(id)
  }

  entries(): ReadonlyMap<PathId, string> {
    return this.#faults
  }

  /** Runs a decision about `id`; when it throws, quarantines `id` and returns the fault instead. */
  guard<T>(id: PathId, decide: () => T): T | undefined {
    if (!this.#isOn) return decide()
    try {
      return decide()
    } catch (error) {
      this.#faults.set(id, error instanceof Error ? (error.stack ?? error.message) : String(error))
      return undefined
    }
  }

  /** Runs the deciding part of a request; a throw there refuses this request and nothing else. */
  refuse<T, E>(
    decide: () => Result<T, E>,
  ): Result<T, E | { readonly kind: 'internal'; readonly message: string }> {
    if (!this.#isOn) return decide()
    try {
      return decide()
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      return refused({ kind: 'internal', message })
    }
  }
}
