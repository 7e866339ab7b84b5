// The prober's contract for the one that asks over the network, against servers of all kinds on this machine; and what
// only that one has to do: hold its own against servers that are slow, odd or hostile.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Probe, ProbeOutcome, ProbeResult, ProbeTarget } from '../../src/core/health/probe.ts'
import { SystemClock } from '../../src/driver/clock.ts'
import { millis } from '../../src/lib/instant.ts'
import { limits } from '../../src/lib/limits.ts'
import { silentLogger } from '../../src/logging/logger.ts'
import { createMetrics, type Metrics } from '../../src/metrics/registry.ts'
import type { Logger } from '../../src/ports/logger.ts'
import { WorkerProber } from '../../src/probes/prober.ts'
import { bundleProgram, type ChildProgram } from '../support/child-program.ts'
import { describeProber } from './prober.contract.ts'

let program: ChildProgram
const afterwards: (() => Promise<unknown> | unknown)[] = []

beforeAll(async () => {
  program = await bundleProgram('src/probes/worker.ts')
})
afterEach(async () => {
  for (const undo of afterwards.splice(0).reverse()) await undo()
})
afterAll(() => program.remove())

interface MakeOptions {
  readonly atOnce?: number
  readonly log?: Logger
  readonly metrics?: Metrics
  readonly program?: URL
}

function makeProber(options: MakeOptions = {}): WorkerProber {
  const prober = new WorkerProber({
    program: options.program ?? pathToFileURL(program.path),
    atOnce: options.atOnce ?? 256,
    userAgent: 'Marathon/0 (health check)',
    clock: new SystemClock(),
    log: options.log ?? silentLogger,
    meters: options.metrics ?? createMetrics({ prefix: 'marathon', now: () => 0 }),
  })
  afterwards.push(() => prober.stop())
  return prober
}

/** Listens on a free port, and ends with the test, its connections included. */
async function listen(server: Server, host = '127.0.0.1'): Promise<number> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, host, resolve)
  })
  afterwards.push(async () => {
    const closed = new Promise((resolve) => server.close(resolve))
    for (const socket of sockets) socket.destroy()
    await closed
  })
  return (server.address() as AddressInfo).port
}

const serve = (listener: RequestListener, host?: string): Promise<number> =>
  listen(createHttpServer(listener), host)

/** A server of bytes: what it does with each connection. */
const speak = (greet: (socket: Socket) => void): Promise<number> => listen(createServer(greet))

/** Says this to whoever asks. */
const say = (text: string, then: 'end' | 'stay' = 'end'): Promise<number> =>
  speak((socket) => {
    socket.once('data', () => {
      socket.write(text)
      if (then === 'end') socket.end()
    })
  })

/** A port where nobody listens. */
async function deadPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** No name server is asked for a name no host can have. */
const nowhere = `${'x'.repeat(64)}.invalid`

const http = (port: number, more: Partial<Extract<ProbeTarget, { protocol: 'HTTP' | 'HTTPS' }>> = {}) =>
  ({ protocol: 'HTTP', address: '127.0.0.1', port, path: '/health', ...more }) as const
const tcp = (port: number, address = '127.0.0.1') => ({ protocol: 'TCP', address, port }) as const

const probeOf = (target: ProbeTarget, more: Partial<Probe> = {}): Probe => ({
  id: 'p',
  target,
  firstAfter: millis(0),
  pace: 'fixed',
  interval: millis(3_600_000),
  timeout: millis(10_000),
  bodyBytes: 0,
  ...more,
})

/** Asks once. */
async function ask(target: ProbeTarget, more: Partial<Probe> = {}, prober = makeProber()) {
  const outcome = new Promise<ProbeOutcome>((resolve) =>
    prober.start(({ results }) => resolve(results[0]!.outcome)),
  )
  prober.perform([{ kind: 'begin-probe', probe: probeOf(target, more) }])
  return outcome
}

async function until(what: string, isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

describeProber('network', {
  patienceMs: 10_000,
  create: async () => {
    const well = await serve((_, response) => response.end('well'))
    const dead = await deadPort()
    return {
      prober: makeProber(),
      target: (protocol, who) => {
        const port = who === 'well' ? well : dead
        return protocol === 'HTTP' ? http(port) : tcp(port)
      },
      remove: async () => undefined,
    }
  },
})

describe('a question by HTTP', () => {
  it('is a GET of the path on a connection of its own, and says who asks', async () => {
    const seen: { method?: string | undefined; url?: string | undefined; headers: object; port?: number }[] =
      []
    const port = await serve(({ method, url, headers, socket }, response) => {
      seen.push({ method, url, headers, port: socket.remotePort! })
      response.end()
    })
    const prober = makeProber()
    prober.start(() => undefined)
    const target = http(port, { path: '/a?b=c%20d#here' })
    prober.perform([{ kind: 'begin-probe', probe: probeOf(target, { interval: millis(10) }) }])
    await until('a second request', () => seen.length >= 2)
    expect(seen[0]).toMatchObject({ method: 'GET', url: '/a?b=c%20d' })
    expect(seen[0]!.headers).toEqual({
      host: `127.0.0.1:${port}`,
      'user-agent': 'Marathon/0 (health check)',
      accept: '*/*',
      connection: 'close',
    })
    expect(seen[1]!.port).not.toBe(seen[0]!.port)
  })

  it('may be for a path as people write it', async () => {
    const urls: string[] = []
    const port = await serve(({ url }, response) => {
      urls.push(url!)
      response.end()
    })
    expect(await ask(http(port, { path: '/grün und\ngut/\ud800' }))).toMatchObject({ status: 200 })
    expect(urls).toEqual(['/gr%c3%bcn%20und%0agut/%ef%bf%bd'])
  })

  const answers: readonly [string, string, object][] = [
    [
      'its own words',
      'HTTP/1.1 404 Gone fishing\r\nContent-Length: 0\r\n\r\n',
      { status: 404, statusText: 'Gone fishing' },
    ],
    [
      'the usual words when it has none',
      'HTTP/1.1 503\r\nContent-Length: 0\r\n\r\n',
      { status: 503, statusText: 'Service Unavailable' },
    ],
    [
      'nothing when there are none',
      'HTTP/1.1 599 \r\nContent-Length: 0\r\n\r\n',
      { status: 599, statusText: '' },
    ],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\n\r\nhello', { status: 200, statusText: 'OK' }],
    [
      'a redirect as it is',
      'HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n',
      { status: 302 },
    ],
    [
      'its type',
      'HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 0\r\n\r\n',
      { contentType: 'text/html; charset=utf-8' },
    ],
    [
      'what follows an interim answer',
      'HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
      { status: 200 },
    ],
    [
      'an interim answer that nothing follows',
      'HTTP/1.1 103 Early Hints\r\n\r\n',
      { status: 103, statusText: 'Early Hints' },
    ],
    ['a lone 100', 'HTTP/1.1 100 Continue\r\n\r\n', { status: 100, statusText: 'Continue' }],
    [
      'a change of protocols',
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n',
      { status: 101 },
    ],
    [
      'a change of protocols that says not to which',
      'HTTP/1.1 101 Switching Protocols\r\n\r\n',
      { status: 101 },
    ],
    [
      'a head of odd make',
      'HTTP/1.1 200 OK\r\nX-Odd: a\u0001b\r\nContent-Length: 0\r\n\r\n',
      { status: 200 },
    ],
    ['a body cut short', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf', { status: 200 }],
  ]

  it.each(answers)('has as its answer %s', async (_, text, expected) => {
    const port = await say(text)
    expect(await ask(http(port))).toMatchObject({ kind: 'answered', ...expected })
  })

  it('has an interim answer as its answer when only silence follows', async () => {
    const port = await say('HTTP/1.1 102 Processing\r\n\r\n', 'stay')
    expect(await ask(http(port), { timeout: millis(50) })).toMatchObject({ kind: 'answered', status: 102 })
  })

  const failures: readonly [string, string, object][] = [
    ['what is no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n', { name: 'InvalidAnswerError' }],
    ['an end without a word', '', { name: 'ConnectionClosedError' }],
    ['half a head', 'HTTP/1.1 200 OK\r\nContent-', { name: 'ConnectionClosedError' }],
    [
      'a head without end',
      `HTTP/1.1 200 OK\r\n${'X-More: and more\r\n'.repeat(4_000)}`,
      { name: 'InvalidAnswerError' },
    ],
  ]

  it.each(failures)('fails at %s', async (_, text, expected) => {
    const port = await say(text)
    expect(await ask(http(port))).toMatchObject({ kind: 'failed', ...expected })
  })

  it('fails when nobody listens, and says where', async () => {
    const port = await deadPort()
    expect(await ask(http(port))).toEqual({
      kind: 'failed',
      name: 'ConnectionRefusedError',
      message: `the connection was refused: 127.0.0.1:${port}`,
    })
  })

  it('fails at silence', async () => {
    const port = await speak(() => undefined)
    expect(await ask(http(port), { timeout: millis(40) })).toEqual({
      kind: 'failed',
      name: 'TimeoutError',
      message: `nothing came within 40 ms: 127.0.0.1:${port}`,
    })
  })

  it('may take as long as definitions say, be it years', async () => {
    const port = await serve((_, response) => setTimeout(() => response.end('late'), 60))
    const years = millis((2 ** 31 - 1) * 1_000)
    expect(await ask(http(port), { timeout: years })).toMatchObject({ kind: 'answered', status: 200 })
  })

  it('fails at a head that comes byte by byte without end, although it is never quite silent', async () => {
    const port = await speak((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nX: ')
      const drip = setInterval(() => socket.write('x'), 10)
      socket.on('close', () => clearInterval(drip))
    })
    expect(await ask(http(port), { timeout: millis(150) })).toMatchObject({
      name: 'TimeoutError',
      message: `the answer was not complete within ${150 * limits.probeTimeouts} ms: 127.0.0.1:${port}`,
    })
  })

  it('has an interim answer as its answer when ever more of them follow', async () => {
    const interim = Buffer.from('HTTP/1.1 102 Processing\r\n\r\n'.repeat(100))
    let sent = 0
    const port = await speak((socket) => {
      const pour = (): void => {
        while (socket.writable && socket.write(interim)) sent += 100
      }
      socket.on('drain', pour)
      pour()
    })
    expect(await ask(http(port), { timeout: millis(2_000) })).toMatchObject({ kind: 'answered', status: 102 })
    expect(sent).toBeLessThan(1_000_000)
  })

  it('does not wait for a body nobody wants, however long or slow', async () => {
    const flood = await serve((_, response) => {
      const chunk = Buffer.alloc(64 * 1024)
      const pour = (): void => {
        while (response.writable && response.write(chunk));
      }
      response.on('drain', pour)
      pour()
    })
    expect(await ask(http(flood))).toMatchObject({ kind: 'answered', status: 200 })
    const drip = await serve((_, response) => {
      const timer = setInterval(() => response.write('x'), 10)
      response.on('close', () => clearInterval(timer))
    })
    expect(await ask(http(drip))).toMatchObject({ kind: 'answered', status: 200 })
  })

  it('has of the body what is wanted, and no half characters', async () => {
    const port = await serve((_, response) => {
      response.setHeader('content-type', 'text/plain')
      response.end('über uns')
    })
    expect(await ask(http(port), { bodyBytes: 1_000 })).toMatchObject({
      body: 'über uns',
      contentType: 'text/plain',
    })
    expect(await ask(http(port), { bodyBytes: 1 })).toMatchObject({ status: 200, body: '' })
    expect(await ask(http(port), { bodyBytes: 4 })).toMatchObject({ status: 200, body: 'übe' })
  })

  it('wants no encoding, and takes one given all the same as an answer', async () => {
    const port = await serve((_, response) => {
      response.setHeader('content-encoding', 'gzip')
      response.end(gzipSync('well'))
    })
    expect(await ask(http(port))).toMatchObject({ kind: 'answered', status: 200 })
  })

  it('fails when a wanted body breaks off', async () => {
    const port = await say('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf')
    expect(await ask(http(port), { bodyBytes: 1_000 })).toMatchObject({
      kind: 'failed',
      name: 'ConnectionClosedError',
    })
  })

  it('fails when the name has no address', async () => {
    expect(await ask(http(80, { address: nowhere }))).toMatchObject({
      kind: 'failed',
      name: 'UnknownHostError',
      message: expect.stringContaining(`${nowhere}:80`),
    })
  })

  it('reaches a host by its name, whichever of its addresses is served', async () => {
    const port = await serve((_, response) => response.end())
    expect(await ask(http(port, { address: 'localhost' }))).toMatchObject({ status: 200 })
  })
})

describe('a question by HTTPS', () => {
  let folder: string
  let key: string
  let cert: string

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'marathon-tls-'))
    const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'].concat([
        '-subj',
        '/CN=somebody else',
        '-days',
        '1',
        '-keyout',
        keyFile,
        '-out',
        certFile,
      ]),
      { stdio: 'ignore' },
    )
    key = readFileSync(keyFile, 'utf8')
    cert = readFileSync(certFile, 'utf8')
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('believes any certificate, for whomever it was made', async () => {
    const port = await listen(createHttpsServer({ key, cert }, (_, response) => response.end()))
    expect(await ask(http(port, { protocol: 'HTTPS' }))).toMatchObject({ kind: 'answered', status: 200 })
    const byName = http(port, { protocol: 'HTTPS', address: 'localhost' })
    expect(await ask(byName)).toMatchObject({ kind: 'answered', status: 200 })
  })

  it('speaks old versions, too', async () => {
    const old = {
      key,
      cert,
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1',
      ciphers: 'DEFAULT:@SECLEVEL=0',
    } as const
    const port = await listen(createHttpsServer(old, (_, response) => response.end()))
    expect(await ask(http(port, { protocol: 'HTTPS' }))).toMatchObject({ kind: 'answered', status: 200 })
  })

  it('fails where no TLS is spoken, and at silence before it', async () => {
    const plain = await serve((_, response) => response.end())
    expect(await ask(http(plain, { protocol: 'HTTPS' }))).toMatchObject({ kind: 'failed', name: 'TlsError' })
    const silent = await speak(() => undefined)
    expect(await ask(http(silent, { protocol: 'HTTPS' }), { timeout: millis(40) })).toMatchObject({
      kind: 'failed',
      name: 'TimeoutError',
    })
  })
})

describe('a question by TCP', () => {
  it('is a connection, of whose silence or end nothing matters', async () => {
    const silent = await speak(() => undefined)
    expect(await ask(tcp(silent))).toEqual({ kind: 'connected' })
    const rude = await speak((socket) => socket.resetAndDestroy())
    expect(await ask(tcp(rude))).toEqual({ kind: 'connected' })
  })

  it('reaches a host by its name', async () => {
    const port = await speak((socket) => socket.end())
    expect(await ask(tcp(port, 'localhost'))).toEqual({ kind: 'connected' })
  })

  it('fails when nobody listens', async () => {
    expect(await ask(tcp(await deadPort()))).toMatchObject({ kind: 'failed', name: 'ConnectionRefusedError' })
  })

  it.each([65_536, -1])('fails at a port that none can have: %i', async (port) => {
    expect(await ask(tcp(port))).toMatchObject({ kind: 'failed', name: 'ERR_SOCKET_BAD_PORT' })
  })

  it('may take as long as definitions say, be it years', async () => {
    const port = await speak((socket) => socket.end())
    const years = millis((2 ** 31 - 1) * 1_000)
    // Of a name, as looking it up takes more than a moment.
    expect(await ask(tcp(port, 'localhost'), { timeout: years })).toEqual({ kind: 'connected' })
  })

  it('fails when the name has no address', async () => {
    expect(await ask(tcp(80, nowhere))).toMatchObject({ kind: 'failed', name: 'UnknownHostError' })
  })
})

const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
)

describe.runIf(hasIpv6)('a question by IPv6', () => {
  it('reaches its address, and names it as HTTP wants it', async () => {
    let host: string | undefined
    const port = await serve((request, response) => {
      host = request.headers.host
      response.end()
    }, '::1')
    expect(await ask(http(port, { address: '::1' }))).toMatchObject({ kind: 'answered', status: 200 })
    expect(host).toBe(`[::1]:${port}`)
    expect(await ask(tcp(port, '::1'))).toEqual({ kind: 'connected' })
    expect(await ask(http(await deadPort(), { address: '::1' }))).toMatchObject({
      message: expect.stringMatching(/refused: \[::1\]:\d+$/),
    })
  })
})

describe('many questions', () => {
  it('are under way no more than allowed at one time, each probe once, the rest in order', async () => {
    const open = new Map<string, () => void>()
    const asked: string[] = []
    const port = await serve(({ url }, response) => {
      asked.push(url!)
      open.set(url!, () => response.end())
    })
    const metrics = createMetrics({ prefix: 'm', now: () => 0 })
    const prober = makeProber({ atOnce: 3, metrics })
    const results: ProbeResult[] = []
    prober.start((event) => results.push(...event.results))
    const names = ['0', '1', '2', '3', '4', '5', '6', '7']
    prober.perform(
      names.map((name) => ({
        kind: 'begin-probe',
        probe: { ...probeOf(http(port, { path: `/${name}` })), id: name, interval: millis(1) },
      })),
    )
    const gauges = () => Object.fromEntries(metrics.snapshot().gauges)
    await until('three questions', () => asked.length === 3)
    await until('the others waiting', () => gauges()['m.probes.waiting.gauge'] === 5)
    expect(gauges()).toMatchObject({ 'm.probes.active.gauge': 8, 'm.probes.in-flight.gauge': 3 })
    const answer = async (count: number) => {
      const before = asked.length
      const first = [...open.keys()].slice(0, count)
      for (const url of first) {
        open.get(url)!()
        open.delete(url)
      }
      await until('as many more', () => asked.length === before + count)
    }
    await answer(3)
    await answer(2)
    // Answered probes were due again after a millisecond, but the others were due before.
    expect([...asked].sort()).toEqual(names.map((name) => `/${name}`))
    await answer(3)
    expect(new Set(asked.slice(8)).size).toBe(3)
    expect(open.size).toBe(3)
    await until('eight results', () => results.length === 8)
    expect(Object.fromEntries(metrics.snapshot().counters)).toMatchObject({
      'm.probes.asked.counter': 8,
      'm.probes.failed.counter': 0,
    })
  })

  it('give up their place when their probe ends', async () => {
    const silent = await speak(() => undefined)
    const well = await serve((_, response) => response.end())
    const prober = makeProber({ atOnce: 1 })
    const ids: string[] = []
    prober.start(({ results }) => ids.push(...results.map(({ id }) => id)))
    prober.perform([
      { kind: 'begin-probe', probe: { ...probeOf(http(silent)), id: 'silent' } },
      { kind: 'begin-probe', probe: { ...probeOf(http(well)), id: 'well' } },
    ])
    prober.perform([{ kind: 'end-probe', id: 'silent' }])
    await until('the other', () => ids.length > 0)
    expect(ids).toEqual(['well'])
  })
})

describe('the thread that asks', () => {
  it('is started again when it dies, says so, and begins its probes anew', async () => {
    const asked: string[] = []
    const port = await serve(({ url }, response) => {
      asked.push(url!)
      response.end()
    })
    const lines: string[] = []
    const log: Logger = { ...silentLogger, error: (message) => lines.push(message) }
    const prober = makeProber({ log, program: dying() })
    const results: ProbeResult[] = []
    prober.start((event) => results.push(...event.results))
    prober.perform([
      { kind: 'begin-probe', probe: { ...probeOf(http(port, { path: '/kept' })), id: 'kept' } },
      { kind: 'begin-probe', probe: { ...probeOf(http(port, { path: '/ended' })), id: 'ended' } },
    ])
    await until('its death', () => lines.length > 0)
    prober.perform([{ kind: 'end-probe', id: 'ended' }])
    await until('an answer', () => results.length > 0)
    expect(lines[0]).toMatch(/thread .* died/)
    expect(asked).toEqual(['/kept'])
    expect(results.map(({ id }) => id)).toEqual(['kept'])
  })

  /** A program that dies of its first message, unless it died before: then it is the real one. */
  function dying(): URL {
    const gauges = 'new Float64Array(workerData.gauges)'
    const source = `
      import { parentPort, workerData } from 'node:worker_threads'
      import { existsSync, writeFileSync } from 'node:fs'
      const mark = ${JSON.stringify(`${program.path}.died`)}
      if (existsSync(mark)) await import(${JSON.stringify(pathToFileURL(program.path).href)})
      else parentPort.on('message', () => {
        ${gauges}.fill(7)
        writeFileSync(mark, '')
        throw new Error('dead')
      })`
    return new URL(`data:text/javascript,${encodeURIComponent(source)}`)
  }
})
