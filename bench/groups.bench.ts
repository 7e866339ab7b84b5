// Groups of 20,000 apps, over real sockets and with the durable store: the whole tree in one request, the same again,
// one app of it changed, the tree read, taken back, removed; and what all these apps add to the price of one more. No
// instances: what is measured is the API, the core and the store, not the machine's processes.

import { type BenchServer, startServer, withDataDir } from './lib/server.ts'
import { mebibytes, type Quantiles, quantiles } from './lib/statistics.ts'

export interface GroupsFigures {
  readonly bodyMib: number
  readonly createMs: number
  readonly sameAgainMs: number
  readonly oneChangedMs: number
  readonly dryRunMs: number
  readonly read: Quantiles
  readonly goBackMs: number
  readonly removeMs: number
  /** POST of one app. */
  readonly alone: Quantiles
  readonly besideMany: Quantiles
  /** How many times dearer POST is beside 20,000 apps; of medians. */
  readonly postRatio: number
  readonly serverMib: number
}

const groups = 100
const appsPerGroup = 200
const posts = 500
const reads = 20

export function run(): Promise<GroupsFigures> {
  return withDataDir(async (dataDir) => {
    const server = await startServer(dataDir, {
      // Offers nothing.
      flags: ['--local_resources', 'cpus:0.001;mem:1'],
    })
    try {
      await postApps(server, 'warm')
      const alone = await postApps(server, 'alone')
      const body = tree('sleep 1000')
      const createMs = await timed(server, 'PUT', '/v2/groups/bench', body)
      const sameAgainMs = await timed(server, 'PUT', '/v2/groups/bench', body)
      body.groups[groups / 2]!.apps[7]!.cmd = 'sleep 2000'
      const oneChangedMs = await timed(server, 'PUT', '/v2/groups/bench', body)
      const besideMany = await postApps(server, 'beside')
      const dryRunMs = await timed(server, 'PUT', '/v2/groups/bench?dryRun=true', { groups: [] })
      const read = await measureReads(server)
      const removeMs = await timed(server, 'DELETE', '/v2/groups/bench')
      const [, version] = (await server.call('GET', '/v2/groups/versions')) as string[]
      const goBackMs = await timed(server, 'PUT', '/v2/groups/bench', { version })
      return {
        bodyMib: mebibytes(JSON.stringify(body).length),
        createMs,
        sameAgainMs,
        oneChangedMs,
        dryRunMs,
        read,
        goBackMs,
        removeMs,
        alone,
        besideMany,
        postRatio: Math.round((besideMany.p50Ms / alone.p50Ms) * 100) / 100,
        serverMib: mebibytes(server.residentBytes()),
      }
    } finally {
      await server.stop()
    }
  })
}

/** Until it is answered and its deployment is over. */
async function timed(
  server: BenchServer,
  method: 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<number> {
  const startedMs = performance.now()
  await server.call(method, path, body)
  await server.settled()
  return Math.round(performance.now() - startedMs)
}

async function postApps(server: BenchServer, group: string): Promise<Quantiles> {
  const times: number[] = []
  for (let n = 0; n < posts; n++) {
    const sentMs = performance.now()
    await server.call('POST', '/v2/apps', { ...app(n, 'sleep 1000'), id: `/${group}/app-${n}` })
    times.push(performance.now() - sentMs)
  }
  return quantiles(times)
}

async function measureReads(server: BenchServer): Promise<Quantiles> {
  const times: number[] = []
  for (let n = -1; n < reads; n++) {
    const sentMs = performance.now()
    await server.read('/v2/groups/bench')
    if (n >= 0) times.push(performance.now() - sentMs)
  }
  return quantiles(times)
}

const tree = (cmd: string) => ({
  groups: Array.from({ length: groups }, (_, group) => ({
    id: `group-${group}`,
    apps: Array.from({ length: appsPerGroup }, (_, n) => app(n, cmd)),
  })),
})

const app = (n: number, cmd: string) => ({
  id: `app-${n}`,
  cmd,
  cpus: 0.1,
  mem: 32,
  instances: 0,
  portDefinitions: [],
  labels: { team: 'blue' },
  env: { MODE: 'prod' },
})
