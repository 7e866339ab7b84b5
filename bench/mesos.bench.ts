// How fast Marathon launches over the wire: the server as users start it, its store on disk, the real HTTP engine, and
// in another process a fake master with 5,000 simulated agents. Three processes and a client share the machine;
// MESOS_INSTANCES=1000000 makes it a million.

import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface, type Interface } from 'node:readline'
import type { FakeFigures } from '../tests/fakes/mesos/program.ts'
import { pause, residentBytes } from './lib/processes.ts'
import { type BenchServer, end, freePort, startServer, withDataDir } from './lib/server.ts'
import { mebibytes, round2 } from './lib/statistics.ts'

export interface MesosFigures {
  readonly instances: number
  readonly agents: number
  readonly apps: number
  /** From the first POST to the last instance that the server shows as running. */
  readonly upMs: number
  readonly launchesPerSecond: number
  /** Resident memory when everything runs. */
  readonly serverMib: number
  readonly fakeMib: number
  /** Of one core each while it launched: what is near 1 limits the rate. */
  readonly serverCpu: number
  readonly fakeCpu: number
  readonly callsPerSecond: number
  /** What the cluster has in the end, against what was asked for. */
  readonly missing: number
}

const agents = 5_000
const instances = Number(process.env['MESOS_INSTANCES'] ?? 100_000)
const instancesPerApp = 1_000
/** Requests under way at one time. */
const clients = 10
const withinMs = 900_000

export function run(): Promise<MesosFigures> {
  return withDataDir(async (dataDir) => {
    const fake = await FakeMaster.start()
    try {
      const flags = ['--master', `127.0.0.1:${fake.port}`]
      const server = await startServer(dataDir, { flags, connections: clients })
      try {
        return await measure(fake, server)
      } finally {
        await server.stop()
      }
    } finally {
      await fake.stop()
    }
  })
}

async function measure(fake: FakeMaster, server: BenchServer): Promise<MesosFigures> {
  const apps = Math.ceil(instances / instancesPerApp)
  await until('the subscription', async () => ((await fake.figures()).calls['SUBSCRIBE'] ?? 0) > 0)
  const before = { server: cpuSeconds(server.pid), fake: cpuSeconds(fake.pid) }
  const startedMs = performance.now()
  await requestAll(server, apps)
  await until(`${instances} running instances`, async () => (await running(server)) >= instances)
  const upMs = performance.now() - startedMs
  const serverCpu = (cpuSeconds(server.pid) - before.server) / (upMs / 1_000)
  const fakeCpu = (cpuSeconds(fake.pid) - before.fake) / (upMs / 1_000)
  await server.settled(withinMs)
  const figures = await fake.figures()
  const calls = Object.values(figures.calls).reduce((sum, count) => sum + count, 0)
  return {
    instances,
    agents,
    apps,
    upMs: Math.round(upMs),
    launchesPerSecond: Math.round((instances / upMs) * 1_000),
    serverMib: mebibytes(server.residentBytes()),
    fakeMib: mebibytes(residentBytes(fake.pid)),
    serverCpu: round2(serverCpu),
    fakeCpu: round2(fakeCpu),
    callsPerSecond: Math.round((calls / upMs) * 1_000),
    missing: instances - figures.running,
  }
}

async function requestAll(server: BenchServer, apps: number): Promise<void> {
  let next = 0
  const client = async () => {
    while (next < apps) {
      const n = next++
      const count = Math.min(instancesPerApp, instances - n * instancesPerApp)
      await post(server, {
        id: `/bench/group-${n % 50}/app-${n}`,
        cmd: 'serve',
        cpus: 0.1,
        mem: 32,
        instances: count,
        env: { MODE: 'prod' },
        labels: { team: 'blue' },
      })
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
}

/** Again, while too many deployments are under way. */
async function post(server: BenchServer, app: object): Promise<void> {
  for (;;) {
    try {
      await server.call('POST', '/v2/apps', app)
      return
    } catch (error) {
      if (!/: 40[39]|: 503/.test(String(error))) throw error
      await pause(50)
    }
  }
}

interface Metrics {
  readonly gauges: Readonly<Record<string, { readonly value: number }>>
}

async function running(server: BenchServer): Promise<number> {
  const { gauges } = (await server.call('GET', '/metrics')) as Metrics
  return gauges['marathon.instances.running.gauge']?.value ?? 0
}

async function until(what: string, ask: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!(await ask())) {
    if (performance.now() > deadline) throw new Error(`waited ${withinMs} ms for ${what}`)
    await pause(100)
  }
}

/** The bench's own program, as the fake master. */
class FakeMaster {
  readonly port: number
  readonly #process: ChildProcess
  readonly #lines: AsyncIterableIterator<string>
  readonly #reader: Interface

  private constructor(port: number, child: ChildProcess) {
    this.port = port
    this.#process = child
    this.#reader = createInterface({ input: child.stdout! })
    this.#lines = this.#reader[Symbol.asyncIterator]()
  }

  static async start(): Promise<FakeMaster> {
    const port = await freePort()
    const size = ['--agents', agents, '--cpus', 64, '--mem', 262_144, '--ports', '31000-32999']
    const args = ['--fake-mesos', '--port', port, ...size].map(String)
    const child = spawn(process.execPath, [...process.execArgv, process.argv[1]!, ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const master = new FakeMaster(port, child)
    await master.#lines.next()
    return master
  }

  get pid(): number {
    return this.#process.pid!
  }

  async figures(): Promise<FakeFigures> {
    this.#process.stdin!.write('\n')
    const { value } = await this.#lines.next()
    return JSON.parse(value as string) as FakeFigures
  }

  async stop(): Promise<void> {
    this.#reader.close()
    await end(this.#process)
  }
}

/** User and system time of all threads so far. */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const [, , , , , , , , , , , user, system] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(user) + Number(system)) / 100
}
