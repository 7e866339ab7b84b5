// One event to one URL over HTTP. Connections are kept and are per server, without a bound of their own: each receiver
// has one post under way. Redirects are not followed: where events go is what the operator said.

import type { Dispatcher } from 'undici'
import { limits } from '../lib/limits.ts'
import type { PostResult } from './delivery.ts'
import type { Post } from './receiver.ts'

export interface Poster {
  readonly post: Post
  /** Lets go of the connections. */
  close(): Promise<void>
}

/** `timeoutMs` (--http_event_request_timeout) is for all of it, from the connection to the end of the answer. */
export function createPoster(timeoutMs: number): Poster {
  let connections: Dispatcher | undefined
  return {
    async post(url, { body: event, id }, signal) {
      const own = new AbortController()
      let reason = `it did not answer within ${timeoutMs} ms`
      const timer = setTimeout(() => own.abort(), timeoutMs)
      const stop = (): void => {
        reason = 'the server stops'
        own.abort()
      }
      signal.addEventListener('abort', stop, { once: true })
      try {
        if (signal.aborted) stop()
        const { Agent, request } = await library()
        connections ??= new Agent({ connect: { timeout: timeoutMs } })
        const { target, headers } = addressed(url)
        if (id !== undefined) headers['marathon-event-id'] = String(id)
        const { statusCode, body } = await request(target, {
          method: 'POST',
          headers,
          body: event,
          signal: own.signal,
          dispatcher: connections,
        })
        await body.dump({ limit: limits.droppedAnswerBytes, signal: own.signal })
        return { kind: 'answered', status: statusCode }
      } catch (error) {
        return own.signal.aborted ? { kind: 'broken', reason } : resultOf(error)
      } finally {
        clearTimeout(timer)
        signal.removeEventListener('abort', stop)
      }
    },
    close: async () => connections?.destroy(),
  }
}

/** Loaded late, for it takes its time. The default export: bundled, a CommonJS library has no others then. */
const library = async () => (await import('undici')).default

/** A user and a password in the URL are for the receiver, as Basic authentication. */
function addressed(url: string): { readonly target: string; readonly headers: Record<string, string> } {
  const headers = { accept: 'application/json', 'content-type': 'application/json' }
  const { username, password, protocol, host, pathname, search } = new URL(url)
  const target = `${protocol}//${host}${pathname}${search}`
  if (username === '' && password === '') return { target, headers }
  const user = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`)
  return { target, headers: { ...headers, authorization: `Basic ${user.toString('base64')}` } }
}

/** Failures before anything was sent. */
const unreached: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'EMFILE',
  'UND_ERR_CONNECT_TIMEOUT',
])

function resultOf(error: unknown): PostResult {
  const { code, message } = error as NodeJS.ErrnoException
  const reason = message === '' ? (code ?? 'no reason given') : message
  return { kind: code !== undefined && unreached.has(code) ? 'unreachable' : 'broken', reason }
}
