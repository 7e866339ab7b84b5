import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { limits } from '../../lib/limits.ts'
import type { Notice } from '../notices/notice.ts'
import type { Write } from '../records.ts'
import { EventLog, type LogBounds } from './event-log.ts'
import { bodiesIn, type EventNumber, segmentOf } from './segment.ts'

const large: LogBounds = { eventLogMaxEvents: 100_000, eventLogMaxChars: 64 * 1024 ** 2 }

const notice = (n: number, size = 0): Notice => ({
  type: 'a',
  body: { n, filler: 'x'.repeat(size), eventType: 'a' },
})

/** A log and what a disk would hold of it. */
class Kept {
  log = new EventLog()
  readonly records = new Map<string, string>()

  readonly put = (write: Write): void => {
    if (write.kind === 'delete') this.records.delete(write.key)
    else this.records.set(write.key, write.value as string)
  }

  append(count: number, bounds = large, size = 0): void {
    const from = this.log.last + 1
    const notices = Array.from({ length: count }, (_, i) => notice(from + i, size))
    const logged = this.log.append(notices, bounds, this.put)
    expect(logged?.first).toBe(count === 0 ? undefined : from)
    expect(logged?.texts.flatMap(bodiesIn) ?? []).toEqual(notices.map(({ body }) => JSON.stringify(body)))
  }

  restart(): void {
    this.log = new EventLog()
    const keys = [...this.records.keys()].sort()
    // As a store loads it: of all but the newest only the keys.
    for (const key of keys) this.log.load(key, key === keys.at(-1) ? this.records.get(key)! : '')
  }

  /** The numbers of all that follows, as a reader walks through them; a hole as `gone`. */
  after(number: EventNumber): readonly (EventNumber | 'gone')[] {
    const found: (EventNumber | 'gone')[] = []
    for (let at = number; ; ) {
      const place = this.log.find(at)
      if (place.kind === 'none') return found
      if (place.kind === 'gone') {
        found.push('gone')
        at = place.oldest - 1
        continue
      }
      const bodies = bodiesIn(this.records.get(place.key)!)
      expect(bodies.length).toBeGreaterThan(at - place.first + 1)
      for (const body of bodies.slice(at + 1 - place.first)) {
        at++
        expect(JSON.parse(body).n).toBe(at)
        found.push(at)
      }
    }
  }

  get chars(): number {
    return [...this.records.values()].reduce((sum, text) => sum + text.length, 0)
  }
}

const upTo = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i)

describe('the event log', () => {
  test('numbers events from 1, without holes, over batches and restarts', () => {
    const kept = new Kept()
    kept.append(3)
    kept.append(0)
    kept.append(2)
    kept.restart()
    kept.append(1)
    expect(kept.log.last).toBe(6)
    expect(kept.after(0)).toEqual([1, 2, 3, 4, 5, 6])
    expect(kept.after(4)).toEqual([5, 6])
    expect(kept.after(6)).toEqual([])
    expect(kept.after(7)).toEqual([])
  })

  test('small batches share a record, large ones are split', () => {
    const kept = new Kept()
    for (let i = 0; i < 100; i++) kept.append(1)
    expect(kept.records.size).toBe(1)
    kept.append(1_000, large, 300)
    expect(kept.records.size).toBeGreaterThan(8)
    for (const text of kept.records.values())
      expect(text.length).toBeLessThan(limits.eventLogSegmentChars + 400)
    expect(kept.after(0)).toEqual(upTo(1, 1_100))
  })

  test('an event larger than a record has one all the same', () => {
    const kept = new Kept()
    kept.append(1, large, 3 * limits.eventLogSegmentChars)
    kept.append(1)
    expect(kept.records.size).toBe(2)
    expect(kept.after(0)).toEqual([1, 2])
  })

  test('keeps no more events than wanted, the newest', () => {
    const kept = new Kept()
    const bounds = { ...large, eventLogMaxEvents: 100 }
    for (let i = 0; i < 1_000; i++) kept.append(1, bounds)
    const left = kept.after(0)
    expect(left[0]).toBe('gone')
    expect(left.at(-1)).toBe(1_000)
    expect(left.length - 1).toBeLessThanOrEqual(100)
    expect(left.length - 1).toBeGreaterThan(90)
  })

  test('keeps no more characters than wanted', () => {
    const kept = new Kept()
    const bounds = { ...large, eventLogMaxChars: 10 * limits.eventLogSegmentChars }
    for (let i = 0; i < 200; i++) {
      kept.append(20, bounds, 500)
      expect(kept.chars).toBeLessThanOrEqual(bounds.eventLogMaxChars)
    }
    expect(kept.chars).toBeGreaterThan(8 * limits.eventLogSegmentChars)
    expect(kept.log.find(0).kind).toBe('gone')
  })

  test('the newest record stays, also alone too large', () => {
    const kept = new Kept()
    kept.append(1, { ...large, eventLogMaxChars: 10 }, 1_000)
    expect(kept.after(0)).toEqual([1])
  })

  test('a server without a log forgets it; with one again, those who come back find something missing', () => {
    const kept = new Kept()
    kept.append(5)
    kept.restart()
    kept.log.clear(kept.put)
    kept.log.clear(kept.put)
    expect(kept.chars).toBe(0)
    kept.restart()
    kept.log.clear(kept.put)
    kept.restart()
    expect(kept.after(5)).toEqual(['gone'])
    kept.append(2)
    expect(kept.after(5)).toEqual(['gone', 7, 8])
  })

  test('what was never written needs not be forgotten', () => {
    const kept = new Kept()
    kept.log.clear(kept.put)
    expect(kept.records.size).toBe(0)
  })

  test('whatever is appended, trimmed and restarted: what is kept is whole, in order and bounded', () => {
    const step = fc.oneof(
      fc.record({ append: fc.nat(40), size: fc.constantFrom(0, 100, 5_000, 40_000) }),
      fc.constant('restart' as const),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.integer({ min: 1, max: 60 }), (steps, most) => {
        const kept = new Kept()
        const bounds = { eventLogMaxEvents: most, eventLogMaxChars: 200_000 }
        for (const one of steps) {
          if (one === 'restart') kept.restart()
          else kept.append(one.append, bounds, one.size)
          const numbers = kept.after(0).filter((number) => number !== 'gone')
          const { last } = kept.log
          expect(numbers).toEqual(last === 0 ? [] : upTo(last - numbers.length + 1, last))
          expect(numbers.length).toBeLessThanOrEqual(most)
          if (last > 0) expect(numbers.length).toBeGreaterThan(0)
        }
      }),
      { numRuns: 60 },
    )
  })

  test('a key that is none of ours stops the start', () => {
    expect(() => segmentOf('17@4')).toThrow('17@4')
  })
})
