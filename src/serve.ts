// `marathon server`: flags → compose → run → exit code.

import { compose } from './compose.ts'
import { describeFlags, optionsForLog, warningsOf } from './config/described.ts'
import { FlagError } from './config/flag.ts'
import { givenFlags, parseFlags } from './config/flags.ts'
import { SystemClock } from './driver/clock.ts'
import { createHalt, haltOnUncaught } from './driver/crash.ts'
import { exitCodes, exitOf } from './driver/exit-codes.ts'
import { after, millis } from './lib/instant.ts'
import { limits } from './lib/limits.ts'
import { LogLevels } from './logging/levels.ts'
import { createLogger } from './logging/logger.ts'
import { PluginStartError } from './ports/plugins.ts'
import { StoreError } from './ports/store.ts'
import { welcome } from './welcome.ts'

/** Runs until a signal or a failure ends the process. */
export async function runServer(argv: readonly string[]): Promise<void> {
  if (argv.includes('--help')) {
    process.stdout.write(describeFlags())
    return
  }
  const flags = orFail(() => parseFlags(argv, process.env))
  const clock = new SystemClock()
  const levels = new LogLevels(flags.logging_level, clock)
  const log = createLogger(levels)
  // Flags may be right one by one and contradict each other.
  const server = orFail(() =>
    compose(flags, { log, levels, clock, halt: (reason, error) => halt(reason, error) }),
  )
  const halt = createHalt({
    clock,
    log,
    shutDown: () => server.close(),
    exit: (code) => process.exit(code),
  })
  haltOnUncaught(halt)
  try {
    const url = await server.start()
    const given = givenFlags(argv, process.env)
    log.info('options', optionsForLog(given))
    for (const warning of warningsOf(given, flags)) log.warn(warning)
    log.info('listening', { url })
    process.stderr.write(welcome(url))
  } catch (error) {
    // What was begun is taken back first: a start that fails leaves nothing behind.
    await server.close().catch(() => undefined)
    failToStart(error)
  }
  let isStopping = false
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      // Ctrl-C under `npm start` arrives more than once: from the terminal, and passed on by the parents.
      if (isStopping) return
      isStopping = true
      log.info('stopping; tasks keep running', { signal })
      clock.alarm(after(clock.now(), millis(limits.haltMs)), () => process.exit(0))
      void server.close().then(() => process.exit(0))
    })
  }
}

/** What cannot be begun ends the process with words for people and a code for machines. */
function orFail<T>(begin: () => T): T {
  try {
    return begin()
  } catch (error) {
    return failToStart(error)
  }
}

/** Says what is wrong in words for people, and ends with the code for machines. */
function failToStart(error: unknown): never {
  if (error instanceof FlagError) {
    process.stderr.write(`marathon: ${error.message}\n`)
    process.exit(exitCodes.InvalidCommandLineFlag)
  }
  if (isBindingError(error)) {
    process.stderr.write(
      `marathon: cannot listen: ${error.message}. Is another Marathon running? Choose another port with --http_port.\n`,
    )
    process.exit(exitCodes.BindingError)
  }
  const text =
    error instanceof StoreError || error instanceof PluginStartError
      ? error.message
      : error instanceof Error
        ? (error.stack ?? error.message)
        : String(error)
  process.stderr.write(`marathon: ${text}\n`)
  process.exit(exitCodes[exitOf(error)])
}

function isBindingError(error: unknown): error is NodeJS.ErrnoException {
  const code = (error as NodeJS.ErrnoException).code
  const syscall = (error as NodeJS.ErrnoException).syscall
  return syscall === 'listen' && (code === 'EADDRINUSE' || code === 'EACCES' || code === 'EADDRNOTAVAIL')
}
