// The reference pages against the program: every call, event and metric that exists is there, and no other.

import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { CallbackSender } from '../../src/callbacks/sender.ts'
import { defaultHttpOptions } from '../../src/http/deps.ts'
import { createHttpServer } from '../../src/http/server.ts'
import { silentLogger } from '../../src/logging/logger.ts'
import { meterEngine } from '../../src/metrics/metered-engine.ts'
import { createMetrics } from '../../src/metrics/registry.ts'
import { registerStateGauges } from '../../src/metrics/state-gauges.ts'
import type { Engine } from '../../src/ports/engine.ts'
import { WorkerProber } from '../../src/probes/prober.ts'
import { fakeApi } from '../support/fake-api.ts'
import { fakeControl } from '../support/fake-control.ts'
import { fakeApp, fakeNow, fakeView } from '../support/fake-view.ts'
import { HandClock } from '../support/hand-clock.ts'

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const matches = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map((match) => match[1]!)

describe('rest-api.md', () => {
  const calls = [...new Set(matches(read('docs/reference/rest-api.md'), /^\| `([A-Z]+ \/\S*)`/gm))]
    // It never stops answering, so it has its tests over sockets.
    .filter((call) => call !== 'GET /v2/events')

  it('names many calls', () => expect(calls.length).toBeGreaterThan(40))

  it.each(calls)('%s exists', async (call) => {
    const [method, path] = call.split(' ') as ['GET', string]
    const url = path
      .replace('{id}', 'a')
      .replace('{time}', '2031-04-02T09:15:20.480Z')
      .replace('{stream}', 'stdout')
      .replace(/\{[a-z ]+\}/, 'x')
    const response = await fakeApi({ state: { apps: [fakeApp({ id: '/a' })] } }).server.inject({
      method,
      url: url.replace('{task', 'x'),
    })
    expect(response.statusCode).not.toBe(405)
    expect(response.body).not.toContain('URI not found')
  })

  it('names every path that does not depend on an id', async () => {
    const { server } = fakeApi({})
    const fixed: string[] = []
    server.addHook('onRoute', ({ url }) => {
      if (!url.includes('*')) fixed.push(url)
    })
    await server.ready()
    const documented = new Set(calls.map((call) => call.split(' ')[1]).concat('/v2/events'))
    expect(fixed.length).toBeGreaterThan(20)
    expect(fixed.filter((url) => !documented.has(url))).toEqual([])
  })
})

describe('events.md', () => {
  it('names the types that are sent, and no others', () => {
    const sources = [
      ...readdirSync(new URL('../../src/core/notices', import.meta.url))
        .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
        .map((name) => `src/core/notices/${name}`),
      'src/http/sse.ts',
    ]
    const sent = sources.flatMap((path) => matches(read(path), /'([a-z]+(?:_[a-z]+)+)'/g))
    const documented = matches(read('docs/reference/events.md'), /^\| `([a-z_]+)` \|/gm)
    expect(documented.sort()).toEqual([...new Set(sent)].sort())
  })
})

describe('metrics.md', () => {
  it('names the metrics there are, and no others', () => {
    const metrics = createMetrics({ prefix: 'p', now: () => fakeNow })
    registerStateGauges(metrics, { view: () => fakeView({}), now: () => fakeNow })
    const engine: Engine = {
      start: async () => undefined,
      perform: () => undefined,
      stop: async () => undefined,
    }
    meterEngine(engine, metrics)
    const poster = {
      post: async () => ({ kind: 'answered', status: 200 }) as const,
      close: async () => undefined,
    }
    const clock = new HandClock(fakeNow)
    new CallbackSender({ poster, clock, log: silentLogger, meters: metrics, slowAfterMs: 1 }, [])
    new WorkerProber({
      program: new URL('file:///never-started'),
      atOnce: 1,
      userAgent: 'test',
      clock,
      log: silentLogger,
      meters: metrics,
    })
    createHttpServer({
      view: () => fakeView({}),
      submit: async () => ({ kind: 'done' }),
      subscribe: () => () => undefined,
      engine: { name: 'sim' },
      info: {
        name: '',
        version: '',
        buildref: '',
        marathonConfig: {},
        zookeeperConfig: {},
        httpConfig: { http_port: null, https_port: null },
      },
      control: fakeControl(),
      options: defaultHttpOptions,
      metrics,
      log: silentLogger,
      now: () => fakeNow,
    })
    const { gauges, counters, meters, timers } = metrics.snapshot()
    const actual = [...gauges, ...counters, ...meters, ...timers].map(([name]) => name.replace(/^p\./, ''))
    const documented = matches(read('docs/reference/metrics.md'), /^\| `(\S+)` \|/gm).filter(
      (name) => !name.includes('<state>'),
    )
    expect(documented.sort()).toEqual(actual.sort())
  })
})
