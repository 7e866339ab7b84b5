// Checks over the network against servers on this machine's loopback: what counts is the answer, never how long it
// took.

import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { Answer, CheckTarget } from './check-target.ts'
import { NetworkChecks } from './network-checks.ts'

const servers: net.Server[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve))
})

async function listening(server: net.Server, host = '127.0.0.1'): Promise<number> {
  servers.push(server)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, host, resolve)
  })
  return (server.address() as net.AddressInfo).port
}

const ask = (
  target: CheckTarget,
  timeoutMs = 5_000,
  signal = new AbortController().signal,
): Promise<Answer> => {
  if (target.kind === 'command') throw new Error('commands are asked elsewhere')
  return new NetworkChecks().ask(target, timeoutMs, signal)
}

const byHttp = (port: number, at = '/', more: object = {}): CheckTarget => ({
  kind: 'http',
  scheme: 'http',
  ipProtocol: 'IPv4',
  port,
  path: at,
  ...more,
})
const byTcp = (port: number): CheckTarget => ({ kind: 'tcp', ipProtocol: 'IPv4', port })

const failed: Answer = { kind: 'failed' }
const status = (statusCode: number): Answer => ({ kind: 'status', statusCode })

describe('a question by HTTP', () => {
  const paths: string[] = []
  const answering = (answer: http.RequestListener): Promise<number> => {
    paths.length = 0
    const server = http.createServer((request, response) => {
      paths.push(request.url!)
      answer(request, response)
    })
    return listening(server)
  }

  it.each([
    ['/up', '/up'],
    ['up', '/up'],
    ['/a b?x=1', '/a%20b?x=1'],
  ])('asks for %j as %j', async (at, asked) => {
    const port = await answering((_, response) => response.writeHead(418).end())
    expect(await ask(byHttp(port, at))).toEqual(status(418))
    expect(paths).toEqual([asked])
  })

  it('goes where the answer points to, and tells what is there', async () => {
    const port = await answering(({ url }, response) => {
      if (url === '/') response.writeHead(302, { location: '/in' }).end()
      else response.writeHead(503).end()
    })
    expect(await ask(byHttp(port))).toEqual(status(503))
    expect(paths).toEqual(['/', '/in'])
  })

  it('that is sent round and round has failed', async () => {
    const port = await answering((_, response) => response.writeHead(301, { location: '/' }).end())
    expect(await ask(byHttp(port))).toEqual(failed)
  })

  it('to which the server points nowhere is answered by that', async () => {
    const port = await answering((_, response) => response.writeHead(304).end())
    expect(await ask(byHttp(port))).toEqual(status(304))
  })

  it('does not wait for the end of a body', async () => {
    const port = await answering((_, response) => response.writeHead(200).write('and so on'))
    expect(await ask(byHttp(port))).toEqual(status(200))
  })

  it('that nobody answers in time has failed', async () => {
    const port = await answering(() => {})
    expect(await ask(byHttp(port), 50)).toEqual(failed)
  })

  it('that is answered by interim answers without end has failed, long before its time', async () => {
    const interim = 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(100)
    let sent = 0
    const port = await listening(
      net.createServer((socket) => {
        const pour = (): void => {
          while (socket.writable && socket.write(interim)) sent += 100
        }
        socket.on('error', () => {})
        socket.on('drain', pour)
        pour()
      }),
    )
    expect(await ask(byHttp(port), 3_000)).toEqual(failed)
    expect(sent).toBeLessThan(500_000)
  })

  it('that the task’s end cuts off is answered by nobody', async () => {
    const abort = new AbortController()
    const port = await answering(() => abort.abort())
    expect(await ask(byHttp(port), 5_000, abort.signal)).toEqual(failed)
    expect(await ask(byHttp(port), 5_000, abort.signal)).toEqual({ kind: 'unknown' })
  })

  it('over TLS takes any certificate', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'marathon-tls-'))
    const [key, cert] = ['key.pem', 'cert.pem'].map((name) => path.join(folder, name)) as [string, string]
    const words = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=nobody`
    execFileSync('openssl', [...words.split(' '), '-keyout', key, '-out', cert], { stdio: 'ignore' })
    const options = { key: fs.readFileSync(key), cert: fs.readFileSync(cert) }
    fs.rmSync(folder, { recursive: true })
    const port = await listening(https.createServer(options, (_, response) => response.end('fine')))
    expect(await ask(byHttp(port, '/', { scheme: 'https' }))).toEqual(status(200))
    expect(await ask(byHttp(port))).toEqual(failed)
  })

  it.runIf(
    Object.values(os.networkInterfaces())
      .flat()
      .some((one) => one?.address === '::1'),
  )('by IPv6 asks at the loopback address of that', async () => {
    const port = await listening(
      http.createServer((_, response) => response.end()),
      '::1',
    )
    expect(await ask(byHttp(port, '/', { ipProtocol: 'IPv6' }))).toEqual(status(200))
    expect(await ask({ kind: 'tcp', ipProtocol: 'IPv6', port })).toEqual({
      kind: 'connection',
      succeeded: true,
    })
  })
})

describe('a question by TCP', () => {
  it('is whether anybody takes the connection', async () => {
    const server = net.createServer((socket) => socket.destroy())
    const port = await listening(server)
    expect(await ask(byTcp(port))).toEqual({ kind: 'connection', succeeded: true })
    await new Promise((resolve) => servers.pop()!.close(resolve))
    expect(await ask(byTcp(port))).toEqual({ kind: 'connection', succeeded: false })
  })
})
