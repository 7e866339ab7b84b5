// How long GET /v2/apps takes with a task of every app embedded, over a real socket, with the client in a thread of its
// own. `cold` is the first request, when nothing is rendered yet; the others find one app changed since the last time.

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { Worker } from 'node:worker_threads'
import type { Instance } from '../src/core/instances/instance.ts'
import type { App } from '../src/spec/app.ts'
import { fakeApi } from '../tests/support/fake-api.ts'
import { fakeApp, fakeInstance } from '../tests/support/fake-view.ts'

export interface ListFigures {
  readonly thousandApps: ListFigure
  readonly tenThousandApps: ListFigure
}

export interface ListFigure {
  readonly bytes: number
  readonly coldMs: number
  readonly p50Ms: number
  readonly p99Ms: number
}

export async function run(): Promise<ListFigures> {
  return { thousandApps: await measure(1_000, 400), tenThousandApps: await measure(10_000, 100) }
}

async function measure(appCount: number, requests: number): Promise<ListFigure> {
  const apps = Array.from({ length: appCount }, (_, n) => fakeApp({ id: `/bench/group-${n % 50}/app-${n}` }))
  const instances = apps.map((app, n) => instanceOf(app, n))
  const { server, show } = fakeApi({ state: { apps, instances } })
  await server.listen({ host: '127.0.0.1', port: 0 })
  const { port } = server.server.address() as AddressInfo
  const client = startClient(`http://127.0.0.1:${port}/v2/apps?embed=apps.tasks`)
  try {
    const cold = await client.request()
    const times: number[] = []
    for (let n = 0; n < requests; n++) {
      const changed = n % appCount
      instances[changed] = { ...instances[changed]! }
      show({ apps, instances })
      times.push((await client.request()).ms)
    }
    times.sort((a, b) => a - b)
    return {
      bytes: cold.bytes,
      coldMs: cold.ms,
      p50Ms: times[Math.floor(times.length * 0.5)]!,
      p99Ms: times[Math.floor(times.length * 0.99)]!,
    }
  } finally {
    await client.stop()
    await server.close()
  }
}

const instanceOf = (app: App, n: number): Instance =>
  fakeInstance({
    appId: app.id,
    uuid: `0a1c7e50-3b5d-11ff-8d2e-${String(n).padStart(12, '0')}`,
    port: 31_000,
  })

interface Timed {
  readonly ms: number
  readonly bytes: number
}

const clientSource = `
const { parentPort, workerData } = require('node:worker_threads')
const { Agent, get } = require('node:http')
const agent = new Agent({ keepAlive: true })
parentPort.on('message', () => {
  const start = performance.now()
  get(workerData, { agent }, (response) => {
    let bytes = 0
    response.on('data', (chunk) => (bytes += chunk.length))
    response.on('end', () => parentPort.postMessage({ ms: performance.now() - start, bytes }))
  })
})
`

function startClient(url: string): { request(): Promise<Timed>; stop(): Promise<unknown> } {
  const worker = new Worker(clientSource, { eval: true, workerData: url })
  return {
    request: async () => {
      worker.postMessage('next')
      const [timed] = await once(worker, 'message')
      return timed as Timed
    },
    stop: () => worker.terminate(),
  }
}
