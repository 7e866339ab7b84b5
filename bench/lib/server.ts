// A server as users start it, `bin/marathon server`, on a data directory and a port of its own, and the calls benches
// make.

import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Pool } from 'undici'
import { cgroupsOf, processesOf } from '../../tests/system/support/machine.ts'
import { pause, residentBytes, signalAll } from './processes.ts'

/** Room for whatever a bench asks for: the machine's own limits are not what is measured. */
export const roomyResources = 'cpus:100000;mem:100000000;disk:100000000;ports:[31000-32999]'

export interface BenchServer {
  readonly url: string
  readonly pid: number
  readonly dataDir: string
  /** JSON in, JSON out. @throws when the status is not 2xx */
  call(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<unknown>
  /** GET of everything, to the last byte, which is counted and thrown away. */
  read(path: string): Promise<number>
  residentBytes(): number
  /** Waits until no deployment is under way. */
  settled(withinMs?: number): Promise<void>
  /** SIGTERM, and the end of the process awaited. Tasks are the caller's to end before. */
  stop(): Promise<void>
}

/**
 * A directory on the disk under test. Processes that still use it at the end are ended. Its files stay until
 * bench/main.ts has run everything: ext4 makes new files up to thirty times dearer for minutes after many were
 * deleted.
 */
export async function withDataDir<T>(use: (dataDir: string) => Promise<T>): Promise<T> {
  const dataDir = mkdtempSync(join(tmpdir(), 'data-'))
  chmodSync(dataDir, 0o755)
  try {
    return await use(dataDir)
  } finally {
    for (let left = processesOf(dataDir); left.length > 0; left = processesOf(dataDir)) {
      signalAll(left, 'SIGKILL')
      await pause(20)
    }
    for (const folder of cgroupsOf(dataDir)) await removeCgroup(folder)
  }
}

/** Ends what is in it, by pid, and removes it with the groups below. */
async function removeCgroup(folder: string): Promise<void> {
  const below = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  for (const { name } of below) await removeCgroup(join(folder, name))
  for (let tries = 0; tries < 100; tries++) {
    const pids = readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number)
    signalAll(pids, 'SIGKILL')
    try {
      rmdirSync(folder)
      return
    } catch {
      await pause(20)
    }
  }
  throw new Error(`${folder} cannot be removed: processes are left in it`)
}

export interface StartOptions {
  readonly flags?: readonly string[]
  /** Connections a bench may hold open at one time. */
  readonly connections?: number
}

/** Starts a server and waits until it answers `/ping`. */
export async function startServer(dataDir: string, options: StartOptions = {}): Promise<BenchServer> {
  const port = await freePort()
  const server = spawnServer(dataDir, port, options.flags)
  const said: string[] = []
  server.stderr?.on('data', (chunk: Buffer) => said.push(chunk.toString()))
  const url = `http://127.0.0.1:${port}`
  const pool = new Pool(url, { connections: options.connections ?? 8 })
  const isUp = () =>
    pool.request({ method: 'GET', path: '/ping' }).then(
      async ({ statusCode, body }) => {
        await body.dump()
        return statusCode === 200
      },
      () => false,
    )
  while (!(await isUp())) {
    if (server.exitCode !== null)
      throw new Error(`the server ended with ${server.exitCode} instead of listening: ${said.join('')}`)
    await pause(5)
  }
  const call: BenchServer['call'] = async (method, path, body) => {
    const { statusCode, body: answer } = await pool.request({
      method,
      path,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })
    const text = await answer.text()
    if (statusCode > 299) throw new Error(`${method} ${path}: ${statusCode} ${text.slice(0, 500)}`)
    return text.startsWith('{') || text.startsWith('[') ? (JSON.parse(text) as unknown) : text
  }
  return {
    url,
    pid: server.pid!,
    dataDir,
    call,
    async read(path) {
      const { statusCode, body } = await pool.request({ method: 'GET', path })
      if (statusCode !== 200) throw new Error(`GET ${path}: ${statusCode}`)
      let bytes = 0
      for await (const chunk of body) bytes += (chunk as Buffer).length
      return bytes
    },
    residentBytes: () => residentBytes(server.pid!),
    async settled(withinMs = 60_000) {
      const until = performance.now() + withinMs
      for (;;) {
        const deployments = (await call('GET', '/v2/deployments')) as readonly unknown[]
        if (deployments.length === 0) return
        if (performance.now() > until)
          throw new Error(`${deployments.length} deployments are still under way`)
        await pause(10)
      }
    },
    async stop() {
      await pool.destroy()
      await end(server)
    },
  }
}

/** The process alone, for those who measure how it starts. */
export function spawnServer(dataDir: string, port: number, flags: readonly string[] = []): ChildProcess {
  const args = [
    'server',
    '--data_dir',
    dataDir,
    '--http_port',
    String(port),
    '--logging_level',
    'warn',
    ...flags,
  ]
  return spawn(join(process.cwd(), 'bin', 'marathon'), args, { stdio: ['ignore', 'ignore', 'pipe'] })
}

export async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  const ended = new Promise((resolve) => server.once('exit', resolve))
  server.kill('SIGTERM')
  await ended
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
