// The name of one request: in the answer's `X-Request-Id`, in the log. Whoever sends a sane one has theirs kept, so
// that a request can be followed through all programs on its way.

import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { limits } from '../lib/limits.ts'

/** What stands in no log line's way, and what the common generators make. */
const sane = /^[A-Za-z0-9][A-Za-z0-9._:@/+=-]*$/

export function requestIdOf(request: { readonly headers: IncomingHttpHeaders }): string {
  const given = request.headers['x-request-id']
  const isSane = typeof given === 'string' && given.length <= limits.requestIdChars && sane.test(given)
  return isSane ? given : randomUUID()
}
