// From an accepted task to the request to the launcher: refusals, sandbox, artifacts, user, cgroup, launch file.
// What takes long (fetching, name services) runs beside everything else and ends when the task is killed.

import type { TaskInfo } from '../../core/mesos.ts'
import { assert } from '../../lib/assert.ts'
import type { Cgroups } from './cgroups.ts'
import { FetchError, type Fetcher } from './fetcher.ts'
import { argvOf, environmentOf, renderLaunchFile, type UserIds } from './launch-file.ts'
import type { LocalTask } from './local-task.ts'
import { describeUnsupported } from './refusals.ts'
import { amountsOf } from './resources.ts'
import { createSandbox, giveTo } from './sandboxes.ts'
import type { TaskFiles } from './task-files.ts'
import { findUser } from './users.ts'
import type { Verdict } from './verdicts.ts'

export interface PreparationOptions {
  readonly files: TaskFiles
  readonly cgroups: Cgroups
  readonly fetcher: Fetcher
  readonly pidsPerTask: number
  readonly onFetching: (task: LocalTask) => void
  /** Everything is in place; the launcher can be asked. */
  readonly onReady: (task: LocalTask) => void
  readonly onFailed: (task: LocalTask, verdict: Verdict) => void
}

/** Why a task can never run here, found before anything is touched; undefined when it can. */
export function describeInvalid(info: TaskInfo): string | undefined {
  const argv = argvOf(info.command)
  return describeUnsupported(info) ?? (argv.ok ? undefined : argv.error)
}

/** Prepares a task whose record is written down. Without user and artifacts it is ready when this returns. */
export function prepare(task: LocalTask, options: PreparationOptions): void {
  const { command } = task.info
  const fail = (error: unknown) => {
    if (task.phase.kind !== 'ended') options.onFailed(task, failureVerdict(error))
  }
  if (command.user === undefined && command.uris.length === 0) {
    try {
      createSandbox(task.paths, { id: task.id, taskId: task.info.taskId, user: undefined })
      writeLaunch(task, undefined, options)
    } catch (error) {
      fail(error)
      return
    }
    options.onReady(task)
    return
  }
  const abort = new AbortController()
  task.phase = { kind: 'preparing', abort }
  void prepareSlowly(task, abort.signal, options).catch(fail)
}

async function prepareSlowly(
  task: LocalTask,
  signal: AbortSignal,
  options: PreparationOptions,
): Promise<void> {
  const { command, taskId } = task.info
  let user: UserIds | undefined
  if (command.user !== undefined) {
    const found = await findUser(command.user)
    if (!found.ok) throw new LaunchRefusal(found.error)
    user = found.value
  }
  if (signal.aborted) return
  createSandbox(task.paths, { id: task.id, taskId, user })
  if (command.uris.length > 0) {
    options.onFetching(task)
    await options.fetcher.fetchAll(command.uris, task.paths.sandbox, signal)
    if (user) await giveTo(task.paths.sandbox, user)
  }
  if (signal.aborted || task.phase.kind !== 'preparing') return
  writeLaunch(task, user, options)
  options.onReady(task)
}

/** The cgroup with its limits, then the launch file: whoever reads the file finds the cgroup. */
function writeLaunch(task: LocalTask, user: UserIds | undefined, options: PreparationOptions): void {
  const { info, paths, id } = task
  const { cgroups, files, pidsPerTask } = options
  const argv = argvOf(info.command)
  assert(argv.ok, 'a command was checked before its launch')
  const text = renderLaunchFile({
    sandbox: paths.sandbox,
    logs: paths.logs,
    cgroup: cgroups.filesOf(id),
    argv: argv.value,
    environment: environmentOf(info.command, paths.sandbox),
    ...(user ? { user } : {}),
  })
  if (!text.ok) throw new LaunchRefusal(text.error)
  const { cpus, mem } = amountsOf(info.resources)
  const cpusMax = info.limits?.cpus
  cgroups.create(id, {
    cpus,
    mem,
    memMax: info.limits?.mem ?? (mem > 0 ? mem : Number.POSITIVE_INFINITY),
    pids: pidsPerTask,
    ...(cpusMax === undefined ? {} : { cpusMax }),
  })
  files.writeLaunchFile(id, text.value)
}

/** A launch that cannot be, with a message made for its user. */
class LaunchRefusal extends Error {
  override readonly name = 'LaunchRefusal'
}

/** How a failed preparation is told. */
export function failureVerdict(error: unknown): Verdict {
  const isForUsers = error instanceof FetchError || error instanceof LaunchRefusal
  const message = isForUsers ? error.message : `Could not prepare the task: ${describeFailure(error)}`
  return { state: 'TASK_FAILED', reason: 'REASON_CONTAINER_LAUNCH_FAILED', message }
}

const failureTexts: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EMFILE: 'too many open files',
}

/** What went wrong with a file, in words, with its name. */
export function describeFailure(error: unknown): string {
  const { code, path: file, message } = error as NodeJS.ErrnoException
  const text = code && failureTexts[code]
  return text ? `${text}${file ? ` (${file})` : ''}` : message
}
