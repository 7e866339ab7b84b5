// A bounded swarm in every test run: many small worlds, each with its own trouble. `npm run sim -- --swarm 1000` is for
// those who want more; whatever fails names the seed to see it again.

import { expect, test } from 'vitest'
import { withTraps } from '../tests/support/traps.ts'
import { drawOptions } from './draw.ts'
import { runSeed } from './swarm.ts'

const seeds = 40
const perTest = 10

for (let first = 1; first <= seeds; first += perTest) {
  test(`seeds ${first} to ${first + perTest - 1} keep every promise, without clock and chance of the machine`, {
    timeout: 120_000,
  }, () => {
    for (let seed = first; seed < first + perTest; seed++) {
      const options = drawOptions(seed)
      const result = withTraps(() => {
        try {
          return runSeed(options)
        } catch (error) {
          throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, {
            cause: error,
          })
        }
      })
      expect(result.hash).toMatch(/^[0-9a-f]{16}$/)
    }
  })
}

test('the swarm does what it is for: it launches, crashes, refuses, and loses answers', {
  timeout: 120_000,
}, () => {
  const results = Array.from({ length: 10 }, (_, index) => runSeed(drawOptions(index + 1)))
  const sum = (of: (result: (typeof results)[number]) => number): number =>
    results.reduce((total, each) => total + of(each), 0)
  expect(sum((result) => result.launched)).toBeGreaterThan(1_000)
  expect(sum((result) => result.crashes)).toBeGreaterThan(20)
  expect(sum((result) => result.acknowledged)).toBeGreaterThan(300)
  expect(sum((result) => result.refused)).toBeGreaterThan(30)
  expect(sum((result) => result.volumes.made)).toBeGreaterThan(100)
  expect(sum((result) => result.volumes.givenBack)).toBeGreaterThan(30)
  expect(sum((result) => result.volumes.lost)).toBeGreaterThan(5)
})

test('the same seed ends with the same hash, another seed with another', { timeout: 60_000 }, () => {
  const options = drawOptions(3)
  const { hash } = runSeed(options)
  expect(runSeed(options).hash).toBe(hash)
  expect(runSeed(drawOptions(4)).hash).not.toBe(hash)
})
