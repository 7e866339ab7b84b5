import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DeadlineHeap } from './deadline-heap.ts'
import { instant } from './instant.ts'

test('deadlines come out in the order of their time, none before it is due', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1000)), fc.nat(1000), (times, now) => {
      const heap = new DeadlineHeap<number>()
      for (const at of times) heap.add(instant(at), at)
      const due: number[] = []
      for (let key = heap.popDue(instant(now)); key !== undefined; key = heap.popDue(instant(now)))
        due.push(key)
      expect(due).toEqual(times.filter((at) => at <= now).sort((a, b) => a - b))
      expect(heap.next).toBe(times.filter((at) => at > now).sort((a, b) => a - b)[0])
    }),
  )
})
