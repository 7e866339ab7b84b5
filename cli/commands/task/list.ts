// `marathon task list`, and the table of tasks that other commands show too.

import type { Command } from 'commander'
import type { Task, V1Task } from '../../../client/wire.ts'
import type { Handler, Runner } from '../../command.ts'
import { type Context, parseAppId } from '../../context.ts'
import { exitCodes } from '../../exit-codes.ts'
import type { Tone } from '../../output/colour.ts'
import { formatAge } from '../../output/duration.ts'
import type { Cell, Column } from '../../output/table.ts'

const list: Handler<unknown> = async (context, args) => {
  const appId = args[0] === undefined ? undefined : parseAppId(args[0])
  const answer = await context.client.tasks(appId)
  context.json(answer)
  const { tasks } = answer.body
  if (tasks.length > 0) taskTable(context, tasks.toSorted(byAppThenId), { showsApp: appId === undefined })
  else if (appId === undefined) context.say('No tasks.')
  else context.say(`${appId} has no tasks. Why: ${context.spell(`app show ${appId}`)}`)
  return exitCodes.ok
}

/** Tasks as a table; `showsApp` adds the app's column, for lists across apps. */
export function taskTable(
  context: Context,
  tasks: readonly (Task | V1Task)[],
  options: { readonly showsApp: boolean },
): void {
  const columns: Column[] = [
    { title: 'TASK' },
    { title: 'STATE' },
    { title: 'HEALTH' },
    { title: 'HOST', shrinkTo: 8 },
    { title: 'PORTS', shrinkTo: 6 },
    { title: 'AGE', align: 'right' },
  ]
  if (options.showsApp) columns.unshift({ title: 'APP', shrinkTo: 10 })
  const showsVolumes = tasks.some((task) => volumesOf(task) !== '')
  if (showsVolumes) columns.push({ title: 'VOLUMES', shrinkTo: 8 })
  const now = context.clock.now()
  const rows = tasks.map((task): Cell[] => {
    const age = formatAge(task.startedAt ?? task.stagedAt, now)
    const cells: Cell[] = [task.id, stateOf(task), healthOf(task), task.host, task.ports.join(','), age]
    if (showsVolumes) cells.push(volumesOf(task) || '-')
    return options.showsApp ? ['appId' in task ? task.appId : '-', ...cells] : cells
  })
  context.table(columns, rows)
}

/** `TASK_RUNNING` → `running`. Tasks of the v1 API have no state, only times. */
function stateOf(task: Task | V1Task): { readonly text: string; readonly tone: Tone | undefined } {
  const state = 'state' in task ? task.state : task.startedAt === null ? 'staging' : 'running'
  const text = state.replace(/^TASK_/, '').toLowerCase()
  return { text, tone: toneOfState[text] }
}

const toneOfState: Readonly<Record<string, Tone>> = {
  running: 'good',
  staging: 'busy',
  starting: 'busy',
  killing: 'busy',
  unreachable: 'bad',
  lost: 'bad',
  failed: 'bad',
  error: 'bad',
}

function healthOf(task: Task | V1Task): Cell {
  const results = 'healthCheckResults' in task ? task.healthCheckResults : []
  if (results.length === 0) return '-'
  return results.every((result) => result.alive)
    ? { text: 'healthy', tone: 'good' }
    : { text: 'unhealthy', tone: 'bad' }
}

/** The paths of what its agent keeps for it. */
const volumesOf = (task: Task | V1Task): string =>
  'localVolumes' in task ? task.localVolumes.map(({ containerPath }) => containerPath).join(',') : ''

function byAppThenId(a: Task, b: Task): number {
  const [left, right] = [`${a.appId} ${a.id}`, `${b.appId} ${b.id}`]
  return left < right ? -1 : left > right ? 1 : 0
}

export const registerTaskList = (task: Command, run: Runner): Command =>
  task.command('list [app]').description('List tasks: of one app, or all').action(run(list))
