// Brings a task's artifacts into its sandbox before it starts: http, https, files of this machine; cached where asked
// for. Everything here may take long and none of it blocks: a kill aborts it through the signal.

import { createHash } from 'node:crypto'
import fs from 'node:fs'
import fsp from 'node:fs/promises'
import { STATUS_CODES } from 'node:http'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Dispatcher } from 'undici'
import type { CommandUri } from '../../core/mesos.ts'
import { byteLimit, loadArchiveReaders, makeFolderWithin, unpack } from './archives.ts'
import { type FetchPlan, planFetch } from './fetch-plan.ts'
import { localLimits } from './limits.ts'

export class FetchError extends Error {
  override readonly name = 'FetchError'
}

/** What is remembered of a cached artifact, to ask its server whether it has changed. */
interface CacheNote {
  readonly uri: string
  readonly etag?: string
  readonly lastModified?: string
}

export class Fetcher {
  readonly #cache: string
  #connections: Dispatcher | undefined
  /** Downloads into the cache that are under way, so that ten tasks fetch once. */
  readonly #underWay = new Map<string, Promise<void>>()
  #running = 0
  readonly #queue: (() => void)[] = []

  constructor(cache: string) {
    this.#cache = cache
  }

  /** Fetches all artifacts, in their order. Rejects with a FetchError that names the uri and the reason. */
  async fetchAll(uris: readonly CommandUri[], sandbox: string, signal: AbortSignal): Promise<void> {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(localLimits.fetchTimeoutMs)])
    for (const uri of uris) {
      await this.#enter()
      try {
        const plan = planFetch(uri)
        if (!plan.ok) throw new Error(plan.error)
        await this.#fetchOne(uri.value, plan.value, sandbox, limited)
      } catch (error) {
        throw new FetchError(
          `Failed to fetch ${withoutPassword(uri.value)}: ${describeCause(error, limited, signal)}`,
          { cause: error },
        )
      } finally {
        this.#leave()
      }
    }
  }

  async close(): Promise<void> {
    await this.#connections?.destroy()
  }

  async #fetchOne(uri: string, plan: FetchPlan, sandbox: string, signal: AbortSignal): Promise<void> {
    const target = path.join(sandbox, plan.target)
    await makeFolderWithin(sandbox, path.dirname(target))
    // Not written through, should an earlier archive have put a link here.
    await fsp.rm(target, { force: true })
    if (plan.source.kind === 'file') {
      await copyFile(plan.source.path, target, signal)
    } else if (plan.isCached) {
      const cached = await this.#throughCache(uri, plan.source.url, signal)
      await copyFile(cached, target, signal)
    } else {
      await this.#download(plan.source.url, {}, target, signal)
    }
    if (plan.isExecutable) await fsp.chmod(target, 0o755)
    if (plan.archive) await unpack(plan.archive, target, path.dirname(target), signal)
  }

  async #throughCache(uri: string, url: string, signal: AbortSignal): Promise<string> {
    const file = path.join(this.#cache, createHash('sha256').update(uri).digest('hex'))
    let download = this.#underWay.get(file)
    if (!download) {
      // Not aborted by the kill of one task: others may be waiting for it.
      const whole = AbortSignal.timeout(localLimits.fetchTimeoutMs)
      download = this.#refresh(uri, url, file, whole).finally(() => this.#underWay.delete(file))
      this.#underWay.set(file, download)
    }
    await Promise.race([download, rejectOnAbort(signal)])
    return file
  }

  /** Asks the server whether the cached file still is what it has, and fetches it if not. */
  async #refresh(uri: string, url: string, file: string, signal: AbortSignal): Promise<void> {
    const note = await readNote(`${file}.json`)
    const headers: Record<string, string> = {}
    if (note?.etag) headers['if-none-match'] = note.etag
    if (note?.lastModified) headers['if-modified-since'] = note.lastModified
    const isThere = note !== undefined && fs.existsSync(file)
    const fresh = await this.#download(url, isThere ? headers : {}, `${file}.new`, signal)
    if (fresh) {
      await fsp.rename(`${file}.new`, file)
      await fsp.writeFile(`${file}.json`, JSON.stringify({ uri, ...fresh } satisfies CacheNote))
    }
    const now = new Date()
    await fsp.utimes(file, now, now)
    await this.#evict(file)
  }

  /** Undefined when the server says that nothing has changed. */
  async #download(
    url: string,
    headers: Record<string, string>,
    target: string,
    signal: AbortSignal,
  ): Promise<Omit<CacheNote, 'uri'> | undefined> {
    // The default export: bundled, a CommonJS library has no others when it is loaded late.
    const { Agent, interceptors, request } = (await import('undici')).default
    this.#connections ??= new Agent({
      headersTimeout: localLimits.fetchIdleMs,
      bodyTimeout: localLimits.fetchIdleMs,
    }).compose(interceptors.redirect({ maxRedirections: localLimits.fetchRedirects }))
    const response = await request(url, { headers, signal, dispatcher: this.#connections })
    if (response.statusCode === 304) {
      await response.body.dump()
      return undefined
    }
    if (response.statusCode < 200 || response.statusCode > 299) {
      await response.body.dump()
      const name = STATUS_CODES[response.statusCode] ?? ''
      throw new Error(`the server answered ${response.statusCode} ${name}`.trimEnd())
    }
    await pipeline(response.body, byteLimit(), fs.createWriteStream(target), { signal })
    const etag = one(response.headers.etag)
    const lastModified = one(response.headers['last-modified'])
    return { ...(etag ? { etag } : {}), ...(lastModified ? { lastModified } : {}) }
  }

  /** Removes the least recently used artifacts while the cache is too big; never the one just used. */
  async #evict(inUse: string): Promise<void> {
    const files: { readonly file: string; readonly bytes: number; readonly usedAt: number }[] = []
    for (const name of await fsp.readdir(this.#cache)) {
      const file = path.join(this.#cache, name)
      if (name.includes('.')) continue
      const stats = await fsp.stat(file).catch(() => undefined)
      if (stats) files.push({ file, bytes: stats.size, usedAt: stats.mtimeMs })
    }
    let total = files.reduce((sum, one) => sum + one.bytes, 0)
    for (const one of files.sort((a, b) => a.usedAt - b.usedAt)) {
      if (total <= localLimits.fetchCacheBytes) return
      if (one.file === inUse || this.#underWay.has(one.file)) continue
      await fsp.rm(one.file, { force: true })
      await fsp.rm(`${one.file}.json`, { force: true })
      total -= one.bytes
    }
  }

  async #enter(): Promise<void> {
    if (this.#running >= localLimits.parallelFetches)
      await new Promise<void>((resolve) => this.#queue.push(resolve))
    else this.#running += 1
  }

  /** Hands the place on to the next in line, if there is one. */
  #leave(): void {
    const next = this.#queue.shift()
    if (next) next()
    else this.#running -= 1
  }
}

/**
 * Loads what fetching needs: half of the program's text, which a start does without. To be called soon after, since an
 * upgrade in place removes the files it is loaded from.
 */
export async function loadFetchLibraries(): Promise<void> {
  await Promise.all([import('undici'), loadArchiveReaders()])
}

const one = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header[0] : header

async function copyFile(from: string, to: string, signal: AbortSignal): Promise<void> {
  const stats = await fsp.stat(from)
  if (!stats.isFile()) throw new Error('it is no regular file')
  if (stats.size > localLimits.fetchBytes)
    throw new Error(`it is bigger than ${localLimits.fetchBytes} bytes`)
  signal.throwIfAborted()
  await fsp.copyFile(from, to, fs.constants.COPYFILE_FICLONE)
  await fsp.chmod(to, (stats.mode & 0o777) | 0o600)
}

async function readNote(file: string): Promise<CacheNote | undefined> {
  try {
    return JSON.parse(await fsp.readFile(file, 'utf8')) as CacheNote
  } catch {
    return undefined
  }
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

/** The innermost reason: undici wraps what the network said into "fetch failed". */
function describeCause(error: unknown, limited: AbortSignal, killed: AbortSignal): string {
  if (killed.aborted) return 'the task was killed'
  if (limited.aborted) return `it took longer than ${localLimits.fetchTimeoutMs / 1000} seconds`
  let cause = error
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause
  if (!(cause instanceof Error)) return String(cause)
  const code = (cause as NodeJS.ErrnoException).code
  const said = cause.message || code || cause.name
  if (code === 'ENOENT') return 'there is no such file'
  if (code === 'ENOSPC') return 'the disk is full'
  return said
}

function withoutPassword(uri: string): string {
  return uri.replace(/^([a-z]+:\/\/[^/@:]*):[^/@]*@/i, '$1:***@')
}
