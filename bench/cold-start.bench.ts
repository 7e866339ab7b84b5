// From exec of `bin/marathon server` to its first 200, on `/ping` and on `/v2/apps`: with nothing stored, and with a
// thousand apps to read. Beside it how long the bare runtime takes to start and do nothing, which nobody can undercut.

import { spawnSync } from 'node:child_process'
import http from 'node:http'
import { pause } from './lib/processes.ts'
import { end, freePort, spawnServer, startServer, withDataDir } from './lib/server.ts'
import { type Quantiles, quantiles } from './lib/statistics.ts'

export interface ColdStartFigures {
  readonly bareNode: Quantiles
  readonly empty: StartFigures
  readonly thousandApps: StartFigures
}

export interface StartFigures {
  readonly ping: Quantiles
  readonly apps: Quantiles
}

const runs = 20

export async function run(): Promise<ColdStartFigures> {
  const bare = Array.from({ length: runs }, () => {
    const startedMs = performance.now()
    spawnSync(process.execPath, ['-e', '0'])
    return performance.now() - startedMs
  })
  return {
    bareNode: quantiles(bare),
    empty: await measure(() => Promise.resolve()),
    thousandApps: await measure(storeThousandApps),
  }
}

/** Every run starts on the same directory; with nothing prepared each has a new one, as a first start has. */
async function measure(prepare: (dataDir: string) => Promise<void>): Promise<StartFigures> {
  const ping: number[] = []
  const apps: number[] = []
  const startOnce = async (dataDir: string) => {
    const times = await timeStart(dataDir)
    ping.push(times.pingMs)
    apps.push(times.appsMs)
  }
  if (prepare === storeThousandApps) {
    await withDataDir(async (dataDir) => {
      await prepare(dataDir)
      for (let n = 0; n < runs; n++) await startOnce(dataDir)
    })
  } else {
    for (let n = 0; n < runs; n++) await withDataDir(startOnce)
  }
  return { ping: quantiles(ping), apps: quantiles(apps) }
}

async function storeThousandApps(dataDir: string): Promise<void> {
  const server = await startServer(dataDir)
  const apps = Array.from({ length: 1_000 }, (_, n) => ({
    id: `/bench/group-${n % 50}/app-${n}`,
    cmd: 'sleep 1000',
    cpus: 0.1,
    mem: 32,
    instances: 0,
    env: { MODE: 'prod' },
    labels: { team: 'blue' },
  }))
  await server.call('PUT', '/v2/apps', apps)
  await server.settled()
  await server.stop()
}

async function timeStart(dataDir: string): Promise<{ readonly pingMs: number; readonly appsMs: number }> {
  const port = await freePort()
  const startedMs = performance.now()
  const server = spawnServer(dataDir, port)
  const first = async (path: string) => {
    while (!(await isOk(port, path))) {
      if (server.exitCode !== null) throw new Error(`the server ended with ${server.exitCode}`)
      await pause(1)
    }
    return performance.now() - startedMs
  }
  try {
    return { pingMs: await first('/ping'), appsMs: await first('/v2/apps') }
  } finally {
    await end(server)
  }
}

function isOk(port: number, path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = http.get({ host: '127.0.0.1', port, path, agent: false }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode === 200))
    })
    request.on('error', () => resolve(false))
  })
}
