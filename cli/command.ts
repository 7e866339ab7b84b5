// How a command is declared: commander's options in, a handler with a context behind. Shared here are the
// options that several commands have, so that they read and behave the same everywhere.

import { type Command, InvalidArgumentError } from 'commander'
import { type Context, createContext, type GlobalOptions } from './context.ts'
import type { ExitCode } from './exit-codes.ts'
import type { CliIo } from './io.ts'
import { explainFailure } from './messages.ts'

/** `args` are the words after the command, variadic ones in line. */
export type Handler<O> = (context: Context, args: readonly string[], options: O) => Promise<ExitCode>

/** Turns a handler into what commander calls. */
export type Runner = <O>(handler: Handler<O>) => (...parts: unknown[]) => Promise<void>

/** Runs handlers with a context made for each, and hands on their exit code. */
export function createRunner(io: CliIo, finish: (code: ExitCode) => void): Runner {
  return <O>(handler: Handler<O>) =>
    async (...parts) => {
      const command = parts.at(-1) as Command
      const options = command.optsWithGlobals<GlobalOptions & { readonly hostUrl?: string }>()
      // The first releases' way to name the server.
      const url = options.hostUrl ?? options.url
      const context = createContext(io, { ...options, ...(url === undefined ? {} : { url }) })
      try {
        finish(await handler(context, command.args, command.opts() as O))
      } catch (error) {
        throw explainFailure(error, context.spell)
      }
    }
}

/** A whole number from 0 on. */
export function parseCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Expected a whole number, 0 or more.')
  return Number(text)
}

/** A decimal number from 0 on, such as cpus or MiB. */
export function parseAmount(text: string): number {
  const value = Number(text)
  if (!/^[\d.]+$/.test(text) || !Number.isFinite(value)) {
    throw new InvalidArgumentError('Expected a number, 0 or more, such as 0.5.')
  }
  return value
}

/** Collects a repeatable option into a list. */
export const collect = (text: string, previous: readonly string[] = []): readonly string[] => [
  ...previous,
  text,
]

/** Collects repeated NAME=VALUE options into one record. */
export function collectPair(
  text: string,
  previous: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const equals = text.indexOf('=')
  if (equals < 1) throw new InvalidArgumentError('Expected NAME=VALUE.')
  return { ...previous, [text.slice(0, equals)]: text.slice(equals + 1) }
}

/** `--wait` and `--timeout`, for everything that takes time. */
export const withWait = (command: Command): Command =>
  command
    .option('--wait', 'wait until it is done, showing how far it is')
    .option(
      '--timeout <seconds>',
      'stop waiting after this long (exit code 5); the change goes on',
      parseAmount,
    )

/** `--force`, for everything that another deployment may hold up. */
export const withForce = (command: Command): Command =>
  command.option('--force', 'cancel other deployments that hold the app')
