// From an accepted task to the request to the launcher: refusals, sandbox, artifacts, user, cgroup, launch file.
// What takes long (fetching, name services) runs beside everything else and ends when the task is killed.

import type { TaskInfo } from '../../core/mesos.ts'
import { assert } from '../../lib/assert.ts'
import type { Cgroups } from './cgroups.ts'
import { type CheckCommand, commandsOf } from './check-target.ts'
import { describeFailure } from './failures.ts'
import { FetchError, type Fetcher } from './fetcher.ts'
import { argvOf, type CgroupFiles, environmentOf, renderLaunchFile, type UserIds } from './launch-file.ts'
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
  const unsupported = describeUnsupported(info)
  if (unsupported !== undefined) return unsupported
  const wrong = [info.command, ...commandsOf(info).map(({ command }) => command)]
    .map(argvOf)
    .find((argv) => !argv.ok)
  return wrong?.ok === false ? wrong.error : undefined
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
  const { cgroups, files } = options
  const checks = commandsOf(task.info)
  const parts = checks.map(({ kind }) => kind)
  const launchFile = launchFileOf(task, task.info.command, user, cgroups.filesOf(task.id, parts))
  const checkFiles = checks.map(({ kind, command }) => ({
    kind,
    text: launchFileOf(task, command, user, cgroups.filesOfPart(task.id, kind)),
  }))
  await createCgroup(task, options, parts)
  if (isOver(task)) {
    await cgroups.remove(task.id)
    return
  }
  // After the cgroup: whoever reads the file finds it.
  for (const { kind, text } of checkFiles) files.writeCheckFile(task.id, kind, text)
  files.writeLaunchFile(task.id, launchFile)
  options.onReady(task)
}

/** `command`: the task's, or that of a check, which is run as the task is. */
function launchFileOf(
  { info, paths }: LocalTask,
  command: CheckCommand,
  user: UserIds | undefined,
  cgroup: CgroupFiles,
): string {
  const argv = argvOf(command)
  assert(argv.ok, 'a command was checked before its launch')
  const text = renderLaunchFile({
    sandbox: paths.sandbox,
    logs: paths.logs,
    cgroup,
    argv: argv.value,
    environment: environmentOf(info.command, paths.sandbox),
    ...(user ? { user } : {}),
  })
  if (!text.ok) throw new LaunchRefusal(text.error)
  return text.value
}

function createCgroup(
  { id, info }: LocalTask,
  { cgroups, pidsPerTask }: PreparationOptions,
  parts: readonly string[],
): Promise<void> {
  const { cpus, mem } = amountsOf(info.resources)
  const cpusMax = info.limits?.cpus
  const limits = {
    cpus,
    mem,
    memMax: info.limits?.mem ?? (mem > 0 ? mem : Number.POSITIVE_INFINITY),
    pids: pidsPerTask,
    ...(cpusMax === undefined ? {} : { cpusMax }),
  }
  return cgroups.create(id, limits, parts)
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
