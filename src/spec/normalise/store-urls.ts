// `storeUrls` (rest-api 12): files that are to be in the artifact store before an app starts, and that its tasks fetch
// from there. Where in the store follows from the URL alone, so that a file is brought there once.

import { limits } from '../../lib/limits.ts'
import { ok, type Result, refused } from '../../lib/result.ts'
import { sha1 } from '../../lib/sha1.ts'
import { invalidObject, unprocessable } from '../parse/issues.ts'
import type { Issue, Refusal } from '../refusal.ts'
import type { AppInput } from '../schema/app.ts'
import { isUri } from '../uri.ts'
import { noArtifactStore } from '../validate/phrases.ts'
import type { NormaliseContext } from './context.ts'

type Fetch = AppInput['fetch']

/** Where the file of a URL is in the store: the digest of the URL, and the name the file has there. */
export function storedPath(url: string): string {
  const [, path = ''] = /^[^:]*:\/\/[^/?#]*([^?#]*)/.exec(url) ?? []
  const name = path.slice(path.lastIndexOf('/') + 1)
  // What could mean something else in a path or a shell does not come along.
  const plain = name.replace(/%[0-9A-Fa-f]{2}|[^A-Za-z0-9._-]/g, '_').slice(-limits.storedNameChars)
  return `${sha1(url)}/${/^\.*$/.test(plain) ? 'file' : plain}`
}

/** `fetch` and what of the store it does not name yet. */
export function fetchStored(
  fetch: Fetch,
  storeUrls: readonly string[],
  { artifactsUrl }: Pick<NormaliseContext, 'artifactsUrl'>,
): Result<Fetch, Refusal> {
  if (storeUrls.length === 0) return ok(fetch)
  const issues = storeUrls.flatMap((url, index) => issuesOf(url, index))
  if (storeUrls.length > limits.storeUrls) {
    issues.push({ path: '/storeUrls', errors: [`must have at most ${limits.storeUrls} elements`] })
  }
  if (issues.length > 0) return refused(invalidObject(issues))
  if (artifactsUrl === undefined) return refused(unprocessable(noArtifactStore))
  const named = new Set(fetch.map(({ uri }) => uri))
  const added: Fetch = []
  for (const url of storeUrls) {
    const uri = `${artifactsUrl}/${storedPath(url)}`
    if (named.has(uri)) continue
    named.add(uri)
    added.push({ uri, extract: true, executable: false, cache: false })
  }
  return ok([...fetch, ...added])
}

/** Whether there is something at the URL shows when it is fetched; here, whether anything could be. */
const issuesOf = (url: string, index: number): Issue[] =>
  /^https?:\/\/[^/?#]/i.test(url) && isUri(url)
    ? []
    : [{ path: `/storeUrls(${index})`, errors: ['URL could not be resolved.'] }]
