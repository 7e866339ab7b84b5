// Tasks as real processes: each in a sandbox folder with its environment, volumes linked into it, output in files, in
// a process group of its own that ends with it. What the fake cluster started is gone when it is closed.

import { type ChildProcess, spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Exit, Launch, LaunchFailure, Runner, RunnerHooks } from './runner.ts'
import type { WireCommand } from './wire.ts'

interface Running {
  readonly launch: Launch
  readonly sandbox: string
  child: ChildProcess | undefined
  isOver: boolean
}

/** As Mesos names signals in messages. */
const signalNames: Readonly<Record<string, string>> = {
  SIGKILL: 'Killed',
  SIGTERM: 'Terminated',
  SIGINT: 'Interrupt',
  SIGHUP: 'Hangup',
  SIGSEGV: 'Segmentation fault',
  SIGABRT: 'Aborted',
}

export class ProcessRunner implements Runner {
  readonly workDir: string
  readonly #ownsDir: boolean
  readonly #tasks = new Map<string, Running>()

  /** @param workDir where agents keep sandboxes and volumes; absent: a folder that goes with the cluster */
  constructor(workDir?: string) {
    this.#ownsDir = workDir === undefined
    this.workDir = workDir ?? fs.mkdtempSync(path.join(os.tmpdir(), 'fake-mesos-'))
  }

  /** Where Mesos would put it. */
  sandboxOf({ agentId, frameworkId, executorId, containerId, taskId }: Launch): string {
    const run = path.join(this.workDir, 'slaves', agentId, 'frameworks', frameworkId, 'executors', executorId)
    const container = path.join(run, 'runs', containerId)
    return taskId === executorId ? container : path.join(container, 'tasks', taskId)
  }

  /** The process of a task that runs. */
  pidOf(taskId: string): number | undefined {
    for (const { launch, child } of this.#tasks.values()) if (launch.taskId === taskId) return child?.pid
    return undefined
  }

  launch(launch: Launch, hooks: RunnerHooks): void {
    const sandbox = this.sandboxOf(launch)
    const task: Running = { launch, sandbox, child: undefined, isOver: false }
    this.#tasks.set(launch.key, task)
    this.#start(task, hooks).catch((error: unknown) => {
      this.#tasks.delete(launch.key)
      hooks.failed(failureOf(launch, error))
    })
  }

  kill(key: string, graceMs: number): void {
    const task = this.#tasks.get(key)
    if (task === undefined) return
    if (task.child === undefined) {
      task.isOver = true
      this.#tasks.delete(key)
      return
    }
    signal(task.child, graceMs === 0 ? 'SIGKILL' : 'SIGTERM')
    const { child } = task
    setTimeout(() => {
      if (child.exitCode === null && child.signalCode === null) signal(child, 'SIGKILL')
    }, graceMs).unref()
  }

  check(key: string, command: WireCommand, timeoutMs: number): Promise<number> {
    const task = this.#tasks.get(key)
    if (task === undefined) return Promise.resolve(1)
    return new Promise((resolve) => {
      const child = spawn('sh', ['-c', command.value ?? ''], {
        cwd: task.sandbox,
        env: environmentOf(task),
        stdio: 'ignore',
        detached: true,
      })
      const timer = setTimeout(() => signal(child, 'SIGKILL'), timeoutMs)
      child.on('close', (code) => {
        clearTimeout(timer)
        resolve(code ?? 128)
      })
      child.on('error', () => resolve(127))
    })
  }

  killAll(agentId: string): void {
    for (const [key, task] of this.#tasks) {
      if (task.launch.agentId !== agentId) continue
      task.isOver = true
      this.#tasks.delete(key)
      if (task.child !== undefined) signal(task.child, 'SIGKILL')
    }
  }

  async close(): Promise<void> {
    const ended: Promise<unknown>[] = []
    for (const { child } of this.#tasks.values()) {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) continue
      ended.push(new Promise((resolve) => child.once('close', resolve)))
      signal(child, 'SIGTERM')
    }
    const all = Promise.all(ended)
    await Promise.race([all, new Promise((resolve) => setTimeout(resolve, 5_000))])
    for (const { child } of this.#tasks.values()) if (child !== undefined) signal(child, 'SIGKILL')
    await all
    if (this.#ownsDir) fs.rmSync(this.workDir, { recursive: true, force: true })
  }

  async #start(task: Running, hooks: RunnerHooks): Promise<void> {
    const { launch, sandbox } = task
    const { command } = launch
    const userError = unknownUser(command.user)
    if (userError !== undefined) throw new SandboxError(sandbox, userError)
    fs.mkdirSync(sandbox, { recursive: true })
    for (const uri of command.uris ?? []) await fetchInto(sandbox, uri, launch.containerId)
    for (const { persistence, volume } of launch.volumes) {
      if (persistence === undefined || volume === undefined) continue
      const folder = path.join(this.workDir, 'volumes', launch.agentId, persistence.id)
      fs.mkdirSync(folder, { recursive: true })
      const link = path.join(sandbox, volume.container_path)
      fs.mkdirSync(path.dirname(link), { recursive: true })
      fs.symlinkSync(folder, link)
    }
    if (task.isOver) return
    const out = fs.openSync(path.join(sandbox, 'stdout'), 'a')
    const err = fs.openSync(path.join(sandbox, 'stderr'), 'a')
    const [file, args] = argvOf(command)
    const child = spawn(file, args, {
      cwd: sandbox,
      env: environmentOf(task),
      stdio: ['ignore', out, err],
      detached: true,
      ...(command.shell === false ? { argv0: command.arguments?.[0] ?? file } : {}),
    })
    fs.closeSync(out)
    fs.closeSync(err)
    task.child = child
    hooks.started()
    const end = (exit: Exit): void => {
      if (task.isOver) return
      task.isOver = true
      this.#tasks.delete(launch.key)
      signal(child, 'SIGKILL')
      hooks.ended(exit)
    }
    // A program that is not there is noticed by the executor's child, after TASK_RUNNING.
    child.on('error', () => end({ code: 1 }))
    child.on('close', (code, name) =>
      end(name === null ? { code: code ?? 1 } : { signal: signalNames[name] ?? name }),
    )
  }
}

function argvOf({ shell, value = '', arguments: args = [] }: WireCommand): readonly [string, string[]] {
  return shell === false ? [value, args.slice(1)] : ['sh', ['-c', value]]
}

function environmentOf({ launch, sandbox }: Running): Record<string, string> {
  const variables = launch.command.environment?.variables ?? []
  return {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    MESOS_SANDBOX: sandbox,
    MESOS_DIRECTORY: sandbox,
    MESOS_TASK_ID: launch.taskId,
    MESOS_FRAMEWORK_ID: launch.frameworkId,
    MESOS_SLAVE_ID: launch.agentId,
    MESOS_EXECUTOR_ID: launch.executorId,
    ...Object.fromEntries(variables.map(({ name, value }) => [name, value ?? ''])),
  }
}

class SandboxError extends Error {
  constructor(sandbox: string, problem: string) {
    super(`Failed to create executor directory '${sandbox}': ${problem}`)
  }
}

function failureOf({ containerId }: Launch, error: unknown): LaunchFailure {
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof SandboxError)
    return { state: 'TASK_DROPPED', reason: 'REASON_EXECUTOR_TERMINATED', message }
  return {
    state: 'TASK_FAILED',
    reason: 'REASON_CONTAINER_LAUNCH_FAILED',
    message: `Failed to launch container: ${message.replaceAll('CONTAINER', containerId)}`,
  }
}

function unknownUser(user: string | undefined): string | undefined {
  if (user === undefined) return undefined
  const isKnown = fs
    .readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .some((line) => line.startsWith(`${user}:`))
  return isKnown ? undefined : `Failed to chown directory to '${user}': No such user '${user}'`
}

/** Copies or downloads a file; archives stay as they are. */
async function fetchInto(
  sandbox: string,
  { value, executable, output_file }: NonNullable<WireCommand['uris']>[number],
  containerId: string,
): Promise<void> {
  const target = path.join(sandbox, output_file ?? path.basename(value))
  try {
    if (/^https?:/.test(value)) {
      const response = await fetch(value)
      if (!response.ok) throw new Error(`${value}: ${response.status}`)
      fs.writeFileSync(target, Buffer.from(await response.arrayBuffer()))
    } else fs.copyFileSync(value.startsWith('file:') ? fileURLToPath(value) : value, target)
    if (executable === true) fs.chmodSync(target, 0o755)
  } catch {
    throw new Error(`Failed to fetch all URIs for container '${containerId}': exited with status 1`)
  }
}

/** To the whole group: a shell's children end with it. */
function signal(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, name)
  } catch {
    // Gone already.
  }
}
