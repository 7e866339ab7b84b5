import { describe, expect, it } from 'vitest'
import { HandClock } from '../../tests/support/hand-clock.ts'
import { instant } from '../lib/instant.ts'
import { limits } from '../lib/limits.ts'
import { silentLogger } from '../logging/logger.ts'
import type { PluginRequest } from '../ports/plugins.ts'
import { type HandlerInstance, requestHandlerOf } from './request-handler.ts'
import type { RequestView } from './request-view.ts'

const request = (change: Partial<PluginRequest> = {}): PluginRequest => ({
  method: 'GET',
  path: 'users/ann',
  header: (name) => (name.toLowerCase() === 'cookie' ? ['a=1; session="s 1"', 'a=2; b=3=4'] : []),
  queryParam: (name) => (name === 'q' ? ['1', '2'] : []),
  body: Buffer.from('text'),
  remoteAddr: '10.0.0.9',
  remotePort: 4711,
  localAddr: '10.0.0.1',
  localPort: 8080,
  ...change,
})

const handler = (
  serve: HandlerInstance['serve'],
  clock = new HandClock(instant(0)),
  time: { readonly turnMs?: number } = {},
) => requestHandlerOf('pages', { serve }, { log: silentLogger, clock, ...time })

const answerTo = (serve: HandlerInstance['serve']) => handler(serve)(request())

describe('a request', () => {
  it('shows what the original shows of it, and its body', async () => {
    let seen: RequestView | undefined
    await answerTo((view) => {
      seen = view
    })
    expect(seen).toMatchObject({
      method: 'GET',
      requestPath: 'users/ann',
      remoteAddr: '10.0.0.9',
      remotePort: 4711,
      localAddr: '10.0.0.1',
      localPort: 8080,
    })
    expect(Buffer.from(seen!.body).toString()).toBe('text')
    expect([seen!.queryParam('q'), seen!.queryParam('x'), seen!.header('x')]).toEqual([['1', '2'], [], []])
  })

  it.each([
    ['a', '1'],
    ['session', 's 1'],
    ['b', '3=4'],
    ['c', undefined],
  ])('has cookie %s as %s', async (name, value) => {
    let found: unknown = 'none'
    await answerTo((view) => {
      found = view.cookie(name)
    })
    expect(found).toBe(value)
  })
})

describe('an answer', () => {
  it('is 401 unless the plugin says otherwise', async () => {
    expect(await answerTo(() => undefined)).toEqual({ status: 401, headers: [] })
    const written = await answerTo((_, { body }) => body('text/plain', 'hello'))
    expect([written.status, Buffer.from(written.body!.bytes).toString()]).toEqual([401, 'hello'])
  })

  it('has what was written before the promise was kept, and nothing after', async () => {
    const answer = await answerTo(async (_, response) => {
      response.status(200)
      response.header('X-A', '1')
      await Promise.resolve()
      response.header('X-A', '2')
      response.cookie('session', 'abc', 60, true)
      response.cookie('theme', 'dark', -1, false)
      const bytes = new Uint8Array([1, 2])
      response.body('application/octet-stream', bytes)
      bytes[0] = 9
    })
    expect(answer).toEqual({
      status: 200,
      headers: [
        ['X-A', '1'],
        ['X-A', '2'],
        ['set-cookie', 'session=abc; Max-Age=60; Secure'],
        ['set-cookie', 'theme=dark; Max-Age=-1'],
      ],
      body: { mediaType: 'application/octet-stream', bytes: new Uint8Array([1, 2]) },
    })
  })

  it('can lead elsewhere', async () => {
    expect(await answerTo((_, response) => response.sendRedirect('/ui/'))).toEqual({
      status: 307,
      headers: [['location', '/ui/']],
    })
  })

  it.each<[string, HandlerInstance['serve']]>([
    ['a line break in a header', (_, { header }) => header('x', 'a\r\nset-cookie: b')],
    ['a header with a wrong name', (_, { header }) => header('x y', 'a')],
    ['a header of the connection', (_, { header }) => header('Content-Length', '5')],
    ['a line break in a redirect', (_, { sendRedirect }) => sendRedirect('/a\nb')],
    ['a line break in a media type', (_, { body }) => body('text/plain\n', 'a')],
    ['a status that ends nothing', (_, { status }) => status(100)],
    ['a status that is none', (_, { status }) => status('200' as unknown as number)],
    ['a cookie with a second one in it', (_, { cookie }) => cookie('a', 'b; c=d', 1, false)],
    ['a body of another type', (_, { body }) => body('text/plain', 5 as unknown as string)],
  ])('with %s is not sent', async (_what, serve) => {
    await expect(answerTo(serve)).rejects.toMatchObject({ name: 'PluginError', problem: { kind: 'failed' } })
  })
})

describe('a plugin', () => {
  it.each<[string, HandlerInstance['serve']]>([
    [
      'throws',
      () => {
        throw new Error('boom')
      },
    ],
    ['breaks its promise', async () => Promise.reject(new Error('boom'))],
    [
      'throws no error',
      () => {
        throw null
      },
    ],
  ])('that %s has failed', async (_what, serve) => {
    await expect(answerTo(serve)).rejects.toMatchObject({ problem: { kind: 'failed' } })
  })

  it('that keeps the thread is late', async () => {
    const serve = () => {
      for (;;);
    }
    const answer = handler(serve, undefined, { turnMs: 50 })(request())
    await expect(answer).rejects.toMatchObject({ problem: { kind: 'late', limitMs: 50 } })
  })

  it('that never answers is late after the limit, and what it does then reaches nobody', async () => {
    const clock = new HandClock(instant(0))
    let breakPromise: (error: Error) => void = () => undefined
    const pending = new Promise<void>((_, reject) => {
      breakPromise = reject
    })
    const answer = handler(() => pending, clock)(request())
    answer.catch(() => undefined)
    clock.advance(limits.pluginAnswerMs - 1)
    const state = await Promise.race([answer, Promise.resolve('waits')])
    expect(state).toBe('waits')
    clock.advance(1)
    await expect(answer).rejects.toMatchObject({ problem: { kind: 'late', limitMs: limits.pluginAnswerMs } })
    const unheard: unknown[] = []
    const listen = (error: unknown) => unheard.push(error)
    process.on('unhandledRejection', listen)
    breakPromise(new Error('later'))
    await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', listen)
    expect(unheard).toEqual([])
  })

  it('that answers leaves no alarm behind', async () => {
    const clock = new HandClock(instant(0))
    await handler(async () => undefined, clock)(request())
    expect(clock.nextAlarm).toBeUndefined()
  })
})
