// /v2/artifacts (rest-api 12): files by path. Uploads are forms with the field `file`, or the bytes as they are; they
// go to the store as they come and are never held whole.

import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { limits } from '../../lib/limits.ts'
import {
  type Artifact,
  ArtifactError,
  type ArtifactErrorKind,
  type ArtifactStore,
} from '../../ports/artifacts.ts'
import { type Answer, empty, type Headers, text } from '../answer.ts'
import { artifactsUrl } from '../deps.ts'
import { fail, type HttpError } from '../errors.ts'
import { type Endpoint, type Endpoints, type Exchange, mount } from '../resource.ts'
import type { Api } from './api.ts'

export function mountArtifacts(server: FastifyInstance, api: Api): void {
  const { artifacts } = api
  server.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    // Loaded where there is a store alone: every start would wait for it.
    if (artifacts !== undefined) {
      await scope.register((await import('@fastify/multipart')).default, formOptions)
    }
    scope.addContentTypeParser('*', (_request, body, done) => done(null, body))
    const endpoints = artifacts === undefined ? nowhere : new Artifacts(api, artifacts)
    mount(scope, '/v2/artifacts', () => endpoints.ofStore(), { compress: false })
    mount(scope, '/v2/artifacts/*', (path) => (path === '' ? endpoints.ofStore() : endpoints.of(path)), {
      compress: false,
    })
  })
}

const formOptions = {
  // The store has the limit of bytes, with an answer of its own.
  throwFileSizeLimit: false,
  limits: {
    fileSize: Number.POSITIVE_INFINITY,
    parts: limits.artifactFormParts,
    fieldSize: limits.pathBytes,
    headerPairs: limits.artifactFormParts,
  },
  // Also when the client did not name it as one, as with `curl -F file=text`.
  isPartAFile: (name: string | undefined, _type: string | undefined, fileName: string | undefined) =>
    name === 'file' || fileName !== undefined,
}

const off: Endpoint = { produces: 'any', handle: () => fail({ kind: 'artifacts-off' }) }
const nowhere = {
  ofStore: (): Endpoints => ({ POST: off }),
  of: (_path: string): Endpoints => ({ GET: off, PUT: off, POST: off, DELETE: off }),
}

class Artifacts {
  readonly #api: Api
  readonly #store: ArtifactStore
  #uploads = 0

  constructor(api: Api, store: ArtifactStore) {
    this.#api = api
    this.#store = store
  }

  ofStore(): Endpoints {
    return { POST: { produces: 'any', handle: (exchange) => this.#upload(exchange, undefined) } }
  }

  of(path: string): Endpoints {
    const upload: Endpoint = { produces: 'any', handle: (exchange) => this.#upload(exchange, path) }
    return {
      GET: { produces: 'any', handle: (exchange) => this.#read(exchange, path) },
      PUT: upload,
      POST: upload,
      DELETE: { produces: 'any', handle: () => this.#remove(path) },
    }
  }

  async #read(exchange: Exchange, path: string): Promise<Answer> {
    const artifact = await this.#answering(path, () => this.#store.read(path))
    if (artifact === undefined) return fail({ kind: 'artifact-unknown', path })
    const headers = { ...fileHeaders, ...describe(artifact) }
    const type = await mediaTypeOf(path)
    if (exchange.request.method !== 'HEAD') return text(artifact.content, { type, headers })
    artifact.content.destroy()
    return text('', { type, headers })
  }

  async #remove(path: string): Promise<Answer> {
    await this.#answering(path, () => this.#store.remove(path))
    return empty(200)
  }

  /** `path` is absent for an upload to the store itself, where the file's own name is the path. */
  async #upload({ request }: Exchange, path: string | undefined): Promise<Answer> {
    if (this.#uploads >= limits.artifactUploads) {
      fail({ kind: 'too-many-streams', what: 'artifact uploads', limit: limits.artifactUploads })
    }
    this.#uploads += 1
    try {
      return await (request.isMultipart()
        ? this.#uploadForm(request, path)
        : this.#uploadBytes(request, path))
    } finally {
      this.#uploads -= 1
      // What was not wanted has to come all the same, for the next request of the connection comes after it.
      request.raw.unpipe()
      request.raw.resume()
    }
  }

  async #uploadForm(request: FastifyRequest, path: string | undefined): Promise<Answer> {
    let answer: Answer | undefined
    for await (const part of arriving(() => request.parts())) {
      if (part.type !== 'file') continue
      if (part.fieldname === 'file' && answer === undefined) {
        answer = await this.#write(path ?? part.filename ?? '', part.file)
      } else part.file.resume()
    }
    return answer ?? fail({ kind: 'artifact-missing' })
  }

  #uploadBytes(request: FastifyRequest, path: string | undefined): Promise<Answer> {
    const { headers } = request
    const body = bytesOf(request)
    if (body === undefined) return fail({ kind: 'artifact-missing' })
    if (path === undefined) return fail({ kind: 'unsupported-media-type' })
    if (Number(headers['content-length'] ?? 0) > limits.artifactBytes) {
      return fail({ kind: 'body-too-large', limit: limits.artifactBytes })
    }
    return this.#write(path, body)
  }

  async #write(path: string, content: Readable): Promise<Answer> {
    const done = await this.#answering(path, () =>
      this.#store.write(
        path,
        // Destroyed halfway it would take the connection with it, and the answer.
        arriving(() => content.iterator({ destroyOnReturn: false })),
      ),
    )
    return done === 'replaced'
      ? empty(200)
      : { kind: 'empty', status: 201, headers: { location: this.#urlOf(path) } }
  }

  #urlOf(path: string): string {
    const { options, info } = this.#api
    const names = path.split('/').filter((name) => name !== '')
    return [artifactsUrl(options.scheme, info.leader ?? ''), ...names.map(encodeURIComponent)].join('/')
  }

  /** What the store refuses leaves the route by the table of errors. */
  async #answering<T>(path: string, act: () => Promise<T>): Promise<T> {
    try {
      return await act()
    } catch (error) {
      if (!(error instanceof ArtifactError)) throw error
      return fail(refusals[error.kind](path, error.message))
    }
  }
}

const refusals: { readonly [K in ArtifactErrorKind]: (path: string, reason: string) => HttpError } = {
  path: (path, reason) => ({ kind: 'artifact-path', path, reason }),
  conflict: (path, reason) => ({ kind: 'artifact-conflict', path, reason }),
  'too-large': () => ({ kind: 'body-too-large', limit: limits.artifactBytes }),
  full: () => ({ kind: 'artifacts-full' }),
}

/** A body of no bytes is no body to the framework; PUT that says it has none means an empty file. */
function bytesOf({ body, method, headers }: FastifyRequest): Readable | undefined {
  if (body instanceof Readable) return body
  return method === 'PUT' && headers['content-length'] === '0' ? Readable.from([]) : undefined
}

/** What a client sends, and its failure as the client's. */
async function* arriving<T>(source: () => AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* source()
  } catch (error) {
    fail({ kind: 'bad-request', message: `The body cannot be read to its end: ${(error as Error).message}` })
  }
}

/** Whoever opens one in a browser runs nothing of it in the name of this server. */
const fileHeaders: Headers = { 'content-security-policy': 'sandbox' }

const describe = ({ bytes, modifiedAt }: Artifact): Headers => ({
  'content-length': String(bytes),
  'last-modified': modifiedAt.toUTCString(),
})

/** By the extension. */
async function mediaTypeOf(path: string): Promise<string> {
  const { mime } = (await import('@fastify/send')).default
  return mime.getType(path) ?? 'application/octet-stream'
}
