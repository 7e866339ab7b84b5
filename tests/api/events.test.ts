// Event streams over real sockets: frames, filters, heartbeats, slow clients.

import type { AddressInfo } from 'node:net'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { Notice } from '../../src/core/notices/notice.ts'
import { type FakeApi, fakeApi } from '../support/fake-api.ts'

const running: { api: FakeApi; sockets: Socket[] }[] = []

afterEach(async () => {
  for (const { api, sockets } of running.splice(0)) {
    for (const socket of sockets) socket.destroy()
    await api.server.close()
  }
})

async function start(script: Parameters<typeof fakeApi>[0] = {}) {
  const api = fakeApi(script)
  await api.server.listen({ host: '127.0.0.1', port: 0 })
  const entry = { api, sockets: [] as Socket[] }
  running.push(entry)
  const { port } = api.server.server.address() as AddressInfo
  return {
    ...api,
    open: (query = '') => {
      const socket = connect(port, '127.0.0.1')
      entry.sockets.push(socket)
      let received = ''
      let isClosed = false
      socket.setEncoding('utf8')
      socket.on('data', (text) => (received += text))
      socket.on('error', () => undefined)
      socket.on('close', () => (isClosed = true))
      socket.write(`GET /v2/events${query} HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n`)
      return {
        socket,
        received: () => received,
        isClosed: () => isClosed,
        /** What follows the head of the answer. */
        body: () => received.slice(received.indexOf('\r\n\r\n') + 4),
      }
    },
  }
}

const notice = (type: string, n: number, size = 0): Notice => ({
  type,
  body: { n, ...(size === 0 ? {} : { filler: 'x'.repeat(size) }), eventType: type },
})
const frame = (type: string, n: number): string =>
  `event: ${type}\r\ndata: ${JSON.stringify({ n, eventType: type })}\r\n\r\n`
const attached = `event: event_stream_attached\r\ndata: ${JSON.stringify({
  remoteAddress: '127.0.0.1',
  eventType: 'event_stream_attached',
  timestamp: '2031-04-02T09:20:40.000Z',
})}\r\n\r\n`

describe('an event stream', () => {
  it('begins with its own attachment and goes on with what happens, byte for byte', async () => {
    const { open, publish } = await start()
    const client = open()
    await expect.poll(client.body).toBe(attached)
    publish(notice('a', 1), notice('b', 2))
    publish(notice('a', 3))
    await expect.poll(client.body).toBe(attached + frame('a', 1) + frame('b', 2) + frame('a', 3))
    const head = client.received().toLowerCase()
    expect(head).toMatch(/^http\/1\.1 200 /)
    expect(head).toContain('content-type: text/event-stream;charset=utf-8\r\n')
    expect(head).toContain('x-marathon-leader: http://m1.example:8080\r\n')
    expect(head).toContain('cache-control: no-cache, no-store, must-revalidate\r\n')
    expect(head).not.toContain('transfer-encoding')
    expect(head).not.toContain('content-encoding')
  })

  it('carries the types it was opened for and no others', async () => {
    const { open, publish } = await start()
    const one = open('?event_type=a')
    const two = open('?event_type=b&event_type=c&event_type=unknown')
    const all = open()
    await expect.poll(() => all.body().split('event: event_stream_attached').length).toBeGreaterThan(1)
    await expect.poll(() => [one, two].every((client) => client.received().includes('200'))).toBe(true)
    publish(notice('a', 1), notice('b', 2), notice('c', 3), notice('d', 4))
    await expect.poll(one.body).toBe(frame('a', 1))
    await expect.poll(two.body).toBe(frame('b', 2) + frame('c', 3))
    await expect.poll(all.body).toContain(frame('d', 4))
  })

  it('tells the others when one leaves', async () => {
    const { open } = await start()
    const stays = open()
    await expect.poll(stays.body).toContain('event_stream_attached')
    const leaves = open()
    await expect.poll(leaves.body).toContain('event_stream_attached')
    leaves.socket.destroy()
    await expect.poll(stays.body).toContain('event: event_stream_detached\r\n')
  })

  it('beats now and then', async () => {
    const { open } = await start({ options: { eventStreamHeartbeatMs: 20 } })
    const client = open()
    await expect.poll(client.body).toMatch(/^event: event_stream_attached\r\n.*\r\n\r\n(\r\n)+$/)
  })

  it('is closed when its client does not read, and nobody else notices', async () => {
    const { open, publish, server } = await start({ options: { eventStreamMaxOutstanding: 8 } })
    const slow = open()
    const quick = open('?event_type=big&event_type=event_stream_detached')
    await expect.poll(slow.body).toContain('event_stream_attached')
    await expect.poll(() => quick.received().includes('200')).toBe(true)
    slow.socket.pause()
    for (let n = 0; n < 200; n++) {
      publish(notice('big', n, 100_000))
      const seen = n + 1
      await expect.poll(() => quick.body().split('event: big').length - 1, { interval: 1 }).toBe(seen)
      if (quick.body().includes('event_stream_detached')) break
    }
    expect(quick.body()).toContain('event_stream_detached')
    expect(quick.isClosed()).toBe(false)
    const metrics = (await server.inject('/metrics')).json()
    expect(metrics.gauges['marathon.http.event-streams.active.gauge']).toEqual({ value: 1 })
  })

  it('takes a burst above the limit when its client keeps up', async () => {
    const { open, publish } = await start({ options: { eventStreamMaxOutstanding: 8 } })
    const client = open('?event_type=a')
    await expect.poll(() => client.received().includes('200')).toBe(true)
    for (let n = 0; n < 1_000; n++) publish(notice('a', n))
    await expect.poll(() => client.body().split('event: a').length - 1).toBe(1_000)
    expect(client.isClosed()).toBe(false)
  })

  it('ends when the server stops', async () => {
    const { open, server } = await start()
    const client = open()
    await expect.poll(client.body).toContain('event_stream_attached')
    await server.close()
    await expect.poll(client.isClosed).toBe(true)
  })
})

describe('a request for events', () => {
  it.each([undefined, '*/*', 'application/json'])('that accepts %j gets 405', async (accept) => {
    const response = await fakeApi({}).server.inject({
      url: '/v2/events',
      headers: accept === undefined ? {} : { accept },
    })
    expect([response.statusCode, response.json()]).toEqual([405, { message: 'Method Not Allowed' }])
  })
})
