// What adapters and the driver log through. The text is a sentence without values in it, the values are fields, so that
// the same event has the same text in every line. How much each part says can be changed while it runs.

import type { Duration } from '../lib/instant.ts'

export interface Logger {
  trace(message: string, fields?: LogFields): void
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  fatal(message: string, fields?: LogFields): void
  /**
   * A logger whose lines all carry these fields. `{ part: 'http' }` names a part of the server, whose level can be set
   * apart from the others'.
   */
  child(fields: LogFields): Logger
}

/** Values of a line. An error goes under `error` and is written with its stack and causes. */
export type LogFields = Readonly<Record<string, unknown>>

/** Of --logging_level. `off` leaves nothing, `all` is everything. */
export type LogLevel = 'off' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'all'

/** The logger of what belongs to no part; the others follow it unless they have a level of their own. */
export const rootLogger = 'ROOT'

export interface LoggerLevel {
  readonly name: string
  readonly level: LogLevel
  /** Whether it follows ROOT. */
  readonly isInherited: boolean
}

export interface LogControl {
  /** ROOT and every part that has a logger, by name. */
  list(): readonly LoggerLevel[]
  /** Until the next change, or for so long: then it is as it was. False when there is no such logger. */
  set(name: string, level: LogLevel, lasting?: Duration): boolean
}
