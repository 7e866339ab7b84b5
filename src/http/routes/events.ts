// /v2/events (rest-api 9, events-metrics-flags 1.2): checks the request and hands the connection to the hub.

import type { FastifyInstance } from 'fastify'
import type { EventNumber } from '../../core/event-log/segment.ts'
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
  const after = lastEventId(exchange)
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
  api.hub.attach(response, {
    remoteAddress: request.ip,
    types: exchange.queryAll('event_type'),
    ...(after === undefined ? {} : { after }),
  })
  return { kind: 'taken' }
}

/**
 * The last event the client has; undefined: it has none and wants none of before. A browser cannot set the header when
 * it first connects, so a query parameter stands in for it then; later it sends both, and the header is newer.
 */
function lastEventId(exchange: Exchange): EventNumber | undefined {
  const given = exchange.request.headers['last-event-id']?.toString() || exchange.query('last_event_id')
  if (given === undefined || given === '') return undefined
  const number = /^\d{1,16}$/.test(given) ? Number(given) : Number.NaN
  if (!Number.isSafeInteger(number)) fail({ kind: 'bad-event-id', given: given.slice(0, 40) })
  return number
}
