// Files by HTTP and HTTPS, following redirects. A server that stops sending is given up.

import { STATUS_CODES } from 'node:http'
import type { Dispatcher } from 'undici'
import { limits } from '../lib/limits.ts'
import type { FileSource } from './downloads.ts'

/** `idleMs`: how long a server may send nothing. */
export function createHttpSource(idleMs: number = limits.artifactIdleMs): FileSource {
  let connections: Dispatcher | undefined
  return {
    async fetch(url, signal) {
      // Loaded late, for it takes its time. The default export: bundled, a CommonJS library has no others then.
      const { Agent, interceptors, request } = (await import('undici')).default
      connections ??= new Agent({
        connect: { timeout: idleMs },
        headersTimeout: idleMs,
        bodyTimeout: idleMs,
      }).compose(interceptors.redirect({ maxRedirections: limits.artifactRedirects }))
      const { statusCode, body } = await request(url, { signal, dispatcher: connections })
      if (statusCode >= 200 && statusCode <= 299) return body
      await body.dump({ limit: limits.droppedAnswerBytes, signal })
      throw new Error(`the server answered ${statusCode} ${STATUS_CODES[statusCode] ?? ''}`.trimEnd())
    },
    close: async () => connections?.destroy(),
  }
}
