// `marathon task logs`: what a task wrote, whole, its last lines, or as it grows. For an app: its only task, or
// all of them with a name before each line; if none runs, the one that failed last, which is what people seek.

import type { Command } from 'commander'
import type { LogStream } from '../../../client/client.ts'
import { ApiError } from '../../../client/errors.ts'
import { type Handler, parseCount, type Runner } from '../../command.ts'
import { type Context, parseAppId } from '../../context.ts'
import { type ExitCode, exitCodes } from '../../exit-codes.ts'
import type { Sink } from '../../io.ts'
import { CliError, usageError } from '../../messages.ts'
import { isTaskId } from './id.ts'

interface LogsOptions {
  readonly follow?: boolean
  readonly stderr?: boolean
  readonly tail?: number
}

/** Bytes asked for at once; a log of any size passes through in such pieces. */
const pieceBytes = 256 * 1024
/** A followed log whose connection breaks is taken up again where it broke, this often without any byte. */
const reconnects = 60
const reconnectDelayMs = 500
const lineFeed = 10

const logs: Handler<LogsOptions> = async (context, args, options) => {
  if (context.isJson) throw usageError('Logs are no JSON: task logs has no -o json', 'Leave -o json out')
  const stream: LogStream = options.stderr === true ? 'stderr' : 'stdout'
  const ids = isTaskId(args[0]!) ? [args[0]!] : await tasksOfApp(context, parseAppId(args[0]!))
  const shown = ids.map((id) => copyLog(context, { id, stream, sink: sinkFor(context, id, ids) }, options))
  const codes = await Promise.all(shown)
  return codes.find((code) => code !== exitCodes.ok) ?? exitCodes.ok
}

async function tasksOfApp(context: Context, appId: string): Promise<readonly string[]> {
  const { app } = (await context.client.app(appId)).body
  const ids = (app.tasks ?? []).map((task) => task.id)
  if (ids.length > 0) return ids
  if (app.lastTaskFailure !== undefined) {
    context.note(
      `No task of ${appId} runs; this is the one that failed last (${app.lastTaskFailure.message || app.lastTaskFailure.state}):`,
    )
    return [app.lastTaskFailure.taskId]
  }
  const fix =
    app.instances === 0
      ? [`Start it: ${context.spell(`app scale ${appId} 1`)}`]
      : [`See why: ${context.spell(`app show ${appId}`)}`]
  throw new CliError({ what: `${appId} has no task, so there is no log`, fix }, exitCodes.notFound)
}

interface Source {
  readonly id: string
  readonly stream: LogStream
  readonly sink: Sink
}

async function copyLog(context: Context, source: Source, options: LogsOptions): Promise<ExitCode> {
  const from = options.tail === undefined ? 0 : await copyTail(context, source, options.tail)
  if (options.follow === true) await follow(context, source, from)
  else if (options.tail === undefined) await copyAll(context, source)
  source.sink.write('')
  return exitCodes.ok
}

/** Everything there is at this moment; what is written meanwhile is not chased. */
async function copyAll(context: Context, { id, stream, sink }: Source): Promise<void> {
  let offset = 0
  let size = Number.POSITIVE_INFINITY
  while (offset < size) {
    const piece = await context.client.log(id, stream, { offset, limit: pieceBytes })
    if (size === Number.POSITIVE_INFINITY) size = piece.size
    if (piece.bytes.length === 0) return
    sink.write(piece.bytes)
    offset = piece.end
  }
}

/** The last lines. Reads backwards in pieces until there are enough. Returns where the log ended. */
async function copyTail(context: Context, { id, stream, sink }: Source, lines: number): Promise<number> {
  const last = await context.client.log(id, stream, { offset: -pieceBytes, limit: pieceBytes })
  const pieces = [last]
  let first = last
  while (countLines(pieces) <= lines && first.start > 0 && first.bytes.length > 0) {
    const offset = Math.max(0, first.start - pieceBytes)
    const piece = await context.client.log(id, stream, { offset, limit: first.start - offset })
    // Rotation may have taken the older part: then this is all there is.
    if (piece.start >= first.start || piece.bytes.length === 0) break
    pieces.unshift(piece)
    first = piece
  }
  const bytes = Buffer.concat(pieces.map((piece) => piece.bytes))
  sink.write(bytes.subarray(startOfTail(bytes, lines)))
  return last.end
}

const countLines = (pieces: readonly { readonly bytes: Uint8Array }[]): number =>
  pieces.reduce((sum, piece) => sum + piece.bytes.reduce((n, byte) => (byte === lineFeed ? n + 1 : n), 0), 0)

/** The offset at which the last `lines` lines begin; an unfinished last line counts as one. */
export function startOfTail(bytes: Uint8Array, lines: number): number {
  if (lines === 0) return bytes.length
  let left = lines
  for (let i = bytes.length - 2; i >= 0; i--) {
    if (bytes[i] === lineFeed && --left === 0) return i + 1
  }
  return 0
}

async function follow(context: Context, { id, stream, sink }: Source, from: number): Promise<void> {
  let offset = from
  let hasBegun = false
  let tries = 0
  for (;;) {
    try {
      const { start, chunks } = await context.client.followLog(id, stream, offset)
      offset = start
      hasBegun = true
      for await (const bytes of chunks) {
        sink.write(bytes)
        offset += bytes.length
        tries = 0
      }
      return
    } catch (error) {
      // At first an unreachable server is an error like everywhere; later it may be restarting.
      const isBroken = error instanceof ApiError && error.failure.kind === 'unreachable'
      if (!isBroken || !hasBegun || ++tries > reconnects) throw error
      await context.clock.sleep(reconnectDelayMs, context.io.signal)
    }
  }
}

/** Straight to stdout for one task; with several, whole lines, each behind the name of its task. */
function sinkFor(context: Context, id: string, ids: readonly string[]): Sink {
  const { stdout } = context.io
  if (ids.length === 1) return { write: (chunk) => chunk.length > 0 && stdout.write(chunk) }
  const name = context.palette('dim', `${shortName(id, ids)} | `)
  const decoder = new TextDecoder()
  let rest = ''
  return {
    // An empty chunk ends the log: an unfinished last line is shown then.
    write: (chunk) => {
      const isEnd = chunk.length === 0
      const text = rest + (typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true }))
      const lines = text.split('\n')
      rest = isEnd ? '' : (lines.pop() ?? '')
      const whole = isEnd ? lines.filter((line) => line !== '') : lines
      if (whole.length > 0) stdout.write(whole.map((line) => `${name}${line}\n`).join(''))
    },
  }
}

/** As much of a task's uuid as tells it from the others, four characters at least. */
export function shortName(id: string, ids: readonly string[]): string {
  const tail = (task: string): string => task.replace(/^.*\.(?:instance|marathon)-/, '')
  for (let length = 4; length < tail(id).length; length++) {
    const short = tail(id).slice(0, length)
    if (ids.every((other) => other === id || tail(other).slice(0, length) !== short)) return short
  }
  return id
}

export const registerTaskLogs = (task: Command, run: Runner): Command =>
  task
    .command('logs <task-or-app>')
    .description('Show what a task wrote; for an app, what all its tasks wrote')
    .option('-f, --follow', 'go on as it grows, until the task ends')
    .option('--stderr', 'its standard error instead of its standard output')
    .option('--tail <lines>', 'only the last lines', parseCount)
    .action(run(logs))
