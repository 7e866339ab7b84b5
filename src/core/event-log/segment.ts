// A segment: a part of the event log as one record. Its key has all that must be known of it without reading it: the
// number of its first event and how many characters came before it; both stay while it grows at its end. Its text has
// a line for each event, its body as JSON.

import { assert } from '../../lib/assert.ts'

/** Counts the events of a data directory from 1, without holes while the log is on; never used twice. */
export type EventNumber = number

export interface Segment {
  /** The number of its first event, also while it has none. */
  readonly first: EventNumber
  /** Characters of all events before it, those that are gone among them. */
  readonly position: number
}

/** The events of one batch as the log has them. */
export interface LoggedEvents {
  /** The number of the first one; the others follow it. */
  readonly first: EventNumber
  /** Their bodies, each as JSON on a line of its own, in pieces of any length. */
  readonly texts: readonly string[]
}

/** Digits of a number in a key: as many as the largest safe integer has, so that keys sort like numbers. */
const digits = 16

export const keyOf = ({ first, position }: Segment): string => `${padded(first)}@${padded(position)}`

/** @throws AssertionError when this is no key of ours. */
export function segmentOf(key: string): Segment {
  const [, first, position] = /^(\d{16})@(\d{16})$/.exec(key) ?? []
  assert(first !== undefined && position !== undefined, `${key} is the key of a part of the event log`)
  return { first: Number(first), position: Number(position) }
}

/** The bodies in a text of the log. */
export function bodiesIn(text: string): readonly string[] {
  const bodies = text.split('\n')
  // Behind the last line end there is nothing.
  bodies.pop()
  return bodies
}

const padded = (count: number): string => String(count).padStart(digits, '0')
