// What an artifact's uri and flags mean: where it comes from, what its file is called, whether and how it is
// unpacked. Pure.

import path from 'node:path'
import type { CommandUri } from '../../core/mesos.ts'
import { ok, type Result, refused } from '../../lib/result.ts'

export type ArchiveKind = 'tar' | 'tar-other' | 'zip' | 'gzip'

export interface FetchPlan {
  readonly source:
    | { readonly kind: 'http'; readonly url: string }
    | { readonly kind: 'file'; readonly path: string }
  /** Relative to the sandbox, never out of it. */
  readonly target: string
  /** Absent: it stays one file. */
  readonly archive?: ArchiveKind
  readonly isExecutable: boolean
  readonly isCached: boolean
}

/** By the end of the name, as Mesos' fetcher does. `tar-other` is what needs the system's tar. */
const archives: readonly (readonly [RegExp, ArchiveKind])[] = [
  [/\.(tar|tgz|tar\.gz)$/i, 'tar'],
  [/\.(tbz2|tar\.bz2|txz|tar\.xz)$/i, 'tar-other'],
  [/\.(zip|jar\.zip)$/i, 'zip'],
  [/\.gz$/i, 'gzip'],
]

export function planFetch(uri: CommandUri): Result<FetchPlan, string> {
  const source = sourceOf(uri.value)
  if (!source.ok) return source
  const lastSegment = path.posix.basename(
    source.value.kind === 'http' ? new URL(source.value.url).pathname : source.value.path,
  )
  let name: string
  try {
    name = decodeURIComponent(lastSegment)
  } catch {
    name = lastSegment
  }
  const target = path.posix.normalize(uri.outputFile ?? name)
  if (target === '.' || target.endsWith('/'))
    return refused('the uri names no file, and there is no destPath')
  if (path.posix.isAbsolute(target) || target === '..' || target.startsWith('../') || target.includes('\0')) {
    return refused(`its place "${target}" is outside of the sandbox`)
  }
  if (target === 'stdout' || target === 'stderr')
    return refused(`"${target}" is where the output of the task goes`)
  // An executable is not unpacked, whatever it is called (as Mesos' fetcher does).
  const archive =
    uri.extract && !uri.executable ? archives.find(([pattern]) => pattern.test(target))?.[1] : undefined
  return ok({
    source: source.value,
    target,
    ...(archive ? { archive } : {}),
    isExecutable: uri.executable,
    isCached: uri.cache,
  })
}

function sourceOf(value: string): Result<FetchPlan['source'], string> {
  if (value.startsWith('/')) return ok({ kind: 'file', path: value })
  if (!URL.canParse(value)) return refused('it is neither a uri nor an absolute path')
  const url = new URL(value)
  switch (url.protocol) {
    case 'http:':
    case 'https:':
      return ok({ kind: 'http', url: url.href })
    case 'file:':
      if (url.hostname !== '' && url.hostname !== 'localhost')
        return refused(`file uris name no host, this one names "${url.hostname}"`)
      return ok({ kind: 'file', path: decodeURIComponent(url.pathname) })
    default:
      return refused(
        `uris of the scheme "${url.protocol.slice(0, -1)}" cannot be fetched, expected http, https or file`,
      )
  }
}
