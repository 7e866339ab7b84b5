// /v2/info (rest-api 8).

import type { FastifyInstance } from 'fastify'
import { json } from '../answer.ts'
import { renderInfo } from '../render/info.ts'
import { mount } from '../resource.ts'
import type { Api } from './api.ts'

export function mountInfo(server: FastifyInstance, api: Api): void {
  mount(server, '/v2/info', () => ({
    GET: { handle: () => json(renderInfo(api.info, api.view().engine, api.engine.describeIsolation?.())) },
  }))
}
