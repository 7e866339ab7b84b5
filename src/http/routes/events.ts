// /v2/events (rest-api 9, events-metrics-flags 1.2): checks the request and hands the connection to the hub.

import type { FastifyInstance } from 'fastify'
import { limits } from '../../lib/limits.ts'
import { type Answer, text } from '../answer.ts'
import { fail } from '../errors.ts'
import { type Exchange, mount } from '../resource.ts'
import type { Api } from './api.ts'

const eventStream = 'text/event-stream'

export function mountEvents(server: FastifyInstance, api: Api): void {
  mount(
    server,
    '/v2/events',
    () => ({ GET: { produces: 'any', handle: (exchange) => open(api, exchange) } }),
    { compress: false },
  )
}

function open(api: Api, exchange: Exchange): Answer {
  const { request, reply } = exchange
  // Named in so many words: `*/*` is no wish for an endless answer.
  if (!(request.headers.accept ?? '').toLowerCase().includes(eventStream))
    fail({ kind: 'method-not-allowed' })
  if (request.method === 'HEAD') return text('', { type: eventStream })
  if (api.hub.size >= limits.eventStreams) {
    fail({ kind: 'too-many-streams', what: 'event streams', limit: limits.eventStreams })
  }
  reply.hijack()
  const response = reply.raw
  // Without chunks the bytes of an event are the same for every client; the end of the stream is the end of the
  // connection.
  response.useChunkedEncodingByDefault = false
  response.shouldKeepAlive = false
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) response.setHeader(name, value)
  }
  response.setHeader('content-type', `${eventStream};charset=utf-8`)
  response.setHeader('connection', 'close')
  response.writeHead(200)
  response.flushHeaders()
  request.raw.socket.setNoDelay(true)
  api.hub.attach(response, { remoteAddress: request.ip, types: exchange.queryAll('event_type') })
  return { kind: 'taken' }
}
