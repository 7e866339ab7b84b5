// The API under many writes, over real sockets and with the durable store: the acknowledgement of one write after
// another, ten thousand apps by a hundred clients at once, and the list of them. No instances: what is measured is
// the API, the core and the store, not the machine's processes.

import { type BenchServer, startServer, withDataDir } from './lib/server.ts'
import { mebibytes, type Quantiles, quantiles } from './lib/statistics.ts'

export interface ApiChurnFigures {
  /**
   * The first writes of a process, as `scale`. They are told apart because what is slow among them is V8 compiling what
   * they run: the slow ones are the same in every run, on disk and in memory, and become rare after some thousands.
   */
  readonly firstWrites: Quantiles
  /** PUT of another number of instances of a suspended app, whose deployment then waits for offers: each one stored. */
  readonly scale: Quantiles
  /** PUT of another command with no instances: a new version and a finished deployment, each one stored. */
  readonly change: Quantiles
  readonly createTenThousandMs: number
  readonly createsPerSecond: number
  readonly create: Quantiles
  readonly listThousand: Quantiles
  readonly listTenThousand: Quantiles
  readonly serverMib: number
}

const firstWrites = 1_000
const warmUpWrites = 4_000
const writes = 2_000
const reads = 300
const clients = 100
const few = 1_000
const many = 10_000

export function run(): Promise<ApiChurnFigures> {
  return withDataDir(async (dataDir) => {
    // Offers nothing: an app with instances waits, and nothing is launched.
    const server = await startServer(dataDir, {
      flags: ['--local_resources', 'cpus:0.001;mem:1'],
      connections: clients,
    })
    try {
      const toScale = (n: number) => ({ instances: n % 2 })
      const toChange = (n: number) => ({ cmd: `sleep ${n}` })
      const first = await measureWrites(server, 'first', toScale, firstWrites)
      await measureWrites(server, 'warm-up', toScale, warmUpWrites)
      const scale = await measureWrites(server, 'scale', toScale, writes)
      const change = await measureWrites(server, 'change', toChange, writes)
      const create: number[] = []
      const firstMs = await createApps(server, 0, few, create)
      const listThousand = await measureList(server)
      const restMs = await createApps(server, few, many, create)
      const listTenThousand = await measureList(server)
      const totalMs = firstMs + restMs
      return {
        firstWrites: first,
        scale,
        change,
        createTenThousandMs: Math.round(totalMs),
        createsPerSecond: Math.round((many / totalMs) * 1_000),
        create: quantiles(create),
        listThousand,
        listTenThousand,
        serverMib: mebibytes(server.residentBytes()),
      }
    } finally {
      await server.stop()
    }
  })
}

async function measureWrites(
  server: BenchServer,
  name: string,
  update: (n: number) => object,
  count: number,
): Promise<Quantiles> {
  const path = `/v2/apps/bench/${name}`
  await server.call('PUT', path, { cmd: 'sleep 1000', cpus: 0.1, mem: 32, instances: 0 })
  const times: number[] = []
  for (let n = 1; n <= count; n++) {
    const sentMs = performance.now()
    await server.call('PUT', `${path}?force=true`, update(n))
    times.push(performance.now() - sentMs)
  }
  await server.call('PUT', `${path}?force=true`, { instances: 0 })
  await server.settled()
  return quantiles(times)
}

/** A hundred clients, each with its next app as soon as the last was answered; milliseconds until all are there. */
async function createApps(server: BenchServer, from: number, to: number, times: number[]): Promise<number> {
  let next = from
  const client = async () => {
    while (next < to) {
      const n = next++
      const sentMs = performance.now()
      await server.call('POST', '/v2/apps', appNumber(n))
      times.push(performance.now() - sentMs)
    }
  }
  const startedMs = performance.now()
  await Promise.all(Array.from({ length: clients }, client))
  return performance.now() - startedMs
}

const appNumber = (n: number) => ({
  id: `/bench/group-${n % 100}/app-${n}`,
  cmd: 'sleep 1000',
  cpus: 0.1,
  mem: 32,
  instances: 0,
  portDefinitions: [],
  labels: { team: 'blue' },
  env: { MODE: 'prod' },
})

/** One request after another: the budget is one of latency. Read to the last byte, not parsed. */
async function measureList(server: BenchServer): Promise<Quantiles> {
  const times: number[] = []
  for (let n = -reads / 10; n < reads; n++) {
    const sentMs = performance.now()
    await server.read('/v2/apps')
    if (n >= 0) times.push(performance.now() - sentMs)
  }
  return quantiles(times)
}
