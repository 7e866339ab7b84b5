// `marathon group …`: apps and pods in a tree, looked at and changed together.

import type { Command } from 'commander'
import type { Answer } from '../../client/transport.ts'
import type { Body, DeploymentResult, Group, GroupUpdate, Plan } from '../../client/wire.ts'
import { absolutePathId, rootId } from '../../src/lib/path-id.ts'
import { type Handler, parseAmount, type Runner } from '../command.ts'
import type { Context } from '../context.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { usageError } from '../messages.ts'
import { type Column, renderProperties } from '../output/table.ts'
import { readDefinition } from './app/definition.ts'
import { appTable } from './app/list.ts'
import { type ChangeOptions, changing } from './changing.ts'
import { conclude, type Next } from './conclude.ts'
import { showPlan } from './plan.ts'
import { podTable } from './pod.ts'
import { showVersions } from './versions.ts'

const embeds = ['group.groups', 'group.apps', 'group.pods', 'group.apps.counts', 'group.apps.deployments']

const list: Handler<unknown> = async (context) => {
  const answer = await context.client.groups.get(rootId, { embed: embeds })
  context.json(answer)
  const groups = flattened(answer.body)
  context.table(
    columns,
    groups.map((group) => {
      const apps = appsWithin(group)
      const running = apps.reduce((sum, app) => sum + (app.tasksRunning ?? 0), 0)
      const wanted = apps.reduce((sum, app) => sum + app.instances, 0)
      return [group.id, apps.length, podsWithin(group).length, `${running}/${wanted}`, dependenciesOf(group)]
    }),
  )
  return exitCodes.ok
}

const columns: readonly Column[] = [
  { title: 'GROUP' },
  { title: 'APPS', align: 'right' },
  { title: 'PODS', align: 'right' },
  { title: 'RUNNING', align: 'right' },
  { title: 'AFTER', shrinkTo: 8 },
]

const dependenciesOf = (group: Group): string => group.dependencies.join(', ') || '-'

/** The group and all within it, parents first. */
const flattened = (group: Group): readonly Group[] => [
  group,
  ...group.groups.toSorted((left, right) => (left.id < right.id ? -1 : 1)).flatMap(flattened),
]
const appsWithin = (group: Group): Group['apps'] => flattened(group).flatMap(({ apps }) => apps)
const podsWithin = (group: Group): Group['pods'] => flattened(group).flatMap(({ pods }) => pods)

const show: Handler<unknown> = async (context, args) => {
  const id = absolutePathId(args[0]!)
  const version = args[1]
  const answer =
    version === undefined
      ? await context.client.groups.get(id, { embed: embeds })
      : await context.client.groups.version(id, version)
  context.json(answer)
  if (context.isJson) return exitCodes.ok
  const group = answer.body
  const groups = flattened(group).slice(1)
  context.io.stdout.write(
    renderProperties(
      [
        ['group', { text: group.id, tone: 'strong' }],
        ['version', group.version],
        ['after', group.dependencies.join(', ')],
        ['enforces role', group.enforceRole === undefined ? undefined : String(group.enforceRole)],
        ['groups', groups.map((each) => each.id).join(', ')],
      ],
      context.palette,
    ),
  )
  const apps = appsWithin(group)
  const pods = podsWithin(group)
  if (apps.length > 0) {
    context.say('')
    appTable(context, apps)
  }
  if (pods.length > 0) {
    context.say('')
    podTable(context, pods)
  }
  return exitCodes.ok
}

const versions: Handler<unknown> = async (context, args) => {
  const answer = await context.client.groups.versions(absolutePathId(args[0] ?? rootId))
  return showVersions(context, answer, answer.body)
}

interface Change {
  readonly plan: () => Promise<Answer<Plan>>
  readonly make: () => Promise<Answer<DeploymentResult>>
  readonly started: string
  readonly done: string
  readonly next: Next
}

async function carryOut(context: Context, change: Change, options: ChangeOptions): Promise<ExitCode> {
  if (options.dryRun) return showPlan(context, await change.plan())
  const answer = await change.make()
  context.json(answer)
  const { started, done, next } = change
  const { deploymentId } = answer.body
  return conclude(context, { deploymentId, started, done, look: 'deployment list', next }, options)
}

const add: Handler<ChangeOptions> = async (context, args, options) => {
  const { text, value } = await readDefinition(context.io, args[0]!, 'group')
  const id = typeof value['id'] === 'string' ? absolutePathId(value['id']) : undefined
  if (id === undefined) throw usageError('The group has no id', 'Give it one: {"id": "/shop", "apps": […]}')
  const change: Change = {
    plan: () => context.client.plans.addGroup(text),
    make: () => context.client.groups.add(text, options),
    started: `Adding ${id}`,
    done: `${id} is there`,
    next: [['Look at it', `group show ${id}`]],
  }
  return carryOut(context, change, options)
}

const update: Handler<ChangeOptions> = async (context, args, options) => {
  const { text } = await readDefinition(context.io, args[1]!, 'group')
  return changeTo(context, args[0]!, { change: text, doing: 'Updating', did: 'is updated' }, options)
}

const scale: Handler<ChangeOptions> = async (context, args, options) => {
  const scaleBy = parseAmount(args[1]!)
  const words = { doing: `Scaling by ${scaleBy}`, did: `is scaled by ${scaleBy}` }
  return changeTo(context, args[0]!, { change: { scaleBy }, ...words }, options)
}

const rollback: Handler<ChangeOptions> = async (context, args, options) => {
  const version = args[1]!
  const words = { doing: `Going back to ${version}:`, did: `is as it was at ${version}` }
  return changeTo(context, args[0]!, { change: { version }, ...words }, options)
}

function changeTo(
  context: Context,
  group: string,
  to: { readonly change: Body<GroupUpdate>; readonly doing: string; readonly did: string },
  options: ChangeOptions,
): Promise<ExitCode> {
  const id = absolutePathId(group)
  const change: Change = {
    plan: () => context.client.plans.changeGroup(id, to.change),
    make: () => context.client.groups.change(id, to.change, options),
    started: `${to.doing} ${id}`,
    done: `${id} ${to.did}`,
    next: [['Look at it', `group show ${id}`]],
  }
  return carryOut(context, change, options)
}

const remove: Handler<ChangeOptions> = async (context, args, options) => {
  const id = absolutePathId(args[0]!)
  const change: Change = {
    plan: () => context.client.plans.removeGroup(id),
    make: () => context.client.groups.remove(id, options),
    started: `Removing ${id} with everything in it`,
    done: `${id} is gone with everything that was in it`,
    next: [['See what is left', 'group list']],
  }
  return carryOut(context, change, options)
}

export function registerGroup(root: Command, run: Runner): void {
  const group = root.command('group').description('Apps and pods in a tree, changed together')
  group.command('list').description('List all groups with what runs in them').action(run(list))
  group
    .command('show <id> [version]')
    .description('Show one group with its apps and pods, as it is or as it was')
    .action(run(show))
  group
    .command('versions [id]')
    .description('List the versions of a group, the newest first')
    .action(run(versions))
  changing(
    group
      .command('add <file>')
      .description('Add a group with what is in it, from a file or standard input (-)'),
  ).action(run(add))
  changing(
    group
      .command('update <id> <file>')
      .description('Change a group to what a file or standard input (-) says; what that does not name stays'),
  ).action(run(update))
  changing(
    group
      .command('scale <id>')
      .argument('<factor>', 'such as 2 or 0.5', parseAmount)
      .description('Multiply the instances of all apps in a group'),
  ).action(run(scale))
  changing(
    group.command('rollback <id> <version>').description('Make a group what it was in an earlier version'),
  ).action(run(rollback))
  changing(
    group.command('remove <id>').description('Stop everything in a group and delete its definitions'),
  ).action(run(remove))
}
