// /v2/tasks (rest-api 5): the tasks of all apps, as JSON or as text for load balancers, and killing by task id.

import type { FastifyInstance } from 'fastify'
import type { Condition } from '../../core/instances/instance.ts'
import type { View } from '../../core/view.ts'
import { limits } from '../../lib/limits.ts'
import type { App } from '../../spec/app.ts'
import { type Answer, text } from '../answer.ts'
import { fail } from '../errors.ts'
import { servicePortsOf, tasksJson } from '../render/task.ts'
import { renderTaskText, selectNetworks } from '../render/task-text.ts'
import { type Exchange, mount, requireTexts } from '../resource.ts'
import { renderTextList } from '../stream-json.ts'
import type { Api } from './api.ts'
import { kill, taskList, taskListTypes } from './app-tasks.ts'

export function mountTasks(server: FastifyInstance, api: Api): void {
  mount(server, '/v2/tasks', () => ({
    GET: { produces: taskListTypes(api), handle: (exchange) => list(api, exchange) },
  }))
  mount(server, '/v2/tasks/delete', () => ({
    POST: { hasDryRun: true, handle: (exchange) => killNamed(api, exchange) },
  }))
}

const conditionOfStatus: Readonly<Record<string, Condition>> = { running: 'Running', staging: 'Staging' }

function list(api: Api, exchange: Exchange): Answer {
  const view = api.view()
  const apps = view.apps()
  if (exchange.mediaType === 'text/plain') {
    const named = exchange.query('containerNetworks')
    const networks = selectNetworks(named)
    const render = (app: App) => renderTaskText(app, view.instancesOf(app.id), networks)
    if (named !== undefined) {
      const content = renderTextList(apps, render)
      return text(content, api.lists.tagOf(view, content))
    }
    return api.lists.answer(exchange, {
      view,
      name: 'tasks as text',
      type: 'text/plain',
      head: '',
      items: apps,
      render,
      separator: '',
      tail: '',
    })
  }
  const statuses = wantedStatuses([...exchange.queryAll('status'), ...exchange.queryAll('status[]')])
  return api.lists.answer(exchange, {
    view,
    name: `tasks ${statuses.join(' ')}`,
    type: 'application/json',
    head: '{"tasks":[',
    items: apps,
    render: (app) => tasksOf(view, app, statuses),
    separator: ',',
    tail: ']}',
  })
}

/** In pieces of many tasks each. */
function* tasksOf(view: View, app: App, statuses: readonly Condition[]): Generator<string, void> {
  const instances = view.instancesOf(app.id)
  const ports = servicePortsOf(app)
  let isFirst = true
  for (let from = 0; from < instances.length; from += limits.instancesInOnePiece) {
    const tasks = instances
      .slice(from, from + limits.instancesInOnePiece)
      .filter(({ condition }) => statuses.length === 0 || statuses.includes(condition))
      .flatMap((instance) => tasksJson(view, instance, ports))
    if (tasks.length === 0) continue
    yield isFirst ? tasks.join(',') : `,${tasks.join(',')}`
    isFirst = false
  }
}

/** Of all when there are none; words that are no status filter nothing. */
function wantedStatuses(statuses: readonly string[]): readonly Condition[] {
  const wanted = statuses
    .map((status) => conditionOfStatus[status.toLowerCase()])
    .filter((condition) => condition !== undefined)
  return [...new Set(wanted)].sort()
}

const killNamed = (api: Api, exchange: Exchange): Promise<Answer> =>
  kill(api, exchange, { kind: 'tasks', taskIds: readIds(exchange.body()) }, (killed) =>
    taskList(killed, (instance) => tasksJson(api.view(), instance).join(',')),
  )

/** `{"ids": [text, …]}`; a missing list is reported at the path of the whole body (rest-api 5). */
function readIds(body: unknown): readonly string[] {
  const ids = typeof body === 'object' && body !== null ? (body as { ids?: unknown }).ids : undefined
  if (ids === undefined || ids === null) {
    return fail({ kind: 'invalid-json-shape', issues: [{ path: '', errors: ['error.path.missing'] }] })
  }
  return requireTexts(ids)
}
