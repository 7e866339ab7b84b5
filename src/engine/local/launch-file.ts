// The file a supervisor reads (sources) to learn what to run: shell assignments and the argument list, quoted so that
// no byte of a definition is ever interpreted by that shell. Pure.

import type { CommandInfo } from '../../core/mesos.ts'
import { ok, type Result, refused } from '../../lib/result.ts'
import { localLimits } from './limits.ts'

/** Where a supervisor finds the task's cgroup; empty where there is none. */
export interface CgroupFiles {
  /** The cgroup.procs files the child writes itself into, in order. */
  readonly procs: readonly string[]
  /** The cgroup.procs files that tell who is left. */
  readonly members: readonly string[]
  /** cgroup.kill of version 2. */
  readonly killFile: string
  /** freezer.state of version 1, where there is no cgroup.kill. */
  readonly freezer: string
}

export interface UserIds {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

export interface LaunchFile {
  readonly sandbox: string
  readonly logs: string
  readonly cgroup: CgroupFiles
  readonly argv: readonly string[]
  readonly environment: readonly (readonly [name: string, value: string])[]
  /** Absent: as the server. */
  readonly user?: UserIds
}

const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** The argument list of a command (runtime 6.3), or why it has none. */
export function argvOf(
  command: Pick<CommandInfo, 'shell' | 'value' | 'arguments'>,
): Result<readonly string[], string> {
  if (command.shell) {
    if (!command.value) return refused('The command is empty: neither cmd nor args is given')
    return ok(['/bin/sh', '-c', command.value])
  }
  const argv = command.arguments ?? []
  const file = command.value ?? argv[0]
  if (!file) return refused('The command is empty: neither cmd nor args is given')
  // env(1), which sets the variables, takes words with `=` before the command for variables.
  if (file.includes('=')) return refused(`Cannot execute "${file}": the name of the program contains "="`)
  return ok([file, ...argv.slice(1)])
}

/** The environment as the task sees it: what the task info says, the sandbox, and a PATH when it names none. */
export function environmentOf(command: CommandInfo, sandbox: string): [string, string][] {
  const merged = new Map<string, string>([['PATH', defaultPath]])
  for (const { name, value } of command.environment) merged.set(name, value)
  merged.set('MESOS_SANDBOX', sandbox)
  return [...merged]
}

/** The text of the launch file, or why the kernel or a shell could not carry it. */
export function renderLaunchFile(launch: LaunchFile): Result<string, string> {
  const words = launch.environment.map(([name, value]) => `${name}=${value}`)
  for (const [name] of launch.environment) {
    if (name === '' || name.includes('='))
      return refused(`"${name}" cannot be the name of an environment variable`)
  }
  let bytes = 0
  for (const word of [...words, ...launch.argv]) {
    if (word.includes('\0')) return refused('The command or its environment contains a NUL character')
    const size = Buffer.byteLength(word)
    if (size > localLimits.argumentCharacters) {
      return refused(
        `"${word.slice(0, 40)}…" is too long to be passed to a process: ${size} bytes, at most ${localLimits.argumentCharacters}`,
      )
    }
    bytes += size + 9
  }
  if (bytes > localLimits.argumentsBytes) {
    return refused(
      `The command and its environment are too long: ${bytes} bytes, at most ${localLimits.argumentsBytes}`,
    )
  }
  const asUser = launch.user
    ? ['setpriv', `--reuid=${launch.user.uid}`, `--regid=${launch.user.gid}`, '--init-groups', '--']
    : []
  const before = ['setsid', ...asUser, 'env'].map(quote).join(' ')
  // $reset is the launcher's: `--default-signal=…` where env knows it. setsid makes the process group that SIGTERM
  // goes to.
  return ok(
    `sandbox=${quote(launch.sandbox)}\n` +
      `log=${quote(launch.logs)}\n` +
      `procs=${quote(launch.cgroup.procs.join(' '))}\n` +
      `members=${quote(launch.cgroup.members.join(' '))}\n` +
      `kill_file=${quote(launch.cgroup.killFile)}\n` +
      `freezer=${quote(launch.cgroup.freezer)}\n` +
      `set -- ${before} $reset -i -- ${[...words, ...launch.argv].map(quote).join(' ')}\n`,
  )
}

/** A word no shell looks into. */
export const quote = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`
