// Whether asking ten thousand tasks how they are, every ten seconds, can be felt by users of the API: the same requests
// to the same server, once while the next question is an hour away and once while they come at a thousand a second.
// Tasks are simulated; a thread of this process answers for them, over real connections.

import { type ChildProcess, spawn } from 'node:child_process'
import { Worker } from 'node:worker_threads'
import { Pool } from 'undici'
import { pause } from './lib/processes.ts'
import { withDataDir } from './lib/server.ts'
import { type Quantiles, quantiles, round2 } from './lib/statistics.ts'
import type { Strain } from './probed-server.ts'

export interface HealthFigures {
  readonly instances: number
  readonly unprobed: UserFigures
  readonly probed: UserFigures & ProbeFigures
}

/** What users of the API notice, and how the server fares meanwhile, and without users. */
interface UserFigures {
  readonly atRest: Strain
  readonly withUsers: Strain
  readonly list: Quantiles
  readonly one: Quantiles
  /** POST of an app, durable. */
  readonly post: Quantiles
}

interface ProbeFigures {
  /** From the first request for apps to the last instance found healthy. */
  readonly healthyAfterMs: number
  readonly askedPerSecond: number
  readonly failed: number
  readonly healthyAtEnd: number
}

const apps = 100
const instancesPerApp = 100
const instances = apps * instancesPerApp
const intervalSeconds = 10
const never = 3_600
const measuredMs = 30_000
const restMs = 10_000
const pauseMs = 5
const answererCount = 8

export async function run(): Promise<HealthFigures> {
  const answerers = new Worker(answererSource, { eval: true, workerData: answererCount })
  const ports = await new Promise<number[]>((resolve, reject) => {
    answerers.once('message', resolve)
    answerers.once('error', reject)
  })
  try {
    return {
      instances,
      unprobed: await withServer(ports, async (server) => {
        await fill(server, never)
        return measureUsers(server)
      }),
      probed: await withServer(ports, measureProbed),
    }
  } finally {
    await answerers.terminate()
  }
}

async function measureProbed(server: ProbedServer): Promise<UserFigures & ProbeFigures> {
  const startedMs = performance.now()
  await fill(server, intervalSeconds)
  const healthyAfterMs = Math.round(performance.now() - startedMs)
  const before = await asked(server)
  const sinceMs = performance.now()
  const users = await measureUsers(server)
  const after = await asked(server)
  const seconds = (performance.now() - sinceMs) / 1_000
  return {
    ...users,
    healthyAfterMs,
    askedPerSecond: round2((after.asked - before.asked) / seconds),
    failed: after.failed,
    healthyAtEnd: await healthy(server),
  }
}

interface ProbedServer {
  /** JSON in, JSON out. @throws when the status is not 2xx */
  call(method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown>
  /** To the last byte of the answer, which is thrown away; milliseconds. @throws when the status is not 2xx */
  timed(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<number>
  strain(): Promise<Strain>
}

function withServer<T>(ports: readonly number[], use: (server: ProbedServer) => Promise<T>): Promise<T> {
  return withDataDir(async (dataDir) => {
    const child = spawn(
      process.execPath,
      [...process.execArgv, process.argv[1]!, '--probed-server', dataDir, ports.join(',')],
      { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
    )
    const url = (await message(child)) as string
    const pool = new Pool(url, { connections: 8 })
    const send = async (method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown) => {
      const { statusCode, body: answer } = await pool.request({
        method,
        path,
        ...(body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      })
      const bytes = await answer.bytes()
      if (statusCode > 299)
        throw new Error(`${method} ${path}: ${statusCode} ${Buffer.from(bytes).toString().slice(0, 500)}`)
      return bytes
    }
    try {
      return await use({
        async call(method, path, body) {
          return JSON.parse(Buffer.from(await send(method, path, body)).toString()) as unknown
        },
        async timed(method, path, body) {
          const startedMs = performance.now()
          await send(method, path, body)
          return performance.now() - startedMs
        },
        async strain() {
          const told = message(child)
          child.send('strain')
          return (await told) as Strain
        },
      })
    } finally {
      await pool.destroy()
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.disconnect()
      await ended
    }
  })
}

const message = (child: ChildProcess): Promise<unknown> =>
  new Promise((resolve, reject) => {
    child.once('message', resolve)
    child.once('exit', (code) => reject(new Error(`the server ended with ${String(code)}`)))
  })

/** Until all are healthy, and what that stirred up has settled. */
async function fill(server: ProbedServer, everySeconds: number): Promise<void> {
  const startedMs = performance.now()
  for (let n = 0; n < apps; n++) {
    await server.call('POST', '/v2/apps', {
      id: `/bench/group-${n % 10}/app-${n}`,
      cmd: 'serve',
      cpus: 0.1,
      mem: 64,
      instances: instancesPerApp,
      portDefinitions: [{ port: 0 }],
      healthChecks: [
        { protocol: 'HTTP', path: '/health', portIndex: 0, intervalSeconds: everySeconds, timeoutSeconds: 5 },
      ],
    })
  }
  for (let count = 0; count < instances; count = await healthy(server)) {
    if (performance.now() - startedMs > 120_000)
      throw new Error(`only ${count} of ${instances} instances became healthy`)
    await pause(100)
  }
  while (((await server.call('GET', '/v2/deployments')) as readonly unknown[]).length > 0) await pause(100)
}

async function healthy(server: ProbedServer): Promise<number> {
  const list = (await server.call('GET', '/v2/apps')) as { apps: readonly { tasksHealthy: number }[] }
  return list.apps.reduce((sum, app) => sum + app.tasksHealthy, 0)
}

async function asked(server: ProbedServer): Promise<{ readonly asked: number; readonly failed: number }> {
  const { counters } = (await server.call('GET', '/metrics')) as {
    readonly counters: Record<string, { readonly count: number }>
  }
  const count = (name: string): number => counters[`marathon.probes.${name}.counter`]?.count ?? 0
  return { asked: count('asked'), failed: count('failed') }
}

/** One user, who asks one thing after another and takes breath in between. */
async function measureUsers(server: ProbedServer): Promise<UserFigures> {
  await server.strain()
  await pause(restMs)
  const atRest = await server.strain()
  const [list, one, post]: [number[], number[], number[]] = [[], [], []]
  let n = 0
  for (const untilMs = performance.now() + measuredMs; performance.now() < untilMs; n++) {
    list.push(await server.timed('GET', '/v2/apps'))
    await pause(pauseMs)
    one.push(await server.timed('GET', `/v2/apps/bench/group-${n % 10}/app-${n % apps}`))
    await pause(pauseMs)
    post.push(await server.timed('POST', '/v2/apps', { id: `/users/app-${n}`, cmd: 'serve', instances: 0 }))
    await pause(pauseMs)
    // Or the list would grow longer and longer.
    await server.timed('DELETE', `/v2/apps/users/app-${n}?force=true`)
    await pause(pauseMs)
  }
  const withUsers = await server.strain()
  return { atRest, withUsers, list: quantiles(list), one: quantiles(one), post: quantiles(post) }
}

/** As cheap as an answer can be: what is measured is who asks. */
const answererSource = `
const { parentPort, workerData } = require('node:worker_threads')
const { createServer } = require('node:net')
const answer = 'HTTP/1.1 200 OK\\r\\nContent-Type: text/plain\\r\\nContent-Length: 2\\r\\nConnection: close\\r\\n\\r\\nok'
const listening = Array.from({ length: workerData }, () => new Promise((resolve) => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => socket.end(answer))
  })
  server.listen(0, '127.0.0.1', 4096, () => resolve(server.address().port))
}))
Promise.all(listening).then((ports) => parentPort.postMessage(ports))
`
