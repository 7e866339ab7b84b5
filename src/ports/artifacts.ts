// The artifact store: files that people put beside their apps, by path (rest-api 12), and what brings files there that
// apps name by their URL. One implementation of each (src/artifacts), which keeps them in a folder of this machine.

import type { ArtifactEvent } from '../core/events.ts'
import type { ArtifactEffect } from '../core/ready.ts'

export interface ArtifactStore {
  /** Undefined when there is none. The content is opened; who does not read it to its end destroys it. */
  read(path: string): Promise<Artifact | undefined>
  has(path: string): Promise<boolean>
  /**
   * Stores all of it durably, or nothing: until this resolves, the path holds what it held before.
   * Rejects with an ArtifactError, or with what the content failed with.
   */
  write(path: string, content: AsyncIterable<Uint8Array>): Promise<'created' | 'replaced'>
  /** Also when there is none. Folders left empty go as well. */
  remove(path: string): Promise<void>
}

export interface ArtifactDownloads {
  /** Reports from now on. */
  start(report: (event: ArtifactEvent) => void): void
  /**
   * Takes effects in order; returns at once. Each path that is to be stored is answered once, unless it is abandoned
   * before.
   */
  perform(effects: readonly ArtifactEffect[]): void
  /** Stops what is under way; nothing is reported any more. */
  stop(): Promise<void>
}

export interface Artifact {
  readonly bytes: number
  readonly modifiedAt: Date
  readonly content: AsyncIterable<Uint8Array> & { destroy(): unknown }
}

export type ArtifactErrorKind =
  /** No path of an artifact, whatever the store holds. */
  | 'path'
  /** What the store holds already leaves no room for it: a folder of this name, or an artifact where a folder goes. */
  | 'conflict'
  | 'too-large'
  /** No room left on the device. */
  | 'full'

/** The message says why, as the end of a sentence. */
export class ArtifactError extends Error {
  override readonly name = 'ArtifactError'
  readonly kind: ArtifactErrorKind

  constructor(kind: ArtifactErrorKind, message: string, options?: ErrorOptions) {
    super(message, options)
    this.kind = kind
  }
}
