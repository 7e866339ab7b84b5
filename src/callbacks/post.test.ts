// Posting over real sockets to receivers that answer well, badly, slowly, elsewhere, or not at all.

import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { createPoster, type Poster } from './post.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

interface Seen {
  readonly request: IncomingMessage
  readonly body: string
}

async function receiver(
  answer: (response: ServerResponse, seen: Seen) => void,
): Promise<{ url: string; seen: Seen[]; connections: () => number }> {
  const seen: Seen[] = []
  let connections = 0
  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    seen.push({ request, body: Buffer.concat(chunks).toString() })
    answer(response, seen.at(-1)!)
  })
  server.on('connection', () => connections++)
  const url = await listen(server)
  return { url, seen, connections: () => connections }
}

async function listen(server: net.Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    if (server instanceof http.Server) server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function poster(timeoutMs = 5_000): Poster {
  const made = createPoster(timeoutMs)
  closers.push(() => made.close())
  return made
}

const never = new AbortController().signal
const text = '{"eventType":"test_event","é":"ü"}'
const event = { body: text }

describe('an event', () => {
  test('goes out as JSON over connections that are kept', async () => {
    const { url, seen, connections } = await receiver((response) => response.end('thanks'))
    const { post } = poster()
    for (let i = 0; i < 10; i++) {
      expect(await post(`${url}/a/b?c=d#e`, event, never)).toEqual({ kind: 'answered', status: 200 })
    }
    const { request, body } = seen[2]!
    expect([request.method, request.url, body]).toEqual(['POST', '/a/b?c=d', text])
    expect(request.headers).toMatchObject({
      'content-type': 'application/json',
      accept: 'application/json',
      'content-length': String(Buffer.byteLength(text)),
    })
    expect(request.headers.authorization).toBeUndefined()
    expect(request.headers).not.toHaveProperty('marathon-event-id')
    // The next post may go out before the last connection is known to be free.
    expect(connections()).toBeLessThanOrEqual(2)
  })

  test('has its number in a header, so that receivers know what they missed and what they have', async () => {
    const { url, seen } = await receiver((response) => response.end())
    await poster().post(url, { body: text, id: 17 }, never)
    expect(seen[0]!.request.headers['marathon-event-id']).toBe('17')
  })

  test('is for the user its URL names', async () => {
    const { url, seen } = await receiver((response) => response.end())
    await poster().post(url.replace('//', '//ann:a%40b@'), event, never)
    const credentials = Buffer.from('ann:a@b').toString('base64')
    expect(seen[0]!.request.headers.authorization).toBe(`Basic ${credentials}`)
  })

  test('follows no redirect', async () => {
    const elsewhere = await receiver((response) => response.end())
    const { url } = await receiver((response) => response.writeHead(307, { location: elsewhere.url }).end())
    expect(await poster().post(url, event, never)).toEqual({ kind: 'answered', status: 307 })
    expect(elsewhere.seen).toEqual([])
  })

  test('is not held up by an answer that never ends', async () => {
    const { url } = await receiver((response) => {
      const more = (): void => {
        if (!response.destroyed) response.write('x'.repeat(65_536), more)
      }
      more()
    })
    expect(await poster().post(url, event, never)).toEqual({ kind: 'answered', status: 200 })
  })
})

describe('a receiver', () => {
  test('that is not there has not heard of the event', async () => {
    const gone = net.createServer()
    const url = await listen(gone)
    await new Promise((resolve) => gone.close(resolve))
    const result = await poster().post(url, event, never)
    expect(result).toMatchObject({ kind: 'unreachable', reason: expect.stringContaining('ECONNREFUSED') })
  })

  test('that hangs up may have', async () => {
    const url = await listen(net.createServer((socket) => socket.once('data', () => socket.destroy())))
    expect(await poster().post(url, event, never)).toMatchObject({ kind: 'broken' })
  })

  test.each([
    ['accepts and says nothing', net.createServer(() => undefined)],
    [
      'begins an answer and does not end it',
      net.createServer((socket) => {
        socket.on('error', () => undefined)
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nx')
      }),
    ],
  ])('that %s is given up after the time allowed', async (_how, server) => {
    server.on('connection', (socket) => closers.push(() => socket.destroy()))
    const url = await listen(server)
    const result = await poster(60).post(url, event, never)
    expect(result).toEqual({ kind: 'broken', reason: 'it did not answer within 60 ms' })
  })

  test('is given up when the server stops', async () => {
    const stop = new AbortController()
    const { url } = await receiver(() => stop.abort())
    expect(await poster().post(url, event, stop.signal)).toEqual({
      kind: 'broken',
      reason: 'the server stops',
    })
    expect(await poster().post(url, event, stop.signal)).toMatchObject({ kind: 'broken' })
  })

  test.each(['http://999.1.1.1.1/', 'http://%zz@h/', 'http://[::1/'])(
    'whose URL %s cannot be used fails like any other',
    async (url) => {
      expect(await poster().post(url, event, never)).toMatchObject({
        kind: expect.stringMatching(/un|broken/),
      })
    },
  )
})
