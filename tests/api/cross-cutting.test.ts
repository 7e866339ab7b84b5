// What every answer has in common: headers, authentication, foreign pages, limits, compression.

import { describe, expect, it } from 'vitest'
import { parseFlags } from '../../src/config/flags.ts'
import { credentialsOf } from '../../src/config/settings.ts'
import type { Outcome } from '../../src/core/requests.ts'
import { openApiDocument } from '../../src/http/openapi/document.ts'
import { LogLevels } from '../../src/logging/levels.ts'
import { createLogger } from '../../src/logging/logger.ts'
import { deployed, fakeApi } from '../support/fake-api.ts'
import { fakeApp, fakeNow } from '../support/fake-view.ts'
import { HandClock } from '../support/hand-clock.ts'

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

  it('that is short of the hooks has the same headers', async () => {
    const response = await fakeApi({}).server.inject('/v2/apps/%zz')
    expect(response.headers).toMatchObject({
      'cache-control': 'no-cache, no-store, must-revalidate',
      'x-marathon-leader': 'http://m1.example:8080',
      'x-frame-options': 'DENY',
      'x-request-id': expect.any(String),
    })
  })

  it('to HEAD has the headers of GET and no body', async () => {
    const response = await fakeApi({}).server.inject({ method: 'HEAD', url: '/v2/apps' })
    expect(response.statusCode).toBe(200)
    expect(response.headers['content-length']).toBe('11')
    expect(response.body).toBe('')
  })
})

describe('X-Request-Id', () => {
  const idOf = async (given?: string, url = '/v2/apps') => {
    const headers = given === undefined ? {} : { 'x-request-id': given }
    return (await fakeApi({}).server.inject({ url, headers })).headers['x-request-id']
  }

  it.each(['r1', '4bf92f35-77b3.4da6:a3ce/929d@0e0e+4736=', 'a'.repeat(128)])('is kept: %s', async (id) => {
    expect(await idOf(id)).toBe(id)
    expect(await idOf(id, '/none')).toBe(id)
    expect(await idOf(id, '/v2/apps/%zz')).toBe(id)
  })

  it.each([undefined, '', 'a'.repeat(129), 'two words', '<script>', '"quoted"', '-n', 'a,b', 'ü'])(
    '%j is replaced by one of ours',
    async (given) => {
      const ids = [await idOf(given), await idOf(given)]
      for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
      expect(ids[0]).not.toBe(ids[1])
    },
  )

  it('stands in the log beside what failed, and of all requests at debug', async () => {
    const lines: object[] = []
    const levels = new LogLevels('info', new HandClock(fakeNow))
    const log = createLogger(levels, { write: (line) => void lines.push(JSON.parse(line)) })
    const { server } = fakeApi({ log, outcome: () => Promise.reject(new Error('broken')) })
    const remove = { method: 'DELETE', url: '/v2/apps/a', headers: { 'x-request-id': 'r1' } } as const
    await server.inject(remove)
    expect(lines).toMatchObject([
      { level: 'error', message: 'a request failed', requestId: 'r1', path: '/v2/apps/a' },
    ])
    levels.set('ROOT', 'debug')
    await server.inject({ ...remove, url: '/v2/none?x=1', headers: { 'x-request-id': 'r2' } })
    expect(lines.slice(1)).toMatchObject([
      {
        level: 'debug',
        message: 'answered',
        requestId: 'r2',
        path: '/v2/none',
        method: 'DELETE',
        status: 404,
      },
    ])
  })
})

describe('every resource', () => {
  const api = () =>
    fakeApi({
      state: { apps: [fakeApp({ id: '/a' })] },
      engine: { agents: { list: () => [], unplug: () => undefined, plug: () => undefined } },
    })
  /** What negotiates by itself, or takes any body. */
  const anyType =
    /^\/(ui|api-console|help|ping|public|metrics\/prometheus|v1\/debug)?(\/|$)|^\/v2\/(events|plugins|artifacts)/
  const urls = async (): Promise<string[]> => {
    const { server } = api()
    const found = new Set<string>()
    server.addHook('onRoute', ({ url }) => void found.add(url))
    await server.ready()
    const there = [...found].map(async (url) => {
      if (!url.includes('*')) return [url]
      // What is said beneath /v2/tasks and the like depends on more than the star.
      const example = url.replace('*', 'a')
      return (await server.inject({ method: 'OPTIONS', url: example })).statusCode === 404 ? [] : [example]
    })
    return (await Promise.all(there)).flat()
  }

  it('has methods, and names them when asked for another', async () => {
    for (const url of await urls()) {
      const { server } = api()
      const trace = await server.inject({ method: 'TRACE' as 'GET', url })
      expect([url, trace.statusCode, trace.json()]).toEqual([url, 405, { message: 'Method Not Allowed' }])
      const options = await server.inject({ method: 'OPTIONS', url })
      expect([url, options.statusCode, options.headers.allow]).toEqual([url, 200, trace.headers.allow])
      const allowed = String(trace.headers.allow).split(', ')
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const) {
        if (allowed.includes(method)) continue
        const response = await server.inject({ method, url })
        expect([method, url, response.statusCode]).toEqual([method, url, 405])
      }
    }
  })

  it('gives JSON to those who take it, and takes no other body', async () => {
    const list = await urls()
    expect(list.length).toBeGreaterThan(30)
    for (const url of list.filter((url) => !anyType.test(url))) {
      const { server } = api()
      const allowed = String((await server.inject({ method: 'OPTIONS', url })).headers.allow).split(', ')
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const) {
        if (!allowed.includes(method)) continue
        const picture = await server.inject({ method, url, headers: { accept: 'image/png' } })
        expect([method, url, picture.statusCode]).toEqual([method, url, 406])
        // Groups take whatever it says it is for JSON (rest-api 1.3).
        if (method === 'GET' || method === 'DELETE' || url.startsWith('/v2/groups')) continue
        const form = await server.inject({
          method,
          url,
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
          payload: 'id=a',
        })
        expect([method, url, form.statusCode]).toEqual([method, url, 415])
      }
    }
  })

  it('wants credentials where they are set, and is read by no page of another origin', async () => {
    for (const url of await urls()) {
      const { server } = fakeApi({ options: { credentials: { user: 'ann', password: 'pw' } } })
      for (const method of ['GET', 'POST', 'OPTIONS', 'TRACE'] as const) {
        const response = await server.inject({ method: method as 'GET', url })
        expect([method, url, response.statusCode]).toEqual([method, url, 401])
        expect(response.headers).not.toHaveProperty('access-control-allow-origin')
      }
    }
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

  it.each([
    ['an argument', ['--http_credentials', 'ann:pa:ss'], {}],
    ['the environment', [], { MARATHON_HTTP_CREDENTIALS: 'ann:pa:ss' }],
  ])('come from %s', (_, args, environment) => {
    expect(credentialsOf(parseFlags(args, environment))).toEqual({ user: 'ann', password: 'pa:ss' })
  })

  it.each(['ann', 'ann:', ':pass'])('are none: %j', (text) => {
    expect(() => credentialsOf(parseFlags([], { MARATHON_HTTP_CREDENTIALS: text }))).toThrow(
      '--http_credentials has no user or no password; expected user:password.',
    )
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
      readonly host?: string
    },
  ) =>
    fakeApi({ options: { allowedOrigins }, outcome: deployed }).server.inject({
      method: request.method,
      url: request.method === 'GET' ? '/v2/apps' : '/v2/apps/a',
      headers: {
        host: request.host ?? 'localhost:8080',
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

  it('may read every header that the description of the API has, and how to come back with it', async () => {
    const response = await send(['http://a'], { method: 'GET', origin: 'http://a', asked: 'Last-Event-ID' })
    const exposed = String(response.headers['access-control-expose-headers']).split(', ')
    const { components } = openApiDocument('2.0.0') as { components: { headers: object } }
    const described = Object.keys(components.headers)
    expect(described).toContain('Marathon-Event-Id')
    expect(exposed).toEqual(expect.arrayContaining(described))
    expect(exposed).toContain('ETag')
    expect(response.headers['access-control-allow-headers']).toBe('Last-Event-ID')
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
    'localhost:8080',
    '127.0.0.1:8080',
    '192.168.1.5:8080',
    '[::1]:8080',
    'server1:8080',
    'm1.example:8080',
  ])('may write when %s serves them', async (host) => {
    expect((await send([], { method: 'DELETE', origin: `http://${host}`, host })).statusCode).toBe(200)
  })

  it('may not write by a foreign name that leads here', async () => {
    const [origin, host] = ['http://rebound.example:8080', 'rebound.example:8080']
    expect((await send([], { method: 'DELETE', origin, host })).statusCode).toBe(403)
    expect((await send([origin], { method: 'DELETE', origin, host })).statusCode).toBe(200)
    const guarded = await fakeApi({
      options: { credentials: { user: 'ann', password: 'pw' } },
      outcome: deployed,
    }).server.inject({
      method: 'DELETE',
      url: '/v2/apps/a',
      headers: { origin, host, authorization: `Basic ${Buffer.from('ann:pw').toString('base64')}` },
    })
    expect(guarded.statusCode).toBe(200)
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
    // Streams are not counted, but nothing becomes one by its query.
    for (const url of ['/v2/apps?follow=true', '/v2/tasks?follow=true', '/v2/none?follow=true'])
      expect([url, (await server.inject(url)).statusCode]).toEqual([url, 503])
    const log = await server.inject('/v2/tasks/t/logs/stdout?follow=true')
    expect(log.statusCode).toBe(501)
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

  it('is what answers vary by, beside the origin', async () => {
    const { server } = fakeApi({ state: { apps }, options: { allowedOrigins: ['http://a', 'http://b'] } })
    for (const url of ['/v2/apps', '/v2/info']) {
      const { headers } = await server.inject({ url, headers: { 'accept-encoding': 'gzip' } })
      expect(headers['vary']).toBe('Origin, accept-encoding')
    }
  })

  it('can be switched off', async () => {
    const { server } = fakeApi({ state: { apps }, options: { compress: false } })
    const response = await server.inject({ url: '/v2/apps', headers: { 'accept-encoding': 'gzip' } })
    expect(response.headers['content-encoding']).toBeUndefined()
  })
})
