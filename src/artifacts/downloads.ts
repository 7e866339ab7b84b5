// Brings files into the artifact store that apps name by their URL (rest-api 12, storeUrls): a few at one time, each
// once, as a whole or not at all. What is in the store already is not asked for again.

import type { ArtifactEvent } from '../core/events.ts'
import type { ArtifactEffect } from '../core/ready.ts'
import { limits } from '../lib/limits.ts'
import type { ArtifactDownloads, ArtifactStore } from '../ports/artifacts.ts'
import type { Logger } from '../ports/logger.ts'
import { noArtifactStore } from '../spec/validate/phrases.ts'

/** Where files come from. */
export interface FileSource {
  /** The bytes at a URL. Rejects with a reason for people; everything ends with the signal. */
  fetch(url: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>
  close(): Promise<void>
}

export interface StoreDownloadsParts {
  /** Absent: nothing can be brought, though an app that came when there was one may still ask. */
  readonly store: ArtifactStore | undefined
  readonly source: FileSource
  readonly log: Logger
}

interface Download {
  readonly url: string
  readonly path: string
  readonly abort: AbortController
}

export class StoreDownloads implements ArtifactDownloads {
  readonly #parts: StoreDownloadsParts
  /** By path: waiting or under way. */
  readonly #wanted = new Map<string, Download>()
  #waiting: Download[] = []
  readonly #running = new Set<Promise<void>>()
  #report: (event: ArtifactEvent) => void = () => undefined
  #isStopped = false

  constructor(parts: StoreDownloadsParts) {
    this.#parts = parts
  }

  start(report: (event: ArtifactEvent) => void): void {
    this.#report = report
  }

  perform(effects: readonly ArtifactEffect[]): void {
    if (this.#isStopped) return
    for (const effect of effects) {
      if (effect.kind === 'store-artifact') this.#want(effect.url, effect.path)
      else this.#abandon(effect.path)
    }
    this.#continue()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    for (const path of [...this.#wanted.keys()]) this.#abandon(path)
    await Promise.all(this.#running)
    await this.#parts.source.close()
  }

  #want(url: string, path: string): void {
    if (this.#wanted.has(path)) return
    const download = { url, path, abort: new AbortController() }
    this.#wanted.set(path, download)
    this.#waiting.push(download)
  }

  #abandon(path: string): void {
    const download = this.#wanted.get(path)
    if (download === undefined) return
    this.#wanted.delete(path)
    this.#waiting = this.#waiting.filter((other) => other !== download)
    download.abort.abort()
  }

  #continue(): void {
    while (this.#running.size < limits.artifactDownloads) {
      const download = this.#waiting.shift()
      if (download === undefined) return
      const running = this.#bring(download).finally(() => {
        this.#running.delete(running)
        this.#continue()
      })
      this.#running.add(running)
    }
  }

  async #bring(download: Download): Promise<void> {
    const { url, path } = download
    let event: ArtifactEvent = { kind: 'artifact-stored', path }
    try {
      await this.#store(download)
    } catch (error) {
      event = {
        kind: 'artifact-failed',
        path,
        reason: `Could not store ${withoutUser(url)}: ${reasonOf(error)}`,
      }
    }
    if (this.#wanted.get(path) !== download) return
    this.#wanted.delete(path)
    if (event.kind === 'artifact-failed') {
      this.#parts.log.warn('a file could not be brought into the artifact store', {
        url,
        reason: event.reason,
      })
    }
    this.#report(event)
  }

  async #store({ url, path, abort }: Download): Promise<void> {
    const { store, source } = this.#parts
    if (store === undefined) throw new Error(noArtifactStore)
    if (await store.has(path)) return
    await store.write(path, await source.fetch(url, abort.signal))
  }
}

/** Events tell the reason to everybody who listens. A password may hold at-signs. */
const withoutUser = (url: string): string => url.replace(/^([^:]*:\/\/)[^/?#]*@/, '$1')

/** The innermost one: libraries wrap what the network said. */
function reasonOf(error: unknown): string {
  let cause = error
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause
  if (!(cause instanceof Error)) return String(cause)
  return cause.message === '' ? ((cause as NodeJS.ErrnoException).code ?? cause.name) : cause.message
}
