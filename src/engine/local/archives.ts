// Unpacking archives into a sandbox. No entry ever lands outside: neither by its name, nor through a link that came
// with the archive, nor does it fill the disk beyond the limit.

import { spawn } from 'node:child_process'
import fs from 'node:fs'
import fsp from 'node:fs/promises'
import path from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import type yauzl from 'yauzl'
import type { ArchiveKind } from './fetch-plan.ts'
import { withoutInheritedFds } from './inherited-fds.ts'
import { localLimits } from './limits.ts'

/** Unpacks `file` into `folder`. Rejects with the reason; what was unpacked until then stays. */
export async function unpack(
  kind: ArchiveKind,
  file: string,
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  switch (kind) {
    case 'tar':
      return unpackTar(file, folder, signal)
    case 'tar-other':
      return unpackWithSystemTar(file, folder, signal)
    case 'zip':
      return unpackZip(file, folder, signal)
    case 'gzip': {
      const plain = file.replace(/\.gz$/i, '')
      await fsp.rm(plain, { force: true })
      const target = fs.createWriteStream(plain, { flags: 'wx' })
      await pipeline(fs.createReadStream(file), createGunzip(), byteLimit(), target, { signal })
    }
  }
}

/** Makes a folder and proves that no link, of an earlier archive for instance, led it out of `root`. */
export async function makeFolderWithin(root: string, folder: string): Promise<void> {
  const real = await fsp.realpath(root)
  // From the top, so that nothing is ever made behind a link that leads out.
  let at = root
  for (const name of path.relative(root, folder).split(path.sep)) {
    at = path.join(at, name)
    await fsp.mkdir(at).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
    const landed = await fsp.realpath(at)
    if (landed !== real && !landed.startsWith(`${real}${path.sep}`)) {
      throw new Error(`"${path.relative(root, at)}" leads out of the sandbox`)
    }
  }
}

/** Passes bytes on until there are too many. */
export function byteLimit(): Transform {
  let bytes = 0
  return new Transform({
    transform(chunk: Buffer, _, done) {
      bytes += chunk.length
      if (bytes > localLimits.fetchBytes) done(new Error(`it is bigger than ${localLimits.fetchBytes} bytes`))
      else done(null, chunk)
    },
  })
}

/** The libraries for archives are loaded with the first archive; this loads them before. */
export async function loadArchiveReaders(): Promise<void> {
  await Promise.all([import('tar'), import('yauzl')])
}

async function unpackTar(file: string, folder: string, signal: AbortSignal): Promise<void> {
  const tar = await import('tar')
  let bytes = 0
  let entries = 0
  // The library takes `..` and absolute names out and unlinks links it would write through.
  const extraction = tar.extract({
    cwd: folder,
    strict: true,
    preserveOwner: false,
    filter: (_, entry) => {
      bytes += 'size' in entry ? (entry.size ?? 0) : 0
      entries += 1
      return bytes <= localLimits.fetchBytes && entries <= localLimits.fetchEntries
    },
  })
  await pipeline(fs.createReadStream(file), extraction, { signal })
  if (bytes > localLimits.fetchBytes)
    throw new Error(`unpacked it is bigger than ${localLimits.fetchBytes} bytes`)
  if (entries > localLimits.fetchEntries)
    throw new Error(`it holds more than ${localLimits.fetchEntries} entries`)
}

/** bzip2 and xz, which Node cannot read. GNU tar keeps entries within the folder by itself. */
function unpackWithSystemTar(file: string, folder: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const args = ['-x', '-f', file, '-C', folder, '--no-same-owner']
    const child = withoutInheritedFds(['ignore', 'ignore', 'pipe'], (stdio) =>
      spawn('tar', args, { stdio, signal }),
    )
    let said = ''
    child.stderr!.on('data', (chunk: Buffer) => {
      if (said.length < 500) said += chunk.toString()
    })
    child.on('error', (error) => reject(new Error(`tar: ${error.message}`)))
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(said.trim() || `tar exited with status ${code}`)),
    )
  })
}

async function unpackZip(file: string, folder: string, signal: AbortSignal): Promise<void> {
  const { default: reader } = await import('yauzl')
  const zip = await new Promise<yauzl.ZipFile>((resolve, reject) => {
    // Names that lead out of the folder are refused by the library.
    reader.open(file, { lazyEntries: true, autoClose: false }, (error, opened) =>
      error ? reject(error) : resolve(opened),
    )
  })
  const links: { readonly at: string; readonly target: string }[] = []
  let bytes = 0
  try {
    if (zip.entryCount > localLimits.fetchEntries)
      throw new Error(`it holds more than ${localLimits.fetchEntries} entries`)
    for await (const entry of entriesOf(zip)) {
      signal.throwIfAborted()
      bytes += entry.uncompressedSize
      if (bytes > localLimits.fetchBytes)
        throw new Error(`unpacked it is bigger than ${localLimits.fetchBytes} bytes`)
      const at = path.join(folder, entry.fileName)
      const mode = (entry.externalFileAttributes >>> 16) & 0xffff
      if (entry.fileName.endsWith('/')) {
        await makeFolderWithin(folder, at)
        continue
      }
      await makeFolderWithin(folder, path.dirname(at))
      const content = await openEntry(zip, entry)
      if ((mode & 0o170000) === 0o120000) {
        const chunks: Buffer[] = []
        for await (const chunk of content) chunks.push(chunk as Buffer)
        links.push({ at, target: Buffer.concat(chunks).toString() })
      } else {
        await fsp.rm(at, { force: true })
        await pipeline(content, fs.createWriteStream(at, { mode: mode & 0o777 || 0o644, flags: 'wx' }), {
          signal,
        })
      }
    }
    // Links last: nothing of the archive is ever written through one.
    for (const { at, target } of links) await fsp.symlink(target, at)
  } finally {
    zip.close()
  }
}

async function* entriesOf(zip: yauzl.ZipFile): AsyncGenerator<yauzl.Entry> {
  for (;;) {
    const entry = await new Promise<yauzl.Entry | undefined>((resolve, reject) => {
      const settle = (end: () => void) => {
        zip.removeListener('entry', onEntry).removeListener('end', onEnd).removeListener('error', onError)
        end()
      }
      const onEntry = (next: yauzl.Entry) => settle(() => resolve(next))
      const onEnd = () => settle(() => resolve(undefined))
      const onError = (error: Error) => settle(() => reject(error))
      zip.on('entry', onEntry).on('end', onEnd).on('error', onError)
      zip.readEntry()
    })
    if (!entry) return
    yield entry
  }
}

function openEntry(zip: yauzl.ZipFile, entry: yauzl.Entry): Promise<NodeJS.ReadableStream> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => (error ? reject(error) : resolve(stream)))
  })
}
