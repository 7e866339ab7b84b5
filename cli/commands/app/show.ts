// `marathon app show` and `marathon app versions`: one app in full, with why it waits and how it last failed.

import type { Command } from 'commander'
import type { AppInfo, QueueItem } from '../../../client/wire.ts'
import type { Handler, Runner } from '../../command.ts'
import { type Context, parseAppId } from '../../context.ts'
import { exitCodes } from '../../exit-codes.ts'
import { formatAge } from '../../output/duration.ts'
import { type Cell, renderProperties } from '../../output/table.ts'
import { explainWaiting } from '../../waiting.ts'
import { taskTable } from '../task/list.ts'
import { showVersions } from '../versions.ts'
import { commandOf, statusOf } from './list.ts'

const show: Handler<unknown> = async (context, args) => {
  const id = parseAppId(args[0]!)
  if (args[1] !== undefined) {
    const answer = await context.client.appVersion(id, args[1])
    context.json(answer)
    if (!context.isJson) context.io.stdout.write(renderProperties(definitionOf(answer.body), context.palette))
    return exitCodes.ok
  }
  const answer = await context.client.app(id)
  context.json(answer)
  if (!context.isJson) {
    const { app } = answer.body
    const isShort = (app.tasksRunning ?? 0) < app.instances
    const items = isShort ? (await context.client.queue()).body.queue : []
    showApp(
      context,
      app,
      items.find((item) => item.app?.id === app.id),
    )
  }
  return exitCodes.ok
}

function showApp(context: Context, app: AppInfo, item: QueueItem | undefined): void {
  const { palette } = context
  const now = context.clock.now()
  const state: [string, Cell | undefined][] = [
    ['app', { text: app.id, tone: 'strong' }],
    ['status', statusOf(app)],
    ['instances', instancesText(app)],
    ...(item === undefined
      ? []
      : explainWaiting(item).map((why): [string, Cell] => ['waiting', { text: why, tone: 'busy' }])),
    ['deployment', app.deployments?.map((deployment) => deployment.id).join(', ')],
  ]
  const failure = app.lastTaskFailure
  const failed: [string, Cell | undefined][] =
    failure === undefined
      ? []
      : [
          [
            'last failure',
            {
              text: `${failure.message || failure.state} (${failure.state} on ${failure.host ?? '?'}, ${formatAge(failure.timestamp, now)} ago)`,
              tone: 'bad',
            },
          ],
        ]
  context.io.stdout.write(renderProperties([...state, ...failed, ...definitionOf(app).slice(1)], palette))
  if ((app.tasks ?? []).length > 0) {
    context.say('')
    taskTable(context, app.tasks ?? [], { showsApp: false })
  }
  if (item !== undefined) {
    context.say('')
    context.say(`What would help: ${palette('strong', context.spell(`explain ${app.id}`))}`)
  }
  if (failure !== undefined) {
    context.say('')
    context.say(
      `Why it failed: ${palette('strong', context.spell(`task logs ${failure.taskId} --stderr --tail 20`))}`,
    )
  }
}

function instancesText(app: AppInfo): string {
  const parts = [`${app.tasksRunning ?? 0} of ${app.instances} running`]
  if ((app.tasksStaged ?? 0) > 0) parts.push(`${app.tasksStaged} starting`)
  if ((app.healthChecks?.length ?? 0) > 0) parts.push(`${app.tasksHealthy ?? 0} healthy`)
  if ((app.tasksUnhealthy ?? 0) > 0) parts.push(`${app.tasksUnhealthy} unhealthy`)
  return parts.join(', ')
}

/** What the app is, apart from how it does. */
function definitionOf(app: AppInfo): readonly (readonly [string, Cell | undefined])[] {
  const resources = [`${app.cpus} cpus`, `${app.mem} MiB memory`]
  if (app.disk) resources.push(`${app.disk} MiB disk`)
  if (app.gpus) resources.push(`${app.gpus} gpus`)
  const ports = app.portDefinitions?.map(({ port, name }) =>
    name === undefined ? `${port}` : `${port} (${name})`,
  )
  return [
    ['app', app.id],
    ['runs', commandOf(app)],
    ['image', app.cmd === undefined && app.args === undefined ? undefined : app.container?.docker?.image],
    ['user', app.user],
    ['needs', resources.join(', ')],
    [
      'service ports',
      (ports ?? app.container?.portMappings?.map(({ servicePort }) => `${servicePort}`) ?? []).join(', '),
    ],
    ['constraints', app.constraints?.map((constraint) => constraint.join(':')).join(', ')],
    ['env', pairs(app.env)],
    ['labels', pairs(app.labels)],
    ['version', app.version],
  ]
}

/** Values of secrets are references; they are shown as such, never resolved. */
const pairs = (record: Readonly<Record<string, unknown>> = {}): string =>
  Object.entries(record)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ')

const versions: Handler<unknown> = async (context, args) => {
  const answer = await context.client.appVersions(parseAppId(args[0]!))
  return showVersions(context, answer, answer.body.versions)
}

export function registerAppShow(app: Command, run: Runner): void {
  app
    .command('show <id>')
    .argument('[version]', 'the definition of an older version, as listed by `app versions`')
    .description('Show one app: state, tasks, why it waits, how it last failed')
    .action(run(show))
  app
    .command('versions <id>')
    .description('List the versions of an app, the newest first')
    .action(run(versions))
}
