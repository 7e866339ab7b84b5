// What every store must do. Each implementation passes this suite with a harness that says what its disk is: a thing
// that outlives the stores opened on it.

import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { StoredRecord, TableName, Write } from '../../src/core/records.ts'
import { type Store, StoreError, type StoreErrorKind } from '../../src/ports/store.ts'
import { type Fault, FaultyStore } from '../support/faulty-store.ts'

export interface StoreHarness {
  /** A store on this disk, not yet open. */
  store(): Store
  /** Takes the lock off, as if it had never worked: a second store can be opened beside the first. */
  breakLock(): void
  /** Overwrites the bytes of a record. */
  damage(table: TableName, key: string, bytes: Uint8Array): Promise<void>
  /** Ends the disk. */
  remove(): Promise<void>
}

export function describeStore(name: string, createDisk: () => StoreHarness): void {
  describe(`a store (${name})`, () => {
    let disk: StoreHarness
    const stores: Store[] = []

    beforeEach(() => {
      disk = createDisk()
    })
    afterEach(async () => {
      for (const store of stores.splice(0)) await store.close()
      await disk.remove()
    })

    async function opened(wrap: (store: Store) => Store = (store) => store): Promise<Store> {
      const store = wrap(disk.store())
      await store.open()
      stores.push(store)
      return store
    }

    async function restart(store: Store): Promise<Store> {
      await store.close()
      return opened()
    }

    it('gives back exactly what was written, table by table', async () => {
      const store = await opened()
      await store.commit([
        put('meta', 'root', { version: 'v1' }),
        put('task-failure', '/a', { message: 'ä € 𝄞 \u0000 "\\' }),
        put('instance', 'i-2', { attempt: 2, agent: { attributes: [] }, healthy: false }),
        put('instance', 'i-1', { attempt: -0.5, since: 1_700_000_000_123 }),
      ])
      const expected = [
        ['instance', 'i-1', { attempt: -0.5, since: 1_700_000_000_123 }],
        ['instance', 'i-2', { attempt: 2, agent: { attributes: [] }, healthy: false }],
        ['task-failure', '/a', { message: 'ä € 𝄞 \u0000 "\\' }],
        ['meta', 'root', { version: 'v1' }],
      ]
      expect(await contents(store)).toEqual(expected)
      expect(await contents(await restart(store))).toEqual(expected)
    })

    it('is empty at first', async () => {
      expect(await contents(await opened())).toEqual([])
    })

    it('loads keys in the order of their bytes', async () => {
      const store = await opened()
      const keys = ['/a/b', '/a', '/a.b', '/\uffff', '/𝄞', '/Z', '\u0000', '/a@2024-01-01T00:00:00.000Z']
      await store.commit(keys.map((key) => put('meta', key, {})))
      const inOrder = [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      expect((await contents(store)).map(([, key]) => key)).toEqual(inOrder)
    })

    it('reads one record, as the last commit left it', async () => {
      const store = await opened()
      expect(await store.read('meta', 'k')).toBeUndefined()
      await store.commit([put('meta', 'k', { n: 1 }), put('event-log', 'l', 'ä € 𝄞\n"\\"')])
      expect(await store.read('meta', 'k')).toEqual({ n: 1 })
      expect(await store.read('event-log', 'l')).toBe('ä € 𝄞\n"\\"')
      await store.commit([put('meta', 'k', { n: 2 }), remove('event-log', 'l')])
      expect([await store.read('meta', 'k'), await store.read('event-log', 'l')]).toEqual([
        { n: 2 },
        undefined,
      ])
      expect(await (await restart(store)).read('meta', 'k')).toEqual({ n: 2 })
    })

    it('reads what a commit has just written, though it was read before in the same turn', async () => {
      const store = await opened()
      for (let n = 0; n < 50; n++) {
        const before = store.read('meta', 'k')
        await store.commit([put('meta', 'k', { n })])
        const after = store.read('meta', 'k')
        expect([await before, await after]).toEqual([n === 0 ? undefined : { n: n - 1 }, { n }])
      }
    })

    it('loads of the event log the keys, and the newest record', async () => {
      const store = await opened()
      await store.commit(['3', '1', '2'].map((key) => put('event-log', key, `text of ${key}`)))
      const expected = [
        ['event-log', '1', ''],
        ['event-log', '2', ''],
        ['event-log', '3', 'text of 3'],
      ]
      expect(await contents(store)).toEqual(expected)
      expect(await contents(await restart(store))).toEqual(expected)
    })

    it('replaces a record whole', async () => {
      const store = await opened()
      await store.commit([put('meta', 'k', { a: 1, b: 2 })])
      await store.commit([put('meta', 'k', { a: 3 })])
      expect(await contents(store)).toEqual([['meta', 'k', { a: 3 }]])
    })

    it('deletes a record, and does not mind when there is none', async () => {
      const store = await opened()
      await store.commit([put('meta', 'k', { a: 1 }), put('meta', 'stays', {})])
      await store.commit([remove('meta', 'k'), remove('meta', 'never-there'), remove('instance', 'k')])
      expect(await contents(store)).toEqual([['meta', 'stays', {}]])
    })

    it('applies the writes of one commit in their order', async () => {
      const store = await opened()
      await store.commit([
        put('meta', 'a', { n: 1 }),
        remove('meta', 'a'),
        put('meta', 'b', { n: 1 }),
        put('meta', 'b', { n: 2 }),
        remove('meta', 'c'),
        put('meta', 'c', { n: 3 }),
      ])
      expect(await contents(store)).toEqual([
        ['meta', 'b', { n: 2 }],
        ['meta', 'c', { n: 3 }],
      ])
    })

    it('applies commits in the order they were asked for, waited for or not', async () => {
      const store = await opened()
      await Promise.all(Array.from({ length: 50 }, (_, n) => store.commit([put('meta', 'k', { n })])))
      expect(await contents(store)).toEqual([['meta', 'k', { n: 49 }]])
    })

    it('takes an empty commit', async () => {
      const store = await opened()
      await store.commit([])
      expect(await contents(store)).toEqual([])
    })

    it('takes a commit of many thousand writes', async () => {
      const store = await opened()
      const writes = Array.from({ length: 20_000 }, (_, n) =>
        put('instance', `i-${n}`, { n, text: 'x'.repeat(100) }),
      )
      await store.commit(writes)
      expect(await contents(store)).toHaveLength(20_000)
    })

    it('takes a record larger than a page', async () => {
      const store = await opened()
      const text = 'ü'.repeat(1_000_000)
      await store.commit([put('run-spec-version', '/big@1', { text })])
      expect(await contents(await restart(store))).toEqual([['run-spec-version', '/big@1', { text }]])
    })

    it('keeps a record as it was at the commit when the caller edits it later', async () => {
      const store = await opened()
      const value = { n: 1 }
      const commit = store.commit([put('meta', 'k', value)])
      await commit
      value.n = 2
      expect(await contents(store)).toEqual([['meta', 'k', { n: 1 }]])
    })

    it('holds what a map holds after any series of commits and restarts', async () => {
      const key = fc.constantFrom('a', 'b', '/c/d', 'é')
      const table = fc.constantFrom<TableName>('meta', 'instance', 'group')
      const write = fc.oneof(
        fc.record({
          kind: fc.constant('put'),
          table,
          key,
          value: fc.record({ n: fc.integer(), text: fc.string() }),
        }),
        fc.record({ kind: fc.constant('delete'), table, key }),
      )
      await fc.assert(
        fc.asyncProperty(fc.array(fc.array(write, { maxLength: 6 }), { maxLength: 6 }), async (commits) => {
          let store = await opened()
          await store.commit((await contents(store)).map(([table, key]) => remove(table, key)))
          const model = new Map<string, unknown>()
          for (const writes of commits) {
            await store.commit(writes as unknown as Write[])
            for (const write of writes) {
              if (write.kind === 'put')
                model.set(`${write.table} ${write.key}`, (write as { value: unknown }).value)
              else model.delete(`${write.table} ${write.key}`)
            }
          }
          store = await restart(store)
          const held = new Map(
            (await contents(store)).map(([table, key, value]) => [`${table} ${key}`, value]),
          )
          expect(held).toEqual(model)
          await store.close()
        }),
        { numRuns: 25 },
      )
    })

    it('counts an epoch for every time it is opened', async () => {
      const first = disk.store()
      const epoch = await first.open()
      await first.close()
      const second = disk.store()
      stores.push(second)
      expect(await second.open()).toBe(epoch + 1)
    })

    it('is not opened while another holds it, and is when that one has closed', async () => {
      const first = await opened()
      await rejects(disk.store().open(), 'in-use')
      await first.commit([put('meta', 'k', { n: 1 })])
      await restart(first)
    })

    it('refuses the commits of an epoch that has ended, and writes nothing of them', async () => {
      const old = await opened()
      await old.commit([put('meta', 'k', { n: 1 })])
      disk.breakLock()
      const current = await opened()
      await rejects(
        old.commit([put('meta', 'k', { n: 2 }), put('meta', 'l', {}), remove('meta', 'k')]),
        'fenced',
      )
      await current.commit([put('meta', 'm', { n: 3 })])
      await rejects(old.commit([put('meta', 'k', { n: 4 })]), 'closed')
      expect(await contents(current)).toEqual([
        ['meta', 'k', { n: 1 }],
        ['meta', 'm', { n: 3 }],
      ])
    })

    it('takes nothing any more after a commit that failed, not even one already asked for', async () => {
      const store = await opened()
      const good = store.commit([put('meta', 'a', { n: 1 })])
      const bad = store.commit([put('meta', 'b', { n: 2 }), put('meta', 'k'.repeat(1_979), { n: 2 })])
      const next = store.commit([put('meta', 'c', { n: 3 })])
      await good
      await rejects(bad, 'invalid')
      await rejects(next, 'closed')
      await rejects(store.commit([put('meta', 'd', { n: 4 })]), 'closed')
      expect(await contents(await restart(store))).toEqual([['meta', 'a', { n: 1 }]])
    })

    it('takes a key of 1,978 bytes and says what is wrong with a longer or an empty one', async () => {
      const store = await opened()
      await store.commit([put('meta', 'ö'.repeat(989), {})])
      const tooLong = await rejects(store.commit([put('group', 'ö'.repeat(990), {})]), 'invalid')
      expect(tooLong.message).toMatch(/^a key of table group has 1980 bytes, at most 1978 are possible: ö+…$/)
      const empty = await rejects((await restart(store)).commit([put('group', '', {})]), 'invalid')
      expect(empty.message).toBe('a key of table group is empty')
    })

    it('refuses to work before it is open and after it is closed', async () => {
      const store = disk.store()
      await rejects(store.commit([put('meta', 'k', {})]), 'closed')
      await rejects(contents(store), 'closed')
      await store.open()
      await store.close()
      await rejects(store.commit([put('meta', 'k', {})]), 'closed')
      await store.close()
    })

    it.each([
      ['bytes that are no record', Buffer.from('junk')],
      ['an unknown format', Buffer.from('\u0009{}')],
      ['half a record', Buffer.from('\u0001{"id":"/a",')],
      ['a record that is no object', Buffer.from('\u00017')],
      ['nothing', Buffer.alloc(0)],
    ])('names table and key when it finds %s', async (_, bytes) => {
      const store = await opened()
      await store.commit([put('instance', 'product_app.instance-1', { n: 1 })])
      await disk.damage('instance', 'product_app.instance-1', bytes)
      const error = await rejects(contents(store), 'corrupt')
      expect(error.message).toContain('the record "product_app.instance-1" of table instance ')
    })

    const faults = Array.from({ length: 6 }, (_, n) => n + 1).flatMap((commit) => [
      { commit, moment: 'before', kind: 'io' } as const,
      { commit, moment: 'after', kind: 'full' } as const,
    ])
    it.each(faults)(
      'has every acknowledged commit whole after failing $moment commit $commit',
      async (fault: Fault) => {
        const store = await opened((inner) => new FaultyStore(inner, fault))
        let acknowledged = 0
        const attempts = Array.from({ length: 6 }, async (_, index) => {
          const n = index + 1
          await store.commit([
            put('instance', 'a', { n }),
            put('deployment', `d-${n}`, { n }),
            remove('deployment', `d-${n - 1}`),
          ])
          acknowledged = n
        })
        await Promise.allSettled(attempts)
        expect(acknowledged).toBe(fault.commit - 1)
        const stored = fault.moment === 'after' ? fault.commit : acknowledged
        expect(await contents(await restart(store))).toEqual(
          stored === 0
            ? []
            : [
                ['instance', 'a', { n: stored }],
                ['deployment', `d-${stored}`, { n: stored }],
              ],
        )
      },
    )
  })
}

/** A write of any record: stores do not look into them. */
export function put(table: TableName, key: string, value: object | string): Write {
  return { kind: 'put', table, key, value } as Write
}

export function remove(table: TableName, key: string): Write {
  return { kind: 'delete', table, key }
}

export async function contents(store: Store): Promise<readonly (readonly [TableName, string, unknown])[]> {
  const records: StoredRecord[] = []
  for await (const record of store.load()) records.push(record)
  return records.map(({ table, key, value }) => [table, key, value] as const)
}

async function rejects(promise: Promise<unknown>, kind: StoreErrorKind): Promise<StoreError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(StoreError)
  expect((error as StoreError).kind).toBe(kind)
  return error as StoreError
}
