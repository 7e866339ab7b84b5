// Who gets events posted (rest-api 12): which URLs may subscribe, and what subscribing changes. URLs of
// --http_endpoints are there from every start and are not stored; one that is taken off the list is back after it.
// Posting is the part of an adapter, which follows the notices made here.

import { limits } from '../../lib/limits.ts'
import { ok, type Result, refused } from '../../lib/result.ts'
import { isUri } from '../../spec/uri.ts'
import type { Core } from '../core.ts'
import { subscribed, unsubscribed } from '../notices/subscription.ts'
import type { Origin, Outcome, Refusal } from '../requests.ts'

/** The change one subscriber asks for. `callbackUrl` is absent when the caller named none. */
export interface SubscriptionChange {
  readonly callbackUrl: string | undefined
  readonly origin: Origin
}

/** Subscribing twice is subscribing once, and is told of both times. */
export function subscribe(core: Core, change: SubscriptionChange): Result<Outcome, Refusal> {
  const { state, batch } = core
  const url = usableUrl(core, change)
  if (!url.ok) return url
  const isNew = !state.callbackUrls.has(url.value)
  if (isNew && state.callbackUrls.size >= limits.eventSubscriptions) {
    return refused({ kind: 'too-many-subscriptions', limit: limits.eventSubscriptions })
  }
  if (isNew) {
    state.callbackUrls.add(url.value)
    batch.put('event-subscription', url.value, { callbackUrl: url.value, since: state.now })
  }
  const notice = subscribed(url.value, change.origin.clientIp, state.now)
  batch.notice(notice)
  return ok({ kind: 'subscription-changed', notice })
}

/** Also for a URL that was not subscribed: then nothing changes, and it is told all the same. */
export function unsubscribe(core: Core, change: SubscriptionChange): Result<Outcome, Refusal> {
  const { state, batch } = core
  const url = usableUrl(core, change)
  if (!url.ok) return url
  if (state.callbackUrls.delete(url.value)) batch.delete('event-subscription', url.value)
  const notice = unsubscribed(url.value, change.origin.clientIp, state.now)
  batch.notice(notice)
  return ok({ kind: 'subscription-changed', notice })
}

function usableUrl({ settings }: Core, { callbackUrl }: SubscriptionChange): Result<string, Refusal> {
  if (settings.eventSubscriber === undefined) return refused({ kind: 'callbacks-off' })
  const url = callbackUrl ?? ''
  const problem = problemOf(url)
  if (problem === undefined) return ok(url)
  return refused({ kind: 'invalid-object', issues: [{ path: '/', errors: [problem] }] })
}

const parts = /^([A-Za-z][A-Za-z0-9+.-]*):(.*)$/s
const authority = /^\/\/(?:[^/?#@]*@)?(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~-]+)(?::(\d{1,5}))?(?:[/?#]|$)/

/** What is wrong with a URL, in the words of the original's platform where it had some. */
function problemOf(url: string): string | undefined {
  if (url === '') return 'must name a callbackUrl, such as http://host:port/path'
  const [, scheme, rest] = parts.exec(url) ?? []
  if (scheme === undefined || rest === undefined) return `no protocol: ${url.slice(0, 80)}`
  if (!/^https?$/i.test(scheme)) return `unknown protocol: ${scheme.toLowerCase().slice(0, 80)}`
  if (url.length > limits.callbackUrlChars) {
    return `has ${url.length} characters, at most ${limits.callbackUrlChars} are possible`
  }
  const [match, port] = authority.exec(rest) ?? []
  const isPort = port === undefined || Number(port) <= 65_535
  if (match !== undefined && isPort && isUri(url)) return undefined
  return `is not a URL: '${url.slice(0, 80)}', expected one such as http://host:port/path`
}
