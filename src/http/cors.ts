// Which web pages may use the API: the CORS headers of rest-api 1.6, and the refusal of writes from pages of other
// origins. Headers alone do not keep a page from sending a POST; an API that runs commands has to look at the Origin
// itself.

import type { IncomingHttpHeaders } from 'node:http'
import { isIP } from 'node:net'

/** What pages may see of an answer beside what browsers show of any: the headers that say something of ours. */
const exposed = [
  'ETag',
  'Location',
  'Marathon-Deployment-Id',
  'Marathon-Event-Id',
  'Marathon-Log-End',
  'Marathon-Log-Size',
  'Marathon-Log-Start',
  'Marathon-Warnings',
  'X-Marathon-Leader',
  'X-Request-Id',
].join(', ')

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
    'access-control-expose-headers': exposed,
  }
}

const joinHeader = (value: string | string[]): string =>
  (Array.isArray(value) ? value : [value])
    .flatMap((line) => line.split(','))
    .map((name) => name.trim())
    .join(', ')

const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

export interface OwnOrigin {
  readonly allowedOrigins: readonly string[]
  /** Whether every request must present credentials: a foreign page has none. */
  readonly isGuarded: boolean
  /** The name other machines know this one by, if there is one. */
  readonly hostname: string | undefined
}

/**
 * The origin of a page that tries to change something and may not, else undefined. Only browsers send an Origin; a page
 * served by this host itself is welcome, and so are the configured origins (`*`: all).
 */
export function foreignOrigin(
  request: { readonly method: string; readonly headers: IncomingHttpHeaders },
  own: OwnOrigin,
): string | undefined {
  const { origin, host } = request.headers
  if (origin === undefined || safeMethods.has(request.method)) return undefined
  if (own.allowedOrigins.includes(origin) || own.allowedOrigins.includes('*')) return undefined
  const url = urlOf(origin)
  return url !== undefined && url.host === host && isOurName(url.hostname, own) ? undefined : origin
}

/**
 * Host and Origin agree also when a foreign name has been pointed at this machine (DNS rebinding). Who has no
 * credentials to ask for can only go by the name: addresses, names without a dot and the configured one are not for
 * strangers to hand out.
 */
function isOurName(hostname: string, own: OwnOrigin): boolean {
  if (own.isGuarded || hostname === own.hostname?.toLowerCase()) return true
  return isIP(hostname.replace(/^\[(.*)\]$/, '$1')) !== 0 || !hostname.includes('.')
}

function urlOf(origin: string): URL | undefined {
  try {
    return new URL(origin)
  } catch {
    // `null` and other opaque origins have no host, hence are never our own.
    return undefined
  }
}
