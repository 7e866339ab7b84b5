// The paths a browser comes to: /, /help, and the files beneath /ui, /api-console and /public.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fakeApi } from '../support/fake-api.ts'
import { root } from '../support/repository.ts'

const outside = mkdtempSync(join(tmpdir(), 'marathon-static-'))
const publicDir = join(outside, 'public')
const files: Readonly<Record<string, string>> = {
  'public/ui/index.html': '<p>the UI</p>',
  'public/ui/app.js': 'let app',
  'public/ui/deep/index.html': '<p>deep</p>',
  'public/ui/with space.css': 'p {}',
  'public/ui/.hidden.html': 'hidden',
  'public/ui/big.js': 'x'.repeat(5000),
  'public/api-console/index.html': '<p>the console</p>',
  'public/files/v2/some.json': '{}',
  'secret.txt': 'outside',
}

beforeAll(() => {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(outside, path)), { recursive: true })
    writeFileSync(join(outside, path), content)
  }
})
afterAll(() => rmSync(outside, { recursive: true }))

const get = (url: string, headers: Readonly<Record<string, string>> = {}) =>
  fakeApi({ publicDir }).server.inject({ url, headers })

describe('a browser', () => {
  it.each([
    ['/', '/ui/'],
    ['/ui', '/ui/'],
    ['/ui/deep', '/ui/deep/'],
    ['/ui/none', '/ui/none/'],
    ['/ui/a b', '/ui/a%20b/'],
    ['/ui//evil', '/ui/evil/'],
    ['/ui/%0d%0aSet-Cookie:x', '/ui/%0D%0ASet-Cookie%3Ax/'],
    ['/help', '/api-console/index.html'],
    ['/api-console', '/api-console/'],
  ])('that comes to %s is sent to %s', async (url, location) => {
    const response = await get(url)
    expect([response.statusCode, response.headers.location, response.body]).toEqual([302, location, ''])
  })

  it.each([
    ['/ui/', 'text/html; charset=utf-8', 'public/ui/index.html'],
    ['/ui/index.html', 'text/html; charset=utf-8', 'public/ui/index.html'],
    ['/ui/deep/', 'text/html; charset=utf-8', 'public/ui/deep/index.html'],
    ['/ui/app.js', 'application/javascript; charset=utf-8', 'public/ui/app.js'],
    ['/ui/with%20space.css', 'text/css; charset=utf-8', 'public/ui/with space.css'],
    ['/api-console/', 'text/html; charset=utf-8', 'public/api-console/index.html'],
    ['/api-console/index.html', 'text/html; charset=utf-8', 'public/api-console/index.html'],
    ['/public/files/v2/some.json', 'application/json; charset=utf-8', 'public/files/v2/some.json'],
  ])('reads %s', async (url, type, path) => {
    const response = await get(url)
    expect([response.statusCode, response.headers['content-type'], response.body]).toEqual([
      200,
      type,
      files[path],
    ])
    expect(response.headers['content-length']).toBe(String(files[path]?.length))
    expect(response.headers['cache-control']).toBe('no-cache, no-store, must-revalidate')
    expect(response.headers['x-frame-options']).toBe('DENY')
  })

  it.each([
    '/ui/none.js',
    '/ui/none/',
    '/ui/.hidden.html',
    '/api-console/none.html',
    '/public',
    '/public/',
    '/public/files',
    '/public/files/',
    '/public/ui/.hidden.html',
    '/public/none',
  ])('finds nothing at %s', async (url) => {
    const response = await get(url)
    expect([response.statusCode, response.json()]).toEqual([404, { message: `URI not found: ${url}` }])
  })

  it.each([
    '/public/../secret.txt',
    '/public/%2e%2e/secret.txt',
    '/public/..%2fsecret.txt',
    '/public/%2e%2e%2fsecret.txt',
    '/public/files/..%2f..%2fsecret.txt',
    '/public/files%2f..%2f..%2fsecret.txt',
    '/public/..%5csecret.txt',
    '/public//../secret.txt',
    '/public/secret.txt%00.html',
    '/public/ui/index.html%00',
    '/ui/../secret.txt',
    '/ui/..%2f..%2fsecret.txt',
    '/ui/deep/..%2f..%2f..%2fsecret.txt',
    '/ui/%252e%252e%252f%252e%252e%252fsecret.txt',
    '/api-console/..%2f..%2fsecret.txt',
    `/public/${'..%2f'.repeat(50)}etc/passwd`,
  ])('does not get out of the folder by %s', async (url) => {
    const response = await get(url)
    expect(response.statusCode).toBe(404)
    expect(response.body).not.toContain('outside')
    expect(response.body).not.toContain('root:')
  })

  it('is told when its copy is still good', async () => {
    const first = await get('/ui/app.js')
    expect(first.headers['last-modified']).toBeDefined()
    const etag = String(first.headers.etag)
    const again = await get('/ui/app.js', { 'if-none-match': etag })
    expect([again.statusCode, again.body, again.headers.etag]).toEqual([304, '', etag])
    expect((await get('/ui/app.js', { 'if-none-match': '"another"' })).statusCode).toBe(200)
  })

  it('gets long files packed', async () => {
    const packed = await get('/ui/big.js', { 'accept-encoding': 'gzip' })
    expect(packed.headers['content-encoding']).toBe('gzip')
    expect(packed.rawPayload.length).toBeLessThan(200)
  })

  it('reads heads without bodies', async () => {
    const response = await fakeApi({ publicDir }).server.inject({ method: 'HEAD', url: '/ui/app.js' })
    expect([response.statusCode, response.body]).toEqual([200, ''])
    expect(response.headers['content-length']).toBe('7')
  })

  it.each(['/', '/ui/', '/ui/app.js', '/api-console/', '/help', '/public/files/v2/some.json'])(
    'may only read %s',
    async (url) => {
      for (const method of ['TRACE', 'POST', 'PUT', 'DELETE'] as const) {
        const response = await fakeApi({ publicDir }).server.inject({ method: method as 'POST', url })
        expect([method, response.statusCode, response.headers.allow]).toEqual([
          method,
          405,
          'GET, HEAD, OPTIONS',
        ])
      }
    },
  )

  it('finds nothing where no files came with the server', async () => {
    for (const url of ['/ui/', '/public/files/v2/some.json'])
      expect((await fakeApi({}).server.inject(url)).statusCode).toBe(404)
  })
})

describe('the page that comes with the server', () => {
  const shipped = join(root, 'public')
  const read = (path: string) => readFileSync(join(shipped, 'ui', path), 'utf8')
  const scripts = readdirSync(join(shipped, 'ui')).filter((name) => name.endsWith('.js'))
  const program = scripts.map(read).join('\n')

  it('needs nothing but this server', async () => {
    const page = read('index.html')
    const named = [...page.matchAll(/ (?:src|href)="([^"]+)"/g)].map((match) => match[1]!)
    const files = named.filter((name) => !/^(data:|\.\.\/|#$)/.test(name))
    expect(files.sort()).toEqual(['status.css', 'status.js'])
    const imported = [...program.matchAll(/ from '\.\/([^']+)'/g)].map((match) => match[1]!)
    expect([...new Set([...imported, 'status.js'])].sort()).toEqual(scripts)
    for (const name of ['', ...files, ...scripts]) {
      const response = await fakeApi({ publicDir: shipped }).server.inject(`/ui/${name}`)
      expect([name, response.statusCode]).toEqual([name, 200])
    }
    const sources = ['index.html', 'status.css', ...scripts].map(read).join('\n')
    const foreign = [...sources.matchAll(/https?:\/\/[^'"\s)]+/g)].map((match) => match[0])
    expect(foreign).toEqual(['http://www.w3.org/2000/svg'])
  })

  it('is not the only one: /help leads to one, too', async () => {
    const { server } = fakeApi({ publicDir: shipped })
    const { location } = (await server.inject('/help')).headers
    const page = await server.inject(String(location))
    expect([page.statusCode, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
  })

  it('reads calls that exist', async () => {
    // Those with something to show in place of a 404 may be missing.
    const calls = [...program.matchAll(/read\('([^']+)'\)/g)].map((match) => `/${match[1]}`)
    expect([...new Set(calls)]).toEqual([
      '/v2/info',
      '/v2/apps',
      '/v2/deployments?embed=waitingOn',
      '/v2/queue',
    ])
    for (const call of [...calls, '/v2/events']) {
      const response = await fakeApi({}).server.inject({ method: 'OPTIONS', url: call })
      expect([call, response.statusCode, response.headers.allow]).toEqual([
        call,
        200,
        expect.stringContaining('GET'),
      ])
    }
  })

  it('never takes what users named for markup', () => {
    expect(program).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/)
    expect(read('index.html')).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
  })
})
