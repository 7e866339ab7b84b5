// /v2/agents: the machines (or parts of one) that an engine offers, and pulling their plug to see what happens. Not
// known to the original; an engine without control over its agents says so.

import type { FastifyInstance } from 'fastify'
import type { AgentControl, AgentStatus } from '../../ports/engine.ts'
import { json } from '../answer.ts'
import { fail } from '../errors.ts'
import { type Endpoints, mount } from '../resource.ts'
import type { Api } from './api.ts'

export function mountAgents(server: FastifyInstance, api: Api): void {
  const list: Endpoints = { GET: { handle: () => json({ agents: control(api).list().map(renderAgent) }) } }
  mount(server, '/v2/agents', () => list)
  mount(server, '/v2/agents/*', (rest) => (rest === '' ? list : agentEndpoints(api, rest)))
}

function agentEndpoints(api: Api, rest: string): Endpoints | undefined {
  const [id, action, ...more] = rest.split('/')
  if (id === undefined || more.length > 0) return undefined
  const answer = (agent: AgentStatus | undefined) =>
    agent === undefined ? fail({ kind: 'agent-unknown', id }) : json({ agent: renderAgent(agent) })
  switch (action) {
    case undefined:
    case '':
      return {
        GET: {
          handle: () =>
            answer(
              control(api)
                .list()
                .find((agent) => agent.id === id),
            ),
        },
      }
    case 'unplug':
      return { POST: { handle: () => answer(control(api).unplug(id)) } }
    case 'plug':
      return { POST: { handle: () => answer(control(api).plug(id)) } }
    default:
      return undefined
  }
}

function control(api: Api): AgentControl {
  return (
    api.engine.agents ?? fail({ kind: 'not-in-engine', engine: api.engine.name, what: 'control over agents' })
  )
}

const renderAgent = (agent: AgentStatus) => ({
  id: agent.id,
  hostname: agent.hostname,
  connected: agent.connected,
  attributes: agent.attributes,
  resources: agent.resources,
  used: agent.used,
  tasks: agent.tasks,
})
