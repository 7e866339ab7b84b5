// The HTTP server: everything between a socket and the core. It decides nothing about apps; routes turn requests into
// questions to the view or requests to the core, and answers into bytes. Listening is up to the caller.

import compress from '@fastify/compress'
import Fastify, { type FastifyInstance, type FastifyReply, type RouteOptions } from 'fastify'
import { limits } from '../lib/limits.ts'
import { answerBrokenRequest } from './broken-request.ts'
import type { HttpDeps } from './deps.ts'
import { encodedTag } from './etag.ts'
import { addPosition } from './event-position.ts'
import { KeptLists } from './kept-lists.ts'
import { addLifecycle, answerUnroutable } from './lifecycle.ts'
import { closeQueuedAnswers } from './queued-answers.ts'
import { requestIdOf } from './request-id.ts'
import { mountAgents } from './routes/agents.ts'
import type { Api } from './routes/api.ts'
import { mountApps } from './routes/apps.ts'
import { mountArtifacts } from './routes/artifacts.ts'
import { mountConfig } from './routes/config.ts'
import { mountDeployments } from './routes/deployments.ts'
import { mountEventSubscriptions } from './routes/event-subscriptions.ts'
import { mountEvents } from './routes/events.ts'
import { mountGroups } from './routes/groups.ts'
import { mountInfo } from './routes/info.ts'
import { mountLeader } from './routes/leader.ts'
import { mountLogging } from './routes/logging.ts'
import { mountPlugins } from './routes/plugins.ts'
import { mountPods } from './routes/pods.ts'
import { mountQueue } from './routes/queue.ts'
import { mountSchemas } from './routes/schemas.ts'
import { mountStaticFiles } from './routes/static-files.ts'
import { mountSystem } from './routes/system.ts'
import { mountTaskLogs } from './routes/task-logs.ts'
import { mountTasks } from './routes/tasks.ts'
import { mountV1 } from './routes/v1.ts'
import { EventHub } from './sse.ts'
import { Turns } from './turns.ts'

/** Milliseconds an idle connection is kept (rest-api 1.1). */
const idleTimeoutMs = 30_000

const mounts = [
  mountApps,
  mountGroups,
  mountTasks,
  mountTaskLogs,
  mountQueue,
  mountPods,
  mountDeployments,
  mountAgents,
  mountInfo,
  mountLeader,
  mountPlugins,
  mountLogging,
  mountConfig,
  mountEvents,
  mountEventSubscriptions,
  mountArtifacts,
  mountSystem,
  mountSchemas,
  mountStaticFiles,
  mountV1,
]

export function createHttpServer(given: HttpDeps): FastifyInstance {
  const deps = meterRequests(given)
  const server = Fastify({
    bodyLimit: limits.requestBodyBytes,
    keepAliveTimeout: idleTimeoutMs,
    // Bodies have a rule of their own (incoming-body.ts), which does not end a large one that keeps coming.
    requestTimeout: 0,
    http: {
      headersTimeout: deps.options.requestHeadMs,
      // Refused as all else is, with an answer that says why.
      requireHostHeader: false,
      connectionsCheckingInterval: Math.min(30_000, deps.options.requestHeadMs),
    },
    clientErrorHandler: answerBrokenRequest,
    requestIdHeader: false,
    genReqId: requestIdOf,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    routerOptions: {
      ignoreDuplicateSlashes: true,
      ignoreTrailingSlash: true,
      maxParamLength: limits.pathBytes,
    },
    // Bodies are checked by spec/parse and rendered by us: without these the framework loads a validator at every
    // start.
    schemaController: { compilersFactory: { buildValidator: refuseSchemas, buildSerializer: refuseSchemas } },
    frameworkErrors: (error, request, reply) => {
      answerUnroutable(deps, { error, request: request as never, reply: reply as never })
    },
  })
  server.server.maxConnections = limits.httpConnections
  closeQueuedAnswers(server.server)
  // Bodies arrive as bytes: whether they are JSON, and of the right type, each route's resource says.
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  addLifecycle(server, deps)
  const stopping = new AbortController()
  const hub = new EventHub(deps)
  const lists = new KeptLists({ compress: deps.options.compress })
  const explaining = new Turns(limits.waitingExplanations)
  const api: Api = { ...deps, hub, lists, explaining, stopping: stopping.signal }
  server.addHook('preClose', async () => {
    stopping.abort()
    hub.close()
  })
  // A plugin's hooks reach only routes added after it is loaded.
  server.register(async (scope) => {
    if (deps.options.compress)
      await scope.register(compress, { global: true, encodings: ['gzip', 'deflate', 'identity'] })
    scope.addHook('onRoute', tagEncodings)
    if (deps.eventLog !== undefined) addPosition(scope, hub)
    for (const mountRoutes of mounts) mountRoutes(scope, api)
  })
  return server
}

/** Comes after the plugin that compresses, which has said by then what it does. */
function tagEncodings(route: RouteOptions): void {
  const tag = async (_request: unknown, reply: FastifyReply, payload: unknown) => {
    const etag = reply.getHeader('etag')
    const encoding = reply.getHeader('content-encoding')
    if (typeof etag === 'string' && typeof encoding === 'string')
      reply.header('etag', encodedTag(etag, encoding))
    return payload
  }
  route.onSend = [...[route.onSend ?? []].flat(), tag]
}

function refuseSchemas(): never {
  throw new Error('a route has a schema of the framework; bodies are checked by spec/parse')
}

/** Counts accepted and dismissed deployments on their way. */
function meterRequests(deps: HttpDeps): HttpDeps {
  const started = deps.metrics.counter('deployments')
  const dismissed = deps.metrics.counter('deployments.dismissed')
  return {
    ...deps,
    submit: async (request) => {
      const outcome = await deps.submit(request)
      if (outcome.kind === 'deployed') started.add()
      if (outcome.kind === 'refused' && outcome.refusal.kind === 'too-many-deployments') dismissed.add()
      return outcome
    },
  }
}
