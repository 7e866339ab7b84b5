// What can go wrong in a call, translated once from transport errors and from the error table of the API
// (rest-api 1.4). Callers look at `failure.kind`; nobody else reads status codes or error bodies.

export type Failure =
  /** No answer at all: refused, unknown host, timeout, broken connection. */
  | { readonly kind: 'unreachable'; readonly url: string; readonly why: string; readonly code: string }
  | { readonly kind: 'unauthenticated'; readonly url: string; readonly message: string }
  | { readonly kind: 'forbidden'; readonly message: string }
  | { readonly kind: 'not-found'; readonly message: string }
  | { readonly kind: 'conflict'; readonly message: string; readonly deployments: readonly string[] }
  | { readonly kind: 'invalid'; readonly message: string; readonly details: readonly Detail[] }
  | { readonly kind: 'refused'; readonly status: number; readonly message: string }
  | { readonly kind: 'broken'; readonly status: number; readonly message: string }
  /** An answer that no Marathon gives: another program listens there. */
  | { readonly kind: 'foreign'; readonly url: string; readonly message: string }

/** One offending place of a request body. `path` is empty when the server gives only text. */
export interface Detail {
  readonly path: string
  readonly errors: readonly string[]
}

/** Every failed call throws this; `cause` keeps what the transport said. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly failure: Failure

  constructor(failure: Failure, cause?: unknown) {
    super('message' in failure ? failure.message : failure.why, cause === undefined ? undefined : { cause })
    this.failure = failure
  }
}

/** The failure that a status of 400 or above and its body stand for. `path` is what was asked for. */
export function failureOf(response: { status: number; url: string; path: string; text: string }): Failure {
  const { status, url } = response
  const body = parseObject(response.text)
  const message =
    messageOf(body) ?? plainText(response.text) ?? `the server answered ${status} without a message`
  switch (status) {
    case 401:
      return { kind: 'unauthenticated', url, message }
    case 403:
      return { kind: 'forbidden', message }
    case 404:
      // Every 404 of the API carries a message (rest-api 1.4); a page of HTML comes from somebody else.
      return body === undefined && /<html|<!doctype/i.test(response.text)
        ? { kind: 'foreign', url, message: `it has no ${response.path}` }
        : { kind: 'not-found', message }
    case 409:
    // The version in force is another than the one named.
    case 412:
      return { kind: 'conflict', message, deployments: deploymentIds(body) }
    case 400:
    case 422:
      return { kind: 'invalid', message, details: detailsOf(body) }
  }
  return status >= 500 ? { kind: 'broken', status, message } : { kind: 'refused', status, message }
}

/** The failure behind an exception of `fetch`. */
export function failureOfTransport(error: unknown, url: string): Failure {
  const chain = causes(error)
  const code = chain.map((link) => link.code).find((found) => found !== undefined) ?? 'EUNKNOWN'
  if (chain.some((link) => link.name === 'TimeoutError')) {
    return { kind: 'unreachable', url, code: 'ETIMEDOUT', why: 'it did not answer in time' }
  }
  return {
    kind: 'unreachable',
    url,
    code,
    why: transportReasons[code] ?? chain.at(-1)?.message ?? 'no connection',
  }
}

const transportReasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there (connection refused)',
  ENOTFOUND: 'the host name is unknown',
  EAI_AGAIN: 'the host name cannot be looked up right now',
  ECONNRESET: 'the connection was cut',
  UND_ERR_SOCKET: 'the connection was cut',
  ETIMEDOUT: 'it did not answer in time',
  UND_ERR_CONNECT_TIMEOUT: 'it did not answer in time',
  UND_ERR_HEADERS_TIMEOUT: 'it did not answer in time',
  UND_ERR_BODY_TIMEOUT: 'it fell silent',
  EHOSTUNREACH: 'there is no route to the host',
  ENETUNREACH: 'there is no route to the network',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate chain is self-signed',
  CERT_HAS_EXPIRED: 'its certificate has expired',
}

interface Link {
  readonly name: string
  readonly message: string
  readonly code: string | undefined
}

function causes(error: unknown): Link[] {
  const chain: Link[] = []
  let current = error
  // A chain of causes longer than this says nothing more.
  while (current instanceof Error && chain.length < 8) {
    const code = 'code' in current && typeof current.code === 'string' ? current.code : undefined
    chain.push({ name: current.name, message: current.message, code })
    // Happy-eyeballs connects fail as an AggregateError, whose first member tells the story.
    current = current instanceof AggregateError && code === undefined ? current.errors[0] : current.cause
  }
  return chain
}

type Json = Readonly<Record<string, unknown>>

function parseObject(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    // Not JSON: an error page or plain text, which the caller shows as it is.
    return undefined
  }
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function messageOf(body: Json | undefined): string | undefined {
  if (typeof body?.['message'] === 'string') return body['message']
  // The v1 form of a refused field (rest-api 12.1).
  return Array.isArray(body?.['errors']) ? 'Object is not valid' : undefined
}

/** The text of an error page that is neither JSON nor HTML, on one line and not endless. */
function plainText(text: string): string | undefined {
  const line = text.replace(/\s+/g, ' ').trim()
  return line === '' || line.startsWith('<') ? undefined : line.slice(0, 500)
}

function deploymentIds(body: Json | undefined): string[] {
  const list: unknown = body?.['deployments']
  if (!Array.isArray(list)) return []
  return list.flatMap((item: unknown) =>
    isObject(item) && typeof item['id'] === 'string' ? [item['id']] : [],
  )
}

function detailsOf(body: Json | undefined): Detail[] {
  const details: unknown = body?.['details']
  if (typeof details === 'string') return [{ path: '', errors: [details] }]
  if (Array.isArray(details)) {
    return details.flatMap((item: unknown) =>
      isObject(item) ? [{ path: String(item['path'] ?? ''), errors: texts(item['errors']) }] : [],
    )
  }
  const v1: unknown = body?.['errors']
  if (!Array.isArray(v1)) return []
  return v1.flatMap((item: unknown) =>
    isObject(item) ? [{ path: `/${String(item['attribute'] ?? '')}`, errors: texts([item['error']]) }] : [],
  )
}

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((text): text is string => typeof text === 'string') : []
