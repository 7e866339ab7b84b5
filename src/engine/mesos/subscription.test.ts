// The machine alone: its clock and its streams are in the hands of the tests. Over sockets: engine.test.ts.

import { beforeEach, describe, expect, test } from 'vitest'
import { HandClock } from '../../../tests/support/hand-clock.ts'
import { record, subscribedEvent } from '../../../tests/support/hand-master.ts'
import { instant, millis } from '../../lib/instant.ts'
import { stream } from '../../lib/rng.ts'
import { silentLogger } from '../../logging/logger.ts'
import type { StreamListener, StreamRequest } from './event-stream.ts'
import { mesosLimits } from './limits.ts'
import type { Masters, MasterUrl } from './masters/masters.ts'
import { Subscription } from './subscription.ts'

class HandMasters implements Masters {
  leadTo: (...urls: readonly MasterUrl[]) => void = () => undefined

  start(changed: (candidates: readonly MasterUrl[]) => void): void {
    this.leadTo = (...urls) => changed(urls)
  }

  lead(...hosts: readonly string[]): void {
    this.leadTo(...hosts.map((host) => new URL(`http://${host}/api/v1/scheduler`)))
  }

  async stop(): Promise<void> {}
}

class HandStream {
  isClosed = false
  readonly request: StreamRequest
  readonly listener: StreamListener

  constructor(request: StreamRequest, listener: StreamListener) {
    this.request = request
    this.listener = listener
  }

  close(): void {
    this.isClosed = true
  }

  open(headers: Record<string, string> = {}): this {
    this.listener.opened({
      status: 200,
      headers: { 'content-type': 'application/json', 'mesos-stream-id': 's1', ...headers },
    })
    return this
  }

  tell(...events: readonly object[]): void {
    for (const event of events) this.listener.data(Buffer.from(record(event)))
  }

  subscribe(master: object = { version: '1.12.0' }): void {
    this.open().tell(subscribedEvent('f', master))
  }

  refuse(status: number, text = '', location?: string): void {
    this.listener.refused({ status, headers: { location } }, text)
  }
}

let clock: HandClock
let masters: HandMasters
let streams: HandStream[]
let told: string[]
let subscription: Subscription

beforeEach(() => {
  clock = new HandClock(instant(1_000_000))
  masters = new HandMasters()
  streams = []
  told = []
  subscription = new Subscription(
    {
      clock,
      rng: { ...stream(1, 'x'), next: () => 1 },
      log: silentLogger,
      masters,
      open: (request, listener) => {
        const opened = new HandStream(request, listener)
        streams.push(opened)
        return opened
      },
      body: () => `body ${streams.length + 1}`,
      authorization: 'Basic eHg=',
      heartbeatInterval: millis(15_000),
      heartbeatFailureThreshold: 5,
    },
    {
      subscribed: ({ url, streamId, subscribed }) =>
        told.push(`subscribed ${url.host} ${streamId} ${subscribed.frameworkId}`),
      incoming: ({ kind }) => told.push(`incoming ${kind}`),
      silent: (intervals) => told.push(`silent ${intervals}`),
      lost: (reason) => told.push(`lost: ${reason}`),
      failed: (message, isRemoved) => told.push(`failed: ${message}${isRemoved ? ' (removed)' : ''}`),
    },
  )
  subscription.start()
})

const last = (): HandStream => streams.at(-1)!
const asked = (): string[] => streams.map(({ request }) => request.url.host)
/** Until the next attempt, however long that is, unless there is none. */
const nextAttempt = (): void => {
  const before = streams.length
  for (let i = 0; i < 400 && streams.length === before; i++) clock.advance(100)
}

describe('finding the leader', () => {
  test('nobody is asked until somebody leads', () => {
    clock.advance(100_000)
    expect(streams).toEqual([])
    masters.lead()
    clock.advance(100_000)
    expect(streams).toEqual([])
    masters.lead('a')
    expect(asked()).toEqual(['a'])
  })

  test('one soon after the other is asked, each with the body of its time, and all again after growing delays', () => {
    masters.lead('a', 'b', 'c')
    const delays: number[] = []
    for (let i = 0; i < 9; i++) {
      const before = clock.now()
      last().listener.ended(new Error('connect ECONNREFUSED'))
      while (streams.length === i + 1) clock.advance(10)
      delays.push(clock.now() - before)
    }
    expect(delays).toEqual([50, 50, 250, 50, 50, 500, 50, 50, 1_000])
    expect(asked()).toEqual(['a', 'b', 'c', 'a', 'b', 'c', 'a', 'b', 'c', 'a'])
    expect(streams.map(({ request }) => request.body)).toEqual(streams.map((_, i) => `body ${i + 1}`))
  })

  test.each([404, 408, 429, 500, 502, 503])('an answer of %d is waited out', (status) => {
    masters.lead('a')
    last().refuse(status, 'Master has not finished recovery')
    expect(told).toEqual([])
    nextAttempt()
    expect(asked()).toEqual(['a', 'a'])
  })

  test('a standby redirects to the leader, which gets the same call and credentials', () => {
    masters.lead('a:5050')
    last().refuse(307, '', '//b:5051/master/api/v1/scheduler')
    expect(last().request).toEqual({
      ...streams[0]!.request,
      body: 'body 2',
      url: new URL('http://b:5051/master/api/v1/scheduler'),
    })
    expect(last().request.headers['authorization']).toBe('Basic eHg=')
    last().subscribe()
    expect(told).toEqual(['subscribed b:5051 s1 f'])
    expect(subscription.session!.url.href).toBe('http://b:5051/master/api/v1/scheduler')
  })

  test('a master that begins to refuse us and never ends, or says nothing at all, is not waited for', () => {
    masters.lead('a', 'b')
    clock.advance(mesosLimits.attemptMs - 1)
    expect(last().isClosed).toBe(false)
    clock.advance(1)
    expect(last().isClosed).toBe(true)
    nextAttempt()
    expect(asked()).toEqual(['a', 'b'])
    // What is answered in time is not cut off.
    clock.advance(mesosLimits.attemptMs / 2)
    last().refuse(307, '', '//c/api/v1/scheduler')
    clock.advance(mesosLimits.attemptMs / 2)
    last().subscribe()
    for (let i = 0; i < 20; i++) {
      clock.advance(10_000)
      last().tell({ type: 'HEARTBEAT' })
    }
    expect(told).toEqual(['subscribed c s1 f'])
  })

  test('a standby that redirects to a leader that is dead is asked again later', () => {
    masters.lead('a:5050')
    for (let i = 0; i < 3; i++) {
      last().refuse(307, '', '//dead:5050/master/api/v1/scheduler')
      last().listener.ended(new Error('connect ECONNREFUSED'))
      nextAttempt()
    }
    last().refuse(307, '', '//new:5050/master/api/v1/scheduler')
    last().subscribe()
    expect(told).toEqual(['subscribed new:5050 s1 f'])
  })

  test.each([
    ['a circle', ['//b/api/v1/scheduler', '//a/api/v1/scheduler'], ['a', 'b']],
    ['to itself', ['//a/api/v1/scheduler'], ['a']],
    [
      'too far',
      Array.from({ length: 9 }, (_, i) => `//x${i}/api/v1/scheduler`),
      ['a', 'x0', 'x1', 'x2', 'x3', 'x4'],
    ],
    ['nowhere', [undefined], ['a']],
    ['to something else', ['ftp://b/'], ['a']],
  ])('redirects that lead %s are a failed attempt', (_, locations, visited) => {
    masters.lead('a')
    for (const location of locations) {
      const before = streams.length
      last().refuse(307, '', location)
      if (streams.length === before) break
    }
    expect(asked()).toEqual(visited)
    nextAttempt()
    expect(asked()).toEqual([...visited, 'a'])
  })

  test('credentials are never sent on from TLS to a master without it', () => {
    masters.leadTo(new URL('https://a/api/v1/scheduler'))
    last().refuse(307, '', 'http://b/api/v1/scheduler')
    expect(streams).toHaveLength(1)
    nextAttempt()
    last().refuse(307, '', '//b/api/v1/scheduler')
    expect(last().request.url.href).toBe('https://b/api/v1/scheduler')
  })

  test('another leader ends the subscription to the one before, at once', () => {
    masters.lead('a')
    last().subscribe()
    masters.lead('b')
    expect(streams[0]!.isClosed).toBe(true)
    expect(told.slice(1)).toEqual(['lost: b leads now, and no more a'])
    expect(asked()).toEqual(['a', 'b'])
    streams[0]!.tell({ type: 'ERROR', error: { message: 'Framework failed over' } })
    last().subscribe()
    expect(told.slice(2)).toEqual(['subscribed b s1 f'])
  })

  test('that nobody leads, or the same one, changes nothing for the subscription there is', () => {
    masters.lead('a')
    last().subscribe()
    masters.lead()
    masters.lead('a')
    expect(told).toEqual(['subscribed a s1 f'])
    expect(last().isClosed).toBe(false)
    expect(streams).toHaveLength(1)
  })

  test('while nobody leads a lost subscription waits for a leader', () => {
    masters.lead('a')
    last().subscribe()
    masters.lead()
    last().listener.ended(undefined)
    clock.advance(100_000)
    expect(streams).toHaveLength(1)
    masters.lead('b')
    expect(asked()).toEqual(['a', 'b'])
  })
})

describe('who refuses us', () => {
  test.each([
    [401, '401 Unauthorized.'],
    [403, 'not allowed'],
    [400, "Authenticated principal 'fw' does not match principal 'other' set in `FrameworkInfo`"],
    [405, ''],
  ])('with %d at the first time: there is no way on', (status, text) => {
    masters.lead('a')
    last().refuse(status, text)
    expect(told).toEqual([`failed: a answered ${status}${text === '' ? '' : `: ${text}`}`])
    clock.advance(100_000)
    expect(streams).toHaveLength(1)
  })

  test('who took us before will again: somebody is changing credentials', () => {
    masters.lead('a')
    last().subscribe()
    last().listener.ended(undefined)
    nextAttempt()
    last().refuse(401, '401 Unauthorized.')
    nextAttempt()
    last().subscribe()
    expect(told.map((each) => each.split(' ')[0])).toEqual(['subscribed', 'lost:', 'subscribed'])
  })
})

describe('the stream', () => {
  beforeEach(() => masters.lead('a'))

  test('is handed on after SUBSCRIBED, heartbeats apart', () => {
    last().subscribe()
    last().tell(
      { type: 'HEARTBEAT' },
      { type: 'RESCIND', rescind: { offer_id: { value: 'o' } } },
      { type: 'NEW' },
    )
    expect(told).toEqual(['subscribed a s1 f', 'incoming events', 'incoming unknown'])
  })

  test.each([
    ['no JSON', { 'content-type': 'text/html' }],
    ['no content type', { 'content-type': '' }],
    ['no stream id', { 'mesos-stream-id': '' }],
  ])('with %s is no stream of a master', (_, headers) => {
    last().open(headers)
    expect(last().isClosed).toBe(true)
    last().tell(subscribedEvent())
    expect(told).toEqual([])
    nextAttempt()
    expect(streams).toHaveLength(2)
  })

  test.each([
    ['at its end', undefined, 'lost: the stream of a ended'],
    ['with an error', new Error('other side closed'), 'lost: the stream of a ended: other side closed'],
  ])('that breaks %s is begun anew', (_, error, words) => {
    last().subscribe()
    last().listener.ended(error)
    expect(told.at(-1)).toBe(words)
    expect(subscription.session).toBeUndefined()
    nextAttempt()
    last().subscribe()
    expect(told.at(-1)).toBe('subscribed a s1 f')
  })

  test('that ends within a record says so', () => {
    last().subscribe()
    last().listener.data(Buffer.from('1000\n{"type"'))
    last().listener.ended(undefined)
    expect(told.at(-1)).toBe('lost: the stream of a ended within a record')
  })

  test('that is no RecordIO is given up, its records before that were heard', () => {
    last().subscribe()
    last().listener.data(Buffer.from(`${record({ type: 'NEW' })}nonsense`))
    expect(told.slice(1)).toEqual([
      'incoming unknown',
      expect.stringMatching(/^lost: the events of a cannot be read: .*"nonsense"/),
    ])
    expect(last().isClosed).toBe(true)
  })

  test('a record that cannot be read is left out, and those after it are not', () => {
    last().subscribe()
    last().listener.data(Buffer.from('4\n{{{{'))
    last().tell({ type: 'NEW' })
    expect(told.slice(1)).toEqual(['incoming unknown'])
  })

  test('whose SUBSCRIBED cannot be read is left: heartbeats would keep it, and nothing else would come', () => {
    masters.lead('a')
    last().open().tell({ type: 'SUBSCRIBED', subscribed: {} })
    expect(last().isClosed).toBe(true)
    nextAttempt()
    last().subscribe()
    expect(told).toEqual(['subscribed a s1 f'])
  })

  test('that subscribes us twice is given up: what was sent after the first time may mean another one', () => {
    masters.lead('a')
    last().subscribe()
    last().tell(subscribedEvent('f', { version: '1.12.0' }))
    expect(told).toEqual(['subscribed a s1 f', 'lost: a subscribed us twice on one stream'])
    nextAttempt()
    expect(asked()).toEqual(['a', 'a'])
  })

  test('what comes late of a stream that was given up is not heard', () => {
    last().subscribe()
    subscription.lose('the calls broke')
    streams[0]!.tell({ type: 'NEW' })
    streams[0]!.listener.ended(new Error('late'))
    expect(told.slice(1)).toEqual(['lost: the calls broke'])
  })
})

describe('silence', () => {
  test('is told after each interval, and ends the subscription after the fifth', () => {
    masters.lead('a')
    last().subscribe()
    clock.advance(74_999)
    expect(told.slice(1)).toEqual(['silent 1', 'silent 2', 'silent 3', 'silent 4'])
    clock.advance(1)
    expect(told.at(-1)).toBe('lost: nothing came from a for 75000 ms')
    expect(streams[0]!.isClosed).toBe(true)
    nextAttempt()
    expect(streams).toHaveLength(2)
  })

  test('is none while anything comes, half records too', () => {
    masters.lead('a')
    last().subscribe()
    last().listener.data(Buffer.from('1000\n'))
    for (let i = 0; i < 50; i++) {
      clock.advance(14_000)
      last().listener.data(Buffer.from('x'))
    }
    expect(told).toHaveLength(1)
  })

  test('also ends an attempt that got no further than an open stream', () => {
    masters.lead('a')
    last().open()
    clock.advance(75_000)
    expect(last().isClosed || streams.length > 1).toBe(true)
    expect(told.filter((each) => each.startsWith('lost'))).toEqual([])
    nextAttempt()
    expect(streams.length).toBeGreaterThan(1)
  })
})

describe('the end', () => {
  test.each([
    ['Framework has been removed', ' (removed)'],
    ['Framework failed over', ''],
    ["'FrameworkInfo.roles' contains duplicate items: { b }", ''],
  ])('%j of the master is the last word', (message, mark) => {
    masters.lead('a')
    last().open().tell({ type: 'ERROR', error: { message } })
    last().listener.ended(undefined)
    clock.advance(1_000_000)
    masters.lead('b')
    expect(told).toEqual([`failed: ${message}${mark}`])
    expect(streams).toHaveLength(1)
    expect(clock.nextAlarm).toBeUndefined()
  })

  test.each(['1.4.3', '1.4.3-rc2', '0.28.0'])('Mesos %s is too old', (version) => {
    masters.lead('a')
    last().subscribe({ version })
    expect(told).toEqual([`failed: the master at a is Mesos ${version}; 1.5.0 or later is needed`])
  })

  test.each([{ version: '1.5.0' }, { version: '1.5.0-rc1' }, {}])('%j is not', (master) => {
    masters.lead('a')
    last().subscribe(master)
    expect(told).toEqual(['subscribed a s1 f'])
  })

  test('stopped, nothing follows', async () => {
    masters.lead('a')
    last().subscribe()
    await subscription.stop()
    expect(last().isClosed).toBe(true)
    last().listener.ended(undefined)
    clock.advance(1_000_000)
    expect(told).toEqual(['subscribed a s1 f'])
    expect(clock.nextAlarm).toBeUndefined()
  })
})

describe('coming back', () => {
  const attemptsAfter = (heldMs: number): number => {
    masters.lead('a')
    for (let i = 0; i < 8; i++) {
      last().listener.ended(undefined)
      nextAttempt()
    }
    last().subscribe()
    for (let held = 0; held < heldMs; held += 10_000) {
      clock.advance(10_000)
      last().tell({ type: 'HEARTBEAT' })
    }
    last().listener.ended(undefined)
    const before = streams.length
    let waited = 0
    while (streams.length === before) {
      clock.advance(50)
      waited += 50
    }
    return waited
  }

  test('is soon after a subscription that held', () => {
    expect(attemptsAfter(mesosLimits.steadyMs)).toBe(mesosLimits.resubscribeLeastMs)
  })

  test('is late after one that broke at once: such masters are not stormed', () => {
    expect(attemptsAfter(0)).toBe(mesosLimits.resubscribeMostMs)
  })
})
