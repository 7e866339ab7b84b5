// What every command gets: the client for the chosen server, and the ways to speak. Human text or the
// server's JSON go to stdout, everything else to stderr.

import { MarathonClient } from '../client/client.ts'
import type { Answer } from '../client/transport.ts'
import { absolutePathId, rootId } from '../src/lib/path-id.ts'
import { printable } from '../src/lib/printable.ts'
import { defaultUrl, parseEndpoint } from './endpoint.ts'
import { type CliIo, type Clock, systemClock } from './io.ts'
import { type Spell, usageError } from './messages.ts'
import { colours, noColours, type Palette } from './output/colour.ts'
import { type Cell, type Column, renderTable } from './output/table.ts'

export interface GlobalOptions {
  readonly url?: string
  readonly user?: string
  readonly output?: 'json' | 'table'
  /** Commander's form of `--no-color`: true unless given. */
  readonly color?: boolean
}

export interface Context {
  readonly io: CliIo
  readonly client: MarathonClient
  readonly clock: Clock
  readonly palette: Palette
  readonly isJson: boolean
  readonly spell: Spell
  /** Human text, nothing in JSON mode. */
  say(text: string): void
  /** A remark beside the result, on stderr, in both modes. */
  note(text: string): void
  /** The server's own JSON, nothing in table mode. */
  json(answer: Answer<unknown>): void
  table(columns: readonly Column[], rows: readonly (readonly Cell[])[]): void
}

/** The palette for a stream (https://no-color.org: NO_COLOR set and not empty means no). */
export const paletteFor = (env: CliIo['env'], isTTY: boolean, isWanted: boolean): Palette =>
  isTTY && isWanted && !env['NO_COLOR'] && env['TERM'] !== 'dumb' ? colours : noColours

export function createContext(io: CliIo, options: GlobalOptions): Context {
  const note = (text: string): void => void io.stderr.write(`${printable(text)}\n`)
  const endpoint = parseEndpoint({ url: options.url, user: options.user, env: io.env })
  if (!endpoint.ok) throw usageError(endpoint.error)
  const { url, credentials, isFromFlag } = endpoint.value
  const client = new MarathonClient({
    url,
    ...(credentials === undefined ? {} : { credentials }),
    ...(io.signal === undefined ? {} : { signal: io.signal }),
    onWarning: (warning) => note(`Warning: ${warning}`),
  })
  const palette = paletteFor(io.env, io.isTTY, options.color !== false)
  const isJson = options.output === 'json'
  const say = (text: string): void => {
    if (!isJson) io.stdout.write(`${text}\n`)
  }
  return {
    io,
    client,
    clock: io.clock ?? systemClock,
    palette,
    isJson,
    spell: (command) => `marathon ${command}${isFromFlag && url !== defaultUrl ? ` --url ${url}` : ''}`,
    say,
    note,
    json: (answer) => {
      if (isJson && answer.text !== '')
        io.stdout.write(answer.text.endsWith('\n') ? answer.text : `${answer.text}\n`)
    },
    table: (columns, rows) => {
      if (!isJson)
        io.stdout.write(renderTable(columns, rows, { palette, width: io.isTTY ? io.columns : undefined }))
    },
  }
}

/** An app id as typed, `web` or `/shop/web`, made absolute. The root is no app. */
export function parseAppId(text: string): string {
  const id = absolutePathId(text)
  if (id === rootId) throw usageError(`'${text}' is no app id, expected one such as /shop/web`)
  return id
}

/** Two lines of text after a success: what happened, then what to do next. */
export function sayDone(
  context: Context,
  what: string,
  next: readonly (readonly [why: string, command: string])[],
): void {
  context.say(`${context.palette('good', '✓')} ${printable(what)}`)
  for (const [why, command] of next)
    context.say(`  ${why}: ${context.palette('strong', context.spell(command))}`)
}
