// How long GET /v2/apps takes with a task of every app embedded, over a real socket, with the client in a thread of its
// own and the core's own state behind it. `cold` is the first request, when nothing is rendered yet; the others find
// one instance changed since the last time. Then the same compressed, and for a client that has the list already.

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { Worker } from 'node:worker_threads'
import type { Instance } from '../src/core/instances/instance.ts'
import type { StoredRecord } from '../src/core/records.ts'
import { createScheduler } from '../src/core/scheduler.ts'
import { defaultSettings } from '../src/core/settings.ts'
import type { App } from '../src/spec/app.ts'
import { fakeApi } from '../tests/support/fake-api.ts'
import { fakeApp, fakeInstance, fakeNow } from '../tests/support/fake-view.ts'
import { type Quantiles, quantiles } from './lib/statistics.ts'

export interface ListFigures {
  readonly thousandApps: ListFigure
  readonly tenThousandApps: ListFigure
}

export interface ListFigure extends Quantiles {
  readonly bytes: number
  readonly coldMs: number
  readonly gzip: Quantiles & { readonly bytes: number; readonly coldMs: number }
  /** Answered with 304. */
  readonly unchanged: Quantiles
}

export async function run(): Promise<ListFigures> {
  return { thousandApps: await measure(1_000, 400), tenThousandApps: await measure(10_000, 100) }
}

async function measure(appCount: number, requests: number): Promise<ListFigure> {
  const apps = Array.from({ length: appCount }, (_, n) => fakeApp({ id: `/bench/group-${n % 50}/app-${n}` }))
  const instances = apps.map((app, n) => instanceOf(app, n))
  const scheduler = createScheduler({
    settings: defaultSettings,
    seed: 'list-apps',
    records: [...apps.flatMap(recordsOf), ...instances.map(recordOf)],
    now: fakeNow,
    quarantines: false,
  })
  let changes = 0
  const change = (): void => {
    const taskId = instances[changes % appCount]!.tasks[0]!.id
    const healthy = Math.floor(changes++ / appCount) % 2 === 0
    scheduler.step(
      [{ kind: 'status', status: { taskId, state: 'TASK_RUNNING', timestamp: fakeNow, healthy } }],
      fakeNow,
    )
    scheduler.takeReady()
  }
  const { server } = fakeApi({ view: scheduler.view })
  await server.listen({ host: '127.0.0.1', port: 0 })
  const { port } = server.server.address() as AddressInfo
  const client = startClient(`http://127.0.0.1:${port}/v2/apps?embed=apps.tasks`)
  const measureWith = async (headers: Headers, before: () => void) => {
    const cold = await client.request(headers)
    const times: number[] = []
    for (let n = 0; n < requests; n++) {
      before()
      times.push((await client.request(headers)).ms)
    }
    return { bytes: cold.bytes, coldMs: cold.ms, ...quantiles(times) }
  }
  try {
    const plain = await measureWith({}, change)
    const gzip = await measureWith({ 'accept-encoding': 'gzip' }, change)
    const { etag } = await client.request({})
    const {
      bytes,
      coldMs: _warm,
      ...unchanged
    } = await measureWith({ 'if-none-match': etag }, () => undefined)
    if (bytes !== 0) throw new Error(`a list that is known was sent again, ${bytes} bytes`)
    return { ...plain, gzip, unchanged }
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

const recordsOf = (app: App): StoredRecord[] => [
  { table: 'run-spec-version', key: `${app.id}@${app.version}`, value: app },
  { table: 'run-spec', key: app.id, value: { id: app.id, version: app.version } },
]

const recordOf = (instance: Instance): StoredRecord => ({
  table: 'instance',
  key: instance.id,
  value: instance,
})

type Headers = Readonly<Record<string, string>>

interface Timed {
  readonly ms: number
  readonly bytes: number
  readonly etag: string
}

const clientSource = `
const { parentPort, workerData } = require('node:worker_threads')
const { Agent, get } = require('node:http')
const agent = new Agent({ keepAlive: true })
parentPort.on('message', (headers) => {
  const start = performance.now()
  get(workerData, { agent, headers }, (response) => {
    let bytes = 0
    response.on('data', (chunk) => (bytes += chunk.length))
    response.on('end', () => {
      const { etag } = response.headers
      parentPort.postMessage({ ms: performance.now() - start, bytes, etag })
    })
  })
})
`

function startClient(url: string): {
  request(headers: Headers): Promise<Timed>
  stop(): Promise<unknown>
} {
  const worker = new Worker(clientSource, { eval: true, workerData: url })
  return {
    request: async (headers) => {
      worker.postMessage(headers)
      const [timed] = await once(worker, 'message')
      return timed as Timed
    },
    stop: () => worker.terminate(),
  }
}
