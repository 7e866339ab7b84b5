// Events posted to those who subscribed, by a real server to real receivers: well, slow, broken, hanging, gone, and
// back again; across a crash of the server.

import http, { type ServerResponse } from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { collectEvents } from './support/event-stream.ts'
import { type Server, useServers } from './support/server.ts'
import { sleep, until } from './support/until.ts'

const servers = useServers()
const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

interface Seen {
  readonly eventType: string
  readonly [field: string]: unknown
}

interface Receiver {
  readonly url: string
  readonly seen: Seen[]
  /** Most posts that were open at one time. */
  mostAtOnce: number
}

async function listen(server: net.Server, port = 0): Promise<number> {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const sockets = new Set<net.Socket>()
  server.on('connection', (socket) => sockets.add(socket))
  closers.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

async function receiver(
  answer: (response: ServerResponse, seen: readonly Seen[]) => void = (response) => response.end(),
  port = 0,
): Promise<Receiver> {
  let open = 0
  const server = http.createServer(async (request, response) => {
    found.mostAtOnce = Math.max(found.mostAtOnce, ++open)
    response.once('close', () => open--)
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    found.seen.push(JSON.parse(Buffer.concat(chunks).toString()) as Seen)
    answer(response, found.seen)
  })
  const url = `http://127.0.0.1:${await listen(server, port)}/events`
  const found: Receiver = { url, seen: [], mostAtOnce: 0 }
  return found
}

const withCallbacks = ['--master', 'sim', '--event_subscriber', 'http_callback'] as const

const subscribe = (server: Server, url: string) =>
  server.api.call('POST', `/v2/eventSubscriptions?callbackUrl=${encodeURIComponent(url)}`)
const unsubscribe = (server: Server, url: string) =>
  server.api.call('DELETE', `/v2/eventSubscriptions?callbackUrl=${encodeURIComponent(url)}`)
const subscribed = async (server: Server) => (await server.api.get('/v2/eventSubscriptions')).body

const typesOf = (seen: readonly Seen[]): string[] => seen.map(({ eventType }) => eventType)

/** Runs an app and waits until its deployment is told of as done. */
async function deploy(server: Server, id: string, told: Receiver): Promise<void> {
  const { body } = await server.api.post('/v2/apps', { id, cmd: 'serve', cpus: 0.1, mem: 32 })
  const [{ id: deploymentId }] = body.deployments
  await until(`the success of ${id}`, () =>
    told.seen.some(({ eventType, id }) => eventType === 'deployment_success' && id === deploymentId),
  )
}

async function counters(server: Server): Promise<Record<string, number>> {
  const { body } = await server.api.get('/metrics')
  const found = { ...body.counters, ...body.gauges } as Record<string, { count?: number; value?: number }>
  return Object.fromEntries(
    Object.entries(found).map(([name, { count, value }]) => [
      name.replace('marathon.http.event-callbacks.', ''),
      count ?? value ?? 0,
    ]),
  )
}

describe('a subscriber', () => {
  it('gets the same events as a stream, in the same order, one at a time', async () => {
    const server = await servers.start({ flags: withCallbacks })
    const well = await receiver()
    expect(await subscribe(server, well.url)).toMatchObject({
      status: 200,
      body: { callbackUrl: well.url, clientIp: '127.0.0.1', eventType: 'subscribe_event' },
    })
    const stream = await collectEvents(server)
    for (const id of ['/a', '/b', '/c']) await deploy(server, id, well)
    const [first, ...rest] = well.seen
    expect(first).toMatchObject({ eventType: 'subscribe_event', callbackUrl: well.url })
    await until('the stream to have all of it', () => stream.seen.length >= rest.length)
    stream.close()
    expect(rest).toEqual(stream.seen.slice(0, rest.length).map(({ data }) => data))
    expect(typesOf(rest)).toContain('event_stream_attached')
    expect(typesOf(rest)).toContain('status_update_event')
    expect(well.mostAtOnce).toBe(1)
  })

  it('is subscribed after a crash, beside those of the flag, and a left one is not', async () => {
    const [stays, leaves, flagged] = [await receiver(), await receiver(), await receiver()]
    const server = await servers.start({ flags: [...withCallbacks, '--http_endpoints', flagged.url] })
    for (const { url } of [stays, leaves]) expect((await subscribe(server, url)).status).toBe(200)
    expect((await unsubscribe(server, leaves.url)).body.eventType).toBe('unsubscribe_event')
    expect(await subscribed(server)).toEqual({ callbackUrls: [stays.url, flagged.url].sort() })
    await until('the end of the subscription', () => typesOf(stays.seen).includes('unsubscribe_event'))
    expect(typesOf(leaves.seen)).toEqual(['subscribe_event'])

    await server.crash()
    await server.start()
    expect(await subscribed(server)).toEqual({ callbackUrls: [stays.url, flagged.url].sort() })
    await deploy(server, '/after', stays)
    await deploy(server, '/more', flagged)
    expect(typesOf(leaves.seen)).toEqual(['subscribe_event'])

    expect((await unsubscribe(server, flagged.url)).status).toBe(200)
    expect(await subscribed(server)).toEqual({ callbackUrls: [stays.url] })
    await server.terminate()
    await server.start()
    expect(await subscribed(server)).toEqual({ callbackUrls: [stays.url, flagged.url].sort() })
  })

  it('that is gone gets what it missed when it is back, in order', async () => {
    const server = await servers.start({ flags: withCallbacks })
    const well = await receiver()
    const closed = net.createServer()
    const port = await listen(closed)
    await new Promise((resolve) => closed.close(resolve))
    const url = `http://127.0.0.1:${port}/events`
    await subscribe(server, url)
    await subscribe(server, well.url)
    await deploy(server, '/missed', well)
    const { 'failed.counter': failed, 'dropped.counter': dropped } = await counters(server)
    expect([failed! > 0, dropped]).toEqual([true, 0])
    const back = await receiver(undefined, port)
    await deploy(server, '/heard', back)
    expect(typesOf(back.seen).slice(0, 2)).toEqual(['subscribe_event', 'subscribe_event'])
    expect(back.seen.slice(1)).toEqual(well.seen)
    expect(server.output.match(/a receiver of events failed/g)).toHaveLength(1)
    expect(server.output.match(/a receiver of events is well again/g)).toHaveLength(1)
  })
})

it('slow, broken, hanging and missing receivers hold up neither the others nor the server', async () => {
  const flags = [
    ...withCallbacks,
    '--http_event_callback_slow_consumer_timeout',
    '200',
    '--http_event_request_timeout',
    '1000',
  ]
  const server = await servers.start({ flags })
  const slow = await receiver((response) => setTimeout(() => response.end(), 400))
  const broken = await receiver((response) => response.writeHead(500).end('no'))
  const moved = await receiver((response) => response.writeHead(302, { location: well.url }).end())
  const well = await receiver()
  const hanging = `http://127.0.0.1:${await listen(net.createServer(() => undefined))}/`
  const hangsUp = `http://127.0.0.1:${await listen(net.createServer((socket) => socket.end()))}/`
  for (const url of [slow.url, broken.url, moved.url, hanging, hangsUp, 'http://127.0.0.1:1/', well.url])
    expect((await subscribe(server, url)).status).toBe(200)

  const began = Date.now()
  for (let i = 0; i < 10; i++) await deploy(server, `/app-${i}`, well)
  // Seven events or more for each app, at 400 ms or more each, would have taken half a minute.
  expect(Date.now() - began).toBeLessThan(15_000)
  expect(new Set(well.seen.map((event) => JSON.stringify(event))).size).toBe(well.seen.length)

  // Two seconds after its first failure each gets its second event, and four after that its third.
  await until('the second tries', () => [slow, broken, moved].every(({ seen }) => seen.length >= 2))
  for (const { seen } of [slow, broken, moved]) expect(seen.length).toBeLessThan(4)
  expect(slow.seen[1]).not.toEqual(slow.seen[0])
  const { 'failed.counter': failed, 'active.gauge': active } = await counters(server)
  expect(failed).toBeGreaterThanOrEqual(6)
  expect(active).toBe(7)

  await sleep(100)
  const ending = Date.now()
  expect(await server.terminate()).toEqual({ code: 0, signal: null })
  expect(Date.now() - ending).toBeLessThan(3_000)
})

it('without --event_subscriber nothing is posted, and the answer says how to change that', async () => {
  const server = await servers.start({ flags: ['--master', 'sim'] })
  const message = expect.stringContaining(
    'Please re-start this instance with "--event_subscriber http_callback"',
  )
  expect(await server.api.get('/v2/eventSubscriptions')).toMatchObject({ status: 400, body: { message } })
  expect(await subscribe(server, 'http://127.0.0.1:1/')).toMatchObject({ status: 400, body: { message } })
})
