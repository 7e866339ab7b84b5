// When most of many apps fail at once: what counts as that, and how it ends. `aaab` are instances of two apps.

import { describe, expect, test } from 'vitest'
import { at } from '../../../tests/support/in-condition.ts'
import { seconds } from '../../lib/instant.ts'
import { type BreakerTurn, HealthBreaker } from './breaker.ts'

type Kind = NonNullable<BreakerTurn>['kind'] | undefined

/** Instances that are well, as many of each app as its letter is there. */
function breakerOf(apps: string): HealthBreaker {
  const breaker = new HealthBreaker()
  for (const [id, app] of instances(apps)) breaker.isWell(id, app)
  return breaker
}

/** Ids are letter and number: of the same letters always the same ones. */
function instances(apps: string): (readonly [string, string])[] {
  const counts = new Map<string, number>()
  return [...apps].map((app) => {
    const n = (counts.get(app) ?? 0) + 1
    counts.set(app, n)
    return [`${app}${n}`, app]
  })
}

const fell = (breaker: HealthBreaker, apps: string, s = 0): Kind[] =>
  instances(apps).map(([id, app]) => breaker.fell(id, app, at(s))?.kind)
const rose = (breaker: HealthBreaker, apps: string): Kind[] =>
  instances(apps).map(([id, app]) => breaker.isWell(id, app)?.kind)

describe('unhealthy instances are let live', () => {
  test.each([
    ['all of three apps', 'abc', 'abc', true],
    ['most of three apps', 'aabbccdd', 'aabbcc', true],
    ['half of each of four', 'aabbccdd', 'abcd', true],
    ['all of two apps', 'aabb', 'aabb', false],
    ['all of one app, however large', `${'a'.repeat(100)}bcd`, 'a'.repeat(100), false],
    [
      'a large app, and one instance of each of two others',
      `${'a'.repeat(100)}bbbcccddd`,
      `${'a'.repeat(100)}bc`,
      false,
    ],
    ['a large app, and two small ones of many', `${'a'.repeat(100)}bcdefghij`, `${'a'.repeat(100)}bc`, false],
    ['three small apps of many', `${'a'.repeat(20)}bcde`, 'bcd', false],
    ['fewer than half of the instances', 'aaaaabbbbbccccc', 'aabbcc', false],
  ])('%s: of %s these: %s', (_, apps, bad, isSuspended) => {
    const breaker = breakerOf(apps)
    const turns = fell(breaker, bad)
    expect(turns.filter((turn) => turn !== undefined)).toEqual(isSuspended ? ['suspended'] : [])
    expect(breaker.suspendedAt !== undefined).toBe(isSuspended)
  })

  test('when they turn bad one after the other, but not when it takes them longer than the window', () => {
    const together = breakerOf('abcdef')
    expect([...fell(together, 'a', 0), ...fell(together, 'b', 60), ...fell(together, 'c', 120)]).toEqual([
      undefined,
      undefined,
      'suspended',
    ])
    const slowly = breakerOf('abcdef')
    expect([...fell(slowly, 'a', 0), ...fell(slowly, 'b', 60), ...fell(slowly, 'c', 121)]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  test('asked seldom they have two of their intervals instead of the window', () => {
    const seldom = breakerOf('abcdef')
    const turns = [...'abc'].map((app, n) => seldom.fell(`${app}1`, app, at(n * 600), seconds(600))?.kind)
    expect(turns).toEqual([undefined, undefined, 'suspended'])
    const often = breakerOf('abcdef')
    const others = [...'abc'].map((app, n) => often.fell(`${app}1`, app, at(n * 600), seconds(299))?.kind)
    expect(others).toEqual([undefined, undefined, undefined])
  })

  test('each is forgotten in its own time', () => {
    const breaker = breakerOf('abcdefgh')
    breaker.fell('a1', 'a', at(0), seconds(3_600))
    breaker.fell('b1', 'b', at(1))
    breaker.fell('c1', 'c', at(200))
    expect(breaker.outage.failing).toBe(2)
    breaker.fell('d1', 'd', at(7_201))
    expect(breaker.outage.failing).toBe(1)
  })

  test('what was never well does not count', () => {
    const breaker = breakerOf('ab')
    fell(breaker, 'ab')
    expect(breaker.gone('c1', 'c', false)).toBeUndefined()
    expect(breaker.outage.counted).toBe(2)
    expect(breaker.suspendedAt).toBeUndefined()
  })
})

describe('they are killed again', () => {
  const open = (): HealthBreaker => {
    const breaker = breakerOf('aabbccdd')
    fell(breaker, 'aabbccdd')
    return breaker
  }

  test('when no more than a quarter is bad', () => {
    const breaker = open()
    expect(rose(breaker, 'aabbc').every((turn) => turn === undefined)).toBe(true)
    expect(breaker.isWell('c2', 'c')).toEqual({
      kind: 'resumed',
      outage: { failing: 2, counted: 8, apps: 1 },
    })
    expect(breaker.suspendedAt).toBeUndefined()
    expect(breaker.outage.failing).toBe(0)
  })

  test('when those that were bad are gone', () => {
    const breaker = open()
    rose(breaker, 'aabb')
    const turns = instances('ccdd').map(([id, app]) => breaker.gone(id, app, false)?.kind)
    expect(turns).toEqual([undefined, undefined, 'resumed', undefined])
    expect(breaker.outage.counted).toBe(4)
  })

  test('when all are gone', () => {
    const breaker = open()
    const turns = instances('aabbccdd').map(([id, app]) => breaker.gone(id, app, false)?.kind)
    expect(turns.at(-1)).toBe('resumed')
  })

  test('not by time alone', () => {
    const breaker = open()
    breaker.isWell('e1', 'e')
    breaker.fell('e1', 'e', at(100_000))
    expect(breaker.suspendedAt).toBe(at(0))
    expect(breaker.outage.failing).toBe(9)
  })

  test('at once when a process starts that finds few of them bad', () => {
    const breaker = breakerOf('aabbccd')
    expect(breaker.restore(at(0), [['d2', 'd']])).toEqual({
      kind: 'resumed',
      outage: { failing: 1, counted: 8, apps: 1 },
    })
    expect(breaker.suspendedAt).toBeUndefined()
  })

  test('and as ever by one that finds most of them bad', () => {
    const breaker = breakerOf('dd')
    expect(breaker.restore(at(5), instances('aabbcc'))).toBeUndefined()
    expect(breaker.suspendedAt).toBe(at(5))
    expect(breaker.outage).toEqual({ failing: 6, counted: 8, apps: 3 })
    expect(rose(breaker, 'aabb')).toEqual([undefined, undefined, undefined, 'resumed'])
  })

  test('and let live once more when it happens again', () => {
    const breaker = open()
    rose(breaker, 'aabbccdd')
    expect(fell(breaker, 'aabbccdd', 500)).toContain('suspended')
    expect(breaker.suspendedAt).toBe(at(500))
  })
})
