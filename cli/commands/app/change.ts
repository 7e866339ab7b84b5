// The changes of an app: add, update, scale, restart, stop, remove. All end the same way: what was started,
// and either waiting for it or a word on how to watch it.

import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { ApiError } from '../../../client/errors.ts'
import type { Answer } from '../../../client/transport.ts'
import type { AppUpdate, Body } from '../../../client/wire.ts'
import { collect, collectPair, type Handler, parseAmount, parseCount, type Runner } from '../../command.ts'
import { type Context, parseAppId } from '../../context.ts'
import type { ExitCode } from '../../exit-codes.ts'
import { usageError } from '../../messages.ts'
import type { WantedApp } from '../../progress.ts'
import type { WaitOptions } from '../../wait.ts'
import { type ChangeOptions, changing } from '../changing.ts'
import { conclude, type Next, type Started } from '../conclude.ts'
import { showPlan } from '../plan.ts'
import {
  changeOf,
  type DefinitionFlags,
  fieldsOfFlags,
  parseAssignment,
  readDefinition,
} from './definition.ts'

type Outcome = Omit<Started, 'apps' | 'look'> & { readonly wanted: WantedApp }

function concludeApp(
  context: Context,
  { wanted, ...outcome }: Outcome,
  options: WaitOptions,
): Promise<ExitCode> {
  const look = wanted.isRemoved === true ? 'deployment list' : `app show ${wanted.id}`
  return conclude(context, { ...outcome, apps: [wanted], look }, options)
}

const logsOf = (id: string): Next => [['Read its logs', `task logs ${id} -f`]]

const add: Handler<DefinitionFlags & ChangeOptions> = async (context, args, options) => {
  const fields = fieldsOfFlags(options)
  const hasFlags = Object.keys(fields).length > 0
  if (args[0] === undefined && !hasFlags) {
    throw usageError(
      'Nothing to add: no file and no flags',
      "From flags: marathon app add --id hello --cmd 'sleep 3600'",
      'From a file: marathon app add app.json',
    )
  }
  const file = args[0] === undefined ? undefined : await readDefinition(context.io, args[0])
  const definition = file === undefined || hasFlags ? { ...file?.value, ...fields } : file.text
  if (options.dryRun) return showPlan(context, await context.client.plans.addApp(definition))
  const answer = await context.client.addApp(definition, options)
  context.json(answer)
  const app = answer.body
  const deploymentId = answer.headers.get('Marathon-Deployment-Id') ?? app.deployments?.[0]?.id
  const wanted = { id: app.id, instances: app.instances }
  const started = `Added ${app.id}, ${instancesOf(app.instances)}`
  return concludeApp(
    context,
    {
      deploymentId,
      wanted,
      started,
      done: `${app.id} runs, ${instancesOf(app.instances)}`,
      next: logsOf(app.id),
    },
    options,
  )
}

const update: Handler<ChangeOptions> = async (context, args, options) => {
  const id = parseAppId(args[0]!)
  const words = args.slice(1)
  const isFile = words.length === 1 && (words[0] === '-' || !words[0]!.includes('=') || existsSync(words[0]!))
  const current = async () => (await context.client.app(id)).body.app
  const change = isFile
    ? (await readDefinition(context.io, words[0]!)).text
    : await changeOf(words.map(parseAssignment), current)
  if (options.dryRun) return planChange(context, id, change)
  const answer = await applyChange(context, id, change, options)
  const outcome = { wanted: { id }, started: `Updating ${id}`, done: `${id} is updated`, next: logsOf(id) }
  return concludeApp(context, { deploymentId: answer.body.deploymentId, ...outcome }, options)
}

const scale: Handler<ChangeOptions> = async (context, args, options) => {
  const id = parseAppId(args[0]!)
  const instances = parseCount(args[1]!)
  if (options.dryRun) return planChange(context, id, { instances })
  const answer = await applyChange(context, id, { instances }, options)
  const text = instancesOf(instances)
  const outcome = {
    wanted: { id, instances },
    started: `Scaling ${id} to ${text}`,
    done: `${id} has ${text}`,
  }
  return concludeApp(
    context,
    { deploymentId: answer.body.deploymentId, ...outcome, next: [['See where', `task list ${id}`]] },
    options,
  )
}

const stop: Handler<ChangeOptions> = async (context, args, options) => {
  const id = parseAppId(args[0]!)
  if (options.dryRun) return planChange(context, id, { instances: 0 })
  const answer = await applyChange(context, id, { instances: 0 }, options)
  const outcome: Outcome = {
    deploymentId: answer.body.deploymentId,
    wanted: { id, instances: 0 },
    started: `Stopping ${id}; its definition stays`,
    done: `${id} is stopped; its definition stays`,
    next: [
      ['Start it again', `app scale ${id} 1`],
      ['Or remove it', `app remove ${id}`],
    ],
  }
  return concludeApp(context, outcome, options)
}

const restart: Handler<ChangeOptions> = async (context, args, options) => {
  const id = parseAppId(args[0]!)
  if (options.dryRun) return showPlan(context, await context.client.plans.restartApp(id))
  const answer = await context.client.restartApp(id, options)
  context.json(answer)
  const outcome = {
    wanted: { id },
    started: `Restarting ${id}`,
    done: `${id} is restarted`,
    next: logsOf(id),
  }
  return concludeApp(context, { deploymentId: answer.body.deploymentId, ...outcome }, options)
}

const remove: Handler<ChangeOptions> = async (context, args, options) => {
  const id = parseAppId(args[0]!)
  if (options.dryRun) return showPlan(context, await context.client.plans.removeApp(id))
  const answer = await context.client.removeApp(id, options)
  context.json(answer)
  const outcome: Outcome = {
    deploymentId: answer.body.deploymentId,
    wanted: { id, isRemoved: true },
    started: `Removing ${id}`,
    done: `${id} is gone`,
    next: [['See what is left', 'app list']],
  }
  return concludeApp(context, outcome, options)
}

async function applyChange(context: Context, id: string, change: Body<AppUpdate>, options: ChangeOptions) {
  const answer = await ofExisting(context, id, () => context.client.changeApp(id, change, options))
  context.json(answer)
  return answer
}

const planChange = async (context: Context, id: string, change: Body<AppUpdate>): Promise<ExitCode> =>
  showPlan(context, await ofExisting(context, id, () => context.client.plans.changeApp(id, change)))

/**
 * Changes an app that must exist. A partial definition for an unknown app may be refused as incomplete (422)
 * before its absence is noticed (rest-api 2, PATCH); then the absence is what the user needs to read.
 */
async function ofExisting<T>(
  context: Context,
  id: string,
  change: () => Promise<Answer<T>>,
): Promise<Answer<T>> {
  try {
    return await change()
  } catch (error) {
    if (error instanceof ApiError && error.failure.kind === 'invalid') await context.client.app(id)
    throw error
  }
}

const instancesOf = (count: number): string => `${count} ${count === 1 ? 'instance' : 'instances'}`

export function registerAppChanges(app: Command, run: Runner): void {
  changing(
    app
      .command('add [file]')
      .description('Add an app from a file, from standard input (-), or from flags; flags win over the file')
      .option('--id <id>', 'the id, such as /shop/web')
      .option('--cmd <command>', 'the shell command to run')
      .option('--cpus <n>', 'cpus for each instance', parseAmount)
      .option('--mem <mib>', 'memory for each instance, in MiB', parseAmount)
      .option('--disk <mib>', 'disk for each instance, in MiB', parseAmount)
      .option('--instances <n>', 'how many to run', parseCount)
      .option('--env <name=value>', 'an environment variable (repeatable)', collectPair)
      .option('--label <name=value>', 'a label (repeatable)', collectPair)
      .option(
        '--constraint <field:operator[:value]>',
        'a placement rule, such as hostname:UNIQUE (repeatable)',
        collect,
      )
      .option('--uri <uri>', 'a file to fetch into the sandbox (repeatable)', collect),
  ).action(run(add))
  changing(
    app
      .command('update <id> <change...>')
      .description(
        'Change fields: KEY=VALUE words (cpus=0.5 env.MODE=live), a JSON file, or standard input (-)',
      ),
  ).action(run(update))
  changing(
    app
      .command('scale <id>')
      .argument('<instances>', 'how many to run', parseCount)
      .description('Run this many instances'),
  ).action(run(scale))
  changing(app.command('restart <id>').description('Replace all instances by new ones')).action(run(restart))
  changing(app.command('stop <id>').description('Run no instance, but keep the definition')).action(run(stop))
  changing(app.command('remove <id>').description('Stop an app and delete its definition')).action(
    run(remove),
  )
}
