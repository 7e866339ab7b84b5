// A real server in a process of its own: `bin/marathon server` on a data directory that is its alone. Each test says
// what it needs; afterwards everything is ended, and it is an error when a process or a cgroup is left.

import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import { Api, type Place } from './api.ts'
import { cgroupsOf, commandLine, processesOf, type TaskProcess, taskProcesses } from './machine.ts'
import { cleanEnvironment, marathonProgram, type Run, type RunOptions, runProgram } from './programs.ts'
import { until } from './until.ts'

export interface ServerOptions {
  readonly flags?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** A new one when absent. */
  readonly dataDir?: string
  /** What runs the server's command, such as `nsenter …`. */
  readonly within?: readonly string[]
  /** The program instead of this repository's. */
  readonly program?: string
  /** Listens here instead of on any free port. */
  readonly port?: number
  /** A socket file through which it is reached. */
  readonly socketPath?: string
}

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export class Server {
  readonly dataDir: string
  readonly api: Api
  readonly options: ServerOptions
  #process: ChildProcess | undefined
  #exit: Promise<Exit> | undefined
  #output = ''
  #url: string | undefined

  constructor(dataDir: string, options: ServerOptions) {
    this.dataDir = dataDir
    this.options = options
    this.api = new Api(() => this.place)
  }

  get pid(): number {
    if (this.#process?.pid === undefined) throw new Error('the server was never started')
    return this.#process.pid
  }

  get isAlive(): boolean {
    return this.#process !== undefined && this.#process.exitCode === null && this.#process.signalCode === null
  }

  get url(): string {
    if (this.#url === undefined) throw new Error(`the server does not listen: ${this.#output}`)
    return this.#url
  }

  get place(): Place {
    const { socketPath } = this.options
    return { url: this.url, ...(socketPath === undefined ? {} : { socketPath }) }
  }

  /** What it has written since it was last started, to both streams. */
  get output(): string {
    return this.#output
  }

  /** Starts the process; resolves as soon as there is one. */
  spawn(): void {
    if (this.isAlive) throw new Error('the server runs already')
    const { flags = [], within = [], program = marathonProgram, port = 0 } = this.options
    const command = [...within, program, 'server', '--data_dir', this.dataDir, '--http_port', String(port)]
    this.#output = ''
    this.#url = undefined
    const child = spawn(command[0]!, [...command.slice(1), ...flags], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: cleanEnvironment(this.options.env),
      cwd: this.dataDir,
    })
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        if (child === this.#process) this.#output += chunk
      })
    this.#process = child
    this.#exit = new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (code, signal) => resolve({ code, signal }))
    })
  }

  /** Starts it and waits until it listens. @throws with its output when it ends instead */
  async start(): Promise<this> {
    this.spawn()
    await this.listening()
    return this
  }

  async listening(): Promise<void> {
    await until(
      'the server to listen',
      () => {
        if (!this.isAlive) throw new Error(`the server ended instead of listening: ${this.#output}`)
        this.#url = this.logLines().find((line) => line['message'] === 'listening')?.['url'] as
          | string
          | undefined
        return this.#url
      },
      { everyMs: 5, seen: () => this.#output },
    )
  }

  /** What it logged, line by line; what is no JSON is left out. */
  logLines(): Readonly<Record<string, unknown>>[] {
    return this.#output.split('\n').flatMap((line) => {
      try {
        return line.startsWith('{') ? [JSON.parse(line) as Record<string, unknown>] : []
      } catch {
        return []
      }
    })
  }

  /**
   * Waits until this many processes of tasks are there, and returns them. A task is reported as running a moment
   * before its shell has become its command.
   */
  processes(count: number): Promise<TaskProcess[]> {
    return until(
      `${count} processes of tasks`,
      () => {
        const found = taskProcesses(this.dataDir)
        return found.length === count && found
      },
      { seen: () => taskProcesses(this.dataDir) },
    )
  }

  exited(): Promise<Exit> {
    return this.#exit!
  }

  async crash(): Promise<void> {
    this.#process?.kill('SIGKILL')
    await this.exited()
  }

  async terminate(): Promise<Exit> {
    this.#process?.kill('SIGTERM')
    return this.exited()
  }

  /** Runs the command line of this server against it. */
  cli(args: readonly string[], options: RunOptions = {}): Promise<Run> {
    const { within = [], program = marathonProgram } = this.options
    const [first, ...rest] = [...within, program, ...args] as [string, ...string[]]
    return runProgram([first, ...rest], { ...options, env: { MARATHON_URL: this.url, ...options.env } })
  }
}

export interface Servers {
  /** A server that listens. */
  start(options?: ServerOptions): Promise<Server>
  /** One that is not started yet. */
  prepare(options?: ServerOptions): Server
  dataDir(): string
  /** Does this once the servers are ended. */
  afterwards(cleanUp: () => unknown): void
}

/** Servers of one test. After it all of them, their tasks and their cgroups are ended and looked for. */
export function useServers(): Servers {
  const servers: Server[] = []
  const dataDirs: string[] = []
  const cleanUps: (() => unknown)[] = []
  const dataDir = () => {
    const folder = mkdtempSync(join(tmpdir(), 'marathon-system-'))
    // Tasks of other users pass through it.
    chmodSync(folder, 0o755)
    dataDirs.push(folder)
    return folder
  }
  const prepare = (options: ServerOptions = {}) => {
    const server = new Server(options.dataDir ?? dataDir(), options)
    servers.push(server)
    return server
  }
  afterEach(async () => {
    const problems: string[] = []
    for (const server of lastOfEach(servers.splice(0))) {
      await windDown(server).catch((error: Error) => problems.push(error.message))
      problems.push(...(await sweep(server.dataDir)))
    }
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
    for (const folder of dataDirs.splice(0)) rmSync(folder, { recursive: true, force: true })
    if (problems.length > 0) throw new Error(`after the test: ${problems.join('\n')}`)
  })
  return {
    start: (options) => prepare(options).start(),
    prepare,
    dataDir,
    afterwards: (cleanUp) => void cleanUps.push(cleanUp),
  }
}

/** Of several servers on one data directory, the one that runs, else the last. */
function lastOfEach(servers: readonly Server[]): Server[] {
  const byDataDir = new Map<string, Server>()
  for (const server of servers)
    if (!byDataDir.get(server.dataDir)?.isAlive) byDataDir.set(server.dataDir, server)
  return [...byDataDir.values()]
}

/** Removes all apps as a user would, waits for their processes to go, and ends the server. */
async function windDown(server: Server): Promise<void> {
  const { api, dataDir } = server
  if (!server.isAlive) {
    if (taskProcesses(dataDir).length === 0 && cgroupsOf(dataDir).length === 0) return
    await server.start()
  }
  const credentials = server.options.flags?.[server.options.flags.indexOf('--http_credentials') + 1]
  const headers: Record<string, string> = server.options.flags?.includes('--http_credentials')
    ? { authorization: `Basic ${Buffer.from(credentials!).toString('base64')}` }
    : {}
  const { body } = await api.call('GET', '/v2/apps', { headers })
  for (const app of body.apps as readonly { readonly id: string }[])
    await api.call('DELETE', `/v2/apps${app.id}?force=true`, { headers })
  await until(
    'the tasks to end',
    async () =>
      taskProcesses(dataDir).length === 0 &&
      (await api.call('GET', '/v2/tasks', { headers })).body.tasks.length === 0 &&
      (await api.call('GET', '/v2/deployments', { headers })).body.length === 0,
    {
      seen: async () => ({
        processes: taskProcesses(dataDir),
        tasks: (await api.call('GET', '/v2/tasks', { headers })).body,
        deployments: (await api.call('GET', '/v2/deployments', { headers })).body,
      }),
    },
  )
  const { code, signal } = await server.terminate()
  if (code !== 0) throw new Error(`the server ended with ${code ?? signal} on SIGTERM: ${server.output}`)
}

/** Ends by pid and removes whatever is left of a data directory. Returns what there was: there should be nothing. */
async function sweep(dataDir: string): Promise<string[]> {
  const problems = processesOf(dataDir).map((pid) => `process ${pid} is left: ${commandLine(pid)}`)
  for (let left = processesOf(dataDir); left.length > 0; left = processesOf(dataDir)) {
    for (const pid of left) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It has ended meanwhile.
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  for (const folder of cgroupsOf(dataDir)) {
    problems.push(`cgroup ${folder} is left`)
    removeCgroup(folder)
  }
  return problems
}

function removeCgroup(folder: string): void {
  try {
    rmdirSync(join(folder, 'supervisors'))
  } catch {
    // There was none.
  }
  try {
    rmdirSync(folder)
  } catch {
    // Leaves of tasks are in it; they were named with it.
  }
}
