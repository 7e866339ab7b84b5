// The statuses of one task on their way to the scheduler: in order, the next one only after the one before was
// acknowledged, and each again and again until then, as Mesos' agents do. Pure.

import type { TaskStatus } from '../../core/mesos.ts'
import { localLimits } from './limits.ts'

/** A status that has to be acknowledged. */
export type TrackedStatus = TaskStatus & { readonly uuid: string }

export class StatusStream {
  readonly #waiting: TrackedStatus[] = []
  #sendAt = 0
  #pauseMs: number = localLimits.statusResendMs
  #latest: TrackedStatus | undefined
  #heldSince: number | undefined

  push(status: TrackedStatus): void {
    // While nobody acknowledges, checks go on telling: the newest is what counts, with all that was found before.
    const last = this.#waiting.at(-1)
    const isRepeat = last?.state === 'TASK_RUNNING' && status.state === 'TASK_RUNNING'
    if (isRepeat && this.#waiting.length >= localLimits.waitingStatuses) this.#waiting.pop()
    this.#waiting.push(status)
    this.#latest = status
    if (this.#waiting.length === 1) this.#restart()
  }

  /** The newest status, sent or not. */
  get latest(): TrackedStatus | undefined {
    return this.#latest
  }

  /** Nothing is sent until release(): the agent of the task is not there (`now` in milliseconds). */
  hold(now: number): void {
    this.#heldSince = now
  }

  release(): void {
    this.#heldSince = undefined
  }

  /** Milliseconds; undefined when nothing keeps the statuses from being sent. */
  get heldSince(): number | undefined {
    return this.#heldSince
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0
  }

  /** False when it is not the one that was sent: a late or repeated acknowledgement. */
  acknowledge(uuid: string): boolean {
    if (this.#waiting[0]?.uuid !== uuid) return false
    this.#waiting.shift()
    this.#restart()
    return true
  }

  /** The status to send at `now` (milliseconds), which counts as sent; undefined when none is due. */
  takeDue(now: number): TrackedStatus | undefined {
    if (this.#heldSince !== undefined) return undefined
    const head = this.#waiting[0]
    if (!head || now < this.#sendAt) return undefined
    if (this.#sendAt > 0) this.#pauseMs = Math.min(this.#pauseMs * 2, localLimits.statusResendMaxMs)
    this.#sendAt = now + this.#pauseMs
    return head
  }

  #restart(): void {
    this.#sendAt = 0
    this.#pauseMs = localLimits.statusResendMs
  }
}
