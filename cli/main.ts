// The command line: words in, exit code out. It never ends the process and touches the world through its io
// alone, so that tests run it in-process.

import { CommanderError } from 'commander'
import { createRunner } from './command.ts'
import { paletteFor } from './context.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import type { CliIo } from './io.ts'
import { CliError, type Message, renderMessage } from './messages.ts'
import { buildProgram } from './program.ts'

export interface Hooks {
  /** Runs the server with the words after `server`, untouched; resolves with its exit code. */
  server?(args: readonly string[]): Promise<number>
}

/** Runs one command. `argv` are the user's words, without program and script. Never rejects. */
export async function runCli(argv: readonly string[], io: CliIo, hooks: Hooks = {}): Promise<number> {
  let code: ExitCode = exitCodes.ok
  const program = buildProgram(
    createRunner(io, (result) => {
      code = result
    }),
    { out: (text) => io.stdout.write(text), err: (text) => io.stderr.write(text), columns: io.columns },
  )
  const palette = paletteFor(io.env, io.isErrorTTY ?? io.isTTY, !argv.includes('--no-color'))
  const fail = (said: Message, exitCode: ExitCode): ExitCode => {
    io.stderr.write(renderMessage(said, palette))
    return exitCode
  }
  if (argv[0] === 'server') {
    if (hooks.server !== undefined) return hooks.server(argv.slice(1))
    return fail(
      { what: 'This is the client alone; it has no server in it', fix: ['Run bin/marathon server'] },
      exitCodes.usage,
    )
  }
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return code
  } catch (error) {
    if (io.signal?.aborted) {
      io.stderr.write('Interrupted. What was started goes on.\n')
      return exitCodes.interrupted
    }
    // Commander has written its message already; help and --version come this way with exit code 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
    if (error instanceof CliError) return fail(error.said, error.exitCode)
    const why = error instanceof Error ? (error.stack ?? error.message).split('\n') : [String(error)]
    return fail(
      {
        what: 'This is a defect of the command line itself',
        why,
        fix: ['Please report it with these lines'],
      },
      exitCodes.failed,
    )
  }
}
