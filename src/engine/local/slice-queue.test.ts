import { expect, it } from 'vitest'
import { SliceQueue } from './slice-queue.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

it('handles everything in order, also what comes while it works, and lets others in between', async () => {
  const seen: number[] = []
  // Slices of no length: one item each.
  const queue = new SliceQueue<number>((item) => {
    seen.push(item)
    if (item === 1) queue.push(9)
    const until = performance.now() + 1
    while (performance.now() < until);
  }, 0)
  for (const item of [1, 2, 3]) queue.push(item)
  expect(seen).toEqual([])
  await turn()
  expect(seen.length).toBeLessThan(3)
  for (let i = 0; i < 10; i++) await turn()
  expect(seen).toEqual([1, 2, 3, 9])
})

it('forgets what waits once it is closed', async () => {
  const seen: number[] = []
  const queue = new SliceQueue<number>((item) => seen.push(item), 10)
  queue.push(1)
  queue.close()
  queue.push(2)
  await turn()
  await turn()
  expect(seen).toEqual([])
})

it('does what waits at once when it is drained, and once only', async () => {
  const seen: number[] = []
  const queue = new SliceQueue<number>((item) => seen.push(item), 10)
  queue.push(1)
  queue.push(2)
  queue.drain()
  expect(seen).toEqual([1, 2])
  await turn()
  expect(seen).toEqual([1, 2])
})
