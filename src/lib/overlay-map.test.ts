import fc from 'fast-check'
import { expect, test } from 'vitest'
import { OverlayMap } from './overlay-map.ts'

const entries = fc.array(fc.tuple(fc.nat(8), fc.nat(99)))

test('an overlay reads like a copy with the changes made', () => {
  fc.assert(
    fc.property(
      entries,
      fc.array(fc.tuple(fc.nat(8), fc.option(fc.nat(99), { nil: undefined }))),
      (below, changes) => {
        const overlay = new OverlayMap(new Map(below), new Map(changes))
        const copy = new Map(below)
        for (const [key, value] of new Map(changes)) {
          if (value === undefined) copy.delete(key)
          else copy.set(key, value)
        }
        expect(new Map(overlay)).toEqual(copy)
        expect(overlay.size).toBe(copy.size)
        for (let key = 0; key <= 8; key++) expect(overlay.get(key)).toBe(copy.get(key))
      },
    ),
  )
})
