// Runs the store's contract for every implementation, and what only one of them has to do.

import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { open } from 'lmdb'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { StoreError } from '../../src/ports/store.ts'
import { LmdbStore } from '../../src/store/lmdb.ts'
import { createMemoryDisk, MemoryStore } from '../../src/store/memory.ts'
import { contents, describeStore, put } from './store.contract.ts'

describeStore('memory', () => {
  const disk = createMemoryDisk()
  return {
    store: () => new MemoryStore(disk),
    breakLock: () => {
      disk.holder = undefined
    },
    damage: async (table, key, bytes) => {
      disk.tables.get(table)?.set(key, bytes)
    },
    remove: async () => undefined,
  }
})

describeStore('lmdb', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'marathon-store-'))
  return {
    store: () => new LmdbStore(dataDir),
    // Whoever deletes the lock file gets a new one, which nobody holds.
    breakLock: () => rmSync(join(dataDir, 'lock')),
    damage: async (table, key, bytes) => {
      const environment = open({
        path: join(dataDir, 'store'),
        encoding: 'binary',
        keyEncoding: 'binary',
        maxDbs: 32,
      })
      await environment.openDB<Uint8Array, Buffer>({ name: table }).put(Buffer.from(key), bytes)
      await environment.close()
    },
    remove: async () => rmSync(dataDir, { recursive: true }),
  }
})

describe('the memory store', () => {
  it.each([
    ['NaN', { a: { b: [1, Number.NaN] } }, 'meta/k/a/b(1) is NaN, which JSON cannot hold'],
    ['Infinity', { cpus: Number.POSITIVE_INFINITY }, 'meta/k/cpus is Infinity, which JSON cannot hold'],
    ['a Map', { tasks: new Map() }, 'meta/k/tasks is a Map, not plain data'],
    ['a gap in a list', { list: [undefined] }, 'meta/k/list(0) is of type undefined, which JSON cannot hold'],
  ])('refuses a record that would come back changed: %s', async (_, value, message) => {
    const store = new MemoryStore()
    await store.open()
    await expect(store.commit([put('meta', 'k', value)])).rejects.toThrow(message)
  })
})

describe('the lmdb store', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'marathon-store-'))
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

  it('names the process that holds the data directory', async () => {
    const holder = new LmdbStore(dataDir)
    await holder.open()
    const error: StoreError = await new LmdbStore(dataDir).open().then(
      () => Promise.reject(new Error('opened twice')),
      (reason) => reason,
    )
    expect(error.kind).toBe('in-use')
    expect(error.message).toMatch(`the data directory ${dataDir} is in use by process ${process.pid} on `)
    expect(error.message).toMatch('give this one another --data_dir')
    await holder.close()
  })

  it('does not take a lock file left behind for a server, whatever process it names', async () => {
    mkdirSync(dataDir, { recursive: true })
    writeFileSync(join(dataDir, 'lock'), `{"pid":1,"host":"h","bootId":"b","startTicks":"0"}\n`)
    const store = new LmdbStore(dataDir)
    await store.open()
    expect(JSON.parse(readFileSync(join(dataDir, 'lock'), 'utf8'))).toMatchObject({ pid: process.pid })
    await store.close()
  })

  describe('where there is no flock program', () => {
    const path = process.env['PATH']
    beforeEach(() => {
      process.env['PATH'] = '/nonexistent'
    })
    afterEach(() => {
      process.env['PATH'] = path
    })

    it('still refuses a data directory that a running process holds', async () => {
      const holder = new LmdbStore(dataDir)
      await holder.open()
      await expect(new LmdbStore(dataDir).open()).rejects.toMatchObject({ kind: 'in-use' })
      await holder.close()
    })

    it.each([
      ['a process of another boot', { bootId: 'another' }],
      ['an earlier process of the same pid', { startTicks: '1' }],
      ['a pid that no process has', { pid: 2 ** 30 }],
    ])('takes over from %s', async (_, difference) => {
      const holder = new LmdbStore(dataDir)
      await holder.open()
      const written = JSON.parse(readFileSync(join(dataDir, 'lock'), 'utf8'))
      await holder.close()
      writeFileSync(join(dataDir, 'lock'), JSON.stringify({ ...written, ...difference }))
      const store = new LmdbStore(dataDir)
      expect(await store.open()).toBe(2)
      await store.close()
    })
  })

  it('keeps the lock to itself: a child process does not inherit it', async () => {
    const store = new LmdbStore(dataDir)
    await store.open()
    const inherited = execFileSync('sh', ['-c', 'readlink /proc/self/fd/*; true'], { encoding: 'utf8' })
    expect(inherited).not.toContain(join(dataDir, 'lock'))
    await store.close()
  })

  it('lets only its own user read the records', async () => {
    const store = new LmdbStore(dataDir)
    await store.open()
    expect(statSync(join(dataDir, 'store')).mode & 0o777).toBe(0o700)
    await store.close()
  })

  it.each([
    ['text', Buffer.from('not a store '.repeat(1_000)), 'is no LMDB file: page 0 has no magic number'],
    ['zeros', Buffer.alloc(16_384), 'is no LMDB file: page 0 has no magic number'],
    ['three bytes', Buffer.from('abc'), 'has 3 bytes, its head alone has 8192'],
  ])('says so when its file is no store but %s, and lets go of the directory', async (_, bytes, message) => {
    mkdirSync(join(dataDir, 'store'), { recursive: true })
    writeFileSync(join(dataDir, 'store', 'data.mdb'), bytes)
    await expect(new LmdbStore(dataDir).open()).rejects.toMatchObject({
      kind: 'corrupt',
      message: expect.stringContaining(message),
    })
    rmSync(join(dataDir, 'store'), { recursive: true })
    const store = new LmdbStore(dataDir)
    await store.open()
    await store.commit([put('meta', 'k', { n: 1 })])
    expect(await contents(store)).toEqual([['meta', 'k', { n: 1 }]])
    await store.close()
  })

  it('says so when its file has another data version', async () => {
    const store = new LmdbStore(dataDir)
    await store.open()
    await store.close()
    const path = join(dataDir, 'store', 'data.mdb')
    const bytes = readFileSync(path)
    bytes.writeUInt32LE(99, 4_096 + 28)
    writeFileSync(path, bytes)
    await expect(new LmdbStore(dataDir).open()).rejects.toThrow(
      'has LMDB data version 99 in page 1, this version reads 2',
    )
  })

  it('starts on an empty file, as a crash right after its creation leaves it', async () => {
    mkdirSync(join(dataDir, 'store'), { recursive: true })
    writeFileSync(join(dataDir, 'store', 'data.mdb'), '')
    const store = new LmdbStore(dataDir)
    expect(await store.open()).toBe(1)
    await store.close()
  })

  it('says so when the data directory cannot be made', async () => {
    mkdirSync(dataDir, { recursive: true })
    writeFileSync(join(dataDir, 'file'), '')
    const error: StoreError = await new LmdbStore(join(dataDir, 'file', 'data')).open().then(
      () => Promise.reject(new Error('opened')),
      (reason) => reason,
    )
    expect(error.kind).toBe('io')
    expect(error.message).toContain(`while opening the store in ${join(dataDir, 'file', 'data', 'store')}`)
  })
})
