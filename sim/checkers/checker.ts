// What a checker is: it watches the world and throws when a promise is broken. Each sees what it needs of every step.

import type { Request } from '../../src/core/requests.ts'
import type { Answer, Observer } from '../observer.ts'

export interface Checker extends Observer {
  /** A user was told something. */
  told?(request: Request, answer: Answer): void
}

/** A promise that did not hold. The message says which, of what, and when. */
export class Violation extends Error {
  override readonly name = 'Violation'
  readonly checker: string
  /** Of virtual time since the run began, once that is known. */
  hours: number | undefined
  constructor(checker: string, message: string) {
    super(`${checker}: ${message}`)
    this.checker = checker
  }
}
