// The event log: every notice gets a number and is written in the transaction that holds what it tells of. Kept in
// segments (segment.ts), of which only the newest is in memory; of the others there is an index. What is more than the
// settings want goes at the old end, a segment at a time.

import { assert } from '../../lib/assert.ts'
import { limits } from '../../lib/limits.ts'
import type { Notice } from '../notices/notice.ts'
import type { Write } from '../records.ts'
import { bodiesIn, type EventNumber, keyOf, type LoggedEvents, type Segment, segmentOf } from './segment.ts'

export interface LogBounds {
  /** Events kept at most; 0: none, and none is numbered. */
  readonly eventLogMaxEvents: number
  /** Characters of them at most. */
  readonly eventLogMaxChars: number
}

/** What readers of the log may know of it. */
export interface EventLogIndex {
  /** The newest event that has a number; 0: none yet. */
  readonly last: EventNumber
  find(after: EventNumber): Place
}

/** Where the event is that follows another one. */
export type Place =
  /** There is none yet. */
  | { readonly kind: 'none' }
  /** In the record of this key of table `event-log`, whose first event has this number. */
  | { readonly kind: 'kept'; readonly key: string; readonly first: EventNumber }
  /** It is gone, or never was; the oldest one that is kept has, or will have, this number. */
  | { readonly kind: 'gone'; readonly oldest: EventNumber }

export class EventLog implements EventLogIndex {
  /** Oldest first. The last one grows. */
  #segments: Segment[] = []
  /** The text of the last one. */
  #text = ''
  /** Characters of all events there ever were. */
  #end = 0
  #last: EventNumber = 0

  get last(): EventNumber {
    return this.#last
  }

  find(after: EventNumber): Place {
    if (after >= this.#last) return { kind: 'none' }
    const wanted = after + 1
    const oldest = this.#segments[0]
    assert(oldest !== undefined, 'the newest segment is always kept')
    if (wanted < oldest.first) return { kind: 'gone', oldest: oldest.first }
    const { first, position } = this.#segments[this.#indexOf(wanted)]!
    return { kind: 'kept', key: keyOf({ first, position }), first }
  }

  /** What a store held. In the order of the keys; of all but the last the text need not be known. */
  load(key: string, text: string): void {
    const segment = segmentOf(key)
    this.#segments.push(segment)
    this.#text = text
    this.#end = segment.position + text.length
    this.#last = segment.first + bodiesIn(text).length - 1
  }

  /**
   * Forgets all of it, for a server that keeps none. A number is left out, so that one who asks for what follows the
   * last event finds, once there is a log again, that something is missing.
   */
  clear(put: (write: Write) => void): void {
    if (this.#segments.length === 0 || (this.#segments.length === 1 && this.#text === '')) return
    for (const segment of this.#segments) put(removal(segment))
    this.#last++
    this.#text = ''
    this.#segments = []
    this.#begin()
    put(this.#newest())
  }

  /** Numbers these notices and writes them down. Undefined: there is none. */
  append(
    notices: readonly Notice[],
    bounds: LogBounds,
    put: (write: Write) => void,
  ): LoggedEvents | undefined {
    if (notices.length === 0) return undefined
    const first = this.#last + 1
    const texts: string[] = []
    if (this.#segments.length === 0) this.#begin()
    const perSegment = Math.max(1, Math.floor(bounds.eventLogMaxEvents / limits.eventLogSegmentsLeast))
    for (let from = 0; from < notices.length; ) {
      if (this.#isFull(perSegment)) this.#begin()
      const bodies = this.#take(notices, from, perSegment - this.#eventsInNewest)
      // Joined, and so flat: what it is made of is garbage at once.
      const text = `${bodies.join('\n')}\n`
      texts.push(text)
      this.#text += text
      this.#end += text.length
      this.#last += bodies.length
      put(this.#newest())
      from += bodies.length
    }
    this.#trim(bounds, put)
    return { first, texts }
  }

  /** What the newest segment, which is not full, takes of the notices that begin there: their bodies. */
  #take(notices: readonly Notice[], from: number, most: number): readonly string[] {
    const bodies: string[] = []
    let room = limits.eventLogSegmentChars - this.#text.length
    for (let i = from; i < notices.length && bodies.length < most && room > 0; i++) {
      const body = JSON.stringify(notices[i]!.body)
      bodies.push(body)
      room -= body.length + 1
    }
    return bodies
  }

  #begin(): void {
    this.#text = ''
    this.#segments.push({ first: this.#last + 1, position: this.#end })
  }

  #isFull(perSegment: number): boolean {
    return this.#text.length >= limits.eventLogSegmentChars || this.#eventsInNewest >= perSegment
  }

  get #eventsInNewest(): number {
    return this.#last + 1 - this.#segments.at(-1)!.first
  }

  #newest(): Write {
    return { kind: 'put', table: 'event-log', key: keyOf(this.#segments.at(-1)!), value: this.#text }
  }

  /** The newest segment stays, however large. */
  #trim({ eventLogMaxEvents, eventLogMaxChars }: LogBounds, put: (write: Write) => void): void {
    let gone = 0
    while (gone < this.#segments.length - 1) {
      const { first, position } = this.#segments[gone]!
      if (this.#last + 1 - first <= eventLogMaxEvents && this.#end - position <= eventLogMaxChars) break
      put(removal(this.#segments[gone]!))
      gone++
    }
    if (gone > 0) this.#segments.splice(0, gone)
  }

  /** The segment with this event: the last one that does not begin after it. */
  #indexOf(number: EventNumber): number {
    let low = 0
    let high = this.#segments.length - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if (this.#segments[middle]!.first <= number) low = middle
      else high = middle - 1
    }
    return low
  }
}

const removal = (segment: Segment): Write => ({ kind: 'delete', table: 'event-log', key: keyOf(segment) })
