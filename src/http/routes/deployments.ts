// /v2/deployments (rest-api 6): what is being changed, and undoing or abandoning it.

import type { FastifyInstance } from 'fastify'
import type { RequestOf } from '../../core/requests.ts'
import { type Answer, accepted, deploymentResult, empty, json, unexpected } from '../answer.ts'
import { renderDeployment } from '../render/deployment.ts'
import { type Exchange, mount } from '../resource.ts'
import type { Api } from './api.ts'
import { explainEndpoint } from './explain.ts'

export function mountDeployments(server: FastifyInstance, api: Api): void {
  const list = {
    GET: {
      handle: (exchange: Exchange) => {
        const view = api.view()
        const options = { withReasons: exchange.queryAll('embed').includes('waitingOn') }
        return json(view.deployments().map((deployment) => renderDeployment(deployment, view, options)))
      },
    },
  }
  mount(server, '/v2/deployments', () => list)
  mount(server, '/v2/deployments/*', (rest) => {
    if (rest === '') return list
    const explained = /^([^/]+)\/explain\/?$/.exec(rest)?.[1]
    if (explained !== undefined) {
      const unknown = { kind: 'deployment-not-found', id: explained } as const
      return { GET: explainEndpoint(api, { kind: 'deployment', id: explained }, unknown) }
    }
    const [, id, word] = /^([^/]+)\/([a-z]+)$/.exec(rest) ?? []
    if (id !== undefined) return steering(api, id, word)
    if (rest.includes('/')) return undefined
    return { DELETE: { handle: (exchange) => cancel(api, exchange, rest) } }
  })
}

/** Without force a new deployment takes the changes back; with force it just ends, and things stay as they are. */
async function cancel(api: Api, exchange: Exchange, id: string): Promise<Answer> {
  const force = exchange.flag('force', false)
  const outcome = accepted(await api.submit({ kind: 'cancel-deployment', id, force }))
  if (outcome.kind === 'done') return empty(202)
  return outcome.kind === 'deployed' ? deploymentResult(outcome) : unexpected(outcome.kind)
}

/** POST on a deployment: it pauses, goes on, or leaves its canary step. The answer is the deployment as it is then. */
function steering(api: Api, id: string, word: string | undefined) {
  const post = (request: (exchange: Exchange) => Steering) => ({
    POST: { handle: (exchange: Exchange) => steer(api, request(exchange)) },
  })
  switch (word) {
    case 'pause':
      return post(() => ({ kind: 'pause-deployment', id }))
    case 'resume':
      return post(() => ({ kind: 'resume-deployment', id }))
    case 'promote':
      return post((exchange) => ({ kind: 'promote-deployment', id, all: exchange.flag('all', false) }))
    default:
      return undefined
  }
}

type Steering = RequestOf<'pause-deployment' | 'resume-deployment' | 'promote-deployment'>

async function steer(api: Api, request: Steering): Promise<Answer> {
  const outcome = accepted(await api.submit(request))
  if (outcome.kind !== 'steered') return unexpected(outcome.kind)
  return json(renderDeployment(outcome.deployment, api.view(), { withReasons: false }))
}
