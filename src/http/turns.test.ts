import { expect, test } from 'vitest'
import { Turns } from './turns.ts'

test('each has a turn of its own, the first one first, and other work has turns in between', async () => {
  const turns = new Turns(3)
  const seen: string[] = []
  const others = (left: number): void => {
    seen.push('other')
    if (left > 0) setImmediate(others, left - 1)
  }
  setImmediate(others, 3)
  await Promise.all(['a', 'b', 'c'].map((name) => turns.next()!.then(() => seen.push(name))))
  expect(seen.filter((name) => name !== 'other')).toEqual(['a', 'b', 'c'])
  expect(seen.join(' ')).toMatch(/a other b other c/)
})

test('more than may wait get none, until one of those has had its turn', async () => {
  const turns = new Turns(2)
  const first = turns.next()
  turns.next()
  expect(turns.next()).toBeUndefined()
  await first
  expect(turns.next()).toBeDefined()
  expect(turns.next()).toBeUndefined()
})
