// Brings clients that come back up to what is told now: a few parts of the log per turn, the clients one after another,
// so that many who come at once hold up nobody, and each client as fast as it reads. One that does not read waits;
// should the log be cut behind it meanwhile, it hears of the gap.

import type { ServerResponse } from 'node:http'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { EventNumber } from '../core/event-log/segment.ts'
import { type EventGap, eventGap } from '../core/notices/event-gap.ts'
import type { Instant } from '../lib/instant.ts'
import { limits } from '../lib/limits.ts'
import type { EventLogReader, LogPart } from '../ports/event-log.ts'
import { type Filter, type Frame, frameOf, joined } from './event-frames.ts'

export interface Returning {
  readonly response: ServerResponse
  readonly filter: Filter
  /** The last event it has, or does not want; above what was told it is none of ours. */
  after: EventNumber
}

export interface ReplayParts<C> {
  /** Absent: no log is kept. */
  readonly log?: EventLogReader
  readonly now: () => Instant
  /** The last event all clients have been told of, or are about to be. */
  readonly told: () => EventNumber
  readonly isOpen: (client: C) => boolean
  readonly write: (client: C, bytes: Buffer) => void
  /** It has all there is: from now on it is told like the others. Called in the turn in which that is so. */
  readonly caughtUp: (client: C) => void
  readonly failed: (client: C, error: unknown) => void
}

export class EventReplay<C extends Returning> {
  readonly #parts: ReplayParts<C>
  readonly #queue: C[] = []
  #isRunning = false

  constructor(parts: ReplayParts<C>) {
    this.#parts = parts
  }

  add(client: C): void {
    this.#queue.push(client)
    if (!this.#isRunning) void this.#run()
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    while (this.#queue.length > 0) {
      // Also before the first: the head of its answer goes out meanwhile.
      await nextTurn()
      for (let parts = 0; parts < limits.replayedPartsPerTurn && this.#queue.length > 0; parts++) {
        await this.#try(this.#queue.shift()!)
      }
    }
    this.#isRunning = false
  }

  async #try(client: C): Promise<void> {
    try {
      if (this.#parts.isOpen(client)) await this.#step(client)
    } catch (error) {
      this.#parts.failed(client, error)
    }
  }

  async #step(client: C): Promise<void> {
    const { log, told, caughtUp, isOpen } = this.#parts
    if (log === undefined) {
      this.#tellGap(client, { after: client.after, next: null, reason: 'no-log' })
      caughtUp(client)
      return
    }
    if (client.after === told()) {
      caughtUp(client)
      return
    }
    const isOurs = client.after < told()
    const part = await log.read(isOurs ? client.after : 0)
    if (!isOpen(client)) return
    if (isOurs) this.#give(client, part)
    else this.#startOver(client, part)
    const { response } = client
    // Without anything that waits, the system has taken it all already.
    if (response.writableLength > 0 && response.writableNeedDrain)
      response.once('drain', () => this.add(client))
    else this.add(client)
  }

  #give(client: C, part: LogPart): void {
    if (part.kind === 'none') return
    if (part.kind === 'gone') {
      this.#skipTo(client, part.oldest, 'dropped')
      return
    }
    // The disk may hold more than has been told of yet.
    const bodies = part.bodies.slice(0, this.#parts.told() + 1 - part.first)
    const { bytes } = joined(
      bodies.map((text, i) => loggedFrame(text, part.first + i)),
      client.filter,
    )
    client.after = part.first + bodies.length - 1
    if (bytes.length > 0) this.#parts.write(client, bytes)
  }

  /** With the oldest there is, for one whose number is from somewhere else. */
  #startOver(client: C, part: LogPart): void {
    this.#skipTo(client, part.kind === 'gone' ? part.oldest : 1, 'unknown')
  }

  #skipTo(client: C, oldest: EventNumber, reason: EventGap['reason']): void {
    // The core may have forgotten already what will only be told: that is not missed.
    const next = Math.min(oldest, this.#parts.told() + 1)
    this.#tellGap(client, { after: client.after, next, reason })
    client.after = next - 1
  }

  /** Whatever its filter: that something is missing is about all types. */
  #tellGap(client: C, gap: EventGap): void {
    const { write, now } = this.#parts
    const notice = eventGap(gap, now())
    const frame = frameOf(
      { type: notice.type, text: JSON.stringify(notice.body) },
      gap.next === null ? undefined : gap.next - 1,
    )
    write(client, frame.bytes)
  }
}

function loggedFrame(text: string, number: EventNumber): Frame {
  const { eventType: type } = JSON.parse(text) as { readonly eventType: string }
  return frameOf({ type, text }, number)
}
