// Which web pages may use the API: the CORS headers of rest-api 1.6, and the refusal of writes from pages of other
// origins. Headers alone do not keep a page from sending a POST; an API that runs commands has to look at the Origin
// itself.

import type { IncomingHttpHeaders } from 'node:http'

/** Empty when no origins are configured. On every response, not on preflights only. */
export function corsHeaders(
  headers: IncomingHttpHeaders,
  allowedOrigins: readonly string[],
): Readonly<Record<string, string>> {
  if (allowedOrigins.length === 0) return {}
  const { origin } = headers
  const isListed = origin !== undefined && allowedOrigins.includes(origin)
  const asked = headers['access-control-request-headers']
  return {
    // One value is all a browser accepts, so of several origins the one that asks is named; the last otherwise.
    'access-control-allow-origin': isListed ? origin : allowedOrigins[allowedOrigins.length - 1]!,
    ...(allowedOrigins.length > 1 ? { vary: 'Origin' } : {}),
    ...(asked === undefined ? {} : { 'access-control-allow-headers': joinHeader(asked) }),
    'access-control-allow-methods': 'GET, HEAD, OPTIONS',
    'access-control-max-age': '86400',
  }
}

const joinHeader = (value: string | string[]): string =>
  (Array.isArray(value) ? value : [value])
    .flatMap((line) => line.split(','))
    .map((name) => name.trim())
    .join(', ')

const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

/**
 * The origin of a page that tries to change something and may not, else undefined. Only browsers send an Origin; a page
 * served by this host itself is welcome, and so are the configured origins (`*`: all).
 */
export function foreignOrigin(
  request: { readonly method: string; readonly headers: IncomingHttpHeaders },
  allowedOrigins: readonly string[],
): string | undefined {
  const { origin, host } = request.headers
  if (origin === undefined || safeMethods.has(request.method)) return undefined
  if (allowedOrigins.includes(origin) || allowedOrigins.includes('*')) return undefined
  return hostOf(origin) === host ? undefined : origin
}

function hostOf(origin: string): string | undefined {
  try {
    return new URL(origin).host
  } catch {
    // `null` and other opaque origins have no host, hence are never our own.
    return undefined
  }
}
