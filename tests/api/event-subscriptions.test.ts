// /v2/eventSubscriptions: who gets events posted, asked for and answered.

import { describe, expect, it } from 'vitest'
import type { Outcome } from '../../src/core/requests.ts'
import { fakeApi } from '../support/fake-api.ts'

const url = 'http://listener.example:9090/callback?a=b c'
const query = `/v2/eventSubscriptions?callbackUrl=${encodeURIComponent(url)}`
const body = {
  clientIp: '127.0.0.1',
  callbackUrl: url,
  eventType: 'subscribe_event',
  timestamp: '2031-04-02T09:20:40.000Z',
}
const changed: Outcome = { kind: 'subscription-changed', notice: { type: 'subscribe_event', body } }
const off =
  'http event callback system is not running on this Marathon instance. Please re-start this instance with "--event_subscriber http_callback".'

describe('/v2/eventSubscriptions', () => {
  it('lists who gets events', async () => {
    const { server } = fakeApi({ state: { callbackUrls: ['http://a.example/', 'http://b.example/'] } })
    const answer = await server.inject('/v2/eventSubscriptions')
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['content-type']).toBe('application/json')
    expect(answer.body).toBe('{"callbackUrls":["http://a.example/","http://b.example/"]}')
  })

  it.each([
    ['POST', 'subscribe'],
    ['DELETE', 'unsubscribe'],
  ] as const)('%s hands the URL to the core and answers the event', async (method, kind) => {
    const { server, requests } = fakeApi({ outcome: changed })
    const answer = await server.inject({ method, url: query })
    const origin = { clientIp: '127.0.0.1', uri: '/v2/eventSubscriptions' }
    expect(requests).toEqual([{ kind, callbackUrl: url, origin }])
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['content-type']).toBe('application/json')
    expect(answer.body).toBe(JSON.stringify(body))
  })

  it('leaves it to the core to miss a URL', async () => {
    const { server, requests } = fakeApi({ outcome: changed })
    await server.inject({ method: 'POST', url: '/v2/eventSubscriptions' })
    expect(requests).toMatchObject([{ kind: 'subscribe', callbackUrl: undefined }])
  })

  it.each(['POST', 'DELETE'] as const)('%s is 400 when events are posted to nobody', async (method) => {
    const { server } = fakeApi({ outcome: { kind: 'refused', refusal: { kind: 'callbacks-off' } } })
    const answer = await server.inject({ method, url: query })
    expect([answer.statusCode, answer.json()]).toEqual([400, { message: off }])
  })

  it('GET is 400 when events are posted to nobody', async () => {
    const answer = await fakeApi({}).server.inject('/v2/eventSubscriptions')
    expect([answer.statusCode, answer.json()]).toEqual([400, { message: off }])
  })

  it('is 422 for what is no URL', async () => {
    const issues = [{ path: '/', errors: ['no protocol: x'] }]
    const { server } = fakeApi({ outcome: { kind: 'refused', refusal: { kind: 'invalid-object', issues } } })
    const answer = await server.inject({ method: 'POST', url: '/v2/eventSubscriptions?callbackUrl=x' })
    expect([answer.statusCode, answer.json()]).toEqual([
      422,
      { message: 'Object is not valid', details: issues },
    ])
  })

  it('is 403 when too many are subscribed', async () => {
    const { server } = fakeApi({
      outcome: { kind: 'refused', refusal: { kind: 'too-many-subscriptions', limit: 256 } },
    })
    const answer = await server.inject({ method: 'POST', url: query })
    expect([answer.statusCode, answer.json()]).toEqual([
      403,
      { message: '256 URLs are subscribed to events already. Allowed: 256.' },
    ])
  })

  it.each([
    [405, { method: 'PUT' as const, url: query }],
    [406, { method: 'POST' as const, url: query, headers: { accept: 'text/html' } }],
    [
      415,
      { method: 'POST' as const, url: query, headers: { 'content-type': 'text/plain' }, payload: 'http://x' },
    ],
  ])('is %i for what it does not speak', async (status, request) => {
    const { server, requests } = fakeApi({ outcome: changed })
    expect((await server.inject(request)).statusCode).toBe(status)
    expect(requests).toEqual([])
  })
})
