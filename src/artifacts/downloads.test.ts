import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { ArtifactEvent } from '../core/events.ts'
import type { ArtifactEffect } from '../core/ready.ts'
import { limits } from '../lib/limits.ts'
import { silentLogger } from '../logging/logger.ts'
import { ArtifactError, type ArtifactStore } from '../ports/artifacts.ts'
import { StoreDownloads } from './downloads.ts'

const store = (path: string, url = `http://h/${path}`): ArtifactEffect => ({
  kind: 'store-artifact',
  url,
  path,
})
const abandon = (path: string): ArtifactEffect => ({ kind: 'abandon-artifact', path })

interface Asked {
  readonly url: string
  readonly signal: AbortSignal
  readonly give: (text: string) => Promise<void>
  readonly fail: (error: unknown) => Promise<void>
}

/** A store in memory, and a source that gives what the test says. */
class Bench {
  readonly files = new Map<string, string>()
  readonly events: ArtifactEvent[] = []
  /** Under way. */
  readonly asked: Asked[] = []
  isClosed = false
  readonly downloads: StoreDownloads

  constructor({ hasStore = true }: { hasStore?: boolean } = {}) {
    const inMemory: ArtifactStore = {
      read: async () => undefined,
      has: async (path) => this.files.has(path),
      write: async (path, content) => {
        let text = ''
        for await (const chunk of content) text += Buffer.from(chunk).toString()
        if (text === 'too much') throw new ArtifactError('full', 'the disk is full')
        this.files.set(path, text)
        return 'created'
      },
      remove: async () => undefined,
    }
    this.downloads = new StoreDownloads({
      store: hasStore ? inMemory : undefined,
      log: silentLogger,
      source: {
        fetch: (url, signal) => this.#ask(url, signal),
        close: async () => {
          this.isClosed = true
        },
      },
    })
    this.downloads.start((event) => this.events.push(event))
  }

  #ask(url: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    return new Promise((resolve, reject) => {
      const end = async (act: () => void): Promise<void> => {
        this.asked.splice(this.asked.indexOf(asked), 1)
        act()
        await settled()
      }
      const asked: Asked = {
        url,
        signal,
        give: (text) => end(() => resolve(bytes(text))),
        fail: (error) => end(() => reject(error)),
      }
      this.asked.push(asked)
      signal.addEventListener('abort', () => void asked.fail(signal.reason))
    })
  }

  async perform(...effects: ArtifactEffect[]): Promise<void> {
    this.downloads.perform(effects)
    await settled()
  }
}

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}

/** Everything that only waits for promises has happened. */
const settled = async (): Promise<void> => {
  for (let i = 0; i < 3; i++) await turn()
}

const is = (kind: 'artifact-stored', path: string): ArtifactEvent => ({ kind, path })

describe('a file', () => {
  test('is brought into the store and told of', async () => {
    const bench = new Bench()
    await bench.perform(store('a'))
    expect([bench.asked[0]?.url, bench.events]).toEqual(['http://h/a', []])
    await bench.asked[0]!.give('content')
    expect(bench.events).toEqual([is('artifact-stored', 'a')])
    expect(bench.files).toEqual(new Map([['a', 'content']]))
  })

  test('that is there already is told of, and not asked for', async () => {
    const bench = new Bench()
    bench.files.set('a', 'old')
    await bench.perform(store('a'))
    expect([bench.asked, bench.events]).toEqual([[], [is('artifact-stored', 'a')]])
    expect(bench.files.get('a')).toBe('old')
  })

  test('asked for by two is brought once; one asked for again later is looked for again', async () => {
    const bench = new Bench()
    await bench.perform(store('a'), store('a'))
    await bench.perform(store('a'))
    expect(bench.asked).toHaveLength(1)
    await bench.asked[0]!.give('x')
    expect(bench.events).toHaveLength(1)
    await bench.perform(store('a'))
    expect([bench.asked.length, bench.events.length]).toEqual([0, 2])
  })

  test.each<[string, unknown, string]>([
    ['answer', new Error('the server answered 404 Not Found'), 'the server answered 404 Not Found'],
    [
      'connection',
      new Error('fetch failed', { cause: new Error('connect ECONNREFUSED 127.0.0.1:1') }),
      'connect ECONNREFUSED 127.0.0.1:1',
    ],
    ['words', Object.assign(new Error(''), { code: 'ECONNRESET' }), 'ECONNRESET'],
  ])('that cannot be had has a reason: no %s', async (_what, error, reason) => {
    const bench = new Bench()
    await bench.perform(store('a', 'http://ann:sec@ret@h/a'))
    await bench.asked[0]!.fail(error)
    expect(bench.events).toEqual([
      { kind: 'artifact-failed', path: 'a', reason: `Could not store http://h/a: ${reason}` },
    ])
    await bench.perform(store('a'))
    expect(bench.asked).toHaveLength(1)
  })

  test('that the store does not take has the reason of the store', async () => {
    const bench = new Bench()
    await bench.perform(store('a'))
    await bench.asked[0]!.give('too much')
    expect(bench.events).toMatchObject([{ reason: 'Could not store http://h/a: the disk is full' }])
    expect(bench.files.size).toBe(0)
  })

  test('cannot be brought where there is no store', async () => {
    const bench = new Bench({ hasStore: false })
    await bench.perform(store('a'))
    expect(bench.asked).toEqual([])
    expect(bench.events).toMatchObject([{ kind: 'artifact-failed', path: 'a' }])
  })
})

describe('files', () => {
  test('are brought a few at one time, in their order', async () => {
    const bench = new Bench()
    const names = Array.from({ length: limits.artifactDownloads + 2 }, (_, i) => `f${i}`)
    await bench.perform(...names.map((name) => store(name)))
    expect(bench.asked).toHaveLength(limits.artifactDownloads)
    await bench.asked[1]!.give('x')
    expect(bench.asked).toHaveLength(limits.artifactDownloads)
    expect(bench.asked.at(-1)?.url).toBe(`http://h/f${limits.artifactDownloads}`)
    while (bench.asked.length > 0) await bench.asked[0]!.give('x')
    expect([...bench.files.keys()].sort()).toEqual(names)
  })

  test('that nobody waits for any more are broken off or never begun, and not told of', async () => {
    const bench = new Bench()
    const names = Array.from({ length: limits.artifactDownloads + 2 }, (_, i) => `f${i}`)
    await bench.perform(...names.map((name) => store(name)))
    const [first] = bench.asked
    await bench.perform(abandon('f0'), abandon(`f${limits.artifactDownloads}`), abandon('unheard of'))
    expect(first?.signal.aborted).toBe(true)
    expect(bench.asked.at(-1)?.url).toBe(`http://h/f${limits.artifactDownloads + 1}`)
    expect(bench.events).toEqual([])
  })

  test('abandoned and wanted again are asked for anew, and told of once', async () => {
    const bench = new Bench()
    await bench.perform(store('a'))
    await bench.perform(abandon('a'), store('a'))
    expect(bench.asked.map(({ signal }) => signal.aborted)).toEqual([false])
    await bench.asked[0]!.give('x')
    expect(bench.events).toEqual([is('artifact-stored', 'a')])
  })

  test('are left alone when the server stops', async () => {
    const bench = new Bench()
    await bench.perform(store('a'), store('b'))
    await bench.downloads.stop()
    await bench.perform(store('c'))
    expect([bench.asked, bench.events, bench.isClosed]).toEqual([[], [], true])
  })
})
