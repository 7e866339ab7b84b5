// `marathon app list`: all apps, or those that match, one line each.

import type { Command } from 'commander'
import type { AppFilter } from '../../../client/client.ts'
import type { AppInfo } from '../../../client/wire.ts'
import type { Handler, Runner } from '../../command.ts'
import type { Context } from '../../context.ts'
import { exitCodes } from '../../exit-codes.ts'
import type { Tone } from '../../output/colour.ts'
import type { Cell, Column } from '../../output/table.ts'

const list: Handler<AppFilter> = async (context, _args, filter) => {
  const answer = await context.client.apps({ id: filter.id, cmd: filter.cmd, label: filter.label })
  context.json(answer)
  const { apps } = answer.body
  if (apps.length > 0) appTable(context, apps)
  else if (filter.id ?? filter.cmd ?? filter.label) context.say('No app matches.')
  else context.say(`No apps yet. Start one: ${context.spell("app add --id hello --cmd 'sleep 3600' --wait")}`)
  return exitCodes.ok
}

/** One line for each app. */
export const appTable = (context: Context, apps: readonly AppInfo[]): void =>
  context.table(columns, apps.toSorted(byId).map(rowOf))

const columns: readonly Column[] = [
  { title: 'APP' },
  { title: 'STATUS' },
  { title: 'RUNNING', align: 'right' },
  { title: 'HEALTH' },
  { title: 'CPUS', align: 'right' },
  { title: 'MEM', align: 'right' },
  { title: 'RUNS', shrinkTo: 8 },
]

const rowOf = (app: AppInfo): readonly Cell[] => [
  app.id,
  statusOf(app),
  `${app.tasksRunning ?? 0}/${app.instances}`,
  healthOf(app),
  app.cpus,
  app.mem,
  commandOf(app),
]

/** In one word what the app is up to; the first line that holds. */
export function statusOf(app: AppInfo): { readonly text: string; readonly tone: Tone | undefined } {
  const running = app.tasksRunning ?? 0
  if ((app.deployments ?? []).length > 0) return { text: 'deploying', tone: 'busy' }
  if (app.instances === 0 && running === 0) return { text: 'stopped', tone: 'dim' }
  if ((app.tasksUnhealthy ?? 0) > 0) return { text: 'unhealthy', tone: 'bad' }
  return running >= app.instances ? { text: 'running', tone: 'good' } : { text: 'waiting', tone: 'busy' }
}

/** `2/3` healthy of running; `-` without health checks. */
export const healthOf = (app: AppInfo): string =>
  (app.healthChecks?.length ?? 0) === 0 ? '-' : `${app.tasksHealthy ?? 0}/${app.tasksRunning ?? 0}`

/** What an app runs, for people: its command line, its words, or its image. */
export const commandOf = (app: AppInfo): string =>
  app.cmd ?? app.args?.join(' ') ?? app.container?.docker?.image ?? ''

const byId = (a: AppInfo, b: AppInfo): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)

export const registerAppList = (app: Command, run: Runner): Command =>
  app
    .command('list')
    .description('List apps with their state')
    .option('--id <text>', 'only apps whose id contains this')
    .option('--cmd <text>', 'only apps whose command contains this')
    .option('--label <selector>', "only apps with these labels, such as 'tier==front'")
    .action(run(list))
