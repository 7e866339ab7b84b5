// /config (rest-api 10): the configuration as it was given, flag by flag, where /v2/info shows what clients know of it.

import type { FastifyInstance } from 'fastify'
import { json } from '../answer.ts'
import { mount } from '../resource.ts'
import type { Api } from './api.ts'

export function mountConfig(server: FastifyInstance, api: Api): void {
  mount(server, '/config', () => ({ GET: { handle: () => json(api.control.configuration) } }))
}
