// /v2/deployments (rest-api 6): what is being changed, and undoing or abandoning it.

import type { FastifyInstance } from 'fastify'
import { type Answer, accepted, deploymentResult, empty, json, unexpected } from '../answer.ts'
import { renderDeployment } from '../render/deployment.ts'
import { type Exchange, mount } from '../resource.ts'
import type { Api } from './api.ts'

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
