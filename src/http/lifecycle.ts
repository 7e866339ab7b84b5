// What happens to every request before and after its route: headers, limits, authentication, metrics, and the way
// from a thrown error to an answer.

import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { limits } from '../lib/limits.ts'
import { NotTakenError } from '../ports/submit.ts'
import { challenge, isAuthenticated } from './auth/basic.ts'
import { corsHeaders, foreignOrigin } from './cors.ts'
import type { HttpDeps } from './deps.ts'
import { type ApiError, ApiException, answerError, fail } from './errors.ts'
import { watchBodies } from './incoming-body.ts'
import { pathOf } from './resource.ts'

export const constantHeaders = {
  'cache-control': 'no-cache, no-store, must-revalidate',
  pragma: 'no-cache',
  expires: '0',
  'x-frame-options': 'DENY',
  'x-xss-protection': '1; mode=block',
  'x-content-type-options': 'nosniff',
}

export function addLifecycle(server: FastifyInstance, deps: HttpDeps): void {
  measure(server, deps)
  server.addHook('onRequest', async (request, reply) => {
    addHeaders(deps, request, reply)
    if (pathOf(request).length > limits.pathBytes) fail({ kind: 'path-too-long', limit: limits.pathBytes })
    checkHost(request)
  })
  watchBodies(server, deps.options.bodyPeriodMs, (request, reply) => {
    sendError(deps, {
      error: new ApiException({ kind: 'request-timeout' }, { connection: 'close' }),
      request,
      reply,
    })
  })
  authenticate(server, deps)
  limitConcurrency(server, deps)
  server.addHook('onRequest', async (request, reply) => {
    reply.headers(corsHeaders(request.headers, deps.options.allowedOrigins))
    const origin = foreignOrigin(request, {
      allowedOrigins: deps.options.allowedOrigins,
      isGuarded: deps.options.credentials !== undefined,
      hostname: deps.info.leader?.replace(/:\d*$/, ''),
    })
    if (origin !== undefined) fail({ kind: 'cross-origin-write', origin })
  })
  server.setErrorHandler((error: FastifyError, request, reply) => sendError(deps, { error, request, reply }))
  server.setNotFoundHandler((request, reply) => {
    if (servedMethods.includes(request.method)) fail({ kind: 'no-route', path: pathOf(request) })
    reply.header('allow', servedMethods.join(', '))
    fail({ kind: 'method-not-allowed' })
  })
}

/** A method beyond these has no path. */
const servedMethods: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE']

function addHeaders(deps: HttpDeps, request: FastifyRequest, reply: FastifyReply): void {
  reply.headers(constantHeaders).header('x-request-id', request.id)
  const { leader } = deps.info
  if (leader !== undefined) reply.header('x-marathon-leader', `${deps.options.scheme}://${leader}`)
}

/** One Host, no more and no less (RFC 9112 section 3.2): what stands before this server may have read another one. */
function checkHost({ raw }: FastifyRequest): void {
  const given = raw.rawHeaders.filter((name, index) => index % 2 === 0 && isHost(name)).length
  const least = raw.httpVersion === '1.0' ? 0 : 1
  if (given >= least && given <= 1) return
  fail({ kind: 'bad-request', message: `The request has ${given} Host headers, expected one.` })
}

const isHost = (name: string): boolean => name.length === 4 && name.toLowerCase() === 'host'

function authenticate(server: FastifyInstance, deps: HttpDeps): void {
  const { credentials, realm } = deps.options
  if (credentials === undefined) return
  server.addHook('onRequest', async (request, reply) => {
    if (isAuthenticated(request.headers.authorization, credentials)) return
    reply.header('www-authenticate', challenge(realm))
    fail({ kind: 'unauthenticated' })
  })
}

/** Streams last for hours and have limits of their own. */
function limitConcurrency(server: FastifyInstance, deps: HttpDeps): void {
  const limit = deps.options.maxConcurrentRequests
  if (limit === undefined) return
  let running = 0
  server.addHook('onRequest', async (request, reply) => {
    if (isStream(request)) return
    if (running >= limit) fail({ kind: 'too-many-requests', limit })
    running++
    reply.raw.once('close', () => {
      running--
    })
  })
}

/** By the route, not by the path: that has many spellings. */
const isStream = ({ routeOptions, query }: FastifyRequest): boolean =>
  routeOptions.url === '/v2/events' ||
  (routeOptions.url === '/v2/tasks/*' &&
    String([(query as { follow?: unknown }).follow].flat()[0]).toLowerCase() === 'true')

function measure(server: FastifyInstance, deps: HttpDeps): void {
  const { metrics } = deps
  const duration = metrics.timer('http.requests.duration')
  const byMethod = new Map(
    ['get', 'post', 'put', 'delete'].map((name) => [name, metrics.timer(`http.requests.${name}.duration`)]),
  )
  const rates = [1, 2, 3, 4, 5].map((first) => metrics.meter(`http.responses.${first}xx.rate`))
  const requestBytes = metrics.counter('http.requests.size', 'bytes')
  const responseBytes = metrics.counter('http.responses.size', 'bytes')
  const gzippedBytes = metrics.counter('http.responses.size.gzipped', 'bytes')
  let active = 0
  metrics.gauge('http.requests.active', () => active)
  server.addHook('onRequest', async (request, reply) => {
    const startedAt = process.hrtime.bigint()
    // Head and body, as they went out: the length of a compressed or sliced answer stands in no header.
    const { socket } = request.raw
    const sentBefore = socket.bytesWritten ?? 0
    active++
    requestBytes.add(Number(request.headers['content-length'] ?? 0))
    reply.raw.once('close', () => {
      active--
      const seconds = Number(process.hrtime.bigint() - startedAt) / 1e9
      duration.record(seconds)
      byMethod.get(request.method.toLowerCase())?.record(seconds)
      const status = reply.raw.statusCode
      rates[Math.floor(status / 100) - 1]?.mark()
      const { method, id } = request
      deps.log.debug('answered', { method, path: pathOf(request), status, seconds, requestId: id })
      // Event streams have a count of their own.
      const sent = request.routeOptions.url === '/v2/events' ? 0 : (socket.bytesWritten ?? 0) - sentBefore
      responseBytes.add(sent)
      if (reply.getHeader('content-encoding') === 'gzip') gzippedBytes.add(sent)
    })
  })
}

/** The framework's own complaints, in our words. */
const frameworkErrors: Readonly<Record<string, (request: FastifyRequest) => ApiError>> = {
  FST_ERR_BAD_URL: (request) => ({ kind: 'bad-url', path: pathOf(request) }),
  FST_ERR_CTP_BODY_TOO_LARGE: () => ({ kind: 'body-too-large', limit: limits.requestBodyBytes }),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () => ({ kind: 'unsupported-media-type' }),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () => ({
    kind: 'bad-request',
    message: 'The body has another length than its Content-Length says.',
  }),
  // The client hung up; nobody hears this.
  ECONNRESET: () => ({ kind: 'bad-request', message: 'The body breaks off.' }),
}

function errorOf(deps: HttpDeps, error: FastifyError | ApiException, request: FastifyRequest): ApiError {
  if (error instanceof ApiException) return error.error
  const known = frameworkErrors[error.code]?.(request)
  if (known !== undefined) return known
  if (error instanceof NotTakenError) return { kind: 'not-taken', message: error.message }
  deps.log.error('a request failed', {
    error,
    method: request.method,
    path: pathOf(request),
    requestId: request.id,
  })
  return { kind: 'server-error' }
}

interface Failed {
  readonly error: FastifyError | ApiException
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

/** What has no path that could have a route passes none of the hooks. */
export function answerUnroutable(deps: HttpDeps, failed: Failed): FastifyReply {
  addHeaders(deps, failed.request, failed.reply)
  return sendError(deps, failed)
}

function sendError(deps: HttpDeps, failed: Failed): FastifyReply {
  const error = errorOf(deps, failed.error, failed.request)
  // The rest of the body is read and dropped, so that the client gets to the answer.
  if (error.kind === 'body-too-large') failed.reply.removeHeader('connection')
  const { status, body } = answerError(error)
  return failed.reply
    .code(status)
    .headers(failed.error instanceof ApiException ? failed.error.headers : {})
    .type('application/json')
    .send(Buffer.from(JSON.stringify(body)))
}
