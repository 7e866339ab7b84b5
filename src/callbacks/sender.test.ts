import { describe, expect, test } from 'vitest'
import { HandClock } from '../../tests/support/hand-clock.ts'
import type { Notice } from '../core/notices/notice.ts'
import { instant } from '../lib/instant.ts'
import { limits } from '../lib/limits.ts'
import { createMetrics } from '../metrics/registry.ts'
import type { LogFields, Logger } from '../ports/logger.ts'
import type { PostResult } from './delivery.ts'
import type { QueuedEvent } from './event-queue.ts'
import { CallbackSender } from './sender.ts'

const ok: PostResult = { kind: 'answered', status: 200 }
const a = 'http://a.example/'
const b = 'http://b.example/'

const event = (n: number): Notice => ({ type: 'test_event', body: { n } })
const told = (type: 'subscribe_event' | 'unsubscribe_event', callbackUrl: string): Notice => ({
  type,
  body: { callbackUrl, eventType: type },
})

/** A sender whose posts are answered by the test, one by one. */
class Bench {
  readonly clock = new HandClock(instant(1_000_000))
  readonly metrics = createMetrics({ prefix: 'm', now: () => this.clock.now() })
  readonly log: (readonly [string, LogFields | undefined])[] = []
  /** Posts under way. */
  readonly open: {
    url: string
    body: string
    id: number | undefined
    signal: AbortSignal
    answer: (result: PostResult) => Promise<void>
  }[] = []
  isClosed = false
  readonly sender: CallbackSender

  constructor(...urls: string[]) {
    const write = (message: string, fields?: LogFields): void => void this.log.push([message, fields])
    const log = { info: write, warn: write } as unknown as Logger
    const poster = {
      post: (url: string, { body, id }: QueuedEvent, signal: AbortSignal) =>
        new Promise<PostResult>((resolve) => {
          const answer = (result: PostResult): Promise<void> => {
            this.open.splice(this.open.indexOf(post), 1)
            resolve(result)
            return settled()
          }
          const post = { url, body, id, signal, answer }
          this.open.push(post)
        }),
      close: async () => {
        this.isClosed = true
      },
    }
    this.sender = new CallbackSender(
      { poster, clock: this.clock, log, meters: this.metrics, slowAfterMs: 100_000 },
      urls,
    )
  }

  publish(...notices: Notice[]): void {
    this.sender.publish(notices)
  }

  /** What is under way, as `host n`. */
  get posts(): string[] {
    return this.open.map(({ url, body }) => `${new URL(url).host[0]} ${describeBody(body)}`)
  }

  value(name: string): number | undefined {
    const { gauges, counters } = this.metrics.snapshot()
    return [...gauges, ...counters].find(([full]) => full.startsWith(`m.http.event-callbacks.${name}.`))?.[1]
  }
}

const describeBody = (body: string): string => {
  const { n, eventType } = JSON.parse(body) as { n?: number; eventType?: string }
  return String(n ?? eventType)
}

/** Everything that only waits for promises has happened. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('events', () => {
  test('go to everybody at once, and to each one after the other', async () => {
    const bench = new Bench(a, b)
    bench.publish(event(1), event(2))
    expect(bench.posts).toEqual(['a 1', 'b 1'])
    await bench.open[0]!.answer(ok)
    expect(bench.posts).toEqual(['b 1', 'a 2'])
    await bench.open[1]!.answer(ok)
    bench.publish(event(3))
    expect(bench.posts).toEqual(['b 1', 'a 3'])
    expect([bench.value('active'), bench.value('waiting'), bench.value('outstanding')]).toEqual([2, 2, 2])
  })

  test('go to a new subscriber from its own subscription on, and no more to one that left', async () => {
    const bench = new Bench()
    bench.publish(event(1), told('subscribe_event', a), event(2))
    expect(bench.posts).toEqual(['a subscribe_event'])
    await bench.open[0]!.answer(ok)
    expect(bench.posts).toEqual(['a 2'])
    bench.publish(event(3), told('unsubscribe_event', a), event(4))
    await bench.open[0]!.answer(ok)
    expect(bench.posts).toEqual([])
    expect(bench.value('active')).toBe(0)
  })

  test('have their numbers, where a log gives them some', async () => {
    const bench = new Bench(a)
    const notices = [event(1), event(2)]
    const texts = notices.map(({ body }) => `${JSON.stringify(body)}\n`)
    bench.sender.publish(notices, { first: 41, texts })
    expect(bench.open.map(({ id }) => id)).toEqual([41])
    await bench.open[0]!.answer(ok)
    expect(bench.open.map(({ id }) => id)).toEqual([42])
    bench.publish(event(3))
    await bench.open[0]!.answer(ok)
    expect(bench.open.map(({ id }) => id)).toEqual([undefined])
  })

  test('wait for their turn also when one subscribes again', async () => {
    const bench = new Bench(a)
    bench.publish(event(1), told('subscribe_event', a))
    expect(bench.posts).toEqual(['a 1'])
    await bench.open[0]!.answer(ok)
    expect(bench.posts).toEqual(['a subscribe_event'])
  })
})

describe('a receiver that fails', () => {
  const refused: PostResult = { kind: 'unreachable', reason: 'connect ECONNREFUSED' }

  test('is left alone twice as long each time, and nobody else waits for it', async () => {
    const bench = new Bench(a, b)
    bench.publish(event(1))
    await bench.open[0]!.answer(refused)
    const pauses: number[] = []
    for (const pause of [2_000, 4_000, 8_000, 16_000]) {
      bench.clock.advance(pause - 1)
      expect(bench.posts).not.toContain('a 1')
      bench.clock.advance(1)
      expect(bench.posts).toContain('a 1')
      pauses.push(pause)
      await bench.open.find(({ url }) => url === a)!.answer(refused)
    }
    await bench.open.find(({ url }) => url === b)!.answer(ok)
    bench.publish(event(2))
    expect(bench.posts).toEqual(['b 2'])
    expect(bench.value('failed')).toBe(5)
    expect(bench.log).toEqual([
      [
        'a receiver of events failed; it is left alone for a while, longer each time',
        { url: a, reason: 'connect ECONNREFUSED', pauseMs: 2_000 },
      ],
    ])
  })

  test('gets what waited, in order, when it is back; the next failure begins anew', async () => {
    const bench = new Bench(a)
    bench.publish(event(1), event(2))
    await bench.open[0]!.answer(refused)
    bench.publish(event(3))
    bench.clock.advance(2_000)
    for (const n of [1, 2, 3]) {
      expect(bench.posts).toEqual([`a ${n}`])
      await bench.open[0]!.answer(ok)
    }
    expect(bench.log.at(-1)).toEqual(['a receiver of events is well again', { url: a, waiting: 2 }])
    bench.publish(event(4))
    await bench.open[0]!.answer(refused)
    bench.clock.advance(2_000)
    expect(bench.posts).toEqual(['a 4'])
  })

  test.each<[string, PostResult, number]>([
    ['answers with an error', { kind: 'answered', status: 500 }, 1],
    ['answers with a redirect', { kind: 'answered', status: 302 }, 1],
    ['breaks off', { kind: 'broken', reason: 'socket hang up' }, 1],
    ['answers too slowly', ok, 100_000],
  ])('because it %s gets the next event after the pause, not the same again', async (_how, result, ms) => {
    const bench = new Bench(a)
    bench.publish(event(1), event(2))
    bench.clock.advance(ms)
    await bench.open[0]!.answer(result)
    expect(bench.posts).toEqual([])
    bench.clock.advance(2_000)
    expect(bench.posts).toEqual(['a 2'])
  })

  test('has the latest events kept for it, and the dropped ones counted and logged once', async () => {
    const bench = new Bench(a)
    bench.publish(event(0))
    await bench.open[0]!.answer(refused)
    const many = Array.from({ length: limits.callbackQueueEvents + 5 }, (_, i) => event(i + 1))
    bench.publish(...many)
    expect([bench.value('dropped'), bench.value('waiting')]).toEqual([6, limits.callbackQueueEvents])
    expect(bench.log.map(([message]) => message)).toEqual([
      'a receiver of events failed; it is left alone for a while, longer each time',
      'a receiver of events does not keep up; the oldest are dropped',
    ])
    bench.clock.advance(2_000)
    expect(bench.posts).toEqual(['a 6'])
  })

  test('that left is not tried again', async () => {
    const bench = new Bench(a)
    bench.publish(event(1))
    await bench.open[0]!.answer(refused)
    bench.publish(told('unsubscribe_event', a))
    bench.clock.advance(1_000_000)
    expect(bench.posts).toEqual([])
    expect(bench.clock.nextAlarm).toBeUndefined()
  })
})

describe('stopping', () => {
  test('lets posts under way end, drops what waits, and lets go of the connections', async () => {
    const bench = new Bench(a, b)
    bench.publish(event(1), event(2))
    const stopped = bench.sender.stop()
    bench.publish(event(3))
    await settled()
    expect([bench.posts, bench.isClosed]).toEqual([['a 1', 'b 1'], false])
    await bench.open[0]!.answer(ok)
    await bench.open[0]!.answer({ kind: 'unreachable', reason: 'gone' })
    await stopped
    expect([bench.posts, bench.isClosed, bench.clock.nextAlarm]).toEqual([[], true, undefined])
  })

  test('breaks off what does not end by itself', async () => {
    const bench = new Bench(a)
    bench.publish(event(1))
    const stopped = bench.sender.stop()
    bench.clock.advance(limits.callbackStopMs - 1)
    expect(bench.open[0]!.signal.aborted).toBe(false)
    bench.clock.advance(1)
    expect(bench.open[0]!.signal.aborted).toBe(true)
    await bench.open[0]!.answer({ kind: 'broken', reason: 'the server stops' })
    await stopped
    expect(bench.isClosed).toBe(true)
  })

  test('does not wait for a pause to end', async () => {
    const bench = new Bench(a)
    bench.publish(event(1))
    await bench.open[0]!.answer({ kind: 'answered', status: 500 })
    await bench.sender.stop()
    expect([bench.isClosed, bench.clock.nextAlarm]).toEqual([true, undefined])
  })
})
