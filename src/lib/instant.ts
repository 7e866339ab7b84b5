// Points in time and lengths of time, in milliseconds, kept apart by the compiler.
// Nothing here reads a clock: the driver does, once per slice, and hands the result to the core.

declare const instantBrand: unique symbol
declare const durationBrand: unique symbol

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number & { readonly [instantBrand]: true }
/** A length of time in milliseconds. */
export type Duration = number & { readonly [durationBrand]: true }
/**
 * The version of a definition: its creation time as `yyyy-MM-ddTHH:mm:ss.SSSZ` (rest-api, conventions).
 * All versions have the same length and zone, so comparing them as text compares them in time.
 */
export type Version = string

export const instant = (ms: number): Instant => ms as Instant
export const millis = (ms: number): Duration => ms as Duration
export const seconds = (s: number): Duration => Math.round(s * 1000) as Duration

export const after = (start: Instant, delay: Duration): Instant => (start + delay) as Instant
export const between = (start: Instant, end: Instant): Duration => (end - start) as Duration

// Everything one slice writes carries the time of that slice: the text is made once.
let lastFormatted = { at: 0, text: '1970-01-01T00:00:00.000Z' }

/** The wire form of an instant: UTC, always with milliseconds. */
export function formatInstant(at: Instant): Version {
  if (at !== lastFormatted.at) lastFormatted = { at, text: new Date(at).toISOString() }
  return lastFormatted.text
}

/** The instant of an ISO-8601 text with an offset, or undefined when it is not one. */
export function parseInstant(text: string): Instant | undefined {
  if (!/^[+-]?\d{4,6}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}(:?\d{2})?)$/.test(text))
    return undefined
  const ms = Date.parse(text)
  return Number.isNaN(ms) ? undefined : (ms as Instant)
}
