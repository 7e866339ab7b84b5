// /v2/leader (rest-api 8): who leads, and giving the leadership up.

import type { FastifyInstance } from 'fastify'
import { isUri } from '../../spec/uri.ts'
import { type Answer, json } from '../answer.ts'
import { fail } from '../errors.ts'
import { type Exchange, mount } from '../resource.ts'
import type { Api } from './api.ts'

export function mountLeader(server: FastifyInstance, api: Api): void {
  mount(server, '/v2/leader', () => ({
    GET: { handle: () => json({ leader: requireLeader(api) }) },
    DELETE: { consumes: 'any', handle: (exchange) => abdicate(api, exchange) },
  }))
}

const requireLeader = (api: Api): string => api.info.leader ?? fail({ kind: 'no-leader' })

function abdicate(api: Api, exchange: Exchange): Answer {
  requireLeader(api)
  for (const name of ['backup', 'restore'] as const) {
    const uri = exchange.query(name)
    if (uri !== undefined) refuseUri(name, uri)
  }
  api.control.abdicate()
  return json({ message: 'Leadership abdicated', details: [] })
}

/** What could be a backup is refused, too: to take the order and not to carry it out would lose somebody's data. */
function refuseUri(name: 'backup' | 'restore', uri: string): never {
  if (/^(file|s3):/i.test(uri) && isUri(uri)) {
    return fail({
      kind: 'invalid-argument',
      message: `The ${name} cannot be made: this version knows no backups. Stop the server and copy its --data_dir.`,
    })
  }
  const error = isUri(uri) ? `Invalid URI or unsupported scheme: ${uri}` : 'URI has invalid syntax.'
  return fail({ kind: 'invalid-object', issues: [{ path: '/', errors: [error] }] })
}
