// Status updates of one task as its agent keeps them: one is under way at a time, repeated until it is acknowledged
// (after 10 s, then 20 s, …), and the later ones wait behind it.

import { randomFillSync } from 'node:crypto'
import type { Timers } from './timing.ts'
import { terminalStates, type WireStatus } from './wire.ts'

/** Chance for a thousand uuids at one time: one call for each is dear when there are a million. */
const pool = Buffer.alloc(16_384)
let used = pool.length

function newUuid(): string {
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += 16
  return pool.toString('base64', used - 16, used)
}

export class UpdateStream {
  readonly #pending: WireStatus[] = []
  readonly #timers: Timers
  readonly #repeatMs: number
  readonly #forward: (status: WireStatus) => void
  #timer: NodeJS.Timeout | undefined
  #waitMs: number

  constructor(timers: Timers, repeatMs: number, forward: (status: WireStatus) => void) {
    this.#timers = timers
    this.#repeatMs = repeatMs
    this.#waitMs = repeatMs
    this.#forward = forward
  }

  add(status: Omit<WireStatus, 'uuid'>): void {
    this.#pending.push({ ...status, uuid: newUuid() } as WireStatus)
    if (this.#pending.length === 1) this.#send()
  }

  /** The update under way. */
  get head(): WireStatus | undefined {
    return this.#pending[0]
  }

  /** @returns the update that was acknowledged; undefined when it was not under way */
  acknowledge(uuid: string): WireStatus | undefined {
    const head = this.#pending[0]
    if (head?.uuid !== uuid) return undefined
    this.#timers.cancel(this.#timer)
    this.#timer = undefined
    this.#pending.shift()
    if (terminalStates.has(head.state)) this.#pending.length = 0
    this.#waitMs = this.#repeatMs
    if (this.#pending.length > 0) this.#send()
    return head
  }

  /** Sends the update under way now: the framework or the master is another one. */
  resume(): void {
    if (this.#pending.length === 0) return
    this.#timers.cancel(this.#timer)
    this.#waitMs = this.#repeatMs
    this.#send()
  }

  close(): void {
    this.#timers.cancel(this.#timer)
    this.#pending.length = 0
  }

  #send(): void {
    const head = this.#pending[0]!
    const waitMs = this.#waitMs
    this.#waitMs = Math.min(2 * waitMs, 600_000)
    this.#timer = this.#timers.after(waitMs, () => this.#send())
    this.#forward(head)
  }
}
