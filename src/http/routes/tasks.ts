// /v2/tasks (rest-api 5): the tasks of all apps, as JSON or as text for load balancers, and killing by task id.

import type { FastifyInstance } from 'fastify'
import type { Condition, Instance } from '../../core/instances/instance.ts'
import { type Answer, accepted, deploymentResult, jsonBytes, text, unexpected } from '../answer.ts'
import { fail } from '../errors.ts'
import { servicePortsOf, tasksJson } from '../render/task.ts'
import { renderTaskText, selectNetworks } from '../render/task-text.ts'
import { type Exchange, mount } from '../resource.ts'
import { renderJsonList, renderTextList } from '../stream-json.ts'
import type { Api } from './api.ts'
import { submitKill, taskList, taskListTypes } from './app-tasks.ts'

export function mountTasks(server: FastifyInstance, api: Api): void {
  mount(server, '/v2/tasks', () => ({
    GET: { produces: taskListTypes(api), handle: (exchange) => list(api, exchange) },
  }))
  mount(server, '/v2/tasks/delete', () => ({ POST: { handle: (exchange) => kill(api, exchange) } }))
}

const conditionOfStatus: Readonly<Record<string, Condition>> = { running: 'Running', staging: 'Staging' }

function list(api: Api, exchange: Exchange): Answer {
  const view = api.view()
  const apps = view.apps()
  if (exchange.mediaType === 'text/plain') {
    const networks = selectNetworks(exchange.query('containerNetworks'))
    return text(renderTextList(apps, (app) => renderTaskText(app, view.instancesOf(app.id), networks)))
  }
  const isWanted = statusFilter([...exchange.queryAll('status'), ...exchange.queryAll('status[]')])
  return jsonBytes(
    renderJsonList({
      head: '{"tasks":[',
      items: apps,
      render: (app) => {
        const ports = servicePortsOf(app)
        return view
          .instancesOf(app.id)
          .filter(isWanted)
          .flatMap((instance) => tasksJson(instance, ports))
          .join(',')
      },
      tail: ']}',
    }),
  )
}

/** Words that are no status filter nothing. */
function statusFilter(statuses: readonly string[]): (instance: Instance) => boolean {
  const wanted = statuses
    .map((status) => conditionOfStatus[status.toLowerCase()])
    .filter((condition) => condition !== undefined)
  return wanted.length === 0 ? () => true : (instance) => wanted.includes(instance.condition)
}

async function kill(api: Api, exchange: Exchange): Promise<Answer> {
  const taskIds = readIds(exchange.body())
  const outcome = accepted(await submitKill(api, exchange, { kind: 'tasks', taskIds }))
  if (outcome.kind === 'deployed') return deploymentResult(outcome)
  if (outcome.kind !== 'killed') return unexpected(outcome.kind)
  return taskList(outcome.instances, (instance) => tasksJson(instance).join(','))
}

/** `{"ids": [text, …]}`; a missing list is reported at the path of the whole body (rest-api 5). */
function readIds(body: unknown): readonly string[] {
  const ids = typeof body === 'object' && body !== null ? (body as { ids?: unknown }).ids : undefined
  if (ids === undefined || ids === null) {
    return fail({ kind: 'invalid-json-shape', issues: [{ path: '', errors: ['error.path.missing'] }] })
  }
  if (!Array.isArray(ids)) {
    return fail({ kind: 'invalid-json-shape', issues: [{ path: '', errors: ['error.expected.jsarray'] }] })
  }
  const issues = ids.flatMap((id, index) =>
    typeof id === 'string' ? [] : [{ path: `(${index})`, errors: ['error.expected.jsstring'] }],
  )
  if (issues.length > 0) fail({ kind: 'invalid-json-shape', issues })
  return ids
}
