import fc from 'fast-check'
import { expect, test } from 'vitest'
import { stream } from './rng.ts'

const draws = (seed: number, name: string) => {
  const rng = stream(seed, name)
  return Array.from({ length: 5 }, () => rng.int(1_000_000))
}

test('the same seed and name give the same numbers, another name or seed gives others', () => {
  expect(draws(7, 'ids')).toEqual(draws(7, 'ids'))
  expect(draws(7, 'ids')).not.toEqual(draws(7, 'ports'))
  expect(draws(7, 'ids')).not.toEqual(draws(8, 'ids'))
})

test('integers stay below their bound, shuffling keeps every element', () => {
  fc.assert(
    fc.property(fc.nat(), fc.array(fc.nat(), { minLength: 1 }), (seed, items) => {
      const rng = stream(seed, 'test')
      const drawn = rng.int(items.length)
      expect(drawn).toBeGreaterThanOrEqual(0)
      expect(drawn).toBeLessThan(items.length)
      expect(rng.shuffle(items).sort()).toEqual(items.slice().sort())
      expect(items).toContain(rng.pick(items))
    }),
  )
})
