// `marathon pod …`: containers that share a machine and a network.

import type { Command } from 'commander'
import type { Pod, PodStatus } from '../../client/wire.ts'
import { absolutePathId, rootId } from '../../src/lib/path-id.ts'
import type { Handler, Runner } from '../command.ts'
import type { Context } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'
import { CliError, usageError } from '../messages.ts'
import type { Tone } from '../output/colour.ts'
import { formatAge } from '../output/duration.ts'
import { type Cell, renderProperties } from '../output/table.ts'
import { readDefinition } from './app/definition.ts'
import { type ChangeOptions, changing } from './changing.ts'
import { conclude } from './conclude.ts'
import { showPlan } from './plan.ts'
import { showVersions } from './versions.ts'

const list: Handler<unknown> = async (context) => {
  const answer = await context.client.pods.statuses()
  context.json(answer)
  if (answer.body.length === 0) context.say('No pods.')
  else podTable(context, answer.body)
  return exitCodes.ok
}

/** Pods with how many of their instances are well. */
export function podTable(context: Context, pods: readonly PodStatus[]): void {
  context.table(
    [
      { title: 'POD' },
      { title: 'STATUS' },
      { title: 'STABLE', align: 'right' },
      { title: 'CONTAINERS', shrinkTo: 10 },
    ],
    pods
      .toSorted((left, right) => (left.id < right.id ? -1 : 1))
      .map((pod) => [
        pod.id,
        stateCell(pod.status),
        `${pod.instances.filter(({ status }) => status === 'STABLE').length}/${pod.spec.scaling.instances}`,
        pod.spec.containers.map(({ name }) => name).join(', '),
      ]),
  )
}

const stateCell = (status: string): Cell => ({ text: status.toLowerCase(), tone: toneOfStatus[status] })

const toneOfStatus: Readonly<Record<string, Tone>> = {
  STABLE: 'good',
  PENDING: 'busy',
  STAGING: 'busy',
  DEGRADED: 'bad',
  TERMINAL: 'dim',
}

const status: Handler<unknown> = async (context, args) => {
  const answer = await context.client.pods.status(podId(args[0]!))
  context.json(answer)
  if (!context.isJson) showStatus(context, answer.body)
  return exitCodes.ok
}

function showStatus(context: Context, pod: PodStatus): void {
  const now = context.clock.now()
  context.io.stdout.write(
    renderProperties(
      [
        ['pod', { text: pod.id, tone: 'strong' }],
        ['status', stateCell(pod.status)],
        ['since', formatAge(pod.statusSince, now)],
        ['why', pod.message],
        ...pod.terminationHistory.map((end): [string, Cell] => [
          'ended',
          {
            text: `${end.instanceID} ${formatAge(end.terminatedAt, now)} ago: ${end.message ?? '-'}`,
            tone: 'bad',
          },
        ]),
      ],
      context.palette,
    ),
  )
  if (pod.instances.length === 0) return
  context.say('')
  const showsVolumes = pod.instances.some(({ localVolumes }) => localVolumes.length > 0)
  context.table(
    [
      { title: 'INSTANCE' },
      { title: 'STATUS' },
      { title: 'HOST', shrinkTo: 8 },
      { title: 'CONTAINERS', shrinkTo: 10 },
      { title: 'PORTS', shrinkTo: 6 },
      { title: 'AGE', align: 'right' },
      ...(showsVolumes ? [{ title: 'VOLUMES', shrinkTo: 8 }] : []),
    ],
    pod.instances.map((instance) => [
      instance.id,
      stateCell(instance.status),
      instance.agentHostname ?? '-',
      instance.containers
        .map((container) => `${container.name} ${container.status.replace(/^TASK_/, '').toLowerCase()}`)
        .join(', '),
      instance.containers
        .flatMap((container) => container.endpoints)
        .flatMap(({ allocatedHostPort }) => allocatedHostPort ?? [])
        .join(','),
      formatAge(instance.statusSince, now),
      ...(showsVolumes ? [instance.localVolumes.map(({ containerPath }) => containerPath).join(',')] : []),
    ]),
  )
}

const show: Handler<unknown> = async (context, args) => {
  const id = podId(args[0]!)
  const version = args[1]
  const answer =
    version === undefined ? await context.client.pods.get(id) : await context.client.pods.version(id, version)
  context.json(answer)
  if (!context.isJson) context.io.stdout.write(renderProperties(definitionOf(answer.body), context.palette))
  return exitCodes.ok
}

const definitionOf = (pod: Pod): readonly (readonly [string, Cell | undefined])[] => [
  ['pod', { text: pod.id, tone: 'strong' }],
  ['instances', pod.scaling.instances],
  ...pod.containers.map(({ name, image, exec, resources }): [string, Cell] => {
    const command = exec === undefined ? undefined : commandOf(exec.command)
    const needs = `${resources.cpus} cpus, ${resources.mem} MiB memory`
    return ['container', [name, image?.id, command, needs].filter(Boolean).join(' · ')]
  }),
  ['networks', (pod.networks ?? []).map(({ name, mode }) => name ?? mode).join(', ')],
  [
    'labels',
    Object.entries(pod.labels ?? {})
      .map(([name, value]) => `${name}=${value}`)
      .join(' '),
  ],
  ['version', pod.version],
]

const commandOf = (command: NonNullable<Pod['containers'][number]['exec']>['command']): string =>
  'shell' in command ? command.shell : command.argv.join(' ')

const versions: Handler<unknown> = async (context, args) => {
  const answer = await context.client.pods.versions(podId(args[0]!))
  return showVersions(context, answer, answer.body)
}

const deploymentHeader = 'Marathon-Deployment-Id'

const add: Handler<ChangeOptions> = async (context, args, options) => {
  const { text } = await readDefinition(context.io, args[0]!, 'pod')
  if (options.dryRun) return showPlan(context, await context.client.plans.addPod(text))
  const answer = await context.client.pods.add(text, options)
  context.json(answer)
  const { id } = answer.body
  const change = {
    deploymentId: answer.headers.get(deploymentHeader) ?? undefined,
    started: `Added ${id}`,
    done: `${id} runs`,
    look: `pod status ${id}`,
    next: [],
  }
  return conclude(context, change, options)
}

const update: Handler<ChangeOptions> = async (context, args, options) => {
  const id = podId(args[0]!)
  const { text } = await readDefinition(context.io, args[1]!, 'pod')
  // The server would create it; a slip in the id must not.
  await context.client.pods.get(id)
  if (options.dryRun) return showPlan(context, await context.client.plans.replacePod(id, text))
  const answer = await context.client.pods.replace(id, text, options)
  context.json(answer)
  const change = {
    deploymentId: answer.headers.get(deploymentHeader) ?? undefined,
    started: `Updating ${id}`,
    done: `${id} is updated`,
    look: `pod status ${id}`,
    next: [],
  }
  return conclude(context, change, options)
}

const remove: Handler<ChangeOptions> = async (context, args, options) => {
  const id = podId(args[0]!)
  if (options.dryRun) return showPlan(context, await context.client.plans.removePod(id))
  const answer = await context.client.pods.remove(id, options)
  context.json(answer)
  const change = {
    deploymentId: answer.headers.get(deploymentHeader) ?? undefined,
    started: `Removing ${id}`,
    done: `${id} is gone`,
    look: 'deployment list',
    next: [['See what is left', 'pod list']] as const,
  }
  return conclude(context, change, options)
}

const kill: Handler<{ readonly wipe?: boolean }> = async (context, args, options) => {
  const id = podId(args[0]!)
  const wanted = args.slice(1)
  const answer = await context.client.pods.kill(id, wanted, options)
  context.json(answer)
  const killed = answer.body.map(({ instanceId }) => instanceId)
  const unknown = wanted.filter((instance) => !killed.includes(instance))
  context.say(`Killed ${killed.length} of the instances of ${id}; others take their place.`)
  if (unknown.length > 0) {
    throw new CliError(
      {
        what: `${id} has no such instance: ${unknown.join(', ')}`,
        fix: [`See its instances: ${context.spell(`pod status ${id}`)}`],
      },
      exitCodes.notFound,
    )
  }
  return exitCodes.ok
}

function podId(text: string): string {
  const id = absolutePathId(text)
  if (id === rootId) throw usageError(`'${text}' is no pod id, expected one such as /shop/cache`)
  return id
}

export function registerPod(root: Command, run: Runner): void {
  const pod = root.command('pod').description('Containers that share a machine, a network and a life')
  pod.command('list').description('List pods with their state').action(run(list))
  pod
    .command('show <id> [version]')
    .description('Show what a pod is, or was in an earlier version')
    .action(run(show))
  pod
    .command('status <id>')
    .description('Show how a pod and each of its instances are doing')
    .action(run(status))
  pod
    .command('versions <id>')
    .description('List the versions of a pod, the newest first')
    .action(run(versions))
  changing(pod.command('add <file>').description('Add a pod from a file or standard input (-)')).action(
    run(add),
  )
  changing(
    pod
      .command('update <id> <file>')
      .description('Replace the definition of a pod by that in a file or from standard input (-)'),
  ).action(run(update))
  changing(pod.command('remove <id>').description('Stop a pod and delete its definition')).action(run(remove))
  pod
    .command('kill <id> <instance...>')
    .description('Kill instances of a pod; others take their place')
    .option('--wipe', 'forget them and their volumes')
    .action(run(kill))
}
