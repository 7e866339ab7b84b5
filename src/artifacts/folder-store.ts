// Artifacts as files beneath one folder. A file appears by rename, written and synced before, so that readers find the
// old one or the new one and a crash leaves one of them. Links that lead out of the folder are not followed.

import { randomUUID } from 'node:crypto'
import fs from 'node:fs'
import { type FileHandle, mkdir, open, realpath, rename, rm, rmdir, stat, unlink } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { limits } from '../lib/limits.ts'
import { type Artifact, ArtifactError, type ArtifactStore } from '../ports/artifacts.ts'
import { artifactNames, uploadsFolder } from './artifact-path.ts'

export class FolderArtifactStore implements ArtifactStore {
  readonly #root: string
  readonly #uploads: string
  /** Changes of the tree come one after the other: one must not remove a folder another is about to use. */
  #changing: Promise<unknown> = Promise.resolve()

  private constructor(root: string) {
    this.#root = root
    this.#uploads = path.join(root, uploadsFolder)
  }

  /**
   * Opens the store in a folder that exists and can be written to. What an earlier process left half uploaded is
   * removed. @throws an error of the file system
   */
  static open(folder: string): FolderArtifactStore {
    const store = new FolderArtifactStore(fs.realpathSync(folder))
    fs.rmSync(store.#uploads, { recursive: true, force: true })
    fs.mkdirSync(store.#uploads)
    return store
  }

  async read(artifact: string): Promise<Artifact | undefined> {
    const file = await this.#openFile(path.join(this.#root, ...artifactNames(artifact)))
    if (file === undefined) return undefined
    try {
      const { size, mtime } = await file.stat()
      // No more than was announced, should somebody else append to it meanwhile.
      const content = size === 0 ? Readable.from([]) : file.createReadStream({ start: 0, end: size - 1 })
      if (size === 0) await file.close()
      return { bytes: size, modifiedAt: mtime, content }
    } catch (error) {
      await file.close()
      throw error
    }
  }

  async has(artifact: string): Promise<boolean> {
    const file = await this.#openFile(path.join(this.#root, ...artifactNames(artifact)))
    await file?.close()
    return file !== undefined
  }

  async write(artifact: string, content: AsyncIterable<Uint8Array>): Promise<'created' | 'replaced'> {
    const names = artifactNames(artifact)
    const upload = path.join(this.#uploads, randomUUID())
    try {
      await mkdir(this.#uploads, { recursive: true })
      await writeAll(upload, content)
      return await this.#change(() => this.#moveIn(upload, names))
    } catch (error) {
      throw codeOf(error) === 'ENOSPC' || codeOf(error) === 'EDQUOT'
        ? new ArtifactError('full', 'the disk is full', { cause: error })
        : error
    } finally {
      await rm(upload, { force: true })
    }
  }

  remove(artifact: string): Promise<void> {
    const names = artifactNames(artifact)
    return this.#change(async () => {
      const target = path.join(this.#root, ...names)
      if (!(await this.#isWithin(path.dirname(target)))) return
      try {
        await unlink(target)
      } catch (error) {
        if (isAbsent(error) || isFolder(error)) return
        throw error
      }
      await this.#removeEmpty(path.dirname(target))
    })
  }

  async #moveIn(upload: string, names: readonly string[]): Promise<'created' | 'replaced'> {
    const target = path.join(this.#root, ...names)
    const folder = path.dirname(target)
    await this.#makeFolder(names.slice(0, -1))
    const before = await stat(target).catch(absentAsUndefined)
    if (before?.isDirectory()) throw new ArtifactError('conflict', 'there is a folder of this name')
    await rename(upload, target)
    await syncFolder(folder)
    return before === undefined ? 'created' : 'replaced'
  }

  async #makeFolder(names: readonly string[]): Promise<void> {
    let folder = this.#root
    for (const name of names) {
      const parent = folder
      folder = path.join(parent, name)
      try {
        await mkdir(folder)
        await syncFolder(parent)
      } catch (error) {
        if (codeOf(error) !== 'EEXIST') throw error
        const there = await stat(folder).catch(absentAsUndefined)
        const where = path.relative(this.#root, folder)
        if (!there?.isDirectory()) throw new ArtifactError('conflict', `'${where}' is no folder`)
        if (!(await this.#isWithin(folder))) throw new ArtifactError('path', `'${where}' leads elsewhere`)
      }
    }
  }

  async #removeEmpty(from: string): Promise<void> {
    for (let folder = from; folder !== this.#root; folder = path.dirname(folder)) {
      try {
        await rmdir(folder)
      } catch {
        // Not empty, or in use as something else: it stays.
        return
      }
    }
  }

  /** Undefined for what is no file, and for what lies elsewhere. */
  async #openFile(file: string): Promise<FileHandle | undefined> {
    if (!(await this.#isWithin(file))) return undefined
    let handle: FileHandle
    try {
      // Without waiting, should somebody have put a pipe here.
      handle = await open(file, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK)
    } catch (error) {
      return absentAsUndefined(error)
    }
    if ((await handle.stat()).isFile()) return handle
    await handle.close()
    return undefined
  }

  async #isWithin(place: string): Promise<boolean> {
    const real = await realpath(place).catch(absentAsUndefined)
    return real !== undefined && (real === this.#root || real.startsWith(`${this.#root}${path.sep}`))
  }

  #change<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#changing.then(act)
    this.#changing = done.catch(() => undefined)
    return done
  }
}

async function writeAll(target: string, content: AsyncIterable<Uint8Array>): Promise<void> {
  const file = await open(target, 'wx', 0o644)
  try {
    let bytes = 0
    for await (const chunk of content) {
      bytes += chunk.length
      if (bytes > limits.artifactBytes) {
        throw new ArtifactError('too-large', `it has more than ${limits.artifactBytes} bytes`)
      }
      await file.writeFile(chunk)
    }
    await file.sync()
  } finally {
    await file.close()
  }
}

/** A new name is durable once its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code

const isAbsent = (error: unknown): boolean => ['ENOENT', 'ENOTDIR', 'ELOOP'].includes(codeOf(error) ?? '')
/** What unlink says of a folder, on Linux and elsewhere. */
const isFolder = (error: unknown): boolean => ['EISDIR', 'EPERM'].includes(codeOf(error) ?? '')

function absentAsUndefined(error: unknown): undefined {
  if (!isAbsent(error)) throw error
}
