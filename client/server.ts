// The calls about the server itself (rest-api 8, 10, 12): what it is, what it logs, who hears of its events, what
// files it keeps, and what its API looks like.

import { idPath } from './paths.ts'
import type { Answer, Transport } from './transport.ts'
import type {
  EventSubscriptions,
  Info,
  Leader,
  LoggerLevel,
  LoggerLevels,
  Message,
  Metrics,
  Plugins,
} from './wire.ts'

type JsonObject = Readonly<Record<string, unknown>>

export class Server {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  info(): Promise<Answer<Info>> {
    return this.#transport.json({ method: 'GET', path: '/v2/info' })
  }

  leader(): Promise<Answer<Leader>> {
    return this.#transport.json({ method: 'GET', path: '/v2/leader' })
  }

  /** It gives the leadership up and ends; tasks go on. */
  abdicate(): Promise<Answer<Message>> {
    return this.#transport.json({ method: 'DELETE', path: '/v2/leader' })
  }

  ping(): Promise<Answer<string>> {
    return this.#transport.json({ method: 'GET', path: '/ping' })
  }

  plugins(): Promise<Answer<Plugins>> {
    return this.#transport.json({ method: 'GET', path: '/v2/plugins' })
  }

  metrics(): Promise<Answer<Metrics>> {
    return this.#transport.json({ method: 'GET', path: '/metrics' })
  }

  /** In the text form of Prometheus. */
  prometheus(): Promise<Answer<string>> {
    return this.#transport.text({ method: 'GET', path: '/metrics/prometheus' })
  }

  /** All flags by their names, secrets masked. */
  config(): Promise<Answer<JsonObject>> {
    return this.#transport.json({ method: 'GET', path: '/config' })
  }

  logging(): Promise<Answer<LoggerLevels>> {
    return this.#transport.json({ method: 'GET', path: '/logging' })
  }

  /** For good, or for `durationSeconds`. */
  setLogging(change: LoggerLevel): Promise<Answer<LoggerLevel>> {
    return this.#transport.json({ method: 'POST', path: '/logging', body: change })
  }

  eventSubscriptions(): Promise<Answer<EventSubscriptions>> {
    return this.#transport.json({ method: 'GET', path: '/v2/eventSubscriptions' })
  }

  /** Events are posted to this URL from now on. */
  subscribe(callbackUrl: string): Promise<Answer<JsonObject>> {
    return this.#transport.json({
      method: 'POST',
      path: '/v2/eventSubscriptions',
      query: { callbackUrl },
    })
  }

  unsubscribe(callbackUrl: string): Promise<Answer<JsonObject>> {
    return this.#transport.json({
      method: 'DELETE',
      path: '/v2/eventSubscriptions',
      query: { callbackUrl },
    })
  }

  /** The JSON Schema of a definition as it is sent here. */
  schema(name: 'app' | 'pod' | 'group'): Promise<Answer<JsonObject>> {
    return this.#transport.json({ method: 'GET', path: `/v2/schemas/${name}` })
  }

  schemas(): Promise<
    Answer<{ readonly schemas: readonly { readonly name: string; readonly path: string }[] }>
  > {
    return this.#transport.json({ method: 'GET', path: '/v2/schemas' })
  }

  /** The OpenAPI document. */
  description(): Promise<Answer<JsonObject>> {
    return this.#transport.json({ method: 'GET', path: '/public/api/v2/openapi.json' })
  }

  /** Stores a file for tasks to fetch; the answer names its URL in `Location` when it is new. */
  putArtifact(path: string, bytes: Uint8Array): Promise<Answer<undefined>> {
    return this.#transport.json({
      method: 'PUT',
      path: artifactPath(path),
      body: bytes,
      type: 'application/octet-stream',
    })
  }

  async artifact(path: string): Promise<Uint8Array> {
    return this.#transport.bytes({ method: 'GET', path: artifactPath(path), accept: '*/*' })
  }

  removeArtifact(path: string): Promise<Answer<undefined>> {
    return this.#transport.json({ method: 'DELETE', path: artifactPath(path) })
  }
}

const artifactPath = (path: string): string => `/v2/artifacts/${idPath(path)}`
