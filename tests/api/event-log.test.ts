// Coming back to the event stream: what was missed, exactly once and in order, then what happens; and what is said
// where that cannot be had.

import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { EventLog, type LogBounds } from '../../src/core/event-log/event-log.ts'
import type { Notice } from '../../src/core/notices/notice.ts'
import type { Write } from '../../src/core/records.ts'
import { EventReader } from '../../src/driver/event-reader.ts'
import type { HttpOptions } from '../../src/http/deps.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import { type EventClient, openEvents } from '../support/event-client.ts'
import { type FakeApi, fakeApi } from '../support/fake-api.ts'

const large: LogBounds = { eventLogMaxEvents: 100_000, eventLogMaxChars: 64 * 1024 ** 2 }

const closers: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

interface Logging {
  readonly api: FakeApi
  readonly log: EventLog
  /** Decides, commits and tells events of these types, as driver and core do. */
  readonly happen: (...types: string[]) => Promise<void>
  /** Decides and commits, and leaves the telling to the caller. */
  readonly decide: (...types: string[]) => Promise<() => void>
  readonly open: (options?: Parameters<typeof openEvents>[1]) => EventClient
}

async function start(
  script: { options?: Partial<HttpOptions>; bounds?: LogBounds; size?: number; before?: number } = {},
): Promise<Logging> {
  const store = new MemoryStore()
  await store.open()
  const log = new EventLog()
  const { bounds = large, size = 0 } = script
  let count = 0
  const prepare = async (types: readonly string[]) => {
    const notices: readonly Notice[] = types.map((type) => ({
      type,
      body: { n: ++count, ...(size > 0 && { filler: 'x'.repeat(size) }), eventType: type },
    }))
    const writes = new Map<string, Write>()
    const logged = log.append(notices, bounds, (write) => writes.set(write.key, write))
    await store.commit([...writes.values()])
    return { notices, logged }
  }
  if (script.before !== undefined) await prepare(Array(script.before).fill('a'))
  const api = fakeApi({
    eventLog: new EventReader(log, store),
    ...(script.options === undefined ? {} : { options: script.options }),
  })
  await api.server.listen({ host: '127.0.0.1', port: 0 })
  const { port } = api.server.server.address() as AddressInfo
  const clients: EventClient[] = []
  closers.push(async () => {
    for (const { socket } of clients) socket.destroy()
    await api.server.close()
  })
  const decide: Logging['decide'] = async (...types) => {
    const { notices, logged } = await prepare(types)
    return () => api.tell(notices, logged)
  }
  return {
    api,
    log,
    decide,
    happen: async (...types) => (await decide(...types))(),
    open: (options) => {
      const client = openEvents(port, options)
      clients.push(client)
      return client
    },
  }
}

const upTo = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i)

describe('an event stream with a log', () => {
  it('gives every event its number as the id, before all else', async () => {
    const { open, happen } = await start()
    const client = open({ query: '?event_type=a&event_type=b' })
    await expect.poll(client.received).toContain('200')
    await happen('a', 'b')
    await happen('a')
    await expect
      .poll(client.body)
      .toBe(
        'id: 1\r\nevent: a\r\ndata: {"n":1,"eventType":"a"}\r\n\r\n' +
          'id: 2\r\nevent: b\r\ndata: {"n":2,"eventType":"b"}\r\n\r\n' +
          'id: 3\r\nevent: a\r\ndata: {"n":3,"eventType":"a"}\r\n\r\n',
      )
  })

  it('gives clients of several types theirs beside one whose filter reads the same and is another', async () => {
    const { open, happen } = await start()
    const strange = open({ query: '?event_type=a%0Ab' })
    await expect.poll(strange.received).toContain('200')
    const plain = open({ query: '?event_type=a&event_type=b' })
    await expect.poll(plain.received).toContain('200')
    await happen('a', 'b')
    await expect.poll(plain.ids).toEqual([1, 2])
    expect(strange.ids()).toEqual([])
  })

  it('gives none to what is not in the log', async () => {
    const { open } = await start()
    const client = open()
    await expect.poll(client.body).toMatch(/^event: event_stream_attached\r\n/)
  })

  it.each(['header', 'query'])('goes on after the event a client names, in the %s', async (where) => {
    const { open, happen } = await start()
    await happen('a', 'b', 'c')
    await happen('a', 'b')
    const client = open(where === 'header' ? { after: 2 } : { query: '?last_event_id=2' })
    await expect.poll(client.ids).toEqual([3, 4, 5])
    await happen('c')
    await expect.poll(client.ids).toEqual([3, 4, 5, 6])
    const types = client.frames().map(({ type }) => type)
    expect(types).toEqual(['event_stream_attached', 'c', 'a', 'b', 'c'])
    expect(client.frames().map(({ body }) => body.n)).toEqual([undefined, 3, 4, 5, 6])
  })

  it('the header counts, as browsers send both', async () => {
    const { open, happen } = await start()
    await happen('a', 'b', 'c')
    const client = open({ after: 2, query: '?last_event_id=0' })
    await expect.poll(client.ids).toEqual([3])
  })

  it('0 is before the first', async () => {
    const { open, happen } = await start()
    await happen('a', 'b')
    const client = open({ after: 0 })
    await expect.poll(client.ids).toEqual([1, 2])
  })

  it('sends what was there before this process, too', async () => {
    const { open, happen } = await start({ before: 3 })
    const client = open({ after: 1 })
    await expect.poll(client.ids).toEqual([2, 3])
    await happen('a')
    await expect.poll(client.ids).toEqual([2, 3, 4])
  })

  it('the filter holds for what was missed and for what happens', async () => {
    const { open, happen } = await start()
    await happen('a', 'b', 'c', 'b')
    const client = open({ after: 1, query: '?event_type=b&event_type=d' })
    await expect.poll(client.ids).toEqual([2, 4])
    await happen('a', 'd')
    await expect.poll(client.ids).toEqual([2, 4, 6])
    expect(client.body()).not.toContain('event_stream_attached')
  })

  it('a client that waits for rare events hears how far it is, so that it does not come back from long ago', async () => {
    const { open, happen } = await start({ options: { eventStreamHeartbeatMs: 20 } })
    await happen('a', 'b')
    const rare = open({ after: 1, query: '?event_type=rare' })
    const first = open({ query: '?event_type=rare' })
    await expect.poll(rare.body).toMatch(/id: 2\r\n\r\n/)
    await happen('a', 'a')
    await expect.poll(rare.body).toMatch(/id: 4\r\n\r\n$/)
    expect(rare.frames()).toEqual([])
    // Who has never named an id may not know what one alone means.
    await expect.poll(first.body).toMatch(/^(\r\n){2,}$/)
  })

  it('no event is missed or told twice between what was missed and what happens, under load', async () => {
    const { open, happen } = await start({ size: 200 })
    for (let i = 0; i < 100; i++) await happen(...(Array(50).fill('a') as string[]))
    const clients: { client: EventClient; after: number }[] = []
    for (let i = 0; i < 300; i++) {
      if (i % 10 === 0) {
        const after = i * 7
        clients.push({ client: open({ after }), after })
      }
      await happen(...(Array(1 + (i % 13)).fill('a') as string[]))
      if (i % 3 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    await happen('end')
    const last = 5_000 + upTo(0, 299).reduce((sum, i) => sum + 1 + (i % 13), 0) + 1
    for (const { client, after } of clients) {
      await expect.poll(() => client.body().includes('event: end'), { timeout: 10_000 }).toBe(true)
      expect(client.ids()).toEqual(upTo(after + 1, last))
    }
  })

  it('what is on disk and not told yet comes once, when it is told', async () => {
    const { open, happen, decide } = await start()
    await happen('a', 'b')
    const tell = await decide('c', 'd')
    const client = open({ after: 1 })
    await expect.poll(client.ids).toEqual([2])
    tell()
    await expect.poll(client.ids).toEqual([2, 3, 4])
  })

  it('a client that does not read what it missed waits, and is not cut off for it', async () => {
    const { open, happen } = await start({ size: 4_000, options: { eventStreamMaxOutstanding: 8 } })
    for (let i = 0; i < 80; i++) await happen(...(Array(50).fill('a') as string[]))
    const client = open({ after: 0 })
    client.socket.pause()
    for (let i = 0; i < 50; i++) await happen('b')
    client.socket.resume()
    await expect.poll(() => client.ids().length, { timeout: 10_000 }).toBe(4_050)
    expect(client.ids()).toEqual(upTo(1, 4_050))
    await happen('c')
    await expect.poll(() => client.ids().at(-1)).toBe(4_051)
  })

  it('a client cut off for being slow comes back and has all of it', async () => {
    const { open, happen } = await start({ size: 100_000, options: { eventStreamMaxOutstanding: 8 } })
    const slow = open()
    await expect.poll(slow.body).toContain('event_stream_attached')
    slow.socket.pause()
    const other = open({ query: '?event_type=event_stream_detached' })
    await expect.poll(other.received).toContain('200')
    let told = 0
    while (!other.body().includes('event_stream_detached')) {
      await happen('a')
      told++
      await new Promise((resolve) => setImmediate(resolve))
    }
    slow.socket.resume()
    await expect.poll(slow.isClosed).toBe(true)
    const had = slow.ids()
    expect(had).toEqual(upTo(1, had.length))
    expect(had.length).toBeLessThan(told)
    const again = open({ after: had.length })
    await expect.poll(() => again.ids().at(-1), { timeout: 10_000 }).toBe(told)
    expect(again.ids()).toEqual(upTo(had.length + 1, told))
  })
})

describe('a gap', () => {
  const bounds: LogBounds = { ...large, eventLogMaxEvents: 32 }

  it('is told with the numbers that are missing, whatever the filter; then comes the oldest that is kept', async () => {
    const { open, happen, log } = await start({ bounds })
    for (let i = 0; i < 100; i++) await happen('a')
    const place = log.find(5)
    expect(place.kind).toBe('gone')
    const oldest = place.kind === 'gone' ? place.oldest : 0
    const client = open({ after: 5, query: '?event_type=a' })
    await expect.poll(() => client.ids().at(-1)).toBe(100)
    const [gap, ...rest] = client.frames()
    expect(gap).toEqual({
      id: oldest - 1,
      type: 'event_gap',
      body: {
        after: 5,
        next: oldest,
        reason: 'dropped',
        eventType: 'event_gap',
        timestamp: '2031-04-02T09:20:40.000Z',
      },
    })
    expect(rest.map(({ id }) => id)).toEqual(upTo(oldest, 100))
  })

  it('is told of an id that is from somewhere else', async () => {
    const { open, happen } = await start()
    await happen('a', 'b')
    const client = open({ after: 7 })
    await expect.poll(client.ids).toEqual([0, 1, 2])
    expect(client.frames()[1]).toMatchObject({
      type: 'event_gap',
      body: { after: 7, next: 1, reason: 'unknown' },
    })
    await happen('c')
    await expect.poll(client.ids).toEqual([0, 1, 2, 3])
  })

  it('is told of an id from somewhere else though the oldest are gone, or though there is none yet', async () => {
    const trimmed = await start({ bounds })
    for (let i = 0; i < 100; i++) await trimmed.happen('a')
    const late = trimmed.open({ after: 1_000 })
    await expect.poll(() => late.ids().at(-1)).toBe(100)
    expect(late.frames()[1]).toMatchObject({ body: { after: 1_000, reason: 'unknown' } })
    expect(late.ids()).toEqual(upTo(late.frames()[1]!.body.next - 1, 100))
    const fresh = await start()
    const early = fresh.open({ after: 1 })
    await expect.poll(early.ids).toEqual([0])
    await fresh.happen('a')
    await expect.poll(early.ids).toEqual([0, 1])
  })

  it('is told once of an id from somewhere else while the oldest that is kept is still to be told', async () => {
    const { open, happen, decide } = await start({ bounds: { ...large, eventLogMaxEvents: 1 } })
    await happen('a')
    const tell = await decide('a', 'b', 'c')
    const client = open({ after: 1_000 })
    await expect.poll(client.frames).toHaveLength(2)
    tell()
    await expect.poll(client.ids).toEqual([1, 2, 3, 4])
    const types = client.frames().map(({ type }) => type)
    expect(types).toEqual(['event_stream_attached', 'event_gap', 'a', 'b', 'c'])
  })

  it('is told to one who reads so slowly that the log is cut behind it', async () => {
    const { open, happen } = await start({
      // More than the system takes on the way to a client that does not read.
      bounds: { ...large, eventLogMaxChars: 24 * 1024 ** 2 },
      size: 10_000,
    })
    for (let i = 0; i < 2_300; i++) await happen('a')
    const client = open({ after: 0 })
    // At its first bytes: a moment later it may have read all there is, and what comes then makes it a slow one.
    await new Promise<void>((resolve) =>
      client.socket.once('data', () => {
        client.socket.pause()
        resolve()
      }),
    )
    for (let i = 0; i < 2_700; i++) {
      await happen('a')
      await new Promise((resolve) => setImmediate(resolve))
    }
    client.socket.resume()
    await expect.poll(() => client.body().includes('id: 5000\r\n'), { timeout: 20_000 }).toBe(true)
    const events = client.frames().filter(({ id }) => id !== undefined)
    const gaps = events.filter(({ type }) => type === 'event_gap')
    expect(gaps.length).toBeGreaterThan(0)
    let at = events.find(({ type }) => type === 'a')!.id! - 1
    for (const { id, type, body } of events.slice(events.findIndex((event) => event.type === 'a'))) {
      if (type === 'event_gap') {
        expect([body.after, body.next]).toEqual([at, id! + 1])
        at = id!
      } else {
        expect(id).toBe(++at)
      }
    }
  })

  it('is told where no log is kept, and events have no ids there', async () => {
    const api = fakeApi({})
    await api.server.listen({ host: '127.0.0.1', port: 0 })
    closers.push(() => api.server.close())
    const { port } = api.server.server.address() as AddressInfo
    const client = openEvents(port, { after: 4 })
    await expect.poll(client.body).toContain('event_gap')
    api.publish({ type: 'a', body: { eventType: 'a' } })
    await expect.poll(client.body).toContain('event: a')
    client.socket.destroy()
    expect(client.frames().map(({ id, type }) => [id, type])).toEqual([
      [undefined, 'event_stream_attached'],
      [undefined, 'event_gap'],
      [undefined, 'a'],
    ])
    expect(client.frames()[1]!.body).toMatchObject({ after: 4, next: null, reason: 'no-log' })
  })
})

describe('where to go on', () => {
  it.each(['x', '-1', '1.5', '99999999999999999', '1 2'])('%j is no number of an event', async (id) => {
    const { api } = await start()
    const response = await api.server.inject({
      url: '/v2/events',
      headers: { accept: 'text/event-stream', 'last-event-id': id },
    })
    expect([response.statusCode, response.json()]).toEqual([
      400,
      { message: `Last-Event-ID is '${id}'; expected the number of an event, such as 1234.` },
    ])
  })

  it('answers that show what is say after which event they stand', async () => {
    const { api, happen, decide } = await start()
    await happen('a', 'b', 'c')
    const tell = await decide('d')
    const position = async (url: string) => (await api.server.inject(url)).headers['marathon-event-id']
    const lists = ['/v2/apps', '/v2/groups', '/v2/pods', '/v2/tasks', '/v2/deployments', '/v2/queue']
    for (const url of [...lists, '/v2/apps//x']) expect([url, await position(url)]).toEqual([url, '3'])
    tell()
    expect(await position('/v2/apps')).toBe('4')
    expect(await position('/v2/info')).toBeUndefined()
  })

  it('is not said where no log is kept', async () => {
    const { headers } = await fakeApi({}).server.inject('/v2/apps')
    expect(headers).not.toHaveProperty('marathon-event-id')
  })
})
