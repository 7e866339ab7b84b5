// /ping and /metrics (rest-api 10).

import type { FastifyInstance } from 'fastify'
import { renderMetricsJson } from '../../metrics/json.ts'
import { renderPrometheus } from '../../metrics/prometheus.ts'
import { type Answer, empty, json, text } from '../answer.ts'
import { fail } from '../errors.ts'
import { negotiate } from '../negotiation.ts'
import { type Exchange, mount } from '../resource.ts'
import type { Api } from './api.ts'

export function mountSystem(server: FastifyInstance, api: Api): void {
  mount(server, '/ping', () => ({ GET: { produces: 'any', handle: ping } }))
  mount(server, '/metrics', () => ({
    GET: { handle: () => json(renderMetricsJson(api.metrics.snapshot())) },
  }))
  mount(server, '/metrics/prometheus', () => ({
    GET: {
      produces: ['text/plain'],
      handle: () =>
        api.options.prometheus
          ? text(renderPrometheus(api.metrics.snapshot()))
          : fail({ kind: 'prometheus-off' }),
    },
  }))
}

const pings: Readonly<Record<string, () => Answer>> = {
  'text/plain': () => text('pong'),
  'text/html': () => text('pong', { type: 'text/html' }),
  'application/json': () => json('pong'),
}

function ping(exchange: Exchange): Answer {
  const type = negotiate(exchange.request.headers.accept, Object.keys(pings))
  return type === undefined ? empty(204) : pings[type]!()
}
