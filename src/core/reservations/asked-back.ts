// What agents were asked to give back, and how often. A master that refuses it, as one that does not let us unreserve,
// offers the same again at once: asked each time, that agent would do nothing else any more.

import { after, type Instant, millis } from '../../lib/instant.ts'
import { limits } from '../../lib/limits.ts'
import type { OfferedReservation } from './offered.ts'

export class AskedBack {
  readonly #asked = new Map<string, { readonly times: number; readonly at: Instant }>()

  /** Whether to ask now: a few times at once, since an accept may come too late for its offer, then now and then. */
  isDue(offered: OfferedReservation, now: Instant): boolean {
    const asked = this.#asked.get(contentsOf(offered))
    if (asked === undefined || asked.times < limits.takeBacksAtOnce) return true
    return after(asked.at, millis(limits.takeBackAgainMs)) <= now
  }

  note(offered: OfferedReservation, now: Instant): void {
    const contents = contentsOf(offered)
    const times = (this.#asked.get(contents)?.times ?? 0) + 1
    this.#asked.delete(contents)
    this.#asked.set(contents, { times, at: now })
    if (this.#asked.size <= limits.takeBacksRemembered) return
    for (const oldest of this.#asked.keys()) {
      this.#asked.delete(oldest)
      return
    }
  }
}

/** What comes in pieces is asked for piece by piece. */
const contentsOf = ({ offer, id, volumes, resources }: OfferedReservation): string =>
  JSON.stringify([
    offer.agentId,
    id,
    [...volumes.keys()],
    resources.map(({ name, scalar, ranges }) => [name, scalar, ranges]),
  ])
