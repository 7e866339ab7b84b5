import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { comparePathIds } from '../lib/path-id.ts'
import { placeOf, SortedById } from './sorted-by-id.ts'

const pathId = fc
  .array(fc.constantFrom('a', 'b', 'a-b', 'a.b', 'c1'), { minLength: 1, maxLength: 3 })
  .map((parts) => `/${parts.join('/')}`)
const change = fc.record({ id: pathId, isPut: fc.boolean(), isRead: fc.boolean() })

describe('records in the order of their ids', () => {
  it('are those that were put and not removed, whenever somebody looks', () => {
    fc.assert(
      fc.property(fc.nat(400), fc.array(change, { maxLength: 60 }), (many, changes) => {
        const sorted = new SortedById<{ readonly id: string; readonly n: number }>()
        const expected = new Map<string, { readonly id: string; readonly n: number }>()
        const put = (id: string, n: number) => {
          expected.set(id, { id, n })
          sorted.put(expected.get(id)!)
        }
        for (let n = 0; n < many; n++) put(`/b/n${n}`, n)
        changes.forEach(({ id, isPut, isRead }, n) => {
          if (isPut) put(id, n)
          else {
            expected.delete(id)
            sorted.remove(id)
          }
          if (isRead) sorted.list()
        })
        const list = sorted.list()
        expect(list).toEqual([...expected.values()].sort((a, b) => comparePathIds(a.id, b.id)))
        for (const [at, { id }] of list.entries()) expect(placeOf(list, id)).toBe(at)
      }),
    )
  })

  it('are another list after a change, and the same without one', () => {
    const sorted = new SortedById<{ readonly id: string }>()
    sorted.put({ id: '/a' })
    const before = sorted.list()
    expect(sorted.list()).toBe(before)
    sorted.put({ id: '/b' })
    expect(sorted.list()).not.toBe(before)
    expect(before).toEqual([{ id: '/a' }])
  })
})
