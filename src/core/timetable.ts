// What happens at fixed intervals, whatever else goes on: reconciliation, the check of all run specs, forgetting old
// delays. Each has a next time; the scheduler wakes for the earliest.

import { after, type Duration, type Instant } from '../lib/instant.ts'

export type Periodic = 'reconcile' | 'scale-all' | 'prune-delays' | 'look-for-leftovers'

export class Timetable {
  readonly #next = new Map<Periodic, Instant>()

  set(task: Periodic, at: Instant): void {
    this.#next.set(task, at)
  }

  cancel(task: Periodic): void {
    this.#next.delete(task)
  }

  has(task: Periodic): boolean {
    return this.#next.has(task)
  }

  isDue(task: Periodic, now: Instant): boolean {
    const next = this.#next.get(task)
    return next !== undefined && next <= now
  }

  /** Whether the task is due; if so its next time is one interval from now. */
  takeDue(task: Periodic, interval: Duration, now: Instant): boolean {
    if (!this.isDue(task, now)) return false
    this.#next.set(task, after(now, interval))
    return true
  }

  get wakeAt(): Instant | undefined {
    let earliest: Instant | undefined
    for (const at of this.#next.values()) if (earliest === undefined || at < earliest) earliest = at
    return earliest
  }
}
