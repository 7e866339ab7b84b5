// /v2/plugins, and what validators make of every change of a definition: over the routes, with the plugins of
// examples/plugins and with such as fail.

import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import { afterEach, describe, expect, it } from 'vitest'
import type { TaskProcessor } from '../../src/core/placement/task-processors.ts'
import { limits } from '../../src/lib/limits.ts'
import { silentLogger } from '../../src/logging/logger.ts'
import { loadPlugins } from '../../src/plugins/load.ts'
import { type HandlerInstance, requestHandlerOf } from '../../src/plugins/request-handler.ts'
import { validatorOf } from '../../src/plugins/validator.ts'
import type { RunSpecValidator } from '../../src/spec/validate/run-spec-validators.ts'
import { type Stack, startedAt, startStack } from '../compat/stack.ts'
import { fakeApi } from '../support/fake-api.ts'
import { HandClock } from '../support/hand-clock.ts'

const examples = fileURLToPath(new URL('../../examples/plugins/', import.meta.url))
const clock = new HandClock(startedAt)
const loadExamples = () =>
  loadPlugins({
    dir: examples,
    conf: `${examples}plugins.json`,
    frameworkName: 'marathon',
    clock,
    log: silentLogger,
  })

const stacks: Stack[] = []
afterEach(async () => {
  for (const stack of stacks.splice(0)) await stack.close()
})

const withHandler = (
  serve: HandlerInstance['serve'],
  options: { readonly clock?: HandClock; readonly turnMs?: number } = {},
): FastifyInstance => {
  const handler = requestHandlerOf('pages', { serve }, { log: silentLogger, clock, ...options })
  return fakeApi({ plugins: { list: [], requestHandlers: new Map([['pages', handler]]) } }).server
}

describe('GET /v2/plugins', () => {
  it('lists what is loaded, without configurations, in the order of the descriptor', async () => {
    const { server } = fakeApi({ plugins: await loadExamples() })
    const response = await server.inject('/v2/plugins')
    expect(response.statusCode).toBe(200)
    expect(response.body).toBe(
      '{"plugins":[' +
        '{"id":"owner-rule","plugin":"mesosphere.marathon.plugin.validation.RunSpecValidator",' +
        '"implementation":"owner-rule.mjs#OwnerRule","tags":["policy"]},' +
        '{"id":"site-labels","plugin":"mesosphere.marathon.plugin.task.RunSpecTaskProcessor",' +
        '"implementation":"site-labels.mjs#SiteLabels"},' +
        '{"id":"notes","plugin":"mesosphere.marathon.plugin.http.HttpRequestHandler",' +
        '"implementation":"notes.mjs#Notes","info":{"version":"1.0.0","what":"notes of operators"}}]}',
    )
  })
})

describe('a task processor', () => {
  it('of the examples labels the tasks of apps, and those of pods with their executor', async () => {
    const [{ change }] = (await loadExamples()).taskProcessors as readonly [TaskProcessor]
    const task = { taskId: 't', agentId: 'n', name: 'web', labels: {}, environment: {}, uris: [] }
    const labelled = { ...task, labels: { site: 'berlin' }, environment: { SITE: 'berlin' } }
    expect(change({ tasks: [task] }, { id: '/a' }, 'app')).toEqual({ tasks: [labelled] })
    expect(change({ tasks: [task], executor: { labels: {} } }, { id: '/p' }, 'pod')).toEqual({
      tasks: [labelled],
      executor: { labels: { site: 'berlin' } },
    })
  })
})

describe('/v2/plugins/{id}/{path}', () => {
  it('is answered by the plugin, whatever the method', async () => {
    const { server } = fakeApi({ plugins: await loadExamples() })
    const send = async (
      method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE',
      path: string,
      payload?: string,
    ) => {
      const headers = { 'content-type': 'text/plain', accept: 'text/html' }
      const {
        statusCode,
        body,
        headers: got,
      } = await server.inject({
        method,
        url: `/v2/plugins/notes/${path}`,
        headers,
        ...(payload === undefined ? {} : { payload }),
      })
      return [statusCode, body, got['content-type'], got['x-note-length']]
    }
    expect(await send('PUT', 'a', 'call ann')).toEqual([204, '', undefined, undefined])
    expect(await send('GET', 'a')).toEqual([200, 'call ann', 'text/plain', '8'])
    expect(await send('HEAD', 'a')).toEqual([200, '', 'text/plain', '8'])
    expect(await send('GET', 'all')).toEqual([
      200,
      '{"of":"marathon","notes":{"a":"call ann"}}',
      'application/json',
      undefined,
    ])
    expect(await send('POST', 'a', '')).toEqual([405, '', undefined, undefined])
    expect(await send('DELETE', 'a')).toEqual([204, '', undefined, undefined])
    expect(await send('DELETE', 'a')).toEqual([404, '', undefined, undefined])
  })

  it('has no PATCH', async () => {
    const response = await withHandler(() => undefined).inject({
      method: 'PATCH',
      url: '/v2/plugins/pages/a',
    })
    expect([response.statusCode, response.headers.allow]).toEqual([
      405,
      'GET, HEAD, PUT, POST, DELETE, OPTIONS',
    ])
  })

  it('shows the plugin the path behind its id, headers and parameters', async () => {
    const server = withHandler(({ requestPath, header, queryParam, cookie, remoteAddr }, response) => {
      response.status(200)
      const seen = [requestPath, header('X-One'), queryParam('q'), cookie('b'), remoteAddr]
      response.body('application/json', JSON.stringify(seen))
    })
    const response = await server.inject({
      url: '/v2/plugins/pages//deep/a%20b.html?q=1&q=2&r=3',
      headers: { 'x-one': '1', cookie: 'a=1; b=2' },
    })
    expect(response.json()).toEqual(['deep/a b.html', ['1'], ['1', '2'], '2', '127.0.0.1'])
  })

  it('is 401 with nothing in it when the plugin sets nothing', async () => {
    const response = await withHandler(() => undefined).inject('/v2/plugins/pages/a')
    expect([response.statusCode, response.body]).toEqual([401, ''])
  })

  it('has the headers and cookies the plugin sets, in place of ours where it sets one of ours', async () => {
    const server = withHandler((_, response) => {
      response.cookie('a', '1', 60, false)
      response.cookie('b', '2', 60, true)
      response.header('Cache-Control', 'max-age=60')
      response.sendRedirect('https://other.example/')
    })
    const { statusCode, headers } = await server.inject('/v2/plugins/pages/a')
    expect(statusCode).toBe(307)
    expect(headers).toMatchObject({
      location: 'https://other.example/',
      'set-cookie': ['a=1; Max-Age=60', 'b=2; Max-Age=60; Secure'],
      'cache-control': 'max-age=60',
      'x-content-type-options': 'nosniff',
    })
  })

  it('takes bodies up to the limit of all', async () => {
    const server = withHandler(({ body }, response) => {
      response.status(200)
      response.body('text/plain', String(body.length))
    })
    const put = (bytes: number) =>
      server.inject({ method: 'PUT', url: '/v2/plugins/pages/a', payload: Buffer.alloc(bytes) })
    expect((await put(limits.requestBodyBytes)).body).toBe(String(limits.requestBodyBytes))
    expect((await put(limits.requestBodyBytes + 1)).statusCode).toBe(413)
  })

  it('leaves conditions to the plugin', async () => {
    const server = withHandler(({ header }, response) => {
      response.header('ETag', '"mine"')
      response.status(header('if-none-match').includes('"mine"') ? 304 : 200)
      response.body('text/plain', header('if-match').join())
    })
    const first = await server.inject('/v2/plugins/pages/a')
    expect([first.statusCode, first.headers.etag]).toEqual([200, '"mine"'])
    const headers = { 'if-none-match': '"mine"' }
    expect((await server.inject({ url: '/v2/plugins/pages/a', headers })).statusCode).toBe(304)
    const put = { method: 'PUT', url: '/v2/plugins/pages/a', headers: { 'if-match': '"x"' } } as const
    expect((await server.inject(put)).body).toBe('"x"')
  })

  it.each<[string, HandlerInstance['serve'], number, string]>([
    [
      'throws',
      () => {
        throw new Error('a secret')
      },
      500,
      "The plugin 'pages' failed; the server's log has the reason.",
    ],
    [
      'loops',
      () => {
        for (;;);
      },
      503,
      "The plugin 'pages' has not answered within 50 ms.",
    ],
    [
      'writes what cannot be sent',
      (_, { header }) => header('a', 'b\r\nc: d'),
      500,
      "The plugin 'pages' failed; the server's log has the reason.",
    ],
  ])('is the server’s when the plugin %s', async (_what, serve, status, message) => {
    // Short for the one that loops; the others end at once, however busy the machine is.
    const server = withHandler(serve, status === 503 ? { turnMs: 50 } : {})
    const response = await server.inject('/v2/plugins/pages/a')
    expect([response.statusCode, response.json()]).toEqual([status, { message }])
    expect((await server.inject('/ping')).statusCode).toBe(200)
  })

  it('is the server’s when the plugin hangs', async () => {
    const ownClock = new HandClock(startedAt)
    const server = withHandler(() => new Promise(() => undefined), { clock: ownClock })
    const answer = server.inject('/v2/plugins/pages/a')
    answer.catch(() => undefined)
    while (ownClock.nextAlarm === undefined) await new Promise((resolve) => setImmediate(resolve))
    ownClock.advance(10_000)
    const response = await answer
    expect([response.statusCode, response.json()]).toEqual([
      503,
      { message: "The plugin 'pages' has not answered within 10000 ms." },
    ])
  })

  it('is unknown for a plugin that is no handler', async () => {
    const { server } = fakeApi({ plugins: await loadExamples() })
    const response = await server.inject('/v2/plugins/owner-rule/a')
    expect([response.statusCode, response.json()]).toEqual([
      404,
      { message: 'No plugin with this pluginId: owner-rule', details: [] },
    ])
  })
})

describe('a validator', () => {
  const start = async (...runSpecValidators: RunSpecValidator[]) => {
    const stack = await startStack({ runSpecValidators })
    stacks.push(stack)
    return stack
  }
  const startWithExamples = async () => start(...(await loadExamples()).runSpecValidators)
  const app = (id: string, more: object = {}) => ({ id, cmd: 'serve', cpus: 0.1, mem: 32, ...more })
  const owned = { labels: { owner: 'ann' } }
  const pod = (id: string, more: object = {}) => ({
    id,
    containers: [{ name: 'c', resources: { cpus: 0.1, mem: 32 }, exec: { command: { shell: 'serve' } } }],
    networks: [{ mode: 'host' }],
    ...more,
  })
  const needsOwner = (kind: string) => ({
    message: 'Object is not valid',
    details: [{ path: '/labels', errors: [`every ${kind} needs a label 'owner'`] }],
  })
  const ids = async ({ send }: Stack) =>
    (await send('GET', '/v2/apps')).body.apps.map(({ id }: { id: string }) => id)

  it('judges every way to define an app', async () => {
    const stack = await startWithExamples()
    const { send } = stack
    expect((await send('POST', '/v2/apps', app('/a', owned))).status).toBe(201)
    const ways: [Parameters<Stack['send']>[0], string, unknown][] = [
      ['POST', '/v2/apps', app('/b')],
      ['PUT', '/v2/apps/b', app('/b')],
      ['PUT', '/v2/apps/a', { labels: {} }],
      ['PUT', '/v2/apps/a?partialUpdate=false', app('/a')],
      ['PATCH', '/v2/apps/a', { labels: {} }],
      ['PUT', '/v2/apps', [app('/c', owned), app('/b')]],
      ['PATCH', '/v2/apps', [{ id: '/a', labels: {} }]],
      ['POST', '/v2/groups', { id: '/g', apps: [app('b')] }],
      ['PUT', '/v2/groups/g', { groups: [{ id: 'h', apps: [app('b')] }] }],
      ['PUT', '/v2/apps/b?dryRun=true', app('/b')],
      ['PATCH', '/v2/apps/a?force=true', { labels: {} }],
    ]
    for (const [method, url, body] of ways) {
      const answer = await send(method, url, body)
      expect([method, url, answer.status, answer.body]).toEqual([method, url, 422, needsOwner('app')])
    }
    expect(await ids(stack)).toEqual(['/a'])
    expect((await send('GET', '/v2/deployments')).body).toHaveLength(1)
  })

  it('judges every way to define a pod', async () => {
    const { send } = await startWithExamples()
    expect((await send('POST', '/v2/pods', pod('/p', owned))).status).toBe(201)
    for (const [method, url, body] of [
      ['POST', '/v2/pods', pod('/q')],
      ['PUT', '/v2/pods/p', pod('/p')],
    ] as const) {
      const answer = await send(method, url, body)
      expect([method, url, answer.status, answer.body]).toEqual([method, url, 422, needsOwner('pod')])
    }
    const reserved = await send(
      'POST',
      '/v2/pods',
      pod('/q', { ...owned, environment: { SECURITY_USER: 'x' } }),
    )
    expect([reserved.status, reserved.body.details]).toEqual([
      422,
      [{ path: '/environment/SECURITY_USER', errors: ['SECURITY_* is reserved'] }],
    ])
  })

  it('refuses an app with a reserved variable and takes one without', async () => {
    const { send } = await startWithExamples()
    const refused = await send('POST', '/v2/apps', app('/a', { ...owned, env: { SECURITY_USER: 'admin' } }))
    expect([refused.status, refused.body]).toEqual([
      422,
      {
        message: 'Object is not valid',
        details: [{ path: '/env/SECURITY_USER', errors: ['SECURITY_* is reserved'] }],
      },
    ])
    expect((await send('POST', '/v2/apps', app('/a', { ...owned, env: { APP_USER: 'admin' } }))).status).toBe(
      201,
    )
  })

  it('is answered together with our own rules', async () => {
    const { send } = await startWithExamples()
    const labels = { MARATHON_SINGLE_INSTANCE_APP: 'true' }
    const { status, body } = await send('POST', '/v2/apps', app('/a', { labels }))
    expect([status, body.details]).toEqual([
      422,
      [
        { path: '/upgradeStrategy/minimumHealthCapacity', errors: ['got 1.0, expected 0.0'] },
        { path: '/upgradeStrategy/maximumOverCapacity', errors: ['got 1.0, expected 0.0'] },
        ...needsOwner('app').details,
      ],
    ])
  })

  it('does not stand in the way of what was accepted before: restart, scale by group, rollback', async () => {
    let isStrict = false
    const late = validatorOf('late', { validate: () => (isStrict ? ['never'] : []) }, { log: silentLogger })
    const { send, elapse } = await start(late)
    const { body } = await send('POST', '/v2/apps', app('/g/a'))
    await elapse(60_000)
    await send('PUT', '/v2/apps/g/a', { cmd: 'serve 2' })
    await elapse(60_000)
    isStrict = true
    expect((await send('PUT', '/v2/apps/g/a', { cmd: 'serve 3' })).status).toBe(422)
    expect((await send('POST', '/v2/apps/g/a/restart')).status).toBe(200)
    await elapse(60_000)
    expect((await send('PUT', '/v2/groups/g', { scaleBy: 2 })).status).toBe(200)
    await elapse(60_000)
    expect((await send('PUT', '/v2/apps/g/a', { version: body.version })).status).toBe(200)
  })

  it('that throws refuses the change by the name of the plugin; the app goes on', async () => {
    let isBroken = false
    const broken = validatorOf(
      'broken',
      {
        validate: () => {
          if (isBroken) throw new TypeError('no container')
          return []
        },
      },
      { log: silentLogger },
    )
    const { send, elapse } = await start(broken)
    await send('POST', '/v2/apps', app('/a'))
    await elapse(60_000)
    isBroken = true
    for (const [method, url, body] of [
      ['PUT', '/v2/apps/a', { instances: 2 }],
      ['POST', '/v2/groups', { id: '/g', apps: [app('b')] }],
      ['POST', '/v2/pods', pod('/p')],
    ] as const) {
      expect(await send(method, url, body)).toEqual({
        status: 500,
        body: {
          message:
            "The plugin 'broken' failed to judge the definition, which is not accepted without: no container",
        },
      })
    }
    isBroken = false
    expect((await send('PUT', '/v2/apps/a', { instances: 2 })).status).toBe(200)
    await elapse(60_000)
    expect((await send('GET', '/v2/apps/a')).body.app).toMatchObject({ instances: 2, tasksRunning: 2 })
  })
})
