// Which probe is to be asked when, and that no more than so many are asked at one time. It neither asks nor has a
// clock. Due probes that find no room wait in the order in which they became due.

import type { Probe } from '../core/health/probe.ts'
import { DeadlineHeap } from '../lib/deadline-heap.ts'
import { after, between, type Instant, instant } from '../lib/instant.ts'
import { limits } from '../lib/limits.ts'

export interface Entry {
  readonly number: number
  readonly probe: Probe
  /** When it is to be asked; of one that is being asked: when that was to be, by its pace. */
  readonly due: Instant
  readonly phase: 'planned' | 'waiting' | 'asked' | 'ended'
}

type MutableEntry = { -readonly [K in keyof Entry]: Entry[K] }

export class Agenda {
  readonly #atOnce: number
  readonly #entries = new Map<number, MutableEntry>()
  /** Of entries that are not planned any more, too: they are told by their phase. */
  #planned = new DeadlineHeap<MutableEntry>()
  readonly #waiting = new Set<MutableEntry>()
  #asked = 0

  constructor(atOnce: number) {
    this.#atOnce = atOnce
  }

  /** Questions under way. */
  get asked(): number {
    return this.#asked
  }

  /** Due probes without room. */
  get waiting(): number {
    return this.#waiting.size
  }

  /** When the next probe becomes due. Whoever makes room looks for those that wait by himself. */
  get wakeAt(): Instant | undefined {
    return this.#planned.next
  }

  begin(number: number, probe: Probe, now: Instant): void {
    const entry: MutableEntry = { number, probe, due: after(now, probe.firstAfter), phase: 'planned' }
    this.#entries.set(number, entry)
    this.#plan(entry)
  }

  /** A question under way no longer counts: whoever asks gives it up. Unknown numbers are fine. */
  end(number: number): void {
    const entry = this.#entries.get(number)
    if (entry === undefined) return
    this.#entries.delete(number)
    this.#waiting.delete(entry)
    if (entry.phase === 'asked') this.#asked -= 1
    entry.phase = 'ended'
  }

  /** What is to be asked now; each counts as under way until `answered` or `end`. */
  takeDue(now: Instant): Entry[] {
    for (let due = this.#planned.popDue(now); due !== undefined; due = this.#planned.popDue(now)) {
      if (due.phase !== 'planned') continue
      due.phase = 'waiting'
      this.#waiting.add(due)
    }
    const taken: Entry[] = []
    for (const entry of this.#waiting) {
      if (this.#asked >= this.#atOnce) break
      this.#waiting.delete(entry)
      entry.phase = 'asked'
      // Being a little late does not move a probe. One that had to wait keeps its new place, so that thousands that
      // began together spread by themselves.
      if (between(entry.due, now) > limits.probeLateMs) entry.due = now
      this.#asked += 1
      taken.push(entry)
    }
    return taken
  }

  /** Plans the next question. Of an ended probe: nothing. */
  answered(number: number, now: Instant): void {
    const entry = this.#entries.get(number)
    if (entry?.phase !== 'asked') return
    this.#asked -= 1
    entry.phase = 'planned'
    const { pace, interval } = entry.probe
    entry.due = pace === 'fixed' ? instant(Math.max(after(entry.due, interval), now)) : after(now, interval)
    this.#plan(entry)
  }

  #plan(entry: MutableEntry): void {
    this.#planned.add(entry.due, entry)
    if (this.#planned.size > 2 * this.#entries.size + slack) this.#forgetEnded()
  }

  /** Ended probes with long intervals would otherwise stay until their time. */
  #forgetEnded(): void {
    this.#planned = new DeadlineHeap()
    for (const entry of this.#entries.values())
      if (entry.phase === 'planned') this.#planned.add(entry.due, entry)
  }
}

/** Dead entries that are not worth the work. */
const slack = 1_024
