// A new process always reaches its first decision, and goes on, whatever it finds: a definition that cannot be decided
// about is set aside, and only such a one. Those that the world has spoilt on purpose are known.

import type { PathId } from '../../src/lib/path-id.ts'
import type { Step } from '../observer.ts'
import { type Checker, Violation } from './checker.ts'

export class StartChecker implements Checker {
  readonly #spoilt: () => ReadonlySet<PathId>

  constructor(spoilt: () => ReadonlySet<PathId>) {
    this.#spoilt = spoilt
  }

  stepped({ scheduler: { core } }: Step): void {
    for (const [id, fault] of core.quarantine.entries())
      if (!this.#spoilt().has(id))
        throw new Violation('start', `${id} is set aside, and nothing is wrong with it: ${fault}`)
  }

  threw(error: unknown, life: number): void {
    const spoilt = this.#spoilt()
    const about = spoilt.size === 0 ? '' : `, and so will the next one: ${[...spoilt].join(', ')} is spoilt`
    const told = error instanceof Error ? (error.stack ?? error.message) : String(error)
    throw new Violation('start', `server ${life} ends by itself${about}: ${told}`)
  }
}
