// What people read when something fails: what happened, why, and the command that helps. One table turns
// failures of the API into it; commands add what they were doing and never look at status codes.

import { ApiError, type Detail, type Failure } from '../client/errors.ts'
import { printable } from '../src/lib/printable.ts'
import { type ExitCode, exitCodeOf, exitCodes } from './exit-codes.ts'
import type { Palette } from './output/colour.ts'

export interface Message {
  readonly what: string
  readonly why?: readonly string[]
  /** Each a sentence, usually ending in a command to type. */
  readonly fix?: readonly string[]
}

/** An error of ours that ends the command: what to say and how to exit. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly said: Message
  readonly exitCode: ExitCode

  constructor(said: Message, exitCode: ExitCode) {
    super(said.what)
    this.said = said
    this.exitCode = exitCode
  }
}

export const usageError = (what: string, ...fix: readonly string[]): CliError =>
  new CliError({ what, fix }, exitCodes.usage)

/** How a command spells another command for the user, with the flags that reach the same server. */
export type Spell = (command: string) => string

/** The error of a call in words for people. Errors that are not of the API pass through. */
export function explainFailure(error: unknown, spell: Spell): unknown {
  if (!(error instanceof ApiError)) return error
  return new CliError(describeFailure(error.failure, spell), exitCodeOf[error.failure.kind])
}

/** The message for a failure of the API (rest-api 1.4). */
export function describeFailure(failure: Failure, spell: Spell): Message {
  switch (failure.kind) {
    case 'unreachable':
      return {
        what: `No Marathon answers at ${failure.url}`,
        why: [failure.why],
        fix: [
          'Start one here: marathon server',
          'Or say where it is: --url http://HOST:PORT (or set MARATHON_URL)',
        ],
      }
    case 'foreign':
      return {
        what: `What answers at ${failure.url} is not a Marathon`,
        why: [failure.message],
        fix: ['Say where it is: --url http://HOST:PORT (or set MARATHON_URL)'],
      }
    case 'unauthenticated':
      return {
        what: `The server at ${failure.url} does not let you in`,
        why: ['user and password are missing or wrong'],
        fix: ['Give user and password: --user NAME:PASSWORD (or set MARATHON_CREDENTIALS)'],
      }
    case 'forbidden':
      return { what: 'The server does not allow this', why: [failure.message] }
    case 'not-found':
      return { what: failure.message, fix: fixOfNotFound(failure.message, spell) }
    case 'conflict':
      return describeConflict(failure, spell)
    case 'invalid':
      return {
        what: `The server refused this: ${failure.message}`,
        why: failure.details.flatMap(linesOfDetail),
      }
    case 'refused':
      return { what: `The server refused this (${failure.status})`, why: [failure.message] }
    case 'broken':
      return {
        what: `The server failed (${failure.status})`,
        why: [failure.message],
        fix: [`See whether it is well: ${spell('info')}; its log says more`],
      }
  }
}

function describeConflict(failure: Failure & { kind: 'conflict' }, spell: Spell): Message {
  if (failure.deployments.length === 0)
    return { what: failure.message, fix: fixOfExisting(failure.message, spell) }
  return {
    what: 'Another deployment is changing this right now',
    why: failure.deployments.map((id) => `held by deployment ${id}`),
    fix: [
      `Wait for it, and see how far it is: ${spell('deployment list')}`,
      'Or cancel it and do this instead: add --force',
    ],
  }
}

const fixOfNotFound = (message: string, spell: Spell): string[] =>
  listings
    .filter(([pattern]) => pattern.test(message))
    .slice(0, 1)
    .map(([, text, command]) => `${text}: ${spell(command)}`)

/** Where to look up what exists, by the noun of the server's message; the first match counts. */
const listings: readonly (readonly [pattern: RegExp, text: string, command: string])[] = [
  [/in version/i, 'See its versions', 'app versions ID'],
  [/tasks? queue/i, 'See what waits to be launched', 'queue'],
  [/task/i, 'See the tasks there are', 'task list'],
  [/agent/i, 'See the agents there are', 'agent list'],
  [/deployment/i, 'See the deployments that run', 'deployment list'],
  [/group/i, 'See the groups there are', 'group list'],
  [/pod/i, 'See the pods there are', 'pod list'],
  [/app|path/i, 'See the apps there are', 'app list'],
]

function fixOfExisting(message: string, spell: Spell): string[] {
  const id = /with id \[([^\]]+)\]/.exec(message)?.[1]
  if (id === undefined) return []
  return [`Change it: ${spell(`app update ${id} FILE`)}`, `Or look at it: ${spell(`app show ${id}`)}`]
}

function linesOfDetail(detail: Detail): string[] {
  return detail.errors.map((error) =>
    detail.path === '' ? error : `${placeOf(detail.path)}: ${shapeErrors[error] ?? error}`,
  )
}

/** `/healthChecks(0)/path` → `healthChecks[0].path`; the body itself has no name. */
function placeOf(path: string): string {
  const place = path
    .replace(/\((\d+)\)/g, '[$1]')
    .replace(/^\//, '')
    .replaceAll('/', '.')
  return place === '' ? 'the definition' : place
}

/** The codes of rest-api 1.4 in words. Codes that are not here are shown as they are. */
const shapeErrors: Readonly<Record<string, string>> = {
  'error.path.missing': 'is missing',
  'error.expected.jsstring': 'must be a string',
  'error.expected.jsnumber': 'must be a number',
  'error.expected.jsboolean': 'must be true or false',
  'error.expected.jsarray': 'must be a list',
  'error.expected.jsobject': 'must be an object',
  'error.expected.int': 'must be a whole number',
  'error.expected.long': 'must be a whole number',
  'error.expected.numberformatexception': 'must be a number',
  'error.min': 'is too small',
  'error.max': 'is too large',
  'error.minLength': 'is too short',
  'error.maxLength': 'is too long',
  'error.pattern': 'has a form that is not allowed',
  'error.unknown.enum.literal': 'is none of the allowed words',
}

/** The message as printed: the error line, reasons indented, fixes with an arrow. */
export function renderMessage(said: Message, palette: Palette): string {
  const why = (said.why ?? []).map((line) => `  ${printable(line)}\n`)
  const fix = (said.fix ?? []).map((line) => `  → ${printable(line)}\n`)
  return `${palette('bad', 'error:')} ${printable(said.what)}\n${why.join('')}${fix.join('')}`
}
