// /v2/artifacts on a store in a folder: uploads as forms and as bytes, reading, removing, and every way to be refused.

import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FolderArtifactStore } from '../../src/artifacts/folder-store.ts'
import { limits } from '../../src/lib/limits.ts'
import { ArtifactError, type ArtifactStore } from '../../src/ports/artifacts.ts'
import { type FakeApi, fakeApi } from '../support/fake-api.ts'

let root: string
let api: FakeApi
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'marathon-artifacts-'))
  api = fakeApi({ artifacts: FolderArtifactStore.open(root) })
})
afterEach(async () => {
  await api.server.close()
  rmSync(root, { recursive: true, force: true })
})

/** Where a link leads; one that has gone leads nowhere. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

type Field = readonly [name: string, value: string | Blob, fileName?: string]

/** A form as clients send it. */
async function form(...fields: readonly Field[]) {
  const data = new FormData()
  for (const [name, value, fileName] of fields) {
    if (typeof value === 'string') data.append(name, value)
    else data.append(name, value, fileName)
  }
  const request = new Request('http://x/', { method: 'POST', body: data })
  return {
    headers: { 'content-type': request.headers.get('content-type')! },
    payload: Buffer.from(await request.arrayBuffer()),
  }
}

const file = (text: string, name = 'test.txt'): Field => ['file', new Blob([text]), name]
const url = '/v2/artifacts/special/file/name.txt'
const read = async (path: string) => (await api.server.inject(path)).body
const missing = "requirement failed: Please use 'file' as form parameter name!"

describe('an upload', () => {
  it('to the store has the name of its file, and its URL is answered', async () => {
    const answer = await api.server.inject({
      method: 'POST',
      url: '/v2/artifacts',
      ...(await form(file('content'))),
    })
    expect([answer.statusCode, answer.body]).toEqual([201, ''])
    expect(answer.headers.location).toBe('http://m1.example:8080/v2/artifacts/test.txt')
    expect(answer.headers['content-length']).toBe('0')
    expect(await read('/v2/artifacts/test.txt')).toBe('content')
    expect(api.requests).toEqual([])
  })

  it.each(['PUT', 'POST'] as const)(
    '%s to a path is kept there, whatever its file is called',
    async (method) => {
      const created = await api.server.inject({ method, url, ...(await form(file('one'))) })
      expect([created.statusCode, created.body]).toEqual([201, ''])
      expect(created.headers.location).toBe(`http://m1.example:8080${url}`)
      const replaced = await api.server.inject({ method, url, ...(await form(file('two'))) })
      expect([replaced.statusCode, replaced.body, replaced.headers.location]).toEqual([200, '', undefined])
      expect(await read(url)).toBe('two')
    },
  )

  it.each(['PUT', 'POST'] as const)('%s may be the bytes as they are, of any type', async (method) => {
    const bytes = Buffer.from([0, 255, 10, 13, 0])
    for (const type of [undefined, 'application/json', 'application/octet-stream', 'text/plain']) {
      const headers = type === undefined ? {} : { 'content-type': type }
      const answer = await api.server.inject({ method, url, headers, payload: bytes })
      expect([200, 201]).toContain(answer.statusCode)
      expect((await api.server.inject(url)).rawPayload.equals(bytes)).toBe(true)
    }
  })

  it('takes the field `file` of a form, wherever it stands and whatever it is', async () => {
    const text = ['file', 'as text'] as const
    for (const [fields, content] of [
      [[['a', 'b'], ['other', new Blob(['no']), 'o'], file('yes')], 'yes'],
      [[file('yes'), ['other', new Blob(['no']), 'o'], file('second'), ['z', 'y']], 'yes'],
      [[text], 'as text'],
    ] as const) {
      const answer = await api.server.inject({ method: 'PUT', url, ...(await form(...fields)) })
      expect([200, 201]).toContain(answer.statusCode)
      expect(await read(url)).toBe(content)
    }
  })

  it('may be larger than any other body', async () => {
    const large = Buffer.alloc(limits.requestBodyBytes + 1, 'x')
    const answer = await api.server.inject({ method: 'PUT', url, payload: large })
    expect(answer.statusCode).toBe(201)
    const again = await form(['file', new Blob([large]), 'large'])
    expect((await api.server.inject({ method: 'PUT', url, ...again })).statusCode).toBe(200)
    expect((await api.server.inject(url)).rawPayload.equals(large)).toBe(true)
  })

  it('has a URL that can be followed, whatever its path', async () => {
    const odd = `/v2/artifacts/${encodeURIComponent('ein Übel')}/a%3Fb%23c%25d`
    const answer = await api.server.inject({ method: 'PUT', url: odd, payload: 'x' })
    expect(answer.headers.location).toBe(`http://m1.example:8080${odd}`)
    expect(await read(new URL(answer.headers.location!).pathname)).toBe('x')
  })

  it.each([
    ['a form without it', () => form(['other', new Blob(['x']), 'o'])],
    ['an empty form', () => form()],
    ['no body', async () => ({})],
  ])('without the field `file` is 422: %s', async (_how, payload) => {
    for (const method of ['PUT', 'POST'] as const) {
      const answer = await api.server.inject({ method, url, ...(await payload()) })
      expect([answer.statusCode, answer.json()]).toEqual([422, { message: missing }])
    }
    const answer = await api.server.inject({ method: 'POST', url: '/v2/artifacts', ...(await payload()) })
    expect([answer.statusCode, answer.json()]).toEqual([422, { message: missing }])
    expect(readdirSync(root)).toEqual(['.uploads'])
  })

  it('cannot have a name of which half a character is missing', async () => {
    const name = "filename*=utf-16le''%00%D8a%00"
    const answer = await api.server.inject({
      method: 'POST',
      url: '/v2/artifacts',
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
      payload: `--b\r\nContent-Disposition: form-data; name="file"; ${name}\r\n\r\nx\r\n--b--\r\n`,
    })
    expect(answer.statusCode).toBe(422)
    expect(answer.json().message).toMatch(/ is no path of an artifact: it holds half a character\.$/)
    expect(readdirSync(root)).toEqual(['.uploads'])
  })

  it('to the store must be a form, for it needs a name', async () => {
    const answer = await api.server.inject({ method: 'POST', url: '/v2/artifacts', payload: 'x' })
    expect([answer.statusCode, answer.json()]).toEqual([415, { message: 'Unsupported Media Type' }])
    const nameless = await api.server.inject({
      method: 'POST',
      url: '/v2/artifacts',
      ...(await form(['file', 'text'])),
    })
    expect([nameless.statusCode, nameless.json()]).toEqual([
      422,
      { message: "'' is no path of an artifact: it is empty." },
    ])
  })

  it.each([
    ['of no boundary', 'multipart/form-data', 'x'],
    [
      'that ends too early',
      'multipart/form-data; boundary=b',
      '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nhalf',
    ],
    ['that never begins', 'multipart/form-data; boundary=b', 'x'.repeat(100)],
  ])('as a form %s is 400, and nothing of it is kept', async (_how, type, payload) => {
    const answer = await api.server.inject({
      method: 'PUT',
      url,
      headers: { 'content-type': type },
      payload,
    })
    expect(answer.statusCode).toBe(400)
    expect(answer.json().message).toMatch(/^The body cannot be read to its end: ./)
    expect(readdirSync(root)).toEqual(['.uploads'])
    expect(readdirSync(join(root, '.uploads'))).toEqual([])
  })

  it('with more parts than a form may have is 400', async () => {
    const many = Array.from({ length: limits.artifactFormParts + 1 }, (_, i): Field => [`f${i}`, 'x'])
    const answer = await api.server.inject({ method: 'PUT', url, ...(await form(...many, file('x'))) })
    expect(answer.statusCode).toBe(400)
  })

  it('that breaks off leaves nothing', async () => {
    await api.server.listen({ host: '127.0.0.1', port: 0 })
    const { port } = api.server.server.address() as AddressInfo
    const socket = connect(port, '127.0.0.1')
    socket.write(`PUT ${url} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf`)
    const uploads = (): string[] => readdirSync(join(root, '.uploads'))
    while (uploads().length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    socket.destroy()
    while (uploads().length > 0) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(await api.server.inject(url)).toMatchObject({ statusCode: 404 })
  })
})

describe('an upload that comes too slowly', () => {
  const head = '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
  it.each([
    ['the bytes as they are', 'Content-Type: text/plain\r\n', ''],
    ['a form', 'Content-Type: multipart/form-data; boundary=b\r\n', head],
  ])('is over for the store as well, and leaves nothing: %s', async (_how, type, begin) => {
    const slow = fakeApi({
      artifacts: FolderArtifactStore.open(root),
      options: { bodyPeriodMs: 50, maxConcurrentRequests: 1 },
    })
    await slow.server.listen({ host: '127.0.0.1', port: 0 })
    const { port } = slow.server.server.address() as AddressInfo
    const socket = connect(port, '127.0.0.1')
    let answer = ''
    socket.on('data', (chunk) => {
      answer += chunk.toString()
    })
    const uploads = (): string[] => readdirSync(join(root, '.uploads'))
    socket.write(`PUT ${url} HTTP/1.1\r\nHost: x\r\n${type}Content-Length: 1000\r\n\r\n${begin}half`)
    await expect.poll(uploads).toHaveLength(1)
    await expect.poll(() => answer).toMatch(/^HTTP\/1\.1 408 /)
    await expect.poll(uploads).toEqual([])
    // Its place is free again.
    const next = await slow.server.inject({ method: 'PUT', url, payload: 'x' })
    expect(next.statusCode).toBe(201)
    socket.destroy()
    await slow.server.close()
  })
})

describe('an artifact', () => {
  it('may have no bytes', async () => {
    const headers = { 'content-length': '0' }
    expect((await api.server.inject({ method: 'PUT', url, headers })).statusCode).toBe(201)
    expect(await api.server.inject(url)).toMatchObject({ statusCode: 200, body: '' })
    expect((await api.server.inject({ method: 'POST', url, headers })).statusCode).toBe(422)
  })

  it('that is not sent after all is not kept open', async () => {
    await api.server.inject({ method: 'PUT', url, payload: 'x'.repeat(1_000) })
    const openFiles = () =>
      readdirSync('/proc/self/fd').filter((fd) => linkOf(`/proc/self/fd/${fd}`).startsWith(root))
    for (const headers of [{ 'if-match': 'no tag' }, { 'if-none-match': 'no tag' }]) {
      expect((await api.server.inject({ url, headers })).statusCode).toBe(400)
    }
    expect((await api.server.inject({ url, method: 'HEAD' })).statusCode).toBe(200)
    await expect.poll(openFiles).toEqual([])
  })

  it('is read with its length, its time and a type by its name', async () => {
    await api.server.inject({ method: 'PUT', url, payload: '...Content of the file...' })
    const answer = await api.server.inject({ url, headers: { 'accept-encoding': 'gzip' } })
    expect([answer.statusCode, answer.body]).toEqual([200, '...Content of the file...'])
    expect(answer.headers).toMatchObject({
      'content-type': expect.stringMatching(/^text\/plain/),
      'content-length': '25',
      'content-security-policy': 'sandbox',
      'x-content-type-options': 'nosniff',
    })
    expect(answer.headers['content-encoding']).toBeUndefined()
    const modified = answer.headers['last-modified']!
    expect(new Date(modified).toUTCString()).toBe(modified)
    expect(Math.abs(Date.parse(modified) - Date.now())).toBeLessThan(60_000)
    const head = await api.server.inject({ method: 'HEAD', url })
    expect([head.statusCode, head.body, head.headers['content-length']]).toEqual([200, '', '25'])
  })

  it.each([
    ['a.zip', 'application/zip'],
    ['a.json', 'application/json'],
    ['a.PNG', 'image/png'],
    ['a.tar.gz', 'application/gzip'],
    ['noextension', 'application/octet-stream'],
    ['a.unheardof', 'application/octet-stream'],
  ])('called %s is of type %s', async (name, type) => {
    await api.server.inject({ method: 'PUT', url: `/v2/artifacts/${name}`, payload: 'x' })
    const answer = await api.server.inject(`/v2/artifacts/${name}`)
    expect(String(answer.headers['content-type']).split(';')[0]).toBe(type)
  })

  it('that is not there is 404, and so is a folder', async () => {
    const answer = await api.server.inject('/v2/artifacts/no/such')
    expect([answer.statusCode, answer.json()]).toEqual([404, { message: 'No artifact with path no/such' }])
    await api.server.inject({ method: 'PUT', url, payload: 'x' })
    expect((await api.server.inject('/v2/artifacts/special/file')).statusCode).toBe(404)
  })

  it('is removed, and removing it twice is removing it once', async () => {
    await api.server.inject({ method: 'PUT', url, payload: 'x' })
    for (let i = 0; i < 2; i++) {
      const answer = await api.server.inject({ method: 'DELETE', url })
      expect([answer.statusCode, answer.body]).toEqual([200, ''])
      expect((await api.server.inject(url)).statusCode).toBe(404)
    }
  })

  it.each([
    ['..%2f..%2fetc%2fpasswd', "'..' leads elsewhere"],
    ['a%2f.%2fb', "'.' leads elsewhere"],
    ['a%00b', 'it holds a control character'],
    ['.uploads/x', ".uploads is the store's own"],
    ['x'.repeat(300), 'a name in it has more than 255 bytes'],
  ])('at %s is none', async (path, reason) => {
    for (const method of ['GET', 'PUT', 'POST', 'DELETE'] as const) {
      const payload = method === 'GET' || method === 'DELETE' ? {} : { payload: 'x' }
      const answer = await api.server.inject({ method, url: `/v2/artifacts/${path}`, ...payload })
      const message = `'${decodeURIComponent(path)}' is no path of an artifact: ${reason}.`
      expect([method, answer.statusCode, answer.json()]).toEqual([method, 422, { message }])
    }
    expect(readdirSync(root)).toEqual(['.uploads'])
  })

  it('cannot be where a folder is, nor a folder where it is', async () => {
    await api.server.inject({ method: 'PUT', url, payload: 'x' })
    const folder = await api.server.inject({ method: 'PUT', url: '/v2/artifacts/special', payload: 'x' })
    expect([folder.statusCode, folder.json()]).toEqual([
      409,
      { message: "'special' cannot be an artifact: there is a folder of this name." },
    ])
    const beneath = await api.server.inject({ method: 'PUT', url: `${url}/x`, payload: 'x' })
    expect([beneath.statusCode, beneath.json()]).toEqual([
      409,
      {
        message: "'special/file/name.txt/x' cannot be an artifact: 'special/file/name.txt' is no folder.",
      },
    ])
  })
})

describe('a store', () => {
  const failing = (error: Error): ArtifactStore => ({
    read: () => Promise.reject(error),
    has: () => Promise.reject(error),
    write: async (_path, content) => {
      for await (const _chunk of content) throw error
      throw error
    },
    remove: () => Promise.reject(error),
  })

  it.each([
    ['too-large', 413, `The request body is larger than ${limits.artifactBytes} bytes.`],
    ['full', 507, 'The disk of the artifact store is full.'],
  ] as const)('for which it is %s answers %i', async (kind, status, message) => {
    const { server } = fakeApi({ artifacts: failing(new ArtifactError(kind, 'why')) })
    for (const payload of [{ payload: 'x' }, await form(file('x'))]) {
      const answer = await server.inject({ method: 'PUT', url, ...payload })
      expect([answer.statusCode, answer.json()]).toEqual([status, { message }])
    }
  })

  const large = 'x'.repeat(8 * 1024 * 1024)
  const full = new ArtifactError('full', 'why')
  it.each([
    ['bytes, for which there is no room', failing(full), url, async () => ({ payload: large }), 507],
    ['a form, for which there is no room', failing(full), url, () => form(file(large)), 507],
    ['a form, with nowhere to go', undefined, '/v2/artifacts/a%00b', () => form(file(large)), 422],
    ['bytes, with nowhere to go', undefined, '/v2/artifacts/a%00b', async () => ({ payload: large }), 422],
    [
      'a form of too many parts',
      undefined,
      url,
      () => form(...Array.from({ length: 100 }, (_, n): Field => [`f${n}`, large.slice(0, 80_000)])),
      400,
    ],
    ['bytes without a name', undefined, '/v2/artifacts', async () => ({ payload: large }), 415],
  ] as const)('refuses with an answer that is read, and takes the next request: %s', async (...how) => {
    const [, store, path, payloadOf, status] = how
    const { server } = store === undefined ? api : fakeApi({ artifacts: store })
    await server.listen({ host: '127.0.0.1', port: 0 })
    const socket = connect((server.server.address() as AddressInfo).port, '127.0.0.1')
    let answers = ''
    socket.on('data', (chunk) => {
      answers += chunk.toString('latin1')
    })
    socket.on('error', () => undefined)
    const given: { headers?: Record<string, string>; payload: string | Buffer } = await payloadOf()
    const headers = Object.entries(given.headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`)
    const length = `content-length: ${given.payload.length}\r\n`
    socket.write(`POST ${path} HTTP/1.1\r\nhost: x\r\n${headers.join('')}${length}\r\n`)
    socket.write(given.payload)
    socket.write('GET /ping HTTP/1.1\r\nhost: x\r\n\r\n')
    await expect
      .poll(() => answers.match(/HTTP\/1\.1 \d+/g), { timeout: 5_000 })
      .toEqual([`HTTP/1.1 ${status}`, 'HTTP/1.1 200'])
    socket.destroy()
    if (store !== undefined) await server.close()
  })

  it('is not asked for what says of itself that it is too large', async () => {
    const headers = { 'content-length': String(limits.artifactBytes + 1) }
    const answer = await api.server.inject({ method: 'PUT', url, headers, payload: 'x' })
    expect(answer.statusCode).toBe(413)
    expect(readdirSync(root)).toEqual(['.uploads'])
  })

  it('that breaks is the failure of the server, and says nothing of itself', async () => {
    const { server } = fakeApi({ artifacts: failing(new Error('EIO at /secret/place')) })
    const answer = await server.inject({ method: 'PUT', url, payload: 'x' })
    expect(answer.statusCode).toBe(500)
    expect(answer.body).not.toContain('secret')
  })

  it('takes so many uploads at one time', async () => {
    const begun: (() => void)[] = []
    const store: ArtifactStore = {
      ...failing(new Error('unused')),
      write: () => new Promise((resolve) => begun.push(() => resolve('created'))),
    }
    const { server } = fakeApi({ artifacts: store })
    const put = async () => server.inject({ method: 'PUT', url, payload: 'x' })
    const running = Array.from({ length: limits.artifactUploads }, put)
    while (begun.length < limits.artifactUploads) await new Promise((resolve) => setImmediate(resolve))
    const answer = await put()
    expect([answer.statusCode, answer.json()]).toEqual([
      503,
      { message: `Too many artifact uploads are open. Allowed: ${limits.artifactUploads}.` },
    ])
    for (const end of begun) end()
    for (const each of await Promise.all(running)) expect(each.statusCode).toBe(201)
    const next = put()
    while (begun.length === limits.artifactUploads) await new Promise((resolve) => setImmediate(resolve))
    begun.at(-1)!()
    expect((await next).statusCode).toBe(201)
  })

  it('that is not there makes every call 422', async () => {
    const { server } = fakeApi({})
    const message = 'No storage provider available to load/persist artifacts. Configuration problem?'
    const upload = await form(file('x'))
    for (const request of [
      { method: 'GET' as const, url },
      { method: 'DELETE' as const, url },
      { method: 'PUT' as const, url, ...upload },
      { method: 'POST' as const, url, payload: 'x' },
      { method: 'POST' as const, url: '/v2/artifacts', ...upload },
    ]) {
      const answer = await server.inject(request)
      expect([request.method, answer.statusCode, answer.json()]).toEqual([request.method, 422, { message }])
    }
  })

  it.each([
    ['GET', '/v2/artifacts'],
    ['PUT', '/v2/artifacts'],
    ['DELETE', '/v2/artifacts'],
    ['PATCH', url],
  ] as const)('has no %s %s', async (method, path) => {
    expect((await api.server.inject({ method, url: path })).statusCode).toBe(405)
  })
})
