// /v2/plugins (rest-api 8): the plugins that are loaded, and what they answer by themselves. This version loads none,
// so the list is empty and no id is known.

import type { FastifyInstance } from 'fastify'
import { json } from '../answer.ts'
import { fail } from '../errors.ts'
import { type Endpoint, mount } from '../resource.ts'
import type { Api } from './api.ts'

export function mountPlugins(server: FastifyInstance, _api: Api): void {
  mount(server, '/v2/plugins', () => ({ GET: { handle: () => json({ plugins: [] }) } }))
  mount(server, '/v2/plugins/*', (rest) => {
    const [id = '', path = ''] = splitId(rest)
    if (path === '') return undefined
    const unknown: Endpoint = {
      produces: 'any',
      consumes: 'any',
      handle: () => fail({ kind: 'plugin-unknown', id }),
    }
    return { GET: unknown, PUT: unknown, POST: unknown, DELETE: unknown }
  })
}

const splitId = (rest: string): readonly string[] => /^([^/]+)\/+(.+)$/.exec(rest)?.slice(1) ?? []
