// The command line of the first releases, letters and all: `marathon start -i ID -u URI -C COMMAND …`. It
// speaks the v1 API (rest-api 12.1), which answers 204 and names no deployment.

import type { Command } from 'commander'
import type { V1App, V1Task } from '../../client/wire.ts'
import { collect, type Handler, parseAmount, parseCount, type Runner, withWait } from '../command.ts'
import { type Context, parseAppId, sayDone } from '../context.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import type { WantedApp } from '../progress.ts'
import { type WaitOptions, waitFor } from '../wait.ts'
import { taskTable } from './task/list.ts'

interface IdOption {
  readonly id: string
}

interface StartOptions extends IdOption, WaitOptions {
  readonly command?: string
  readonly uri?: readonly string[]
  readonly cpus?: number
  readonly mem?: number
  readonly instances: number
}

const start: Handler<StartOptions> = async (context, _args, options) => {
  const { id, command: cmd, uri: uris = [], cpus, mem, instances } = options
  context.json(await context.client.v1.start({ id, cmd, uris, cpus, mem, instances }))
  const app = parseAppId(id)
  return conclude(context, { id: app, instances }, `Started ${app}`, `task logs ${app} -f`, options)
}

const stop: Handler<IdOption & WaitOptions> = async (context, _args, options) => {
  context.json(await context.client.v1.stop(options.id))
  const app = parseAppId(options.id)
  return conclude(context, { id: app, isRemoved: true }, `Stopped and removed ${app}`, 'list', options)
}

const scale: Handler<IdOption & WaitOptions & { readonly instances: number }> = async (
  context,
  _args,
  options,
) => {
  context.json(await context.client.v1.scale(options.id, options.instances))
  const app = parseAppId(options.id)
  const text = `${app} to ${options.instances} ${options.instances === 1 ? 'instance' : 'instances'}`
  return conclude(
    context,
    { id: app, instances: options.instances },
    `Scaled ${text}`,
    `task list ${app}`,
    options,
  )
}

async function conclude(
  context: Context,
  wanted: WantedApp,
  done: string,
  next: string,
  options: WaitOptions,
): Promise<ExitCode> {
  const code = options.wait === true ? await waitFor(context, { apps: [wanted] }, options) : exitCodes.ok
  sayDone(context, done, [['See what runs', next]])
  return code
}

const list: Handler<unknown> = async (context) => {
  const answer = await context.client.v1.apps()
  context.json(answer)
  if (answer.body.length === 0) context.say('No apps.')
  else appTable(context, answer.body)
  return exitCodes.ok
}

const search: Handler<{ readonly id?: string; readonly command?: string }> = async (
  context,
  _args,
  options,
) => {
  const answer = await context.client.v1.search({ id: options.id, cmd: options.command })
  context.json(answer)
  if (answer.body.length === 0) context.say('No app matches.')
  else appTable(context, answer.body)
  return exitCodes.ok
}

function appTable(context: Context, apps: readonly V1App[]): void {
  const columns = [
    { title: 'ID' },
    { title: 'INSTANCES', align: 'right' },
    { title: 'CPUS', align: 'right' },
    { title: 'MEM', align: 'right' },
    { title: 'COMMAND', shrinkTo: 8 },
  ] as const
  context.table(
    columns,
    apps.map((app) => [app.id, app.instances, app.cpus, app.mem, app.cmd || (app.container?.image ?? '')]),
  )
}

const endpoints: Handler<Partial<IdOption>> = async (context, _args, options) => {
  const { id } = options
  const answer = id === undefined ? await context.client.v1.endpoints() : await context.client.v1.endpoint(id)
  context.json(answer)
  const apps = [answer.body].flat()
  const rows = apps.flatMap((app) => app.ports.map((port, i) => [app.id, port, hostsOf(app.instances, i)]))
  if (rows.length === 0) context.say('No endpoints.')
  else
    context.table(
      [{ title: 'ID' }, { title: 'PORT', align: 'right' }, { title: 'ENDPOINTS', shrinkTo: 20 }],
      rows,
    )
  return exitCodes.ok
}

const hostsOf = (tasks: readonly V1Task[], index: number): string =>
  tasks.map((task) => `${task.host}:${task.ports[index] ?? 0}`).join(' ')

interface KillOptionsV1 extends IdOption {
  readonly host?: string
  readonly task?: string
  readonly scale?: boolean
}

const kill: Handler<KillOptionsV1> = async (context, _args, options) => {
  // The API selects nothing when only the app is given; who names neither host nor task means all of them.
  const host = options.host ?? (options.task === undefined ? '*' : undefined)
  const scaled = options.scale === true ? true : undefined
  const answer = await context.client.v1.kill({ appId: options.id, host, id: options.task, scale: scaled })
  context.json(answer)
  if (answer.body.length > 0) taskTable(context, answer.body, { showsApp: false })
  sayDone(context, `Killed ${answer.body.length} of the tasks of ${options.id}`, [
    ['See what runs now', `task list ${parseAppId(options.id)}`],
  ])
  return exitCodes.ok
}

export function registerV1(root: Command, run: Runner): void {
  const define = (name: string, description: string): Command =>
    root
      .command(name)
      .description(`${description} (as in the first releases)`)
      .option('-H, --host-url <url>', 'the server, such as http://foo.bar:8080')
  const withId = (command: Command): Command => command.requiredOption('-i, --id <id>', 'the id of the app')
  withWait(withId(define('start', 'Start an app')))
    .option('-C, --command <command>', 'the shell command to run')
    .option('-u, --uri <uri>', 'a file to fetch and unpack into the sandbox (repeatable)', collect)
    .option('-c, --cpus <n>', 'cpus for each instance', parseAmount)
    .option('-m, --mem <mib>', 'memory for each instance, in MiB', parseAmount)
    .option('-n, --instances <n>', 'how many to run', parseCount, 1)
    .action(run(start))
  withWait(withId(define('stop', 'Stop an app and delete its definition'))).action(run(stop))
  withWait(withId(define('scale', 'Run this many instances')))
    .requiredOption('-n, --instances <n>', 'how many to run', parseCount)
    .action(run(scale))
  define('list', 'List apps').action(run(list))
  withId(define('kill', 'Kill tasks of an app: of one host, one task, or all'))
    // -h is the host here, as it was then.
    .helpOption('--help', 'display help for command')
    .option('-h, --host <host>', 'only tasks on this host')
    .option('-t, --task <id>', 'only this task')
    .option('--scale', 'make the app smaller instead of replacing the tasks')
    .action(run(kill))
  define('search', 'Find apps by parts of id and command')
    .option('-i, --id <text>', 'the id contains this')
    .option('-C, --command <text>', 'the command contains this')
    .action(run(search))
  define('endpoints', 'List where apps can be reached')
    .option('-i, --id <id>', 'only this app')
    .action(run(endpoints))
}
