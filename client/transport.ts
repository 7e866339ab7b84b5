// One call over HTTP: the request, the credentials, the way from an answer to its value, and from every failure to an
// ApiError (client/errors.ts).

import { ApiError, failureOf, failureOfTransport } from './errors.ts'
import { warningsIn } from './warnings.ts'

export interface ClientOptions {
  /** Without credentials, query and trailing slash, e.g. `http://127.0.0.1:8080`. */
  readonly url: string
  readonly credentials?: { readonly user: string; readonly password: string }
  /** How long one call may take, streams excepted. */
  readonly timeoutMs?: number
  /** Ends every call and stream when aborted. */
  readonly signal?: AbortSignal
  /** Hears of every field of a body that the server took and ignored, of refused bodies as well. */
  readonly onWarning?: (warning: string) => void
}

/** A successful answer: the text as it came and the value in it. */
export interface Answer<T> {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly body: T
}

type QueryValue = string | number | boolean | undefined
export type Query = Readonly<Record<string, QueryValue | readonly string[]>>

export interface Call {
  readonly method: string
  readonly path: string
  readonly query?: Query
  /** Text and bytes are sent as they are, so that a file's own numbers and order reach the server. */
  readonly body?: unknown
  readonly accept?: string
  /** JSON unless it is something else. */
  readonly type?: string
  readonly headers?: Readonly<Record<string, string>>
}

const defaultTimeoutMs = 30_000

export class Transport {
  readonly url: string
  readonly #headers: Readonly<Record<string, string>>
  readonly #timeoutMs: number
  readonly #signal: AbortSignal | undefined
  readonly #onWarning: ((warning: string) => void) | undefined

  constructor(options: ClientOptions) {
    this.url = options.url
    this.#timeoutMs = options.timeoutMs ?? defaultTimeoutMs
    this.#signal = options.signal
    this.#onWarning = options.onWarning
    this.#headers = options.credentials === undefined ? {} : { authorization: basic(options.credentials) }
  }

  /** An answer whose body is JSON, or none. */
  async json<T>(call: Call): Promise<Answer<T>> {
    const response = await this.open(call, { isBrief: true })
    const text = await this.guarded(() => response.text())
    const { status, headers } = response
    if (text === '') return { status, headers, text, body: undefined as T }
    try {
      return { status, headers, text, body: JSON.parse(text) as T }
    } catch (cause) {
      throw new ApiError({ kind: 'foreign', url: this.url, message: `its ${call.path} is not JSON` }, cause)
    }
  }

  /** An answer that is text. */
  async text(call: Call): Promise<Answer<string>> {
    const response = await this.open({ accept: 'text/plain', ...call }, { isBrief: true })
    const text = await this.guarded(() => response.text())
    return { status: response.status, headers: response.headers, text, body: text }
  }

  /** The bytes of an answer. */
  async bytes(call: Call): Promise<Uint8Array> {
    const response = await this.open(call, { isBrief: true })
    return this.guarded(async () => new Uint8Array(await response.arrayBuffer()))
  }

  /**
   * The response once its headers are here; throws for every status of 400 and above. `isBrief`: the whole of it has to
   * come in the time for one call.
   */
  async open(call: Call, options: { readonly isBrief?: boolean } = {}): Promise<Response> {
    const headers: Record<string, string> = {
      ...this.#headers,
      accept: call.accept ?? 'application/json',
      ...call.headers,
    }
    const init: RequestInit = { method: call.method, headers }
    if (call.body !== undefined) {
      const isRaw = typeof call.body === 'string' || call.body instanceof Uint8Array
      headers['content-type'] = call.type ?? 'application/json'
      init.body = isRaw ? (call.body as NonNullable<RequestInit['body']>) : JSON.stringify(call.body)
    }
    const timeout = options.isBrief === true ? AbortSignal.timeout(this.#timeoutMs) : undefined
    const signals = [this.#signal, timeout]
    init.signal = AbortSignal.any(signals.filter((signal) => signal !== undefined))
    const response = await this.guarded(() =>
      fetch(`${this.url}${call.path}${queryText(call.query ?? {})}`, init),
    )
    if (this.#onWarning !== undefined) warningsIn(response.headers).forEach(this.#onWarning)
    if (response.status < 400) return response
    const text = await this.guarded(() => response.text())
    throw new ApiError(failureOf({ status: response.status, url: this.url, path: call.path, text }))
  }

  /** What the transport throws becomes an ApiError. */
  async guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (cause) {
      throw this.#translated(cause)
    }
  }

  /** The body as it comes. */
  async *chunks(response: Response): AsyncGenerator<Uint8Array> {
    if (response.body === null) return
    try {
      yield* response.body
    } catch (cause) {
      throw this.#translated(cause)
    }
  }

  #translated(cause: unknown): unknown {
    // Somebody asked us to stop: that is no failure of the server, and the asker handles it.
    if (this.#signal?.aborted) return cause
    return new ApiError(failureOfTransport(cause, this.url), cause)
  }
}

function queryText(query: Query): string {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue
    for (const item of Array.isArray(value) ? value : [value]) params.append(name, String(item))
  }
  const text = params.toString()
  return text === '' ? '' : `?${text}`
}

/** UTF-8 first: btoa alone refuses characters above U+00FF (RFC 7617, section 2.1). */
function basic(credentials: { user: string; password: string }): string {
  const bytes = new TextEncoder().encode(`${credentials.user}:${credentials.password}`)
  return `Basic ${btoa(String.fromCharCode(...bytes))}`
}
