// /v2/eventSubscriptions (rest-api 12): who gets events posted. Posting them is src/callbacks.

import type { FastifyInstance } from 'fastify'
import { type Answer, accepted, json, unexpected } from '../answer.ts'
import { fail } from '../errors.ts'
import { type Exchange, mount } from '../resource.ts'
import type { Api } from './api.ts'

export function mountEventSubscriptions(server: FastifyInstance, api: Api): void {
  mount(server, '/v2/eventSubscriptions', () => ({
    GET: { handle: () => list(api) },
    POST: { handle: (exchange) => change(api, exchange, 'subscribe') },
    DELETE: { handle: (exchange) => change(api, exchange, 'unsubscribe') },
  }))
}

function list(api: Api): Answer {
  const callbackUrls = api.view().callbackUrls()
  return callbackUrls === undefined ? fail({ kind: 'callbacks-off' }) : json({ callbackUrls })
}

/** The answer is the event that listeners are told. */
async function change(api: Api, exchange: Exchange, kind: 'subscribe' | 'unsubscribe'): Promise<Answer> {
  const callbackUrl = exchange.query('callbackUrl')
  const outcome = accepted(await api.submit({ kind, callbackUrl, origin: exchange.origin() }))
  return outcome.kind === 'subscription-changed' ? json(outcome.notice.body) : unexpected(outcome.kind)
}
