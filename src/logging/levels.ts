// How much each part of the server logs. A part is a logger with a name (`log.child({ part: 'http' })`); what has no
// level of its own follows ROOT. Levels can be changed while the server runs, for good or for a time (`/logging`).

import { after, type Duration, type Instant } from '../lib/instant.ts'
import type { Alarm, Clock } from '../ports/clock.ts'
import { type LogControl, type LoggerLevel, type LogLevel, rootLogger } from '../ports/logger.ts'

export type Severity = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'

const severities: readonly Severity[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal']

/** The least severity that is written; `off` leaves nothing. */
const leastOf: Readonly<Record<LogLevel, number>> = {
  all: 0,
  trace: 0,
  debug: 1,
  info: 2,
  warn: 3,
  error: 4,
  off: severities.length,
}

const rankOf = Object.fromEntries(severities.map((severity, rank) => [severity, rank])) as Record<
  Severity,
  number
>

/** What a logger asks before it writes. */
export interface Gate {
  lets(severity: Severity): boolean
}

class NamedLogger implements Gate {
  readonly name: string
  own: LogLevel | undefined
  least: number
  /** A level for a time: what comes back after it, and when. */
  temporary: { readonly before: LogLevel | undefined; readonly alarm: Alarm } | undefined

  constructor(name: string, own: LogLevel | undefined, least: number) {
    this.name = name
    this.own = own
    this.least = least
  }

  lets(severity: Severity): boolean {
    return rankOf[severity] >= this.least
  }
}

export class LogLevels implements LogControl {
  readonly #clock: Pick<Clock, 'now' | 'alarm'>
  readonly #root: NamedLogger
  readonly #loggers = new Map<string, NamedLogger>()

  /** `level` is that of ROOT. */
  constructor(level: LogLevel, clock: Pick<Clock, 'now' | 'alarm'>) {
    this.#clock = clock
    this.#root = new NamedLogger(rootLogger, level, leastOf[level])
    this.#loggers.set(rootLogger, this.#root)
  }

  /** The gate of a part; the same one for the same name. Without a name: that of ROOT. */
  gate(name: string = rootLogger): Gate {
    const known = this.#loggers.get(name)
    if (known !== undefined) return known
    const made = new NamedLogger(name, undefined, this.#root.least)
    this.#loggers.set(name, made)
    return made
  }

  list(): readonly LoggerLevel[] {
    const rootLevel = this.#root.own ?? 'info'
    return [...this.#loggers.values()]
      .map(({ name, own }) => ({ name, level: own ?? rootLevel, isInherited: own === undefined }))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  set(name: string, level: LogLevel, lasting?: Duration): boolean {
    const logger = this.#loggers.get(name)
    if (logger === undefined) return false
    // What comes back is what was set for good, also when one level for a time follows another.
    const before = logger.temporary === undefined ? logger.own : logger.temporary.before
    logger.temporary?.alarm.cancel()
    logger.temporary = undefined
    this.#change(logger, level)
    if (lasting !== undefined) this.#restoreAt(logger, before, after(this.#clock.now(), lasting))
    return true
  }

  #restoreAt(logger: NamedLogger, before: LogLevel | undefined, until: Instant): void {
    const alarm = this.#clock.alarm(until, () => {
      // An alarm far away rings early.
      if (this.#clock.now() < until) return this.#restoreAt(logger, before, until)
      logger.temporary = undefined
      this.#change(logger, before)
    })
    logger.temporary = { before, alarm }
  }

  #change(changed: NamedLogger, level: LogLevel | undefined): void {
    changed.own = level
    const rootLeast = leastOf[this.#root.own ?? 'info']
    for (const logger of this.#loggers.values())
      logger.least = logger.own === undefined ? rootLeast : leastOf[logger.own]
  }
}
