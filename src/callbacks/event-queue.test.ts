import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { limits } from '../lib/limits.ts'
import { EventQueue } from './event-queue.ts'

const drain = (queue: EventQueue): string[] => {
  const events: string[] = []
  for (let event = queue.shift(); event !== undefined; event = queue.shift()) events.push(event)
  return events
}

describe('the queue of a receiver', () => {
  test('gives events in the order they came', () => {
    const queue = new EventQueue()
    for (const event of ['a', 'b', 'c']) expect(queue.push(event)).toBe(0)
    expect(queue.shift()).toBe('a')
    expect(queue.unshift('a')).toBe(0)
    expect(queue.size).toBe(3)
    expect(drain(queue)).toEqual(['a', 'b', 'c'])
    expect(queue.size).toBe(0)
  })

  test('drops the oldest above its number', () => {
    const queue = new EventQueue()
    let dropped = 0
    for (let i = 0; i < limits.callbackQueueEvents + 10; i++) dropped += queue.push(String(i))
    expect([dropped, queue.size]).toEqual([10, limits.callbackQueueEvents])
    expect(queue.unshift('old')).toBe(1)
    expect(drain(queue)[0]).toBe('10')
  })

  test('drops the oldest above its size, and never the newest', () => {
    const queue = new EventQueue()
    const half = 'x'.repeat(limits.callbackQueueChars / 2)
    expect([queue.push(half), queue.push(half), queue.push('y')]).toEqual([0, 0, 1])
    expect(queue.push('z'.repeat(limits.callbackQueueChars + 1))).toBe(2)
    expect(queue.size).toBe(1)
    expect(queue.unshift('old')).toBe(1)
    expect(drain(queue)[0]?.[0]).toBe('z')
    expect(queue.push('a')).toBe(0)
  })

  test('is a list, whatever is done to it', () => {
    const step = fc.oneof(fc.constant('take'), fc.constant('back'), fc.nat({ max: 3_000 }))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const queue = new EventQueue()
        const list: string[] = []
        let next = 0
        for (const each of steps) {
          if (each === 'take') expect(queue.shift()).toBe(list.shift())
          else if (each === 'back') {
            const event = queue.shift()
            expect(event).toBe(list[0])
            if (event !== undefined) expect(queue.unshift(event)).toBe(0)
          } else {
            for (let i = 0; i < (each as number) && list.length < limits.callbackQueueEvents; i++) {
              list.push(String(next))
              expect(queue.push(String(next++))).toBe(0)
            }
          }
          expect(queue.size).toBe(list.length)
        }
        expect(drain(queue)).toEqual(list)
      }),
      { numRuns: 50 },
    )
  })
})
