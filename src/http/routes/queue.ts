// /v2/queue (rest-api 7): what waits to be launched, and letting it wait no longer.

import type { FastifyInstance } from 'fastify'
import { absolutePathId } from '../../lib/path-id.ts'
import { accepted, empty, jsonBytes } from '../answer.ts'
import { queueItemJson } from '../render/queue.ts'
import { type Endpoints, mount } from '../resource.ts'
import { renderJsonList } from '../stream-json.ts'
import type { Api } from './api.ts'

export function mountQueue(server: FastifyInstance, api: Api): void {
  const list: Endpoints = {
    GET: {
      handle: (exchange) => {
        const options = {
          now: api.now(),
          withUnusedOffers: exchange.queryAll('embed').includes('lastUnusedOffers'),
        }
        return jsonBytes(
          renderJsonList({
            head: '{"queue":[',
            items: api.view().queue(),
            render: (item) => queueItemJson(item, options),
            tail: ']}',
          }),
        )
      },
    },
  }
  mount(server, '/v2/queue', () => list)
  mount(server, '/v2/queue/*', (rest) => (rest === '' ? list : delayEndpoints(api, rest)))
}

function delayEndpoints(api: Api, rest: string): Endpoints | undefined {
  const appId = /^(.+)\/delay\/?$/.exec(rest)?.[1]
  if (appId === undefined) return undefined
  return {
    DELETE: {
      handle: async () => {
        accepted(await api.submit({ kind: 'reset-delay', id: absolutePathId(appId) }))
        return empty(204)
      },
    },
  }
}
