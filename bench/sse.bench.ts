// How long an event takes to a thousand clients of the event stream, and whether all arrive. The clients live in a
// thread of their own; delays are from handing the notice to the server until the client has read it.

import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { EventLog } from '../src/core/event-log/event-log.ts'
import { defaultSettings } from '../src/core/settings.ts'
import { fakeApi } from '../tests/support/fake-api.ts'

export interface SseFigures {
  readonly clients: number
  readonly events: number
  /** Events sent but not received by some client, over all clients. */
  readonly lost: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

const clients = 1_000
const events = 200
const pauseMs = 50

export async function run(): Promise<SseFigures> {
  const { server, tell } = fakeApi({})
  const log = new EventLog()
  await server.listen({ host: '127.0.0.1', port: 0 })
  const { port } = server.server.address() as AddressInfo
  const worker = new Worker(clientSource, { eval: true, workerData: { port, clients, events } })
  try {
    await message(worker)
    for (let n = 0; n < events; n++) {
      const body = { sentAt: performance.timeOrigin + performance.now(), n, filler: 'x'.repeat(300) }
      const notices = [{ type: 'bench', body }]
      tell(
        notices,
        log.append(notices, defaultSettings, () => undefined),
      )
      await sleep(pauseMs)
    }
    const delays = (await message(worker)) as number[]
    delays.sort((a, b) => a - b)
    return {
      clients,
      events,
      lost: clients * events - delays.length,
      p50Ms: delays[Math.floor(delays.length * 0.5)] ?? Number.NaN,
      p99Ms: delays[Math.floor(delays.length * 0.99)] ?? Number.NaN,
      maxMs: delays[delays.length - 1] ?? Number.NaN,
    }
  } finally {
    await worker.terminate()
    await server.close()
  }
}

const message = (worker: Worker): Promise<unknown> =>
  new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })

const clientSource = `
const { parentPort, workerData } = require('node:worker_threads')
const { connect } = require('node:net')
const { port, clients, events } = workerData
const delays = []
let open = 0
const report = () => parentPort.postMessage(delays)
for (let n = 0; n < clients; n++) {
  const socket = connect(port, '127.0.0.1', () =>
    socket.write('GET /v2/events?event_type=bench HTTP/1.1\\r\\nHost: x\\r\\nAccept: text/event-stream\\r\\n\\r\\n'))
  let isOpen = false
  let rest = ''
  socket.setEncoding('latin1')
  socket.on('data', (text) => {
    const now = performance.timeOrigin + performance.now()
    if (!isOpen) {
      isOpen = true
      if (++open === clients) parentPort.postMessage('ready')
    }
    const frames = (rest + text).split('\\r\\n\\r\\n')
    rest = frames.pop()
    for (const frame of frames) {
      const found = /"sentAt":([0-9.]+)/.exec(frame)
      if (found !== null) delays.push(now - Number(found[1]))
    }
    if (delays.length === clients * events) report()
  })
}
setTimeout(report, ${events * pauseMs + 20_000})
`
