import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { limits } from '../lib/limits.ts'
import { EventQueue, type QueuedEvent } from './event-queue.ts'

const eventOf = (body: string): QueuedEvent => ({ body })

const drain = (queue: EventQueue): string[] => {
  const events: string[] = []
  for (let event = queue.shift(); event !== undefined; event = queue.shift()) events.push(event.body)
  return events
}

describe('the queue of a receiver', () => {
  test('gives events in the order they came', () => {
    const queue = new EventQueue()
    for (const event of ['a', 'b', 'c']) expect(queue.push(eventOf(event))).toBe(0)
    expect(queue.shift()).toEqual(eventOf('a'))
    expect(queue.unshift(eventOf('a'))).toBe(0)
    expect(queue.size).toBe(3)
    expect(drain(queue)).toEqual(['a', 'b', 'c'])
    expect(queue.size).toBe(0)
  })

  test('drops the oldest above its number', () => {
    const queue = new EventQueue()
    let dropped = 0
    for (let i = 0; i < limits.callbackQueueEvents + 10; i++) dropped += queue.push(eventOf(String(i)))
    expect([dropped, queue.size]).toEqual([10, limits.callbackQueueEvents])
    expect(queue.unshift(eventOf('old'))).toBe(1)
    expect(drain(queue)[0]).toBe('10')
  })

  test('drops the oldest above its size, and never the newest', () => {
    const queue = new EventQueue()
    const half = 'x'.repeat(limits.callbackQueueChars / 2)
    expect([half, half, 'y'].map((body) => queue.push(eventOf(body)))).toEqual([0, 0, 1])
    expect(queue.push(eventOf('z'.repeat(limits.callbackQueueChars + 1)))).toBe(2)
    expect(queue.size).toBe(1)
    expect(queue.unshift(eventOf('old'))).toBe(1)
    expect(drain(queue)[0]?.[0]).toBe('z')
    expect(queue.push(eventOf('a'))).toBe(0)
  })

  test('is a list, whatever is done to it', () => {
    const step = fc.oneof(fc.constant('take'), fc.constant('back'), fc.nat({ max: 3_000 }))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const queue = new EventQueue()
        const list: string[] = []
        let next = 0
        for (const each of steps) {
          if (each === 'take') expect(queue.shift()?.body).toBe(list.shift())
          else if (each === 'back') {
            const event = queue.shift()
            expect(event?.body).toBe(list[0])
            if (event !== undefined) expect(queue.unshift(event)).toBe(0)
          } else {
            for (let i = 0; i < (each as number) && list.length < limits.callbackQueueEvents; i++) {
              list.push(String(next))
              expect(queue.push(eventOf(String(next++)))).toBe(0)
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
