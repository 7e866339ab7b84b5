import { describe, expect, it } from 'vitest'
import { limits } from '../../lib/limits.ts'
import type { RootChange } from '../records.ts'
import { hadGroup, partsOf, RootHistory } from './root-history.ts'

const v = (n: number): string => `2031-04-02T09:00:0${n}.000Z`
const start = '1970-01-01T00:00:00.000Z'
const plain = { dependencies: [] }

const change = (n: number, more: Partial<RootChange> = {}): RootChange => ({
  version: v(n),
  previous: n === 1 ? start : v(n - 1),
  runSpecs: [],
  groups: [],
  ...more,
})

/** 1 brings /g with /g/a; 2 changes /g/a; 3 removes both; 4 brings /g again, with dependencies. */
const changes: readonly RootChange[] = [
  change(1, { runSpecs: [{ id: '/g/a' }], groups: [{ id: '/g' }] }),
  change(2, { runSpecs: [{ id: '/g/a', from: v(1) }] }),
  change(3, { runSpecs: [{ id: '/g/a', from: v(2) }], groups: [{ id: '/g', from: plain }] }),
  change(4, { groups: [{ id: '/g' }] }),
]

function history(): RootHistory {
  const made = new RootHistory()
  for (const each of changes) made.add(each)
  return made
}

describe('former trees', () => {
  it.each([
    [v(4), [], []],
    [v(3), [], [['/g', undefined]]],
    [v(2), [['/g/a', v(2)]], [['/g', plain]]],
    [v(1), [['/g/a', v(1)]], [['/g', plain]]],
    [start, [['/g/a', undefined]], [['/g', undefined]]],
  ])('%s differs from the present in what has changed since', (version, runSpecs, groups) => {
    const tree = history().treeAt(version, v(4))!
    expect([...tree.runSpecs]).toEqual(runSpecs)
    expect([...tree.groups]).toEqual(groups)
  })

  it('are not known where nothing was kept', () => {
    expect(history().treeAt('2031-04-02T09:00:01.500Z', v(4))).toBeUndefined()
    const shorter = history()
    expect(shorter.removeOldest()).toEqual(changes[0])
    expect(shorter.treeAt(start, v(4))).toBeUndefined()
    expect(shorter.treeAt(v(1), v(4))).toBeDefined()
  })

  it('are not known beyond a change that was made by a server which keeps none', () => {
    const made = history()
    made.add({ ...change(6), previous: v(5) })
    expect([v(6), v(5), v(4), v(1)].map((version) => made.treeAt(version, v(6)) !== undefined)).toEqual([
      true,
      true,
      false,
      false,
    ])
    expect(made.versionsOf('/', { version: v(6), exists: true })).toEqual([v(6), v(5)])
    expect([made.treeAt(v(5), v(7)), made.size]).toEqual([undefined, 5])
  })

  it('tell whether a group was there', () => {
    const had = (n: number): boolean => hadGroup(history().treeAt(v(n), v(4))!, '/g', true)
    expect([1, 2, 3, 4].map(had)).toEqual([true, true, false, true])
    expect(hadGroup(history().treeAt(v(3), v(4))!, '/', false)).toBe(true)
  })
})

describe('the versions of a group', () => {
  it('are those of the root in which it was there, newest first', () => {
    expect(history().versionsOf('/g', { version: v(4), exists: true })).toEqual([v(4), v(2), v(1)])
    expect(history().versionsOf('/', { version: v(4), exists: true })).toEqual([v(4), v(3), v(2), v(1)])
    expect(history().versionsOf('/other', { version: v(4), exists: false })).toEqual([])
  })

  it('leave out the root before its first change', () => {
    expect(new RootHistory().versionsOf('/', { version: start, exists: true })).toEqual([])
  })
})

describe('what a former tree needs', () => {
  it('is needed as long as a change that replaced it is kept', () => {
    const made = history()
    expect([made.needs('/g/a', v(1)), made.needs('/g/a', v(2)), made.needs('/g/a', v(3))]).toEqual([
      true,
      true,
      false,
    ])
    made.removeOldest()
    made.removeOldest()
    expect([made.needs('/g/a', v(1)), made.needs('/g/a', v(2))]).toEqual([false, true])
  })
})

describe('a large change', () => {
  const count = 2 * limits.rootChangesPerRecord + 1
  const runSpecs = Array.from({ length: count }, (_, i) => ({ id: `/g/a${i}`, from: v(1) }))
  const large = change(2, { runSpecs, groups: [{ id: '/g', from: plain }] })

  it('is stored in parts of bounded size', () => {
    const parts = partsOf(large)
    expect(parts.map(({ key, part }) => [key, part.runSpecs.length, part.groups.length])).toEqual([
      [`${v(2)}@0`, limits.rootChangesPerRecord, 1],
      [`${v(2)}@1`, limits.rootChangesPerRecord, 0],
      [`${v(2)}@2`, 1, 0],
    ])
    expect(partsOf(change(1)).map(({ key }) => key)).toEqual([`${v(1)}@0`])
  })

  it('is one again after it was loaded, in whatever order its parts come', () => {
    const made = new RootHistory()
    for (const { part } of [...partsOf(change(3)), ...partsOf(large)].reverse()) made.load(part)
    made.sort()
    expect(made.size).toBe(2)
    expect(made.treeAt(v(1), v(3))!.runSpecs.size).toBe(count)
    expect(made.removeOldest()!.runSpecs).toHaveLength(count)
    expect(made.needs('/g/a0', v(1))).toBe(false)
  })
})
