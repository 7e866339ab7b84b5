// What adapters and the driver log through. The text is a sentence without values in it, the values are fields, so that
// the same event has the same text in every line.

export interface Logger {
  trace(message: string, fields?: LogFields): void
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  fatal(message: string, fields?: LogFields): void
  /** A logger whose lines all carry these fields; `{ part: 'store' }` names a part of the server. */
  child(fields: LogFields): Logger
}

/** Values of a line. An error goes under `error` and is written with its stack and causes. */
export type LogFields = Readonly<Record<string, unknown>>
