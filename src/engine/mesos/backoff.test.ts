import { expect, test } from 'vitest'
import { stream } from '../../lib/rng.ts'
import { Backoff } from './backoff.ts'

const bounds = { leastMs: 250, mostMs: 15_000 }
const fixed = (value: number) => ({ ...stream(1, 'x'), next: () => value })

test('delays double up to the bound and stay there, for however long', () => {
  const backoff = new Backoff(bounds, fixed(1))
  expect(Array.from({ length: 9 }, () => backoff.next())).toEqual([
    250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000,
  ])
  for (let i = 0; i < 2_000; i++) backoff.next()
  expect(backoff.next()).toBe(15_000)
})

test('half of each is chance, so that many do not come back at once', () => {
  expect(new Backoff(bounds, fixed(0)).next()).toBe(125)
  expect(new Backoff(bounds, fixed(0.5)).next()).toBe(188)
})

test('after success it begins with the least', () => {
  const backoff = new Backoff(bounds, fixed(1))
  backoff.next()
  backoff.next()
  backoff.reset()
  expect(backoff.next()).toBe(250)
})
