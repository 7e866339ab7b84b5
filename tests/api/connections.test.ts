// What clients do to a connection rather than on it, over real sockets: several requests at once, hanging up with
// answers outstanding, several names for one server. Nothing of it may outlast the connection.

import net, { type AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { limits } from '../../src/lib/limits.ts'
import { silentLogger } from '../../src/logging/logger.ts'
import type { TaskLogs } from '../../src/ports/engine.ts'
import type { Logger } from '../../src/ports/logger.ts'
import { type FakeApi, fakeApi } from '../support/fake-api.ts'

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

async function listening(script: Parameters<typeof fakeApi>[0]): Promise<FakeApi> {
  const api = fakeApi(script)
  await api.server.listen({ host: '127.0.0.1', port: 0 })
  open.unshift(() => api.server.close())
  return api
}

/** Sends bytes, whatever they are. */
async function send(api: FakeApi, bytes: string) {
  const socket = net.connect((api.server.server.address() as AddressInfo).port, '127.0.0.1')
  open.unshift(async () => socket.destroy())
  let received = ''
  let isClosed = false
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1')
  })
  socket.on('error', () => undefined)
  socket.on('close', () => {
    isClosed = true
  })
  socket.write(bytes, 'latin1')
  return {
    received: () => received,
    isClosed: () => isClosed,
    write: (more: string) => void socket.write(more),
    hangUp: () => socket.destroy(),
    status: async (): Promise<number> => {
      await expect.poll(() => received, { timeout: 5_000 }).toContain('\r\n\r\n')
      return Number(/^HTTP\/1\.1 (\d{3})/.exec(received)?.[1])
    },
  }
}

const get = (url: string, ...headers: string[]): string =>
  `GET ${url} HTTP/1.1\r\n${['host: localhost', ...headers].map((line) => `${line}\r\n`).join('')}\r\n`

const events = get('/v2/events?event_type=none', 'accept: text/event-stream')

/** The value of a gauge of the server. */
const gauge = async (api: FakeApi, name: string): Promise<number> =>
  (await api.server.inject('/metrics')).json().gauges[`marathon.http.${name}.gauge`].value

describe('answers that wait for another on their connection', () => {
  it('are over when it is, and with them what they count', async () => {
    const api = await listening({ options: { maxConcurrentRequests: 3 } })
    const client = await send(api, events + get('/v2/info').repeat(5))
    expect(await client.status()).toBe(200)
    // Three that have begun, and none more.
    await expect.poll(async () => (await api.server.inject('/ping')).statusCode).toBe(503)
    client.hangUp()
    await expect.poll(async () => (await api.server.inject('/ping')).statusCode).toBe(200)
    // The question itself is the one.
    await expect.poll(() => gauge(api, 'requests.active')).toBe(1)
  })

  it('may be event streams, which end with it', async () => {
    const api = await listening({})
    const client = await send(api, events.repeat(4))
    await expect.poll(() => gauge(api, 'event-streams.active')).toBe(4)
    client.hangUp()
    await expect.poll(() => gauge(api, 'event-streams.active')).toBe(0)
  })

  it('as event streams are given up once when too much waits in them', async () => {
    const warnings: string[] = []
    const log: Logger = { ...silentLogger, warn: (message) => void warnings.push(message), child: () => log }
    const api = await listening({ log, options: { eventStreamMaxOutstanding: 4 } })
    await send(api, events + get('/v2/events?event_type=a', 'accept: text/event-stream'))
    await expect.poll(() => gauge(api, 'event-streams.active')).toBe(2)
    for (let n = 0; n < 10; n++) {
      api.publish({ type: 'a', body: { n } })
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
    }
    await expect.poll(() => gauge(api, 'event-streams.active')).toBe(1)
    expect(warnings).toEqual(['an event stream was closed because its client is too slow'])
  })

  it('may follow a log, which is read no further', async () => {
    let reads = 0
    const chunk = { bytes: Buffer.alloc(0), start: 0, end: 0, size: 0, isOpen: true }
    const logs: TaskLogs = {
      read: async () => {
        reads++
        return chunk
      },
    }
    const api = await listening({ engine: { logs }, options: { logPollMs: 5 } })
    const client = await send(api, events + get('/v2/tasks/t/logs/stdout?follow=true'))
    await expect.poll(() => reads).toBeGreaterThan(1)
    client.hangUp()
    await expect.poll(() => gauge(api, 'requests.active')).toBe(1)
    const before = reads
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(reads - before).toBeLessThan(2)
  })

  it('have a number, above which the connection ends', async () => {
    const api = await listening({})
    const allowed = await send(api, events + get('/ping').repeat(limits.pipelinedRequests - 1))
    await expect.poll(() => gauge(api, 'requests.active')).toBe(limits.pipelinedRequests + 1)
    expect(allowed.isClosed()).toBe(false)
    allowed.write(get('/ping'))
    await expect.poll(() => allowed.isClosed()).toBe(true)
    await expect.poll(() => gauge(api, 'requests.active')).toBe(1)
  })

  it('come in the order of their requests', async () => {
    const api = await listening({})
    const client = await send(api, get('/ping') + get('/none') + get('/v2/leader'))
    await expect
      .poll(() => client.received().match(/HTTP\/1\.1 \d+/g))
      .toEqual([200, 404, 200].map((status) => `HTTP/1.1 ${status}`))
  })
})

it('what is no following of a log counts among the requests', async () => {
  const api = await listening({ options: { maxConcurrentRequests: 1 } })
  await (await send(api, events)).status()
  const busy = await send(api, `POST /v2/apps HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{`)
  await expect.poll(async () => (await api.server.inject('/ping')).statusCode).toBe(503)
  expect((await api.server.inject('/v2/tasks/t/logs/stdout?follow=1')).statusCode).toBe(503)
  busy.hangUp()
})

describe('the name of the server', () => {
  it.each([
    ['none', '', 400],
    ['two', 'host: localhost\r\nHost: other\r\n', 400],
    ['the same twice', 'host: localhost\r\nhost: localhost\r\n', 400],
    ['one', 'HOST: localhost\r\n', 200],
  ])('stands in each request once: %s', async (_, headers, status) => {
    const client = await send(await listening({}), `GET /ping HTTP/1.1\r\n${headers}\r\n`)
    expect(await client.status()).toBe(status)
    expect(client.received()).toContain('x-content-type-options: nosniff')
    if (status === 400) await expect.poll(() => client.received()).toMatch(/"The request has \d Host headers/)
  })

  it('need not be known to clients of HTTP 1.0', async () => {
    expect(await (await send(await listening({}), 'GET /ping HTTP/1.0\r\n\r\n')).status()).toBe(200)
  })
})

it.each([
  ['a length and chunks', 'content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['two lengths', 'content-length: 4\r\ncontent-length: 5\r\n\r\nabcde'],
  ['a list of lengths', 'content-length: 2, 2\r\n\r\n{}'],
  ['a length with a sign', 'content-length: +2\r\n\r\n{}'],
  ['another encoding after chunks', 'transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n'],
  ['an unknown encoding', 'transfer-encoding: xchunked\r\n\r\n0\r\n\r\n'],
  ['a blank before the colon', 'transfer-encoding : chunked\r\n\r\n0\r\n\r\n'],
  ['a folded line', 'x: a\r\n b\r\ncontent-length: 2\r\n\r\n{}'],
])('what can be read in two ways is refused and the connection ended: %s', async (_, rest) => {
  const api = await listening({})
  const client = await send(api, `POST /v2/apps HTTP/1.1\r\nhost: x\r\n${rest}${get('/ping')}`)
  expect(await client.status()).toBe(400)
  await expect.poll(() => client.isClosed()).toBe(true)
  expect(client.received()).not.toContain('pong')
  expect(api.requests).toEqual([])
})
