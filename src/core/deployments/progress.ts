// Whether a deployment gets on with a run spec (upgradeStrategy.progressDeadlineSeconds). Read off the sets of
// instances, as decisions are: more new ones up than ever before in this step, or fewer old ones left. What comes up
// and goes down again is no progress the second time.

import { DeadlineHeap } from '../../lib/deadline-heap.ts'
import { after, type Duration, type Instant } from '../../lib/instant.ts'
import type { PathId } from '../../lib/path-id.ts'
import type { DeploymentId } from './deployment.ts'

export interface Progress {
  /** New instances that are healthy, and ready where that is asked. */
  readonly up: number
  /** Old ones, and those that are told to end and have not ended. */
  readonly left: number
}

/** The furthest it has come, and when. */
export interface BestProgress extends Progress {
  readonly deploymentId: DeploymentId
  readonly since: Instant
}

/** The best of both; the same record when `progress` is none. */
export function bestOf(best: BestProgress, { up, left }: Progress, now: Instant): BestProgress {
  if (up <= best.up && left >= best.left) return best
  return { ...best, up: Math.max(up, best.up), left: Math.min(left, best.left), since: now }
}

/** Of the run specs that have a deadline, while a deployment works on them. Memory of one process. */
export class ProgressClocks {
  readonly #best = new Map<PathId, BestProgress>()
  /** When to look at a run spec again: its clock, and the end of a canary pause. */
  readonly #looks = new DeadlineHeap<PathId>()

  get(id: PathId): BestProgress | undefined {
    return this.#best.get(id)
  }

  /** Goes on, or begins with what there is. */
  note(id: PathId, deploymentId: DeploymentId, progress: Progress, now: Instant, deadline: Duration): void {
    const known = this.#best.get(id)
    if (known?.deploymentId === deploymentId) {
      this.#best.set(id, bestOf(known, progress, now))
      return
    }
    this.#best.set(id, { ...progress, deploymentId, since: now })
    this.lookAt(id, after(now, deadline))
  }

  /** What stood still for a reason that is over begins anew, with as far as it had come. */
  beginAnew(now: Instant): void {
    for (const [id, best] of this.#best) this.#best.set(id, { ...best, since: now })
  }

  /** Stands still on purpose, or is at its end. */
  stop(id: PathId): void {
    this.#best.delete(id)
  }

  lookAt(id: PathId, at: Instant): void {
    this.#looks.add(at, id)
  }

  get wakeAt(): Instant | undefined {
    return this.#looks.next
  }

  takeDue(now: Instant): PathId | undefined {
    return this.#looks.popDue(now)
  }
}
