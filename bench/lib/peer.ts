// Other programs that keep processes running, doing the same beside ours. Each starts in a folder of its own, is
// ended by pid, and has a bounded time; a machine that cannot have it gets no figure, and the result says why.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'

export interface UpAndDown {
  readonly processes: number
  readonly upMs: number
  readonly downMs: number
  /**
   * Memory of the program itself with its own supporting processes, shared pages divided among those who share them.
   */
  readonly ownMib: number
}

export type Measured = UpAndDown | { readonly notMeasured: string }

/** The longest any one step of a peer may take. */
export const peerStepMs = 120_000

/** Runs a command to its end. @throws with what it said when it fails or takes too long */
export function runCommand(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    timeout: peerStepMs,
    env: { ...process.env, ...env },
  })
  if (status === 0) return stdout
  throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr.trim().slice(-500)}`)
}

/** Starts a command and lets it run while we look at what it does; resolves with its end. */
export function startCommand(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): { readonly process: ChildProcess; readonly ended: Promise<void> } {
  const child = spawn(command, args, { stdio: 'ignore', env: { ...process.env, ...env } })
  const ended = new Promise<void>((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', () => resolve())
  })
  return { process: child, ended }
}

export const isInstalled = (program: string): boolean =>
  spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0
