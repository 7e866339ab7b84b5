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

/**
 * Prepares a task whose record is written down. Resolves when it is ready, has failed, or is given up because it was
 * ended meanwhile; then no cgroup of it is left.
 */
export async function prepare(task: LocalTask, options: PreparationOptions): Promise<void> {
  const abort = new AbortController()
  task.phase = { kind: 'preparing', abort }
  try {
    await prepareSteps(task, abort.signal, options)
  } catch (error) {
    if (!isOver(task)) options.onFailed(task, failureVerdict(error))
  }
}

/** Whoever ends a task that is being prepared aborts that. */
const isOver = ({ phase }: LocalTask): boolean => phase.kind !== 'preparing' || phase.abort.signal.aborted

async function prepareSteps(
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
  if (isOver(task)) return
  createSandbox(task.paths, { id: task.id, taskId, user })
  if (command.uris.length > 0) {
    options.onFetching(task)
    await options.fetcher.fetchAll(command.uris, task.paths.sandbox, signal)
    if (user) await giveTo(task.paths.sandbox, user)
  }
  if (isOver(task)) return
  const launchFile = launchFileOf(task, user, options)
  await createCgroup(task, options)
  if (isOver(task)) {
    await options.cgroups.remove(task.id)
    return
  }
  // After the cgroup: whoever reads the file finds it.
  options.files.writeLaunchFile(task.id, launchFile)
  options.onReady(task)
}

function launchFileOf(task: LocalTask, user: UserIds | undefined, options: PreparationOptions): string {
  const { info, paths, id } = task
  const argv = argvOf(info.command)
  assert(argv.ok, 'a command was checked before its launch')
  const text = renderLaunchFile({
    sandbox: paths.sandbox,
    logs: paths.logs,
    cgroup: options.cgroups.filesOf(id),
    argv: argv.value,
    environment: environmentOf(info.command, paths.sandbox),
    ...(user ? { user } : {}),
  })
  if (!text.ok) throw new LaunchRefusal(text.error)
  return text.value
}

function createCgroup({ id, info }: LocalTask, { cgroups, pidsPerTask }: PreparationOptions): Promise<void> {
  const { cpus, mem } = amountsOf(info.resources)
  const cpusMax = info.limits?.cpus
  return cgroups.create(id, {
    cpus,
    mem,
    memMax: info.limits?.mem ?? (mem > 0 ? mem : Number.POSITIVE_INFINITY),
    pids: pidsPerTask,
    ...(cpusMax === undefined ? {} : { cpusMax }),
  })
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
