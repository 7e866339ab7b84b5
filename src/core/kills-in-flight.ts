// Kills: decided, waiting to be sent, sent and unanswered (runtime 7). Memory of this process only; the decision itself
// is durable in the instance record, and after a restart every undone one is queued again.

import { after, type Duration, type Instant } from '../lib/instant.ts'
import type { InstanceId } from './instances/instance.ts'

export class KillsInFlight {
  readonly #queued = new Set<InstanceId>()
  /** By the time of sending; the first is the next to be repeated. */
  readonly #sent = new Map<InstanceId, { at: Instant; attempts: number }>()
  readonly #chunkSize: number
  readonly #retryAfter: Duration

  constructor(options: { readonly chunkSize: number; readonly retryAfter: Duration }) {
    this.#chunkSize = options.chunkSize
    this.#retryAfter = options.retryAfter
  }

  get inFlight(): number {
    return this.#sent.size
  }

  get attempts(): number {
    let sum = 0
    for (const sent of this.#sent.values()) sum += sent.attempts
    return sum
  }

  /** Queued or in flight. */
  has(id: InstanceId): boolean {
    return this.#queued.has(id) || this.#sent.has(id)
  }

  /** Decided, and not sent yet: others have to be answered first. */
  isQueued(id: InstanceId): boolean {
    return this.#queued.has(id)
  }

  /** Queues a kill; does nothing when it is queued or in flight already. */
  enqueue(id: InstanceId): void {
    if (!this.#sent.has(id)) this.#queued.add(id)
  }

  /** The tasks of this instance have ended, or it is gone. */
  done(id: InstanceId): void {
    this.#queued.delete(id)
    this.#sent.delete(id)
  }

  /** When the oldest unanswered kill is repeated. */
  get wakeAt(): Instant | undefined {
    for (const sent of this.#sent.values()) return after(sent.at, this.#retryAfter)
    return undefined
  }

  /** The kills to send now: repeats that are due, then queued ones as far as the chunk has room. */
  takeDue(now: Instant): InstanceId[] {
    const due: InstanceId[] = []
    for (const [id, sent] of this.#sent) {
      if (after(sent.at, this.#retryAfter) > now) break
      due.push(id)
    }
    for (const id of due) {
      const attempts = this.#sent.get(id)!.attempts + 1
      this.#sent.delete(id)
      this.#sent.set(id, { at: now, attempts })
    }
    for (const id of this.#queued) {
      if (this.#sent.size >= this.#chunkSize) break
      this.#queued.delete(id)
      this.#sent.set(id, { at: now, attempts: 1 })
      due.push(id)
    }
    return due
  }

  /** The engine forgot everything we told it: send all of them again. */
  requeueAll(): void {
    for (const id of this.#sent.keys()) this.#queued.add(id)
    this.#sent.clear()
  }
}
