// Times on the wire: int64 nanoseconds in objects, or seconds as a double. JSON.parse reads nanoseconds beyond 2^53
// with an error of less than a microsecond, which is none at the milliseconds the core counts in: no other number of
// the API is that large, ids are texts.

import { type Duration, type Instant, instant, millis } from '../../../lib/instant.ts'
import { type Json, number } from './fields.ts'

const perMilli = 1e6

/** The largest int64 a double can hold. */
const mostNanoseconds = 2 ** 63 - 1024

export interface Nanoseconds {
  readonly nanoseconds: number
}

export const durationOf = (info: Json): Duration => millis(Math.floor(number(info, 'nanoseconds') / perMilli))

export const instantOf = (info: Json): Instant => instant(Math.floor(number(info, 'nanoseconds') / perMilli))

/** Of a `timestamp` in seconds: Mesos adds microseconds to it, of which nothing is left. */
export const instantOfSeconds = (seconds: number): Instant => instant(Math.floor(seconds * 1000))

/** Longer ones than an int64 can say, 292 years, are as good as that. */
export const nanoseconds = (duration: Duration): Nanoseconds => ({
  nanoseconds: Math.min(Math.round(duration * perMilli), mostNanoseconds),
})

/** For the `…_seconds` fields, doubles. */
export const inSeconds = (duration: Duration): number => duration / 1000
