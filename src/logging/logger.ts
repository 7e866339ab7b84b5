// The log: JSON lines on stdout, written by pino. Secrets are masked here, once, so that no caller can forget it.
// Levels are those of --logging_level (events-metrics-flags 3).

import { type DestinationStream, type Logger as PinoLogger, pino } from 'pino'
import type { LogFields, Logger } from '../ports/logger.ts'
import { maskFields, maskText } from './mask.ts'

export type { Logger } from '../ports/logger.ts'

export const logLevels = ['off', 'error', 'warn', 'info', 'debug', 'trace', 'all'] as const
export type LogLevel = (typeof logLevels)[number]

/** `off` still leaves nothing, `all` is everything; pino has other words for both. */
const pinoLevel: Readonly<Record<LogLevel, string>> = {
  off: 'silent',
  error: 'error',
  warn: 'warn',
  info: 'info',
  debug: 'debug',
  trace: 'trace',
  all: 'trace',
}

/** Lines go to stdout unless a destination is given. Writing is synchronous: the last line before an exit is there. */
export function createLogger(
  level: LogLevel,
  destination: DestinationStream = pino.destination({ fd: 1, sync: true }),
): Logger {
  return adapt(
    pino(
      {
        level: pinoLevel[level],
        base: null,
        messageKey: 'message',
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
      },
      destination,
    ),
  )
}

/** For tests and tools that have nothing to say. */
export const silentLogger: Logger = {
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  fatal: () => undefined,
  child: () => silentLogger,
}

type Severity = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'

function adapt(lines: PinoLogger): Logger {
  const write = (severity: Severity) => (message: string, fields?: LogFields) => {
    // Asked first: masking copies the fields, and most trace lines are never written.
    if (!lines.isLevelEnabled(severity)) return
    lines[severity](fields === undefined ? {} : maskFields(fields), maskText(message))
  }
  return {
    trace: write('trace'),
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    fatal: write('fatal'),
    child: (fields) => adapt(lines.child(maskFields(fields))),
  }
}
