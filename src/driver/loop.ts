// The turn of the core: a slice of events and the time go in, a batch goes to the outbox. One turn per round of Node's
// event loop, so that sockets get theirs; one alarm for the next deadline; a pause when the store is too far behind.

import type { Event } from '../core/events.ts'
import type { Scheduler } from '../core/scheduler.ts'
import type { Instant } from '../lib/instant.ts'
import { limits } from '../lib/limits.ts'
import type { Alarm, Clock } from '../ports/clock.ts'
import type { Mailbox } from './mailbox.ts'
import type { Outbox } from './outbox.ts'

export interface LoopParts {
  readonly scheduler: Scheduler
  readonly mailbox: Mailbox
  readonly outbox: Outbox
  readonly clock: Clock
  /** Called once, when a step threw: the state may be half changed, so nothing may follow. */
  readonly fail: (error: unknown) => void
}

export class Loop {
  readonly #parts: LoopParts
  #isRunning = false
  #isFirstTurn = true
  /** The outbox is too full; the turn that was due is owed. */
  #isPaused = false
  #nextTurn: NodeJS.Immediate | undefined
  #alarm: { readonly at: Instant; readonly alarm: Alarm } | undefined
  #sliceSize: number = limits.eventsPerSlice

  constructor(parts: LoopParts) {
    this.#parts = parts
  }

  /** The first turn comes without waiting for an event: what was loaded may need something done. */
  start(): void {
    this.#isRunning = true
    this.wake()
  }

  /** No turn follows. What is in the outbox still leaves. */
  stop(): void {
    this.#isRunning = false
    clearImmediate(this.#nextTurn)
    this.#nextTurn = undefined
    this.#disarm()
  }

  /** The outbox has room again. */
  resume(): void {
    if (this.#isPaused) this.wake()
  }

  /** There is something to do. */
  wake(): void {
    if (!this.#isRunning || this.#nextTurn !== undefined) return
    this.#nextTurn = setImmediate(() => {
      this.#nextTurn = undefined
      this.#turn()
    })
  }

  #turn(): void {
    const { scheduler, mailbox, outbox, clock } = this.#parts
    this.#isPaused = outbox.writesWaiting > limits.writesAhead
    if (this.#isPaused) return
    const now = clock.now()
    const slice = mailbox.take(this.#sliceSize)
    // Last, so that a deadline is judged by everything that arrived before it.
    if (isDue(scheduler.wakeAt, now)) slice.push({ kind: 'woke' })
    if (slice.length > 0 || this.#isFirstTurn) {
      this.#isFirstTurn = false
      if (!this.#step(slice, now)) return
    }
    if (mailbox.size > 0 || isDue(scheduler.wakeAt, now)) this.wake()
    else this.#arm()
  }

  #step(slice: readonly Event[], now: Instant): boolean {
    const { scheduler, outbox, clock, fail } = this.#parts
    const startedMs = clock.stopwatch()
    try {
      scheduler.step(slice, now)
      outbox.add(scheduler.takeReady())
    } catch (error) {
      fail(error)
      return false
    }
    this.#sliceSize = nextSliceSize(this.#sliceSize, clock.stopwatch() - startedMs)
    // Letting the batch out may have found that the server has to stop.
    return this.#isRunning
  }

  #arm(): void {
    const at = this.#parts.scheduler.wakeAt
    if (this.#alarm !== undefined && this.#alarm.at === at) return
    this.#disarm()
    if (at === undefined) return
    const alarm = this.#parts.clock.alarm(at, () => {
      // Also when it rang early: the turn then finds nothing due and arms it anew.
      this.#alarm = undefined
      this.wake()
    })
    this.#alarm = { at, alarm }
  }

  #disarm(): void {
    this.#alarm?.alarm.cancel()
    this.#alarm = undefined
  }
}

function isDue(wakeAt: Instant | undefined, now: Instant): boolean {
  return wakeAt !== undefined && wakeAt <= now
}

/**
 * Events the next slice may have, after one step took that long: halved when too long, doubled when there was time to
 * spare.
 */
function nextSliceSize(size: number, tookMs: number): number {
  if (tookMs > limits.stepMs) return Math.max(limits.eventsPerSliceLeast, Math.floor(size / 2))
  if (tookMs < limits.stepMs / 2) return Math.min(limits.eventsPerSlice, size * 2)
  return size
}
