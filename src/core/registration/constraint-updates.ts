// When the master is told other constraints (runtime 5): when they changed, at most once per interval, and along with
// every other update, which would take them back otherwise.

import { after, type Duration, type Instant } from '../../lib/instant.ts'
import type { OfferConstraints } from '../ready.ts'

export interface ConstraintQuestion {
  /** Grows with everything that could change them. */
  readonly revision: number
  /** Looks at all that waits. */
  readonly find: () => OfferConstraints
}

export class ConstraintUpdates {
  readonly #interval: Duration
  #told = '{}'
  /** That of the last look. */
  #revision = -1
  #nextLook = 0 as Instant
  #wakeAt: Instant | undefined

  constructor(interval: Duration) {
    this.#interval = interval
  }

  /** A new connection, made with these constraints. */
  reset(constraints: OfferConstraints = {}): void {
    this.#told = JSON.stringify(constraints)
    this.#revision = -1
    this.#wakeAt = undefined
  }

  /** What to tell now; undefined when that is nothing new, or not yet. */
  decide(question: ConstraintQuestion, now: Instant): OfferConstraints | undefined {
    this.#wakeAt = undefined
    if (question.revision === this.#revision) return undefined
    if (now < this.#nextLook) {
      this.#wakeAt = this.#nextLook
      return undefined
    }
    const before = this.#told
    const constraints = this.inForce(question, now)
    return this.#told === before ? undefined : constraints
  }

  /** What goes with an update that leaves for another reason. */
  inForce({ revision, find }: ConstraintQuestion, now: Instant): OfferConstraints {
    const constraints = find()
    this.#told = JSON.stringify(constraints)
    this.#revision = revision
    this.#nextLook = after(now, this.#interval)
    this.#wakeAt = undefined
    return constraints
  }

  /** When to decide again. */
  get wakeAt(): Instant | undefined {
    return this.#wakeAt
  }
}
