// /, /help, /ping and /metrics (rest-api 10).

import type { FastifyInstance } from 'fastify'
import { renderMetricsJson } from '../../metrics/json.ts'
import { renderPrometheus } from '../../metrics/prometheus.ts'
import { type Answer, empty, json, text } from '../answer.ts'
import { fail } from '../errors.ts'
import { negotiate } from '../negotiation.ts'
import { type Exchange, mount } from '../resource.ts'
import type { Api } from './api.ts'

export function mountSystem(server: FastifyInstance, api: Api): void {
  for (const path of ['/', '/help']) {
    mount(server, path, () => ({ GET: { produces: 'any', handle: () => text(frontPage(api.info.version)) } }))
  }
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

/** What there is to see without a web UI. */
const frontPage = (version: string): string => `Marathon ${version}

This is the API. There is no web UI in this version.

  GET    /v2/apps                          all apps
  POST   /v2/apps                          run one: {"id": "hello", "cmd": "sleep 600", "instances": 1}
  GET    /v2/apps/{id}                     one app with its tasks
  PUT    /v2/apps/{id}                     change it: {"instances": 3}
  DELETE /v2/apps/{id}                     stop it
  POST   /v2/apps/{id}/restart
  GET    /v2/apps/{id}/versions
  GET    /v2/apps/{id}/tasks               DELETE kills them
  GET    /v2/tasks                         with "Accept: text/plain" for load balancers
  GET    /v2/tasks/{task id}/logs/stdout   ?follow=true goes on as the task writes
  GET    /v2/queue                         what waits, and why
  GET    /v2/deployments                   what is being changed
  GET    /v2/agents                        machines
  GET    /v2/events                        with "Accept: text/event-stream"
  GET    /v2/info  /v2/leader  /ping  /metrics  /metrics/prometheus
`
