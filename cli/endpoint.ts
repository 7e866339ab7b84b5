// Where the server is and who asks: flags, then environment, then the default. Credentials may stand in the
// URL; they are taken out of it at once, so that no message can show them.

import { ok, type Result, refused } from '../src/lib/result.ts'

export interface EndpointSource {
  readonly url?: string | undefined
  readonly user?: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
}

export interface Endpoint {
  /** `http://host:port`, with a base path if one was given, without trailing slash. */
  readonly url: string
  readonly credentials?: { readonly user: string; readonly password: string }
  /** True when a flag chose it: commands proposed to the user must then repeat the flag. */
  readonly isFromFlag: boolean
}

export const defaultUrl = 'http://127.0.0.1:8080'

/** The endpoint, or a sentence that says which setting is wrong and how. */
export function parseEndpoint(source: EndpointSource): Result<Endpoint, string> {
  const { env } = source
  const given = source.url ?? (env['MARATHON_URL'] || defaultUrl)
  const setting = source.url === undefined ? 'MARATHON_URL' : '--url'
  // `foo.bar:8080` is what people type; URL() would take `foo.bar:` for a scheme.
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(given) ? given : `http://${given}`
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || url.hostname === '') {
    return refused(`${setting} is '${withoutCredentials(given)}', expected a URL such as ${defaultUrl}`)
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return refused(`${setting} starts with '${url.protocol}//', expected http:// or https://`)
  }
  const base = {
    url: `${url.origin}${url.pathname.replace(/\/+$/, '')}`,
    isFromFlag: source.url !== undefined,
  }
  const pair = source.user ?? (env['MARATHON_CREDENTIALS'] || undefined)
  if (pair !== undefined) {
    const colon = pair.indexOf(':')
    const name = source.user === undefined ? 'MARATHON_CREDENTIALS' : '--user'
    if (colon < 1) return refused(`${name} has no colon between user and password, expected user:password`)
    return ok({ ...base, credentials: { user: pair.slice(0, colon), password: pair.slice(colon + 1) } })
  }
  if (url.username === '') return ok(base)
  return ok({ ...base, credentials: { user: decoded(url.username), password: decoded(url.password) } })
}

const withoutCredentials = (text: string): string => text.replace(/\/\/.*@/, '//')

/** A stray `%` in a password is meant as it stands. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
