// Entity tags and conditional requests (RFC 9110 sections 8.8.3 and 13).

import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { type Stack, startStack } from '../compat/stack.ts'
import { fakeApi } from '../support/fake-api.ts'
import { at, fakeApp, fakeInstance } from '../support/fake-view.ts'

const version = '2031-04-02T09:15:20.480Z'
const other = '2031-04-02T09:15:20.481Z'
const app = fakeApp({ id: '/a' })
const instance = fakeInstance({ appId: '/a', uuid: '1' })
const state = { apps: [app], instances: [instance] }

const reads = [
  '/v2/apps',
  '/v2/apps?embed=apps.tasks',
  '/v2/apps?id=a',
  '/v2/apps/a',
  '/v2/apps/*',
  '/v2/apps/a/tasks',
  '/v2/apps/a/versions',
  `/v2/apps/a/versions/${version}`,
  '/v2/tasks',
  '/v2/queue',
  '/v2/deployments',
  '/v2/info',
  '/v1/apps',
]

describe.each(reads)('GET %s', (url) => {
  const { server } = fakeApi({ state })
  const get = (headers: Record<string, string> = {}) => server.inject({ url, headers })

  it('has a strong entity tag, which answers 304 without a body when it is sent back', async () => {
    const first = await get()
    const etag = first.headers['etag'] as string
    expect(etag).toMatch(/^"[\x21\x23-\x7e]+"$/)
    expect((await get()).headers['etag']).toBe(etag)
    for (const value of [etag, `"x", ${etag}`, `W/${etag}`, '*']) {
      const again = await get({ 'if-none-match': value })
      expect([again.statusCode, again.body, again.headers['etag']]).toEqual([304, '', etag])
      expect(again.headers).toMatchObject({ 'cache-control': 'no-cache, no-store, must-revalidate' })
      expect(again.headers).not.toHaveProperty('content-type')
    }
    const changed = await get({ 'if-none-match': '"x"' })
    expect([changed.statusCode, changed.body]).toEqual([200, first.body])
  })

  it('answers HEAD with the same tag', async () => {
    const head = await server.inject({ method: 'HEAD', url })
    expect([head.statusCode, head.body, head.headers['etag']]).toEqual([
      200,
      '',
      (await get()).headers['etag'],
    ])
  })

  it('answers an If-Match that does not hold with 412', async () => {
    const etag = (await get()).headers['etag'] as string
    expect((await get({ 'if-match': etag })).statusCode).toBe(200)
    const failed = await get({ 'if-match': `W/${etag}, "x"` })
    expect([failed.statusCode, failed.json()]).toEqual([
      412,
      { message: `If-Match does not name the entity tag of this answer, ${etag}.` },
    ])
  })

  it('answers a header that cannot be read with 400', async () => {
    const failed = await get({ 'if-none-match': 'abc' })
    expect([failed.statusCode, failed.json()]).toEqual([
      400,
      {
        message:
          'If-None-Match is abc, expected * or entity tags in double quotes with commas between them, as ETag headers have them.',
      },
    ])
  })
})

it.each([
  '/v2/apps',
  '/v2/apps?embed=apps.tasks',
  '/v2/apps?id=a',
  '/v2/apps/a',
  '/v2/apps/*',
  '/v2/apps/a/tasks',
  '/v2/tasks',
  '/v1/apps',
])('%s has another tag when what it shows is another', async (url) => {
  const { server, show } = fakeApi({ state })
  const before = (await server.inject(url)).headers['etag'] as string
  const waiting = { ...instance, tasks: [], condition: 'Scheduled', since: at(other) } as const
  show({ apps: [{ ...app, cmd: 'new' }], instances: [waiting] })
  const after = await server.inject({ url, headers: { 'if-none-match': before } })
  expect(after.statusCode).toBe(200)
  expect(after.headers['etag']).not.toBe(before)
})

it('errors have no tag and ignore conditions', async () => {
  const { server } = fakeApi({ state })
  const response = await server.inject({
    url: '/v2/apps/none',
    headers: { 'if-none-match': '*', 'if-match': '"x"' },
  })
  expect(response.statusCode).toBe(404)
  expect(response.headers).not.toHaveProperty('etag')
})

it('the tag of a definition begins with its version, that of all apps with the version of the root', async () => {
  const { server } = fakeApi({ state })
  const tagOf = async (url: string) => (await server.inject(url)).headers['etag']
  expect(await tagOf('/v2/apps/a')).toMatch(`"${version}.`)
  expect(await tagOf(`/v2/apps/a/versions/${version}`)).toMatch(`"${version}.`)
  expect(await tagOf('/v2/apps')).toMatch('"2031-04-02T09:20:40.000Z.')
})

it('JSON and text of one resource have different tags', async () => {
  const { server } = fakeApi({ state })
  const [json, text] = await Promise.all(
    ['application/json', 'text/plain'].map((accept) =>
      server.inject({ url: '/v2/tasks', headers: { accept } }),
    ),
  )
  expect(json!.headers['etag']).not.toBe(text!.headers['etag'])
  const accept = 'text/plain'
  const again = await server.inject({
    url: '/v2/tasks',
    headers: { accept, 'if-none-match': json!.headers['etag'] as string },
  })
  expect(again.statusCode).toBe(200)
})

describe('compressed', () => {
  const many = Array.from({ length: 3_000 }, (_, n) => fakeApp({ id: `/g-${n % 7}/app-${n}` }))
  const { server } = fakeApi({ state: { apps: many, instances: [] } })

  it.each([
    ['/v2/apps', 'gzip'],
    ['/v2/apps', 'deflate'],
    ['/v2/apps?id=app', 'gzip'],
    ['/v2/tasks', 'gzip'],
    ['/v2/apps/g-0/app-0', 'gzip'],
  ])('%s with %s is another representation, whose tag is known as well', async (url, encoding) => {
    const plain = await server.inject(url)
    const headers = { 'accept-encoding': encoding }
    const first = await server.inject({ url, headers })
    expect(first.statusCode).toBe(200)
    const isSmall = first.headers['content-encoding'] === undefined
    const plainTag = plain.headers['etag'] as string
    expect(first.headers['etag']).toBe(isSmall ? plainTag : plainTag.replace(/"$/, `-${encoding}"`))
    if (encoding === 'gzip' && !isSmall) {
      expect(gunzipSync(first.rawPayload).toString()).toBe(plain.body)
      expect(first.headers['vary']).toMatch(/accept-encoding/i)
      const kept = await server.inject({ url, headers })
      expect(gunzipSync(kept.rawPayload).toString()).toBe(plain.body)
    }
    const again = await server.inject({
      url,
      headers: { ...headers, 'if-none-match': first.headers['etag'] as string },
    })
    expect([again.statusCode, again.headers['etag'], again.body]).toEqual([304, first.headers['etag'], ''])
  })

  it.each([
    [undefined, undefined],
    ['identity', undefined],
    ['gzip;q=0', undefined],
    ['*;q=0.5, identity;q=0.6', undefined],
    ['br', undefined],
    ['*', 'gzip'],
    ['br, x-gzip', 'gzip'],
    ['deflate, gzip;q=0.8', 'gzip'],
  ])('Accept-Encoding: %s gives %s', async (accepted, encoding) => {
    const headers = accepted === undefined ? {} : { 'accept-encoding': accepted }
    const { headers: answered } = await server.inject({ url: '/v2/apps', headers })
    expect(answered['content-encoding']).toBe(encoding)
  })
})

describe('a change on condition', () => {
  const preconditions = { ifMatch: [version] }
  const tag = `"${version}.whatever-gzip"`

  it.each([
    ['PUT', '/v2/apps/a', {}],
    ['PATCH', '/v2/apps/a', {}],
    ['DELETE', '/v2/apps/a', undefined],
    ['POST', '/v2/apps/a/restart', undefined],
    ['PUT', '/v2/apps', []],
    ['PATCH', '/v2/apps', []],
  ] as const)('%s %s passes the versions named on to the core', async (method, url, payload) => {
    const { server, requests } = fakeApi({ state })
    const send = (headers: Record<string, string>) =>
      server.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) })
    await send({ 'if-match': tag })
    await send({ 'if-match': `"${version}"` })
    await send({ 'if-match': `W/${tag}, "abc", "${version}x"` })
    await send({ 'if-match': '*' })
    await send({ 'if-none-match': '*' })
    await send({ 'if-none-match': `W/${tag}`, 'if-match': `"${other}", ${tag}` })
    await send({})
    expect(
      requests.map((request) => ('preconditions' in request ? request.preconditions : undefined)),
    ).toEqual([
      preconditions,
      preconditions,
      { ifMatch: [] },
      { ifMatch: '*' },
      { ifNoneMatch: '*' },
      { ifMatch: [other, version], ifNoneMatch: [version] },
      undefined,
    ])
    const malformed = await send({ 'if-match': version })
    expect([malformed.statusCode, malformed.json().message]).toEqual([
      400,
      `If-Match is ${version}, expected * or entity tags in double quotes with commas between them, as ETag headers have them.`,
    ])
    expect(requests).toHaveLength(7)
  })

  it.each([
    ['POST', '/v2/apps', {}],
    ['DELETE', '/v2/apps/a/tasks', undefined],
    ['POST', '/v2/tasks/delete', { ids: [] }],
    ['DELETE', '/v2/queue/a/delay', undefined],
    ['DELETE', '/v2/deployments/5b0f', undefined],
  ] as const)('%s %s, where it has no meaning, is refused and not ignored', async (method, url, payload) => {
    const { server, requests } = fakeApi({ state })
    const headers = { 'if-match': tag }
    const response = await server.inject({
      method,
      url,
      headers,
      ...(payload === undefined ? {} : { payload }),
    })
    expect([response.statusCode, response.json()]).toEqual([
      400,
      { message: `If-Match and If-None-Match have no meaning for ${method} here; nothing was changed.` },
    ])
    expect(requests).toEqual([])
  })
})

describe('with the whole server', () => {
  const put = (stack: Stack, body: object, headers: Record<string, string> = {}) =>
    stack.server.inject({ method: 'PUT', url: '/v2/apps/web', headers, payload: body })
  const tagOf = async (stack: Stack, url = '/v2/apps/web') =>
    (await stack.server.inject(url)).headers['etag'] as string

  it('of two who read the same app the second one to write is told so', async () => {
    const stack = await startStack()
    await put(stack, { cmd: 'serve', instances: 1 })
    await stack.elapse(5_000)
    const read = await tagOf(stack)
    expect((await put(stack, { cmd: 'mine' }, { 'if-match': read })).statusCode).toBe(200)
    await stack.elapse(5_000)
    const refused = await put(stack, { cmd: 'yours' }, { 'if-match': read })
    const { version: inForce } = (await stack.send('GET', '/v2/apps/web')).body.app
    expect([refused.statusCode, refused.json()]).toEqual([
      412,
      {
        message: `The condition of the request does not hold: '/web' is in version ${inForce}.`,
        version: inForce,
      },
    ])
    expect((await stack.send('GET', '/v2/apps/web')).body.app.cmd).toBe('mine')
    expect((await put(stack, { cmd: 'yours' }, { 'if-match': `"${inForce}"` })).statusCode).toBe(200)
    await stack.close()
  })

  it('what tasks do meanwhile is no edit', async () => {
    const stack = await startStack()
    await put(stack, { cmd: 'serve', instances: 2 })
    const read = await tagOf(stack)
    await stack.elapse(10_000)
    expect(await tagOf(stack)).not.toBe(read)
    expect((await put(stack, { instances: 3 }, { 'if-match': read })).statusCode).toBe(200)
    await stack.close()
  })

  it('PUT with If-None-Match: * creates, and creates once', async () => {
    const stack = await startStack()
    expect((await put(stack, { cmd: 'serve' }, { 'if-none-match': '*' })).statusCode).toBe(201)
    expect((await put(stack, { cmd: 'serve' }, { 'if-none-match': '*' })).statusCode).toBe(412)
    await stack.close()
  })

  it('several apps change on condition of all that was read', async () => {
    const stack = await startStack()
    await put(stack, { cmd: 'serve', instances: 0 })
    const read = await tagOf(stack, '/v2/apps')
    const change = (etag: string) =>
      stack.server.inject({
        method: 'PUT',
        url: '/v2/apps?force=true',
        headers: { 'if-match': etag },
        payload: [{ id: '/web', cmd: 'serve all' }],
      })
    await stack.elapse(1_000)
    await stack.send('POST', '/v2/apps', { id: '/other', cmd: 'wait', instances: 0 })
    expect((await change(read)).statusCode).toBe(412)
    expect((await change(await tagOf(stack, '/v2/apps'))).statusCode).toBe(200)
    await stack.close()
  })

  it('the list that is kept is at every moment the one that is made anew, and an unchanged tag an unchanged list', async () => {
    const stack = await startStack()
    const lists = ['/v2/apps?', '/v2/apps?embed=apps.tasks&embed=apps.lastTaskFailure&']
    const seen = new Map<string, string>()
    const look = async () => {
      for (const url of lists) {
        const kept = await stack.server.inject(url)
        // Any filter, even one that lets everything through, is no list that is kept.
        expect(kept.body).toBe((await stack.server.inject(`${url}id=`)).body)
        const name = `${url} ${kept.headers['etag']}`
        expect(seen.get(name) ?? kept.body).toBe(kept.body)
        seen.set(name, kept.body)
      }
    }
    const steps: readonly (readonly ['POST' | 'PUT' | 'DELETE', string, object?])[] = [
      ['POST', '/v2/apps', { id: '/web', cmd: 'serve', instances: 3 }],
      ['POST', '/v2/apps', { id: '/shop/db', cmd: 'store', instances: 1 }],
      ['POST', '/v2/apps', { id: '/a', cmd: 'wait', instances: 0 }],
      ['PUT', '/v2/apps/web?force=true', { instances: 1 }],
      ['PUT', '/v2/apps/web?force=true', { cmd: 'serve more' }],
      ['DELETE', '/v2/apps/shop/db/tasks'],
      ['DELETE', '/v2/apps/a'],
      ['POST', '/v2/apps', { id: '/a', cmd: 'wait more', instances: 2, labels: { n: '1' } }],
      ['DELETE', '/v2/apps/shop/db'],
    ]
    await look()
    for (const [method, url, body] of steps) {
      await stack.send(method, url, body)
      await look()
      for (const ms of [100, 1_000, 5_000]) {
        await stack.elapse(ms)
        await look()
      }
    }
    expect(seen.size).toBeGreaterThan(2 * steps.length)
    await stack.close()
  })
})
