// Events as they go over the wire (events-metrics-flags 1.2), with their number as the id by which clients come back
// (WHATWG HTML 9.2). Made once for all clients of the same filter.

import type { EventNumber } from '../core/event-log/segment.ts'

export interface Frame {
  readonly type: string
  readonly bytes: Buffer
}

/** The types a client wants; empty: all. */
export interface Filter {
  readonly types: ReadonlySet<string>
  /** The same text for the same set of types. */
  readonly key: string
}

export const filterOf = (types: readonly string[]): Filter => ({
  types: new Set(types),
  key: JSON.stringify([...new Set(types)].sort()),
})

export const passes = ({ types }: Filter, type: string): boolean => types.size === 0 || types.has(type)

/** `text`: the body as JSON on one line. Without a number it has no id: there is no coming back to it. */
export function frameOf(
  event: { readonly type: string; readonly text: string },
  number?: EventNumber,
): Frame {
  const id = number === undefined ? '' : `id: ${number}\r\n`
  return {
    type: event.type,
    bytes: Buffer.from(`${id}event: ${event.type}\r\ndata: ${event.text}\r\n\r\n`),
  }
}

/** An id without an event: what a client names when it comes back, though what came since was not for it. */
export const idAlone = (number: EventNumber): Buffer => Buffer.from(`id: ${number}\r\n\r\n`)

export interface Bytes {
  readonly bytes: Buffer
  readonly events: number
}

/** Frames that follow each other in what is told, the first of them at `place`. */
export class FrameBatch {
  readonly #place: number
  readonly #frames: readonly Frame[]
  readonly #byFilter = new Map<string, Bytes>()

  constructor(place: number, frames: readonly Frame[]) {
    this.#place = place
    this.#frames = frames
  }

  /** What passes the filter, of all or of those from that place on. */
  for(filter: Filter, from: number): Bytes {
    if (from > this.#place) return joined(this.#frames.slice(from - this.#place), filter)
    const known = this.#byFilter.get(filter.key)
    if (known !== undefined) return known
    const made = joined(this.#frames, filter)
    this.#byFilter.set(filter.key, made)
    return made
  }
}

export function joined(frames: readonly Frame[], filter: Filter): Bytes {
  const wanted = frames.filter(({ type }) => passes(filter, type))
  return { bytes: Buffer.concat(wanted.map(({ bytes }) => bytes)), events: wanted.length }
}
