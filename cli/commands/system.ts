// The server itself: ping, info, leader, and the stream of its events.

import type { Command } from 'commander'
import { ApiError } from '../../client/errors.ts'
import { followEvents } from '../../client/events.ts'
import { printable } from '../../src/lib/printable.ts'
import { collect, type Handler, type Runner } from '../command.ts'
import type { Context } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'
import { CliError } from '../messages.ts'
import { type Cell, renderProperties } from '../output/table.ts'

const ping: Handler<unknown> = async (context) => {
  const start = context.clock.now()
  const answer = await context.client.server.ping()
  context.json(answer)
  context.say(`${answer.body} from ${context.client.url} in ${Math.round(context.clock.now() - start)} ms`)
  return exitCodes.ok
}

const leader: Handler<unknown> = async (context) => {
  const answer = await context.client.server.leader()
  context.json(answer)
  context.say(answer.body.leader)
  return exitCodes.ok
}

const info: Handler<unknown> = async (context) => {
  const answer = await context.client.server.info()
  context.json(answer)
  if (context.isJson) return exitCodes.ok
  const { body } = answer
  const known: (readonly [string, Cell | undefined])[] = [
    ['server', `${body.name} ${body.version}`],
    ['url', context.client.url],
    ['leader', body.leader ?? { text: 'none', tone: 'bad' }],
    ['framework id', body.frameworkId ?? undefined],
  ]
  const rest = [...settings(body.http_config), ...settings(body.marathon_config)]
  context.io.stdout.write(renderProperties([...known, ...rest], context.palette))
  return exitCodes.ok
}

/** Settings that have a value, by name. */
const settings = (config: Readonly<Record<string, unknown>> = {}): readonly (readonly [string, Cell])[] =>
  Object.entries(config)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)])

interface EventsOptions {
  readonly type?: readonly string[]
  readonly after?: string
}

/** Seconds a lost stream is tried for before it counts as ended. */
const patience = 60

const events: Handler<EventsOptions> = async (context, _args, options) => {
  const { palette, io } = context
  const following = followEvents({
    open: (from) => context.client.events(options.type ?? [], from),
    after: options.after,
    retry: ({ times, error }) => waitToFollow(context, times, error),
  })
  for await (const frame of following) {
    if (context.isJson) io.stdout.write(`${frame.data}\n`)
    else io.stdout.write(`${describeEvent(frame.type, frame.data, (name) => palette('strong', name))}\n`)
  }
  throw streamEnded(context)
}

/** A second, then two, and so on; after `patience` in all that is the end. */
async function waitToFollow(context: Context, times: number, error: unknown): Promise<void> {
  const waited = (times * (times - 1)) / 2
  if (waited >= patience || !isTransient(error)) throw error ?? streamEnded(context)
  if (times === 1) context.note('The event stream broke off; going on where it did.')
  await context.clock.sleep(times * 1_000, context.io.signal)
}

/** Whether the next try may end otherwise: an answer that says no will be the same. */
const isTransient = (error: unknown): boolean =>
  error === undefined || (error instanceof ApiError && error.failure.kind === 'unreachable')

const streamEnded = (context: Context): CliError =>
  new CliError(
    {
      what: 'The server ended the event stream',
      why: ['it stops, or is no longer the leader'],
      fix: [`Follow on: ${context.spell('events')}`],
    },
    exitCodes.unreachable,
  )

/** `09:15:24.871 status_update_event appId=/shop/web taskStatus=TASK_RUNNING …`: the short fields, in order. */
function describeEvent(type: string, data: string, emphasise: (name: string) => string): string {
  let value: unknown
  try {
    value = JSON.parse(data)
  } catch {
    // Not ours to judge: an event that is no JSON is shown as it came.
    return `${emphasise(type)} ${printable(data)}`
  }
  const { timestamp, eventType: _type, ...fields } = value as Record<string, unknown>
  const time = typeof timestamp === 'string' ? timestamp.slice(11, 23) : ''
  const words = Object.entries(fields).flatMap(([name, field]) => {
    if (typeof field === 'object' && field !== null)
      return 'id' in field ? [`${name}=${printable(String(field.id))}`] : []
    return field === '' || field === null ? [] : [`${name}=${printable(String(field))}`]
  })
  return [time, emphasise(printable(type)), ...words].join(' ').trim()
}

export function registerSystem(root: Command, run: Runner): void {
  root.command('ping').description('Ask whether the server answers').action(run(ping))
  root.command('info').description('Show version, leader and settings of the server').action(run(info))
  root.command('leader').description('Show which server leads').action(run(leader))
  root
    .command('events')
    .description('Follow what happens, until Ctrl-C')
    .option('--type <event>', 'only events of this type, such as status_update_event (repeatable)', collect)
    .option(
      '--after <id>',
      'begin with what followed this event (`Marathon-Event-Id` of an answer, or an id)',
    )
    .action(run(events))
}
