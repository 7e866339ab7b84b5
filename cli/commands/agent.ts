// `marathon agent`: the machines that tasks run on, and pulling the plug of one to see what happens.

import type { Command } from 'commander'
import type { Agent, AgentResources } from '../../client/wire.ts'
import type { Handler, Runner } from '../command.ts'
import { sayDone } from '../context.ts'
import { exitCodes } from '../exit-codes.ts'
import type { Cell, Column } from '../output/table.ts'

const list: Handler<unknown> = async (context) => {
  const answer = await context.client.agents()
  context.json(answer)
  const { agents } = answer.body
  if (agents.length === 0) context.say('No agents.')
  else context.table(columns, agents.map(rowOf))
  return exitCodes.ok
}

const columns: readonly Column[] = [
  { title: 'AGENT' },
  { title: 'HOST', shrinkTo: 8 },
  { title: 'STATUS' },
  { title: 'TASKS', align: 'right' },
  { title: 'CPUS', align: 'right' },
  { title: 'MEM', align: 'right' },
  { title: 'ATTRIBUTES', shrinkTo: 10 },
]

const rowOf = (agent: Agent): readonly Cell[] => [
  agent.id,
  agent.hostname,
  agent.connected ? { text: 'connected', tone: 'good' } : { text: 'unplugged', tone: 'bad' },
  agent.tasks ?? 0,
  usage(agent, 'cpus'),
  usage(agent, 'mem'),
  Object.entries(agent.attributes ?? {})
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' '),
]

/** `0.5/4`: used of what there is. */
const usage = (agent: Agent, name: keyof AgentResources & ('cpus' | 'mem')): string =>
  `${rounded(agent.used?.[name])}/${rounded(agent.resources?.[name])}`

/** Sums of binary fractions end in noise; people set two places at most. */
const rounded = (value = 0): number => Math.round(value * 100) / 100

const unplug: Handler<unknown> = async (context, args) => {
  const answer = await context.client.unplug(args[0]!)
  context.json(answer)
  const { id } = answer.body.agent
  sayDone(context, `${id} is unplugged; its tasks died at once`, [
    ['See where they start again', 'task list'],
    ['Plug it in again', `agent plug ${id}`],
  ])
  return exitCodes.ok
}

const plug: Handler<unknown> = async (context, args) => {
  const answer = await context.client.plug(args[0]!)
  context.json(answer)
  sayDone(context, `${answer.body.agent.id} is plugged in and offers its resources`, [
    ['See the agents', 'agent list'],
  ])
  return exitCodes.ok
}

export function registerAgent(root: Command, run: Runner): void {
  const agent = root.command('agent').description('Machines, real or virtual, that tasks run on')
  agent.command('list').description('List agents with what they have and use').action(run(list))
  agent
    .command('unplug <id>')
    .description('Pull the power cord of an agent: its tasks are killed at once')
    .action(run(unplug))
  agent.command('plug <id>').description('Plug an agent in again').action(run(plug))
}
