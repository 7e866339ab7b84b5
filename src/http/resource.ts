// How a resource meets a request: which methods it has, what it takes and gives. The order of the checks is that of the
// original's container: no such path 404, no such method 405, body of a foreign type 415, nothing acceptable 406.

import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify'
import type { Origin } from '../core/requests.ts'
import type { Instant } from '../lib/instant.ts'
import { parseInstant } from '../lib/instant.ts'
import { type Answer, empty, sendAnswer } from './answer.ts'
import { fail } from './errors.ts'
import { answerConditions, refuseConditions } from './etag.ts'
import { parseJsonBody } from './json-body.ts'
import { negotiate } from './negotiation.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface Endpoint {
  /** Most preferred first; JSON when absent. `any`: the route negotiates by itself. */
  readonly produces?: readonly string[] | 'any'
  /** JSON when absent. `any`: a body of whatever type is the route's own to read. */
  readonly consumes?: 'any'
  /** A change that looks at If-Match and If-None-Match (`preconditionsOf`); others refuse them. */
  readonly hasPreconditions?: true
  /** A change that answers its plan to `dryRun=true` (`dryRunOf`); others refuse it. */
  readonly hasDryRun?: true
  /** What the conditions of a request mean, also of one that reads, is the route's own affair. */
  readonly answersConditions?: true
  readonly handle: (exchange: Exchange) => Answer | Promise<Answer>
}

export type Endpoints = { readonly [M in Method]?: Endpoint }

const jsonOnly = ['application/json']
const methods: HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE']

export interface MountOptions {
  /** Off where bytes have to leave as they come. */
  readonly compress?: boolean
}

/**
 * Serves `url`. For a path that ends in `*`, `resolve` gets what the star stands for, decoded and without a leading
 * slash; it answers undefined when nothing is there.
 */
export function mount(
  server: FastifyInstance,
  url: string,
  resolve: (rest: string) => Endpoints | undefined,
  options: MountOptions = {},
): void {
  server.route({
    url,
    method: methods,
    ...(options.compress === false ? { compress: false as const } : {}),
    handler: async (request, reply) => {
      const rest = (request.params as { readonly '*'?: string })['*'] ?? ''
      const endpoints = resolve(rest.replace(/^\/+/, ''))
      if (endpoints === undefined) fail({ kind: 'no-route', path: pathOf(request) })
      return sendAnswer(reply, await answer(endpoints, request, reply))
    },
  })
}

async function answer(endpoints: Endpoints, request: FastifyRequest, reply: FastifyReply): Promise<Answer> {
  if (request.method === 'OPTIONS') {
    reply.header('allow', allowedMethods(endpoints))
    return empty(200)
  }
  const endpoint = endpoints[(request.method === 'HEAD' ? 'GET' : request.method) as Method]
  if (endpoint === undefined) {
    reply.header('allow', allowedMethods(endpoints))
    return fail({ kind: 'method-not-allowed' })
  }
  if (endpoint.consumes !== 'any' && hasForeignBody(request)) fail({ kind: 'unsupported-media-type' })
  const produces = endpoint.produces ?? jsonOnly
  const mediaType = produces === 'any' ? '' : negotiate(request.headers.accept, produces)
  if (mediaType === undefined) return fail({ kind: 'not-acceptable' })
  if (endpoint.answersConditions) return endpoint.handle(new Exchange(request, reply, mediaType))
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  if (!isRead && endpoint.hasPreconditions === undefined) refuseConditions(request)
  const exchange = new Exchange(request, reply, mediaType)
  if (!isRead && endpoint.hasDryRun === undefined) refuseDryRun(exchange)
  const given = await endpoint.handle(exchange)
  return isRead ? answerConditions(request, given) : given
}

const allowedMethods = (endpoints: Endpoints): string =>
  [
    ...Object.keys(endpoints).flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])),
    'OPTIONS',
  ].join(', ')

/** A body without a type passes as JSON, as it did in the original. */
function hasForeignBody(request: FastifyRequest): boolean {
  const type = request.headers['content-type']
  if (type === undefined || !(request.body instanceof Uint8Array) || request.body.length === 0) return false
  return type.split(';')[0]!.trim().toLowerCase() !== 'application/json'
}

/** The path as it was sent, without the query. */
export const pathOf = (request: FastifyRequest): string => request.raw.url!.split('?', 1)[0]!

/** One request as routes see it. */
export class Exchange {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  /** What the client gets, of what the endpoint produces. */
  readonly mediaType: string

  constructor(request: FastifyRequest, reply: FastifyReply, mediaType: string) {
    this.request = request
    this.reply = reply
    this.mediaType = mediaType
  }

  /** The body as JSON. Leaves the route with `body-missing` or `json-syntax`. */
  body(): unknown {
    const parsed = parseJsonBody(this.request.body as Uint8Array | undefined)
    return parsed.ok ? parsed.value : fail(parsed.error)
  }

  /** Who asks, for api_post_event. */
  origin(): Origin {
    return { clientIp: this.request.ip, uri: pathOf(this.request) }
  }

  /** All values of a query parameter. */
  queryAll(name: string): readonly string[] {
    const value = (this.request.query as Readonly<Record<string, string | string[] | undefined>>)[name]
    return value === undefined ? [] : Array.isArray(value) ? value : [value]
  }

  /** The first value of a query parameter. */
  query(name: string): string | undefined {
    return this.queryAll(name)[0]
  }

  /** `true` in any case is true, any other text false, as Java reads booleans. */
  flag(name: string, whenAbsent: boolean): boolean {
    const value = this.query(name)
    return value === undefined ? whenAbsent : value.toLowerCase() === 'true'
  }

  /** `http://host:port`, as the client wrote it. */
  serverRoot(scheme: string): string {
    return `${scheme}://${this.request.headers.host ?? 'localhost'}`
  }
}

/** Nothing is to be changed: the plan is the answer. On every change that is a deployment. */
export const dryRunOf = (exchange: Exchange): { readonly isDryRun?: true } =>
  exchange.flag('dryRun', false) ? { isDryRun: true } : {}

/** A change that cannot be planned is not carried out instead: whoever asks for a dry run wants nothing to happen. */
export function refuseDryRun(exchange: Exchange): void {
  if (!exchange.flag('dryRun', false)) return
  fail({ kind: 'bad-request', message: 'There is no dry run of this. Leave dryRun out to carry it out.' })
}

/** A list of texts in a body, whose paths begin at the list. Leaves the route with 422 when it is anything else. */
export function requireTexts(value: unknown): readonly string[] {
  if (!Array.isArray(value)) {
    return fail({ kind: 'invalid-json-shape', issues: [{ path: '', errors: ['error.expected.jsarray'] }] })
  }
  const issues = value.flatMap((item, index) =>
    typeof item === 'string' ? [] : [{ path: `(${index})`, errors: ['error.expected.jsstring'] }],
  )
  return issues.length === 0 ? value : fail({ kind: 'invalid-json-shape', issues })
}

/** A version in a path. Leaves the route with 422 when it is not a timestamp (rest-api, conventions). */
export function requireInstant(value: string): Instant {
  const at = parseInstant(value)
  if (at !== undefined) return at
  return fail({
    kind: 'invalid-argument',
    message: `Invalid timestamp provided '${value}'. Expecting ISO-8601 datetime string.`,
  })
}
