// The end of the process, once and for a reason with a name. The first reason counts; what can be shut down in order
// is, for a limited time, and then the process halts (events-metrics-flags 4).

import { after, millis } from '../lib/instant.ts'
import { limits } from '../lib/limits.ts'
import type { Clock } from '../ports/clock.ts'
import type { Logger } from '../ports/logger.ts'
import { type ExitName, exitCodes, exitOf } from './exit-codes.ts'

/** Ends the process. Returns at once; nothing that relies on the server working may follow. */
export type Halt = (reason: ExitName, error?: unknown) => void

export interface HaltParts {
  readonly clock: Clock
  readonly log: Logger
  /**
   * Stops what may be stopped in order: sockets, the engine's connection. Not the store, which has failed or has not.
   */
  readonly shutDown: () => Promise<void>
  readonly exit: (code: number) => void
}

export function createHalt(parts: HaltParts): Halt {
  let isHalting = false
  return (reason, error) => {
    if (isHalting) {
      parts.log.error('a further failure while the server ends', { reason, error })
      return
    }
    isHalting = true
    const code = exitCodes[reason]
    parts.log.fatal('the server ends', { reason, code, error })
    parts.clock.alarm(after(parts.clock.now(), millis(limits.haltMs)), () => parts.exit(code))
    void shutDown(parts).then(() => parts.exit(code))
  }
}

async function shutDown({ shutDown, log }: HaltParts): Promise<void> {
  try {
    await shutDown()
  } catch (error) {
    // We end anyway, with the code of the first reason.
    log.error('the shutdown failed', { error })
  }
}

/** From here on an error that nobody caught ends the process with a named code. */
export function haltOnUncaught(halt: Halt): void {
  process.on('uncaughtException', (error) => halt(exitOf(error), error))
  process.on('unhandledRejection', (error) => halt(exitOf(error), error))
}
