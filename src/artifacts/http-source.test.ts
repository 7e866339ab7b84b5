// Files over real sockets: found, moved, missing, and cut short.

import http, { type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { createHttpSource } from './http-source.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function serve(answer: (url: string, response: ServerResponse) => void): Promise<string> {
  const server = http.createServer((request, response) => answer(request.url!, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function fetched(
  url: string,
  options: { idleMs?: number; signal?: AbortSignal } = {},
): Promise<string> {
  const source = createHttpSource(options.idleMs)
  closers.push(() => source.close())
  const chunks: Uint8Array[] = []
  for await (const chunk of await source.fetch(url, options.signal ?? new AbortController().signal))
    chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

describe('a file', () => {
  test('is what is at its URL', async () => {
    const url = await serve((path, response) => response.end(`this is ${path}`))
    expect(await fetched(`${url}/a%20b?c=d`)).toBe('this is /a%20b?c=d')
  })

  test('may have moved, but not without end', async () => {
    const url = await serve((path, response) => {
      if (path === '/there') response.end('found')
      else response.writeHead(302, { location: path === '/moved' ? '/there' : `${path}on` }).end()
    })
    expect(await fetched(`${url}/moved`)).toBe('found')
    await expect(fetched(`${url}/on`)).rejects.toThrow('the server answered 302 Found')
  })

  test.each([
    [404, 'the server answered 404 Not Found'],
    [500, 'the server answered 500 Internal Server Error'],
  ])('is not an answer of %i', async (status, message) => {
    const url = await serve((_path, response) => response.writeHead(status).end('page'))
    await expect(fetched(url)).rejects.toThrow(message)
  })

  test('that breaks off is none', async () => {
    const url = await serve((_path, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('half', () => response.destroy())
    })
    await expect(fetched(url)).rejects.toThrow()
  })

  test.each([false, true])('whose server falls silent is given up, begun: %s', async (isBegun) => {
    const url = await serve((_path, response) => {
      if (isBegun) response.write('half')
    })
    await expect(fetched(url, { idleMs: 100 })).rejects.toThrow(/timeout/i)
  })

  test('is not waited for any more when nobody wants it', async () => {
    const stop = new AbortController()
    const url = await serve(() => stop.abort())
    await expect(fetched(url, { signal: stop.signal })).rejects.toThrow()
  })
})
