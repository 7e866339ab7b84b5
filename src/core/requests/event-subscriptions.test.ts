import { describe, expect, test } from 'vitest'
import { HandCore, type HandCoreOptions } from '../../../tests/support/hand-core.ts'
import { instant } from '../../lib/instant.ts'
import { limits } from '../../lib/limits.ts'
import type { Ready } from '../ready.ts'
import type { StoredRecord } from '../records.ts'
import type { Request } from '../requests.ts'

const url = 'http://listener.example:9090/callback'
const origin = { clientIp: '10.0.0.99', uri: '/v2/eventSubscriptions' }
const subscribe = (callbackUrl: string | undefined): Request => ({ kind: 'subscribe', callbackUrl, origin })
const unsubscribe = (callbackUrl: string | undefined): Request => ({
  kind: 'unsubscribe',
  callbackUrl,
  origin,
})
const listening = (options: HandCoreOptions = {}): HandCore =>
  new HandCore({ ...options, settings: { eventSubscriber: 'http_callback', ...options.settings } })
const longUrl = (length: number): string => 'http://h.example/'.padEnd(length, 'x')
const stored = (callbackUrl: string): StoredRecord => ({
  table: 'event-subscription',
  key: callbackUrl,
  value: { callbackUrl, since: instant(5) },
})

/** But for the log, which has every event. */
const ownWrites = ({ writes }: Pick<Ready, 'writes'>) => writes.filter(({ table }) => table !== 'event-log')

describe('a subscriber', () => {
  test('is listed, stored and told of in one step', () => {
    const core = listening()
    const { outcome, ready } = core.tell(subscribe(url))
    const notice = {
      type: 'subscribe_event',
      body: {
        clientIp: '10.0.0.99',
        callbackUrl: url,
        eventType: 'subscribe_event',
        timestamp: '2031-04-02T09:00:00.000Z',
      },
    }
    expect(outcome).toEqual({ kind: 'subscription-changed', notice })
    expect(ready.notices).toEqual([notice])
    expect(ownWrites(ready)).toEqual([
      { kind: 'put', table: 'event-subscription', key: url, value: { callbackUrl: url, since: core.now } },
    ])
    expect(core.view.callbackUrls()).toEqual([url])
  })

  test('that subscribes again is told of again, and nothing is written', () => {
    const core = listening()
    core.ask(subscribe(url))
    const { ready } = core.tell(subscribe(url))
    expect(ready.notices.map(({ type }) => type)).toEqual(['subscribe_event'])
    expect(ownWrites(ready)).toEqual([])
    expect(core.view.callbackUrls()).toEqual([url])
  })

  test('that leaves is forgotten, and leaving twice is leaving once', () => {
    const core = listening()
    core.ask(subscribe(url))
    const first = core.tell(unsubscribe(url)).ready
    const second = core.tell(unsubscribe(url)).ready
    expect(core.view.callbackUrls()).toEqual([])
    expect(ownWrites(first)).toEqual([{ kind: 'delete', table: 'event-subscription', key: url }])
    expect(ownWrites(second)).toEqual([])
    for (const { notices } of [first, second])
      expect(notices.map(({ type }) => type)).toEqual(['unsubscribe_event'])
  })

  test('of an earlier process is there again, beside those of the flag', () => {
    const core = listening({
      records: [stored(url)],
      settings: { httpEndpoints: ['http://a.example/', 'http://z.example/'] },
    })
    expect(core.view.callbackUrls()).toEqual(['http://a.example/', url, 'http://z.example/'])
  })

  test('is refused when as many as are allowed are there, unless it is one of them', () => {
    const urls = Array.from({ length: limits.eventSubscriptions }, (_, i) => `http://n${i}.example/`)
    const core = listening({ records: urls.map(stored) })
    const refusal = { kind: 'too-many-subscriptions', limit: limits.eventSubscriptions }
    expect(core.ask(subscribe(url))).toEqual({ kind: 'refused', refusal })
    expect(core.ask(subscribe(urls[3]))).toMatchObject({ kind: 'subscription-changed' })
    core.ask(unsubscribe(urls[3]))
    expect(core.ask(subscribe(url))).toMatchObject({ kind: 'subscription-changed' })
  })
})

test('without --event_subscriber nobody subscribes, leaves or is listed, and what is stored stays', () => {
  const core = new HandCore({ records: [stored(url)] })
  for (const request of [subscribe(url), unsubscribe(url)]) {
    const { outcome, ready } = core.tell(request)
    expect(outcome).toEqual({ kind: 'refused', refusal: { kind: 'callbacks-off' } })
    expect([ready.writes, ready.notices]).toEqual([[], []])
  }
  expect(core.view.callbackUrls()).toBeUndefined()
})

describe('a callback URL', () => {
  test.each([
    'http://localhost',
    'HTTP://localhost:8080',
    'https://user:secret@host.example:65535/a/b?c=d&e=%20#f',
    'http://[::1]:9000/x',
    'http://10.1.2.3/hook',
    longUrl(limits.callbackUrlChars),
  ])('is %.60s', (callbackUrl) => {
    expect(listening().ask(subscribe(callbackUrl))).toMatchObject({ kind: 'subscription-changed' })
  })

  test.each([
    [undefined, 'must name a callbackUrl, such as http://host:port/path'],
    ['', 'must name a callbackUrl, such as http://host:port/path'],
    ['localhost', 'no protocol: localhost'],
    ['//host/path', 'no protocol: //host/path'],
    ['gopher://host/', 'unknown protocol: gopher'],
    ['file:///etc/passwd', 'unknown protocol: file'],
    ['localhost:9090/x', 'unknown protocol: localhost'],
    ['http:/host/', "is not a URL: 'http:/host/', expected one such as http://host:port/path"],
    ['http://', "is not a URL: 'http://', expected one such as http://host:port/path"],
    ['http://a b/', "is not a URL: 'http://a b/', expected one such as http://host:port/path"],
    ['http://h/%zz', "is not a URL: 'http://h/%zz', expected one such as http://host:port/path"],
    ['http://h:65536/', "is not a URL: 'http://h:65536/', expected one such as http://host:port/path"],
    ['http://h:x/', "is not a URL: 'http://h:x/', expected one such as http://host:port/path"],
    [
      longUrl(limits.callbackUrlChars + 1),
      `has ${limits.callbackUrlChars + 1} characters, at most ${limits.callbackUrlChars} are possible`,
    ],
  ])('is not %.60s', (callbackUrl, error) => {
    const core = listening()
    for (const request of [subscribe(callbackUrl), unsubscribe(callbackUrl)]) {
      const { outcome, ready } = core.tell(request)
      const refusal = { kind: 'invalid-object', issues: [{ path: '/', errors: [error] }] }
      expect(outcome).toEqual({ kind: 'refused', refusal })
      expect([ready.writes, ready.notices]).toEqual([[], []])
    }
    expect(core.view.callbackUrls()).toEqual([])
  })
})
