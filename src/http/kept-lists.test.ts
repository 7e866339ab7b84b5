import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ChangeLog } from '../core/change-log.ts'
import type { Instance } from '../core/instances/instance.ts'
import { SortedById } from '../core/sorted-by-id.ts'
import { limits } from '../lib/limits.ts'
import type { Content } from './answer.ts'
import { type KeptList, KeptLists } from './kept-lists.ts'

interface Thing {
  readonly id: string
  readonly text: string
}

/** Things that change, as a view shows them; `rendered` are the ids rendered since the last look. */
class Things {
  readonly changes = new ChangeLog()
  readonly sorted = new SortedById<Thing>()
  readonly weights = new Map<string, number>()
  rendered: string[] = []

  put(id: string, text: string): void {
    this.sorted.put({ id, text })
    this.changes.touch(id)
  }

  remove(id: string): void {
    this.sorted.remove(id)
    this.changes.touch(id)
  }

  list(options: { readonly name?: string; readonly separator?: '' | ',' } = {}): KeptList<Thing> {
    const { changes, weights } = this
    return {
      view: {
        rootVersion: '2031-04-02T09:15:20.480Z',
        revision: changes.revision,
        changedSince: (revision) => changes.since(revision),
        instancesOf: (id) => Array.from<Instance>({ length: weights.get(id) ?? 0 }),
      },
      name: options.name ?? 'things',
      type: 'application/json',
      head: '[',
      items: this.sorted.list(),
      render: ({ id, text }) => {
        this.rendered.push(id)
        return text
      },
      separator: options.separator ?? ',',
      tail: ']',
    }
  }

  /** What every list shall be. */
  expected(separator = ','): string {
    const texts = this.sorted.list().map(({ text }) => text)
    return `[${texts.filter((text) => text !== '').join(separator)}]`
  }
}

async function bytesOf(content: Content): Promise<Buffer> {
  if (content instanceof Uint8Array) return Buffer.from(content)
  const slices: Uint8Array[] = []
  for await (const slice of content) slices.push(slice)
  return Buffer.concat(slices)
}

const plain = async (lists: KeptLists, list: KeptList<Thing>) =>
  (await bytesOf(lists.content(list, false))).toString()
const zipped = async (lists: KeptLists, list: KeptList<Thing>) =>
  gunzipSync(await bytesOf(lists.content(list, true))).toString()

const id = fc.tuple(fc.constantFrom('a', 'b', 'a-b', 'c'), fc.nat(400)).map(([group, n]) => `/${group}/x${n}`)
const change = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('put' as const),
      id,
      text: fc.constantFrom('', '1', '"ü"', '{"a":1}'),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('remove' as const), id }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('grow' as const), id }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('other' as const), id: fc.constantFrom('/', '/pod') }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('look' as const), id }) },
)

describe('a kept list', () => {
  it('is what the things are, compressed and not, whatever changed since it was asked for', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(3_000), fc.array(change, { maxLength: 80 }), async (many, changes) => {
        const things = new Things()
        const lists = new KeptLists({ compress: true })
        for (let n = 0; n < many; n++) things.put(`/b/n${n}`, String(n))
        for (const one of changes) {
          if (one.kind === 'put') things.put(one.id, one.text)
          else if (one.kind === 'remove') things.remove(one.id)
          else if (one.kind === 'other') things.changes.touch(one.id)
          else if (one.kind === 'grow') {
            things.weights.set(one.id, 300)
            things.changes.touch(one.id)
          } else expect(await plain(lists, things.list())).toBe(things.expected())
        }
        expect(await plain(lists, things.list())).toBe(things.expected())
        expect(await zipped(lists, things.list())).toBe(things.expected())
        expect(await zipped(lists, things.list())).toBe(things.expected())
        const lines = { name: 'lines', separator: '' } as const
        expect(await zipped(lists, things.list(lines))).toBe(things.expected(''))
        expect(await plain(lists, things.list(lines))).toBe(things.expected(''))
      }),
      { numRuns: 60 },
    )
  })

  it('renders nothing twice, and after a change what lies near it', async () => {
    const things = new Things()
    const lists = new KeptLists({ compress: true })
    for (let n = 0; n < 5_000; n++) things.put(`/n${n}`, String(n))
    await plain(lists, things.list())
    expect(things.rendered).toHaveLength(5_000)
    things.rendered = []
    await zipped(lists, things.list())
    expect(things.rendered).toEqual([])
    things.put('/n77', 'changed')
    things.changes.touch('/nothing')
    expect(await plain(lists, things.list())).toContain(',changed,')
    expect(things.rendered).toContain('/n77')
    expect(things.rendered.length).toBeLessThanOrEqual(limits.listPageWeight)
  })

  it('of few heavy things renders what lies near a change, too', async () => {
    const things = new Things()
    const lists = new KeptLists({ compress: false })
    for (let n = 100; n < 200; n++) {
      things.weights.set(`/n${n}`, 100)
      things.put(`/n${n}`, String(n))
    }
    await plain(lists, things.list())
    things.rendered = []
    things.put('/n150', 'another')
    expect(await plain(lists, things.list())).toBe(things.expected())
    expect(things.rendered).toContain('/n150')
    expect(things.rendered.length).toBeLessThan(5)
  })

  it('has fewer pages when much was removed', async () => {
    const things = new Things()
    const lists = new KeptLists({ compress: false })
    for (let n = 10_000; n < 15_000; n++) things.put(`/n${n}`, String(n))
    await plain(lists, things.list())
    for (let n = 10_000; n < 15_000; n++) if (n % 50 !== 0) things.remove(`/n${n}`)
    await plain(lists, things.list())
    things.rendered = []
    things.put('/n10000', 'another')
    expect(await plain(lists, things.list())).toBe(things.expected())
    // All that is left fits on one.
    expect(things.rendered).toHaveLength(100)
  })

  it('is made anew when too much changed to be told what', async () => {
    const things = new Things()
    const lists = new KeptLists({ compress: false })
    things.put('/a', '1')
    await plain(lists, things.list())
    things.put('/a', '2')
    for (let n = 0; n <= limits.changesRemembered; n++) things.changes.touch('/b')
    expect(await plain(lists, things.list())).toBe('[2]')
  })

  it('gives other work its turn while many pages are made', async () => {
    const things = new Things()
    for (let n = 0; n < 20_000; n++) things.put(`/n${n}`, 'x'.repeat(50))
    let turns = 0
    let isDone = false
    const count = () => {
      turns++
      if (!isDone) setImmediate(count)
    }
    setImmediate(count)
    const text = await plain(new KeptLists({ compress: false }), things.list())
    isDone = true
    expect(text).toBe(things.expected())
    expect(turns).toBeGreaterThan(20_000 / limits.listPageWeight - limits.listPagesPerTurn)
  })

  it('of more than is kept is whole all the same, and others make room', async () => {
    const things = new Things()
    const lists = new KeptLists({ compress: true })
    const text = 'x'.repeat(400_000)
    const few = 10
    for (let n = 0; n < few; n++) things.put(`/n${n}`, String(n))
    await plain(lists, things.list({ name: 'few' }))
    expect(lists.keptBytes).toBe(few * 2)
    for (let n = 0; n < 200; n++) {
      things.put(`/m${n}`, text.slice(n % 3))
      things.weights.set(`/m${n}`, limits.listPageWeight)
    }
    expect(await plain(lists, things.list({ name: 'many' }))).toBe(things.expected())
    expect(await zipped(lists, things.list({ name: 'many' }))).toBe(things.expected())
    expect(lists.keptBytes).toBeLessThanOrEqual(limits.keptListBytes)
    expect(await plain(lists, things.list({ name: 'few' }))).toBe(things.expected())
    expect(lists.keptBytes).toBeLessThanOrEqual(limits.keptListBytes)
  })

  it('takes an item in pieces', async () => {
    const things = new Things()
    for (let n = 0; n < 3; n++) things.put(`/n${n}`, String(n))
    const piece = 'y'.repeat(limits.listSliceBytes)
    const list: KeptList<Thing> = {
      ...things.list(),
      render: ({ id: of, text }) => (of === '/n1' ? ['"', piece, '', piece, '"'] : text),
    }
    const lists = new KeptLists({ compress: true })
    expect(await plain(lists, list)).toBe(`[0,"${piece}${piece}",2]`)
    expect(await zipped(lists, list)).toBe(`[0,"${piece}${piece}",2]`)
    expect(lists.keptBytes).toBe(0)
  })
})
