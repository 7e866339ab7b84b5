// The log: JSON lines on stdout, written by pino. Secrets are masked here, once, so that no caller can forget it.
// Levels are those of --logging_level (events-metrics-flags 3), kept by part in levels.ts.

import { type DestinationStream, type Logger as PinoLogger, pino } from 'pino'
import type { LogFields, Logger } from '../ports/logger.ts'
import type { Gate, LogLevels, Severity } from './levels.ts'
import { maskFields, maskText } from './mask.ts'

export type { Logger } from '../ports/logger.ts'

/** Lines go to stdout unless a destination is given. Writing is synchronous: the last line before an exit is there. */
export function createLogger(
  levels: LogLevels,
  destination: DestinationStream = pino.destination({ fd: 1, sync: true }),
): Logger {
  const lines = pino(
    {
      // What is too much has been held back before it comes here.
      level: 'trace',
      base: null,
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  )
  return adapt(lines, levels, levels.gate())
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

function adapt(lines: PinoLogger, levels: LogLevels, gate: Gate): Logger {
  const write = (severity: Severity) => (message: string, fields?: LogFields) => {
    // Asked first: masking copies the fields, and most trace lines are never written.
    if (!gate.lets(severity)) return
    lines[severity](fields === undefined ? {} : maskFields(fields), maskText(message))
  }
  return {
    trace: write('trace'),
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    fatal: write('fatal'),
    child: (fields) => {
      const { part } = fields
      return adapt(
        lines.child(maskFields(fields)),
        levels,
        typeof part === 'string' ? levels.gate(part) : gate,
      )
    },
  }
}
