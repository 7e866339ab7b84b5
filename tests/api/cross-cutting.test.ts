// What every answer has in common: headers, authentication, foreign pages, limits, compression.

import { describe, expect, it } from 'vitest'
import type { Outcome } from '../../src/core/requests.ts'
import { deployed, fakeApi } from '../support/fake-api.ts'
import { fakeApp } from '../support/fake-view.ts'

describe('every answer', () => {
  it.each(['/v2/apps', '/ping', '/none', '/v2/apps/none'])(
    'of %s forbids caching and names the leader',
    async (url) => {
      const response = await fakeApi({}).server.inject(url)
      expect(response.headers).toMatchObject({
        'cache-control': 'no-cache, no-store, must-revalidate',
        pragma: 'no-cache',
        expires: '0',
        'x-marathon-leader': 'http://m1.example:8080',
        'x-frame-options': 'DENY',
        'x-xss-protection': '1; mode=block',
      })
      expect(response.headers).not.toHaveProperty('server')
      expect(response.headers).not.toHaveProperty('access-control-allow-origin')
    },
  )

  it('to HEAD has the headers of GET and no body', async () => {
    const response = await fakeApi({}).server.inject({ method: 'HEAD', url: '/v2/apps' })
    expect(response.statusCode).toBe(200)
    expect(response.headers['content-length']).toBe('11')
    expect(response.body).toBe('')
  })
})

describe('with credentials', () => {
  const { server } = fakeApi({
    options: { credentials: { user: 'ann', password: 'pa:ss' }, realm: 'My "own"' },
  })
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

  it.each(['/v2/apps', '/ping', '/none', '/'])('%s wants them', async (url) => {
    const response = await server.inject(url)
    expect(response.statusCode).toBe(401)
    expect(response.headers['www-authenticate']).toBe('Basic realm="My \\"own\\""')
    expect(response.headers['x-frame-options']).toBe('DENY')
    expect(response.json()).toEqual({ message: 'Unauthorized' })
  })

  it.each([
    ['ann:pa:ss', 200],
    ['ann:pass', 401],
    ['ann:', 401],
    [':pa:ss', 401],
    ['', 401],
  ])('%j gives %i', async (text, status) => {
    const response = await server.inject({ url: '/ping', headers: { authorization: basic(text) } })
    expect(response.statusCode).toBe(status)
  })

  it('another scheme with the same token is refused', async () => {
    const authorization = basic('ann:pa:ss').replace('Basic', 'Bearer')
    expect((await server.inject({ url: '/ping', headers: { authorization } })).statusCode).toBe(401)
  })
})

describe('pages of other origins', () => {
  const send = (
    allowedOrigins: readonly string[],
    request: {
      readonly method: 'GET' | 'POST' | 'DELETE'
      readonly origin?: string
      readonly asked?: string
    },
  ) =>
    fakeApi({ options: { allowedOrigins }, outcome: deployed }).server.inject({
      method: request.method,
      url: request.method === 'GET' ? '/v2/apps' : '/v2/apps/a',
      headers: {
        host: 'localhost:8080',
        ...(request.origin === undefined ? {} : { origin: request.origin }),
        ...(request.asked === undefined ? {} : { 'access-control-request-headers': request.asked }),
      },
    })

  it('may read where the origin is configured', async () => {
    const response = await send(['http://a', 'http://b'], {
      method: 'GET',
      origin: 'http://a',
      asked: 'X-A,X-B',
    })
    expect(response.headers).toMatchObject({
      'access-control-allow-origin': 'http://a',
      'access-control-allow-headers': 'X-A, X-B',
      'access-control-allow-methods': 'GET, HEAD, OPTIONS',
      'access-control-max-age': '86400',
    })
  })

  it('are told the last configured origin when theirs is not among them', async () => {
    const response = await send(['http://a', 'http://b'], { method: 'GET', origin: 'http://evil' })
    expect(response.headers['access-control-allow-origin']).toBe('http://b')
  })

  it.each(['http://evil.example', 'null', 'http://localhost:8081'])('may not write: %s', async (origin) => {
    const response = await send([], { method: 'DELETE', origin })
    expect(response.statusCode).toBe(403)
    expect(response.json().message).toContain(`A page from ${origin} may not change anything here.`)
  })

  it.each([
    [[], 'http://localhost:8080'],
    [['https://ui.example'], 'https://ui.example'],
    [['*'], 'https://any.example'],
  ])('may write with %j from %s', async (allowed, origin) => {
    expect((await send(allowed, { method: 'DELETE', origin })).statusCode).toBe(200)
  })
})

describe('too many requests at once', () => {
  it('are turned away above the limit, and taken again below', async () => {
    let release: (outcome: Outcome) => void = () => undefined
    const { server, requests } = fakeApi({
      options: { maxConcurrentRequests: 1 },
      outcome: () => new Promise((resolve) => (release = resolve)),
    })
    const first = server.inject({ method: 'DELETE', url: '/v2/apps/a' })
    await expect.poll(() => requests.length).toBe(1)
    const second = await server.inject('/v2/apps')
    expect(second.statusCode).toBe(503)
    expect(second.json()).toEqual({ message: 'Too many concurrent requests! Allowed: 1.' })
    release(deployed)
    expect((await first).statusCode).toBe(200)
    expect((await server.inject('/v2/apps')).statusCode).toBe(200)
  })
})

describe('compression', () => {
  const apps = Array.from({ length: 20 }, (_, n) => fakeApp({ id: `/a-${n}` }))

  it('packs long answers for those who can unpack', async () => {
    const { server } = fakeApi({ state: { apps } })
    const packed = await server.inject({ url: '/v2/apps', headers: { 'accept-encoding': 'gzip' } })
    expect(packed.headers['content-encoding']).toBe('gzip')
    expect((await server.inject('/v2/apps')).headers['content-encoding']).toBeUndefined()
  })

  it('can be switched off', async () => {
    const { server } = fakeApi({ state: { apps }, options: { compress: false } })
    const response = await server.inject({ url: '/v2/apps', headers: { 'accept-encoding': 'gzip' } })
    expect(response.headers['content-encoding']).toBeUndefined()
  })
})
