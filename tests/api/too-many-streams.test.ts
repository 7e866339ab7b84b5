// More event streams than there may be: one more is told so, and comes in when another has gone. The limit is two here.

import { get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { type FakeApi, fakeApi } from '../support/fake-api.ts'

vi.mock(import('../../src/lib/limits.ts'), async (original) => {
  const { limits } = await original()
  return { limits: { ...limits, eventStreams: 2 as never } }
})

let api: FakeApi | undefined
afterEach(() => api?.server.close())

async function listen(): Promise<IncomingMessage> {
  const { port } = api!.server.server.address() as AddressInfo
  const headers = { accept: 'text/event-stream' }
  return new Promise((resolve, reject) =>
    get({ host: '127.0.0.1', port, path: '/v2/events', headers }, resolve).on('error', reject),
  )
}

test('GET /v2/events is 503 when too many listen, until one of them goes', async () => {
  api = fakeApi({})
  await api.server.listen({ host: '127.0.0.1', port: 0 })
  const [first, second] = [await listen(), await listen()]
  expect([first.statusCode, second.statusCode]).toEqual([200, 200])

  const refused = await listen()
  let body = ''
  for await (const piece of refused) body += piece
  expect([refused.statusCode, JSON.parse(body)]).toEqual([
    503,
    { message: 'Too many event streams are open. Allowed: 2.' },
  ])

  first.destroy()
  await expect
    .poll(async () => {
      const next = await listen()
      next.destroy()
      return next.statusCode
    })
    .toBe(200)
  second.destroy()
})
