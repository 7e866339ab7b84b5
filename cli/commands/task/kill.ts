// `marathon task kill`: kills tasks, which are replaced, unless --scale makes the app smaller.

import type { Command } from 'commander'
import type { Task } from '../../../client/wire.ts'
import { type Handler, type Runner, withForce, withWait } from '../../command.ts'
import { sayDone } from '../../context.ts'
import { exitCodes } from '../../exit-codes.ts'
import { CliError, usageError } from '../../messages.ts'
import type { WantedApp } from '../../progress.ts'
import { type WaitOptions, waitFor } from '../../wait.ts'
import { appIdOfTask } from './id.ts'

interface KillCommandOptions extends WaitOptions {
  readonly scale?: boolean
  readonly wipe?: boolean
  readonly force?: boolean
}

const kill: Handler<KillCommandOptions> = async (context, ids, options) => {
  if (options.scale && options.wipe) {
    throw usageError(
      '--scale and --wipe exclude each other',
      'Use --scale for fewer instances, --wipe to drop the volumes',
    )
  }
  const answer = await context.client.killTasks(ids, options)
  context.json(answer)
  if ('deploymentId' in answer.body) {
    const { deploymentId } = answer.body
    const apps = [...new Set(ids.flatMap((id) => appIdOfTask(id) ?? []))].map((id): WantedApp => ({ id }))
    if (options.wait) await waitFor(context, { deploymentId, apps }, options)
    const what = options.wait
      ? `Killed ${tasksOf(ids.length)}; their apps have fewer instances`
      : `Killing ${tasksOf(ids.length)} (deployment ${deploymentId})`
    sayDone(context, what, [['See what is left', 'task list']])
    return exitCodes.ok
  }
  const { tasks } = answer.body
  if (options.wait && tasks.length > 0) await waitFor(context, { apps: replacedIn(tasks) }, options)
  if (tasks.length > 0) {
    sayDone(context, `${options.wait ? 'Replaced' : 'Killed'} ${tasksOf(tasks.length)}`, [
      ['See what runs instead', 'task list'],
    ])
  }
  const unknown = ids.filter((id) => !tasks.some((task) => isSameInstance(task.id, id)))
  if (unknown.length === 0) return exitCodes.ok
  const what =
    unknown.length === 1 ? `There is no task ${unknown[0]}` : `There are no such tasks: ${unknown.join(', ')}`
  throw new CliError(
    { what, fix: [`See the tasks there are: ${context.spell('task list')}`] },
    exitCodes.notFound,
  )
}

/** The apps of killed tasks, each waiting for its own to be replaced. */
function replacedIn(tasks: readonly Task[]): readonly WantedApp[] {
  const killed = new Map<string, string[]>()
  for (const task of tasks) {
    const app = task.appId ?? appIdOfTask(task.id)
    if (app !== undefined) killed.set(app, [...(killed.get(app) ?? []), task.id])
  }
  return [...killed].map(([id, ids]) => ({ id, killed: ids }))
}

/** Only the instance part of an id is compared by the server (rest-api 2.2). */
const isSameInstance = (a: string, b: string): boolean => instanceOf(a) === instanceOf(b)

const instanceOf = (taskId: string): string => taskId.replace(/\._app\.\d+$/, '')

const tasksOf = (count: number): string => `${count} ${count === 1 ? 'task' : 'tasks'}`

export const registerTaskKill = (task: Command, run: Runner): Command =>
  withWait(withForce(task.command('kill <task...>')))
    .description('Kill tasks; others take their place unless --scale is given')
    .option('--scale', 'make the app smaller instead of replacing the tasks')
    .option('--wipe', 'drop the reservation and the volumes of the tasks too')
    .action(run(kill))
