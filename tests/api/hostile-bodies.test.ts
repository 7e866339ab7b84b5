// Bodies nobody sends by accident, and a few that somebody does, over real sockets: each is refused with an answer the
// client gets to read, and the server goes on.

import net, { type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { limits } from '../../src/lib/limits.ts'
import type { Logger } from '../../src/logging/logger.ts'
import { silentLogger } from '../../src/logging/logger.ts'
import { type Stack, startStack } from '../compat/stack.ts'
import { fakeApi } from '../support/fake-api.ts'

const mib = 1024 * 1024
const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

interface Answered {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any shape
  readonly body: any
}

/** A connection on which the test says every byte itself. */
async function connect(port: number) {
  const socket = net.connect(port, '127.0.0.1')
  await new Promise((resolve) => socket.once('connect', resolve))
  let received: Buffer = Buffer.alloc(0)
  let isClosed = false
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk])
  })
  // Being hung up on is what some of these ask for.
  socket.on('error', () => undefined)
  socket.on('close', () => {
    isClosed = true
  })
  open.push(async () => socket.destroy())
  return {
    send: (bytes: string | Uint8Array) => void socket.write(bytes),
    /** Waits until the system has taken all, or the other side has hung up. */
    drained: () => new Promise<void>((resolve) => (isClosed ? resolve() : socket.write('', () => resolve()))),
    end: () => socket.destroy(),
    answer: async (): Promise<Answered> => {
      await expect.poll(() => parse(received) !== undefined, { timeout: 10_000 }).toBe(true)
      const { answered, rest } = parse(received)!
      received = rest
      return answered
    },
    closed: async () => {
      await expect.poll(() => isClosed, { timeout: 10_000 }).toBe(true)
    },
  }
}

function parse(bytes: Buffer): { readonly answered: Answered; readonly rest: Buffer } | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n')
  if (headEnd < 0) return undefined
  const [status, ...lines] = bytes.toString('latin1', 0, headEnd).split('\r\n')
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.replace(/^[^:]*: */, '')]),
  )
  const end = headEnd + 4 + Number(headers['content-length'] ?? 0)
  if (bytes.length < end) return undefined
  const text = bytes.toString('utf8', headEnd + 4, end)
  const body = text === '' ? undefined : JSON.parse(text)
  return {
    answered: { status: Number(status?.split(' ')[1]), headers, body },
    rest: bytes.subarray(end),
  }
}

async function listen(script: Parameters<typeof fakeApi>[0]) {
  const { server } = fakeApi(script)
  await server.listen({ host: '127.0.0.1', port: 0 })
  open.push(() => server.close())
  return (server.server.address() as AddressInfo).port
}

const head = (length: number, more = '') =>
  `POST /v2/apps HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n${more}\r\n`

describe('a body that is sent whole', () => {
  let stack: Stack
  let port: number

  beforeAll(async () => {
    stack = await startStack()
    await stack.server.listen({ host: '127.0.0.1', port: 0 })
    port = (stack.server.server.address() as AddressInfo).port
  })
  afterAll(() => stack.close())

  const post = async (body: string | Uint8Array, method = 'POST', path = '/v2/apps') => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: body as string,
    })
    return {
      status: response.status,
      body: (await response.json()) as { message: string; details?: unknown },
    }
  }

  const deep = 100_000
  const tooDeep = /^Nested more than 64 levels deep at \[line: 1, column: \d+\]$/
  const notUtf8 = /^The body is not valid UTF-8\.$/
  const outOfRange = /^The number at '.+' is out of range\.$/
  const hostile: readonly (readonly [string, string | Uint8Array, RegExp])[] = [
    ['lists within lists', '['.repeat(deep) + ']'.repeat(deep), tooDeep],
    ['lists that never end', '['.repeat(deep), tooDeep],
    ['objects within objects', '{"a":'.repeat(deep) + '1' + '}'.repeat(deep), tooDeep],
    ['depth within a field', `{"id":"/a","env":${'{"a":'.repeat(deep)}1${'}'.repeat(deep + 1)}`, tooDeep],
    ['a byte that begins nothing', Buffer.from([0x22, 0xff, 0x22]), notUtf8],
    ['a character cut short', Buffer.from([0x22, 0xe2, 0x82, 0x22]), notUtf8],
    ['an overlong slash', Buffer.from([0x22, 0xc0, 0xaf, 0x22]), notUtf8],
    ['half a surrogate pair', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), notUtf8],
    ['UTF-16', Buffer.from('\ufeff{"id":"/a"}', 'utf16le'), notUtf8],
    ['packed bytes', Buffer.from([0x1f, 0x8b, 0x08, 0x00]), notUtf8],
    ['a NUL', '{"id":"/a"}\0', /^Unexpected character \("\\u0000"\): expected nothing after the value/],
    ['a number beyond all', '{"id":"/a","cpus":1e999}', outOfRange],
    ['a number below all', '{"id":"/a","mem":-1e999}', outOfRange],
    ['400 digits', `{"id":"/a","instances":${'9'.repeat(400)}}`, outOfRange],
    ['a million digits', `{"id":"/a","instances":${'9'.repeat(1_000_000)}}`, outOfRange],
    ['an exponent of a million digits', `{"cpus":1e${'9'.repeat(1_000_000)}}`, outOfRange],
    ['no number', '{"cpus":NaN}', /^Unexpected character \("N"\)/],
    [
      'a prototype',
      '{"id":"/a","__proto__":{"polluted":1}}',
      /^The key '__proto__' at '\/' is not accepted\.$/,
    ],
    ['an escaped prototype', '{"id":"/a","env":{"\\u005f_proto__":"x"}}', /^The key '__proto__' at '\/env'/],
    ['a prototype in a list', '[{"id":"/a"},{"__proto__":[]}]', /^The key '__proto__' at '\(1\)'/],
  ]

  it.each(hostile)('with %s is no JSON we take', async (_, body, details) => {
    for (const [method, path] of [
      ['POST', '/v2/apps'],
      ['PUT', '/v2/apps/a'],
      ['POST', '/v2/tasks/delete'],
      ['POST', '/logging'],
      ['POST', '/v1/apps/start'],
    ] as const) {
      const answer = await post(body, method, path)
      expect({ path, status: answer.status, message: answer.body.message }).toEqual({
        path,
        status: 400,
        message: 'Invalid JSON',
      })
      expect(answer.body.details).toMatch(details)
    }
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    expect(stack.view().apps()).toEqual([])
  })

  it.each([
    ['instances', '9'.repeat(300), 'error.expected.int'],
    ['instances', '99999999999999999999', 'error.expected.int'],
    ['instances', '-1', 'error.min'],
    ['instances', '1.0000000001', 'error.expected.int'],
    ['instances', '1e400', undefined],
    ['cpus', '-1e300', 'error.min'],
  ])('with %s of %s is refused', async (field, number, error) => {
    const answer = await post(`{"id":"/a","cmd":"true","${field}":${number}}`)
    if (error === undefined) expect(answer.status).toBe(400)
    else
      expect(answer).toMatchObject({
        status: 422,
        body: { details: [{ path: `/${field}`, errors: [error] }] },
      })
  })

  it('may begin with a byte order mark', async () => {
    const answer = await post('\ufeff{"id":')
    expect(answer.body.details).toBe('Unexpected end-of-input: expected a value at [line: 1, column: 7]')
  })

  it('that names a field twice means the last', async () => {
    const answer = await post('{"id":"/a","instances":"x","cmd":"true","instances":-5}')
    expect(answer.body.details).toEqual([{ path: '/instances', errors: ['error.min'] }])
  })

  it('may have fields whose names objects have by nature', async () => {
    const names = ['constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__']
    const labels = Object.fromEntries(names.map((name) => [name, 'x']))
    const id = '/constructor/to-string'
    const answer = await post(
      JSON.stringify({ id, cmd: 'true', instances: 0, labels, env: labels, constructor: 5 }),
    )
    expect(answer.status).toBe(201)
    const { body } = await stack.send('GET', `/v2/apps${id}`)
    expect(body.app.labels).toEqual(labels)
    expect(body.app.env).toEqual(labels)
    await stack.send('DELETE', `/v2/apps${id}?force=true`)
    await stack.elapse(1_000)
    expect(stack.view().apps()).toEqual([])
  })

  it.each(['its length', 'chunks'])(
    'of 50 MB with %s is too large, and the connection is of further use',
    async (how) => {
      const { send, answer } = await connect(port)
      const piece = Buffer.alloc(mib, 0x20)
      if (how === 'its length') {
        send(head(50 * mib))
        for (let i = 0; i < 50; i++) send(piece)
      } else {
        send('POST /v2/apps HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n')
        for (let i = 0; i < 50; i++) {
          send(`${mib.toString(16)}\r\n`)
          send(piece)
          send('\r\n')
        }
        send('0\r\n\r\n')
      }
      expect(await answer()).toMatchObject({
        status: 413,
        body: { message: `The request body is larger than ${limits.requestBodyBytes} bytes.` },
      })
      send('GET /ping HTTP/1.1\r\nHost: a\r\nAccept: application/json\r\n\r\n')
      expect(await answer()).toMatchObject({ status: 200, body: 'pong' })
    },
  )

  it('of 50 MB is too large for other clients, too', async () => {
    expect((await post(Buffer.alloc(50 * mib, 0x20))).status).toBe(413)
  })
})

describe('a body that comes slowly', () => {
  it('is waited for while enough of it comes', async () => {
    const port = await listen({ options: { bodyPeriodMs: 500 } })
    const { send, answer } = await connect(port)
    const piece = Buffer.alloc(2 * limits.bodyBytesPerPeriod, 0x20)
    send(head(8 * piece.length))
    for (let i = 0; i < 8; i++) {
      send(piece)
      await sleep(150)
    }
    expect(await answer()).toMatchObject({
      status: 400,
      body: { message: 'Please specify data in JSON format' },
    })
  })

  it.each([
    ['its length', head(10_000), ' '],
    ['chunks', 'POST /v2/apps HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n', '1\r\n \r\n'],
  ])('is not waited for when next to nothing comes, with %s', async (_, start, piece) => {
    const port = await listen({ options: { bodyPeriodMs: 300 } })
    const { send, answer, closed } = await connect(port)
    send(start)
    const timer = setInterval(() => send(piece), 20)
    open.push(async () => clearInterval(timer))
    const answered = await answer()
    expect(answered).toMatchObject({
      status: 408,
      body: { message: 'The request came too slowly to wait for its end.' },
      headers: { connection: 'close', 'cache-control': 'no-cache, no-store, must-revalidate' },
    })
    await closed()
  })

  it('is not waited for after the answer', async () => {
    const port = await listen({ options: { bodyPeriodMs: 300, credentials: { user: 'a', password: 'b' } } })
    const { send, answer, closed } = await connect(port)
    send(head(10_000))
    const timer = setInterval(() => send(' '), 20)
    open.push(async () => clearInterval(timer))
    expect(await answer()).toMatchObject({ status: 401 })
    await closed()
  })

  it('has a head that may not be slow either', async () => {
    const port = await listen({ options: { requestHeadMs: 200 } })
    const { send, answer, closed } = await connect(port)
    send('POST /v2/apps HTTP/1.1\r\nX-A: ')
    expect(await answer()).toMatchObject({
      status: 408,
      body: { message: 'The request came too slowly to wait for its end.' },
      headers: { 'x-frame-options': 'DENY', 'content-type': 'application/json' },
    })
    await closed()
  })
})

describe('what breaks off or is no request', () => {
  it('leaves no trace in the log as an error, and the server goes on', async () => {
    const errors: string[] = []
    const log: Logger = { ...silentLogger, error: (message) => void errors.push(message), child: () => log }
    const port = await listen({ log })
    for (let i = 0; i < 20; i++) {
      const { send, drained, end } = await connect(port)
      send(`${head(1000)}{"id":`)
      await drained()
      await sleep(5)
      end()
    }
    const { send, answer } = await connect(port)
    send('GET /v2/apps HTTP/1.1\r\nHost: a\r\n\r\n')
    expect(await answer()).toMatchObject({ status: 200, body: { apps: [] } })
    expect(errors).toEqual([])
  })

  it.each([
    ['is no HTTP', 'hello\r\n\r\n', 400, /^This is no HTTP request: /],
    ['has a length that is none', head(-5), 400, /^This is no HTTP request: /],
    ['has two lengths', head(5, 'Content-Length: 6\r\n'), 400, /^This is no HTTP request: /],
    ['has a length and chunks', head(5, 'Transfer-Encoding: chunked\r\n'), 400, /^This is no HTTP request: /],
    [
      'has chunks that are none',
      `${'POST /v2/apps HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n'}xyz\r\n`,
      400,
      /no HTTP/,
    ],
    [
      'has an endless head',
      `GET / HTTP/1.1\r\nX-A: ${'a'.repeat(20_000)}\r\n\r\n`,
      431,
      /^The head of the request is too large\.$/,
    ],
    [
      'has an id beyond all',
      `GET /v2/apps/${'a'.repeat(5000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
      414,
      /^The path is longer than 4096 bytes\.$/,
    ],
    [
      'has a path that is none',
      'GET /v2/apps/%ff HTTP/1.1\r\nHost: a\r\n\r\n',
      400,
      /^The path is not a valid URL path: /,
    ],
    [
      'leaves the folder',
      'GET /public/../../package.json HTTP/1.1\r\nHost: a\r\n\r\n',
      404,
      /^URI not found: /,
    ],
    [
      'has a method of another protocol',
      'PROPFIND /v2/apps HTTP/1.1\r\nHost: a\r\n\r\n',
      405,
      /^Method Not Allowed$/,
    ],
  ])('is answered when it %s', async (_, bytes, status, message) => {
    const port = await listen({})
    const { send, answer } = await connect(port)
    send(bytes)
    const answered = await answer()
    expect([answered.status, answered.body.message]).toEqual([status, expect.stringMatching(message)])
    expect(answered.headers).toMatchObject({
      'content-type': 'application/json',
      'cache-control': 'no-cache, no-store, must-revalidate',
      'x-frame-options': 'DENY',
    })
  })
})
