// /v2/info (rest-api 8).

import type { FastifyInstance } from 'fastify'
import { json } from '../answer.ts'
import { renderInfo } from '../render/info.ts'
import { mount } from '../resource.ts'
import type { Api } from './api.ts'

export function mountInfo(server: FastifyInstance, api: Api): void {
  mount(server, '/v2/info', () => ({
    GET: {
      handle: (exchange) => {
        // Only for those who ask: some clients refuse members they do not know.
        const withIsolation = exchange.queryAll('embed').includes('isolation')
        const isolation = withIsolation ? api.engine.describeIsolation?.() : undefined
        return json(renderInfo(api.info, api.view().engine, isolation))
      },
    },
  }))
}
