// `marathon queue`: what waits to be launched and why; `queue reset` ends a backoff.

import type { Command } from 'commander'
import type { QueueItem } from '../../client/wire.ts'
import type { Handler, Runner } from '../command.ts'
import { parseAppId, sayDone } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'
import { formatAge, formatDuration } from '../output/duration.ts'
import type { Cell, Column } from '../output/table.ts'
import { explainWaiting } from '../waiting.ts'

const list: Handler<unknown> = async (context) => {
  const answer = await context.client.queue()
  context.json(answer)
  const { queue } = answer.body
  const now = context.clock.now()
  if (queue.length === 0) context.say('Nothing waits: all wanted instances are launched.')
  else
    context.table(
      columns,
      queue.flatMap((item) => rowsOf(item, now)),
    )
  return exitCodes.ok
}

const columns: readonly Column[] = [
  { title: 'APP' },
  { title: 'MISSING', align: 'right' },
  { title: 'SINCE', align: 'right' },
  { title: 'NEXT TRY', align: 'right' },
  { title: 'WHY', shrinkTo: 20 },
]

/** The first reason beside the app, further ones below it. */
function rowsOf(item: QueueItem, now: number): readonly (readonly Cell[])[] {
  const delay = item.delay.timeLeftSeconds
  const nextTry = delay > 0 ? `in ${formatDuration(delay * 1000)}` : 'now'
  const [first = '', ...others] = explainWaiting(item)
  const id = item.app?.id ?? item.pod?.id ?? '-'
  return [
    [id, item.count, formatAge(item.since, now), nextTry, first],
    ...others.map((why) => ['', '', '', '', why]),
  ]
}

const reset: Handler<unknown> = async (context, args) => {
  const id = parseAppId(args[0]!)
  context.json(await context.client.resetDelay(id))
  sayDone(context, `${id} is launched without further delay`, [['See how it does', `app show ${id}`]])
  return exitCodes.ok
}

export function registerQueue(root: Command, run: Runner): void {
  const queue = root.command('queue').description('What waits to be launched, and why')
  queue
    .command('list', { isDefault: true })
    .description('List what waits (the same as `queue` alone)')
    .action(run(list))
  queue.command('reset <app>').description('End the backoff of an app: try again at once').action(run(reset))
}
