import fs, { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Artifact } from '../ports/artifacts.ts'
import { FolderArtifactStore } from './folder-store.ts'

let root: string
let store: FolderArtifactStore
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'marathon-artifacts-'))
  store = FolderArtifactStore.open(root)
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

async function* bytes(...parts: string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part)
}

/** Content that goes on when the test says so. */
function held(...parts: string[]): { content: AsyncGenerator<Uint8Array>; go: (error?: Error) => void } {
  let go: (error?: Error) => void = () => undefined
  const gate = new Promise<void>((resolve, reject) => {
    go = (error) => (error === undefined ? resolve() : reject(error))
  })
  // Who reads the content hears of its failure, soon enough.
  gate.catch(() => undefined)
  return {
    content: (async function* () {
      yield* bytes(...parts)
      await gate
    })(),
    go: (error) => go(error),
  }
}

async function textOf(artifact: Artifact | undefined): Promise<string | undefined> {
  if (artifact === undefined) return undefined
  const chunks: Uint8Array[] = []
  for await (const chunk of artifact.content) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

const uploads = (): string[] => readdirSync(join(root, '.uploads'))

describe('an artifact', () => {
  test('is kept by its path, with its size and its time', async () => {
    expect(await store.write('a/b/c.txt', bytes('foo', 'bar'))).toBe('created')
    const artifact = await store.read('/a//b/c.txt')
    expect(artifact?.bytes).toBe(6)
    expect(artifact?.modifiedAt).toEqual(fs.statSync(join(root, 'a/b/c.txt')).mtime)
    expect(await textOf(artifact)).toBe('foobar')
    expect(readFileSync(join(root, 'a/b/c.txt'), 'utf8')).toBe('foobar')
    expect(await store.has('a/b/c.txt')).toBe(true)
    expect(uploads()).toEqual([])
  })

  test('may be empty', async () => {
    await store.write('empty', bytes())
    const artifact = await store.read('empty')
    expect([artifact?.bytes, await textOf(artifact)]).toEqual([0, ''])
  })

  test('is the old one until the new one is there as a whole, also for who reads it', async () => {
    await store.write('a', bytes('old'))
    const { content, go } = held('new')
    const replaced = store.write('a', content)
    const reading = await store.read('a')
    expect(await textOf(await store.read('a'))).toBe('old')
    go()
    expect(await replaced).toBe('replaced')
    expect(await textOf(await store.read('a'))).toBe('new')
    expect(await textOf(reading)).toBe('old')
  })

  test('whose content fails is as it was, and nothing is left of the attempt', async () => {
    await store.write('a', bytes('old'))
    const { content, go } = held('new')
    const replaced = store.write('a', content)
    go(new Error('hung up'))
    await expect(replaced).rejects.toThrow('hung up')
    expect(await textOf(await store.read('a'))).toBe('old')
    const { content: other, go: fail } = held('x')
    const created = store.write('folder/b', other)
    fail(new Error('hung up'))
    await expect(created).rejects.toThrow('hung up')
    expect(await store.has('folder/b')).toBe(false)
    expect([readdirSync(root).sort(), uploads()]).toEqual([['.uploads', 'a'], []])
  })

  test('written by many at once is one of theirs', async () => {
    const texts = Array.from({ length: 20 }, (_, i) => `${i}`.repeat(1_000))
    const done = await Promise.all(texts.map((text) => store.write('deep/er/a', bytes(text))))
    expect(done.filter((each) => each === 'created')).toHaveLength(1)
    expect(texts).toContain(await textOf(await store.read('deep/er/a')))
  })

  test('goes, and its empty folders with it; going twice is going once', async () => {
    await store.write('a/b/c', bytes('1'))
    await store.write('a/d', bytes('2'))
    await store.remove('a/b/c')
    expect(readdirSync(join(root, 'a'))).toEqual(['d'])
    await store.remove('a/b/c')
    await store.remove('a/d')
    expect(readdirSync(root)).toEqual(['.uploads'])
    expect(await store.read('a/d')).toBeUndefined()
  })

  test('comes and goes without one losing the folder of the other', async () => {
    for (let i = 0; i < 50; i++) {
      await store.write('x/y/a', bytes('1'))
      await Promise.all([store.remove('x/y/a'), store.write('x/y/b', bytes('2'))])
      expect(await textOf(await store.read('x/y/b'))).toBe('2')
      await Promise.all([store.write('x/y/c', bytes('3')), store.remove('x/y/b')])
      expect(await textOf(await store.read('x/y/c'))).toBe('3')
      await store.remove('x/y/c')
    }
  })
})

describe('a path', () => {
  test('of a folder holds nothing, cannot be written, and stays when it is removed', async () => {
    await store.write('a/b', bytes('1'))
    expect(await store.read('a')).toBeUndefined()
    expect(await store.has('a')).toBe(false)
    await expect(store.write('a', bytes('2'))).rejects.toMatchObject({
      kind: 'conflict',
      message: 'there is a folder of this name',
    })
    await store.remove('a')
    expect(await textOf(await store.read('a/b'))).toBe('1')
    expect(uploads()).toEqual([])
  })

  test('through an artifact leads nowhere', async () => {
    await store.write('a', bytes('1'))
    await expect(store.write('a/b', bytes('2'))).rejects.toMatchObject({
      kind: 'conflict',
      message: "'a' is no folder",
    })
    expect(await store.read('a/b')).toBeUndefined()
    await store.remove('a/b')
    expect(await textOf(await store.read('a'))).toBe('1')
  })

  test('never leads out of the folder, by names or by links', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'marathon-outside-'))
    try {
      writeFileSync(join(outside, 'secret'), 'secret')
      symlinkSync(outside, join(root, 'out'))
      symlinkSync(join(outside, 'secret'), join(root, 'link'))
      for (const path of ['../secret', 'a/../../secret', '..', '.uploads/x']) {
        await expect(store.read(path)).rejects.toMatchObject({ kind: 'path' })
        await expect(store.write(path, bytes('x'))).rejects.toMatchObject({ kind: 'path' })
        expect(() => store.remove(path)).toThrow()
      }
      for (const path of ['out/secret', 'link', 'out']) expect(await store.read(path)).toBeUndefined()
      await expect(store.write('out/new', bytes('x'))).rejects.toMatchObject({ kind: 'path' })
      await store.remove('out/secret')
      await store.write('link', bytes('mine'))
      expect(readdirSync(outside)).toEqual(['secret'])
      expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe('secret')
      expect(await textOf(await store.read('link'))).toBe('mine')
    } finally {
      rmSync(outside, { recursive: true })
    }
  })

  test('may go over links that stay within', async () => {
    await store.write('real/a', bytes('1'))
    symlinkSync('real', join(root, 'alias'))
    expect(await textOf(await store.read('alias/a'))).toBe('1')
    await store.write('alias/b', bytes('2'))
    expect(await textOf(await store.read('real/b'))).toBe('2')
  })
})

describe('the folder', () => {
  test('must be there', () => {
    expect(() => FolderArtifactStore.open(join(root, 'no'))).toThrow('ENOENT')
    writeFileSync(join(root, 'file'), '')
    expect(() => FolderArtifactStore.open(join(root, 'file'))).toThrow('ENOTDIR')
  })

  test('is rid of what was half uploaded when a server ended, and of nothing else', async () => {
    await store.write('a', bytes('1'))
    writeFileSync(join(root, '.uploads', 'half'), 'ha')
    const again = FolderArtifactStore.open(root)
    expect(uploads()).toEqual([])
    expect(await textOf(await again.read('a'))).toBe('1')
  })

  test('may lose its folder of uploads meanwhile', async () => {
    fs.rmdirSync(join(root, '.uploads'))
    expect(await store.write('a', bytes('1'))).toBe('created')
  })
})
