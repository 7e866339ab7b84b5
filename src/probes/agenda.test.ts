import { describe, expect, it } from 'vitest'
import type { Probe } from '../core/health/probe.ts'
import { type Instant, instant, millis } from '../lib/instant.ts'
import { Agenda } from './agenda.ts'

const at = (ms: number): Instant => instant(ms)

const probe = (more: Partial<Probe> = {}): Probe => ({
  id: 'p',
  target: { protocol: 'TCP', address: '127.0.0.1', port: 1 },
  firstAfter: millis(5_000),
  pace: 'fixed',
  interval: millis(10_000),
  timeout: millis(20_000),
  bodyBytes: 0,
  ...more,
})

const numbers = (agenda: Agenda, now: number): number[] => agenda.takeDue(at(now)).map(({ number }) => number)

/** When a probe is asked, if each question takes so long, and whoever looks is late by so much. */
function askedAt(one: Probe, takesMs: readonly number[], lateMs = 0): number[] {
  const agenda = new Agenda(1)
  agenda.begin(1, one, at(0))
  return takesMs.map((takes) => {
    const now = agenda.wakeAt! + lateMs
    expect(numbers(agenda, now)).toEqual([1])
    agenda.answered(1, at(now + takes))
    return now
  })
}

describe('a probe is asked', () => {
  it.each<[string, Probe, number[], number, number[]]>([
    ['at its pace, however long answers take', probe(), [0, 900, 3, 0], 0, [5_000, 15_000, 25_000, 35_000]],
    ['at its pace, even if always a little late', probe(), [0, 0, 0], 3, [5_003, 15_003, 25_003]],
    [
      'at once after an answer that took longer than the interval',
      probe(),
      [12_000, 0, 0],
      0,
      [5_000, 17_000, 27_000],
    ],
    [
      'an interval after each answer',
      probe({ pace: 'after-answer' }),
      [700, 12_000, 0],
      0,
      [5_000, 15_700, 37_700],
    ],
  ])('%s', (_, one, takes, late, expected) => {
    expect(askedAt(one, takes, late)).toEqual(expected)
  })

  it('never while it is being asked', () => {
    const agenda = new Agenda(10)
    agenda.begin(1, probe(), at(0))
    expect(numbers(agenda, 5_000)).toEqual([1])
    expect(numbers(agenda, 60_000)).toEqual([])
    expect(agenda.wakeAt).toBeUndefined()
  })

  it('not before its time', () => {
    const agenda = new Agenda(10)
    agenda.begin(1, probe(), at(0))
    expect(numbers(agenda, 4_999)).toEqual([])
  })
})

describe('more probes than may be asked at one time', () => {
  const many = (count: number, atOnce: number): Agenda => {
    const agenda = new Agenda(atOnce)
    for (let number = 1; number <= count; number++) agenda.begin(number, probe(), at(0))
    return agenda
  }

  it('are asked in the order in which they became due', () => {
    const agenda = new Agenda(2)
    for (const [number, first] of [3, 1, 5, 2, 4].entries())
      agenda.begin(number, probe({ firstAfter: millis(first), interval: millis(1) }), at(0))
    const order = numbers(agenda, 5)
    expect([agenda.asked, agenda.waiting]).toEqual([2, 3])
    while (order.length < 7) {
      agenda.answered(order.at(-2)!, at(6))
      agenda.answered(order.at(-1)!, at(6))
      order.push(...numbers(agenda, 7))
    }
    // By then the first two are due again, behind all the others.
    expect(order.slice(0, 5)).toEqual([1, 3, 0, 4, 2])
  })

  it('spread: who had to wait keeps its later time', () => {
    const agenda = many(30, 10)
    for (const now of [5_000, 5_400, 5_800]) {
      const taken = numbers(agenda, now)
      expect(taken).toHaveLength(10)
      for (const number of taken) agenda.answered(number, at(now + 300))
    }
    expect(
      [14_999, 15_000, 15_400, 15_800].map((now) => {
        const taken = numbers(agenda, now)
        for (const number of taken) agenda.end(number)
        return taken.length
      }),
    ).toEqual([0, 10, 10, 10])
  })

  it('have the room of those that end', () => {
    const agenda = new Agenda(2)
    for (const number of [1, 2, 3]) agenda.begin(number, probe({ firstAfter: millis(number) }), at(0))
    expect(numbers(agenda, 5_000)).toEqual([1, 2])
    agenda.end(1)
    expect(numbers(agenda, 5_000)).toEqual([3])
    // An answer that came all the same frees no room a second time.
    agenda.answered(1, at(5_001))
    expect(agenda.asked).toBe(2)
    expect(agenda.wakeAt).toBeUndefined()
  })
})

describe('an ended probe', () => {
  it('is not asked, whether it was planned or waited', () => {
    const agenda = new Agenda(1)
    agenda.begin(1, probe(), at(0))
    agenda.begin(2, probe(), at(0))
    agenda.begin(3, probe({ firstAfter: millis(9_000) }), at(0))
    expect(numbers(agenda, 5_000)).toEqual([1])
    agenda.end(2)
    agenda.end(3)
    agenda.end(4)
    agenda.end(1)
    expect(numbers(agenda, 60_000)).toEqual([])
    expect([agenda.asked, agenda.waiting]).toEqual([0, 0])
  })

  it('is forgotten long before its time when many come and go', () => {
    const agenda = new Agenda(1)
    const aDay = millis(86_400_000)
    agenda.begin(0, probe({ firstAfter: aDay }), at(0))
    for (let number = 1; number <= 5_000; number++) {
      agenda.begin(number, probe({ firstAfter: millis(3_600_000 + number) }), at(0))
      agenda.end(number)
    }
    // What is still planned of the ended ones is little.
    let left = 0
    for (let now = agenda.wakeAt!; now < aDay; now = agenda.wakeAt!) {
      expect(numbers(agenda, now)).toEqual([])
      left += 1
    }
    expect(left).toBeLessThan(1_100)
    expect(numbers(agenda, aDay)).toEqual([0])
  })
})
