// Receivers of posted events: bamboo (QubitProducts/bamboo at 5ffa22e), which subscribes at its start and reads all
// apps after each event, and go-marathon's callback listener. They are a server of their own here, answering as
// they answer.

import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { createPoster } from '../../src/callbacks/post.ts'
import { CallbackSender } from '../../src/callbacks/sender.ts'
import { SystemClock } from '../../src/driver/clock.ts'
import { silentLogger } from '../../src/logging/logger.ts'
import { createMetrics } from '../../src/metrics/registry.ts'
import { converse } from './conversation.ts'

interface Received {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly type: string | undefined
  readonly length: string | undefined
  readonly body: string
}

/** A receiver that answers `answer`, and what has been posted to it so far. */
async function receiver(answer: string) {
  const received: Received[] = []
  let wake = () => {}
  const server = createServer(async (request: IncomingMessage, response) => {
    let body = ''
    for await (const piece of request) body += String(piece)
    const { method, url, headers } = request
    received.push({ method, url, type: headers['content-type'], length: headers['content-length'], body })
    response.end(answer)
    wake()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    received,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    until: async (type: string) => {
      const has = () => received.some(({ body }) => JSON.parse(body).eventType === type)
      while (!has()) await new Promise<void>((resolve) => (wake = resolve))
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}

it.each([
  ['bamboo', '/api/marathon/event_callback', 'Got it!', undefined, { 'content-type': 'application/json' }],
  ['go-marathon', '/event', '', '""', { 'content-type': 'application/json', accept: 'application/json' }],
])('%s subscribes itself and is posted one event after the other', async (_, path, answer, body, own) => {
  const headers = { 'user-agent': 'Go-http-client/1.1', 'accept-encoding': 'gzip', ...own }
  const server = await converse(headers, { settings: { eventSubscriber: 'http_callback' } })
  const listener = await receiver(answer)
  const clock = new SystemClock()
  const meters = createMetrics({ prefix: 'marathon', now: () => clock.now() })
  const poster = createPoster(5000)
  const sender = new CallbackSender({ poster, clock, log: silentLogger, meters, slowAfterMs: 5000 }, [])
  const callback = `${listener.url}${path}`
  // The URL is written into the query as it is.
  const subscribed = await server.ask('POST', `/v2/eventSubscriptions?callbackUrl=${callback}`, body)
  // Bamboo takes for a failure what begins so.
  expect([subscribed.status, subscribed.text.startsWith('{"message')]).toEqual([200, false])
  await server.ask('POST', '/v2/apps', '{"id":"/web","cmd":"sleep 3600","cpus":0.1,"mem":32}')
  await server.elapse(5000)
  sender.publish(server.notices)
  await listener.until('deployment_success')
  for (const post of listener.received) {
    expect(post).toMatchObject({ method: 'POST', url: path, type: 'application/json' })
    expect(post.length).toBe(String(Buffer.byteLength(post.body)))
    // The kind is in the body alone.
    expect(JSON.parse(post.body)).toMatchObject({
      eventType: expect.any(String),
      timestamp: expect.any(String),
    })
  }
  const types = listener.received.map(({ body: event }) => JSON.parse(event).eventType)
  expect(types[0]).toBe('subscribe_event')
  expect(types.indexOf('deployment_info')).toBeLessThan(types.indexOf('deployment_success'))
  expect(types).toContain('status_update_event')
  await sender.stop()
  await listener.close()
  await server.close()
})

it('bamboo makes services of apps, their tasks and ports', async () => {
  const headers = {
    'user-agent': 'Go-http-client/1.1',
    accept: 'application/json',
    'content-type': 'application/json',
    'accept-encoding': 'gzip',
  }
  const server = await converse(headers)
  const definition = { id: '/shop/web', cmd: 'sleep 3600', cpus: 0.1, mem: 32, instances: 2, env: { A: 'b' } }
  await server.ask('POST', '/v2/apps', JSON.stringify(definition))
  await server.elapse(5000)
  const query = 'embed=app.tasks&embed=app.deployments&embed=app.readiness'
  const [app] = (await server.ask('GET', `/v2/apps?${query}`)).body.apps
  expect(app).toMatchObject({
    id: '/shop/web',
    env: { A: 'b' },
    labels: {},
    deployments: [],
    readinessCheckResults: [],
  })
  for (const task of app.tasks) {
    expect(task).toMatchObject({ host: expect.any(String), state: 'TASK_RUNNING', version: app.version })
    expect(task.ports[0]).toBeGreaterThan(0)
    expect(task.ipAddresses[0]).toEqual({ ipAddress: expect.any(String), protocol: 'IPv4' })
  }
  await server.close()
})
