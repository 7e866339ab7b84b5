// /v2/apps/{id}/tasks (rest-api 2.2): the tasks of an app or of all apps of a group, and killing them.

import type { Instance } from '../../core/instances/instance.ts'
import type { TaskSelection } from '../../core/requests.ts'
import type { View } from '../../core/view.ts'
import { isWithin, type PathId, rootId } from '../../lib/path-id.ts'
import type { App } from '../../spec/app.ts'
import { type Answer, accepted, jsonBytes, text, unexpected } from '../answer.ts'
import { fail } from '../errors.ts'
import { firstTaskJson, tasksJson } from '../render/task.ts'
import { renderTaskText, selectNetworks } from '../render/task-text.ts'
import { type Endpoints, type Exchange, refuseDryRun } from '../resource.ts'
import { renderJsonList, renderTextList } from '../stream-json.ts'
import type { Api } from './api.ts'
import { deploy } from './deploy.ts'

/** Text counts for less than JSON: whoever wants it has to say so. */
export const taskListTypes = (api: Api): readonly string[] =>
  api.options.textTaskLists ? ['application/json', 'text/plain'] : ['application/json']

export const tasksEndpoints = (api: Api, id: PathId): Endpoints => ({
  GET: {
    produces: taskListTypes(api),
    handle: (exchange) => {
      const app = api.view().app(id)
      if (app === undefined) return fail({ kind: 'app-unknown', id })
      return listTasks(api, exchange, [app])
    },
  },
  DELETE: { hasDryRun: true, handle: (exchange) => killTasksOf(api, exchange, id) },
})

export const groupTasksEndpoints = (api: Api, groupId: PathId): Endpoints => ({
  GET: {
    produces: taskListTypes(api),
    handle: (exchange) => {
      const view = api.view()
      if (groupId !== rootId && view.group(groupId) === undefined)
        fail({ kind: 'group-unknown', id: groupId })
      return listTasks(
        api,
        exchange,
        view.apps().filter((app) => isWithin(app.id, groupId) && app.id !== groupId),
      )
    },
  },
})

export const taskEndpoints = (
  api: Api,
  target: { readonly id: PathId; readonly taskId: string },
): Endpoints => ({
  DELETE: {
    hasDryRun: true,
    handle: (exchange) =>
      kill(api, exchange, { kind: 'task', appId: target.id, taskId: target.taskId }, ([killed]) => {
        const task = killed === undefined ? undefined : firstTaskJson(api.view(), killed)
        if (task === undefined) return fail({ kind: 'task-not-found', taskId: target.taskId })
        return jsonBytes(Buffer.from(`{"task":${task}}`))
      }),
  },
})

function listTasks(api: Api, exchange: Exchange, apps: readonly App[]): Answer {
  const view = api.view()
  if (exchange.mediaType === 'text/plain') {
    const networks = selectNetworks(exchange.query('containerNetworks'))
    const lines = renderTextList(apps, (app) => renderTaskText(app, view.instancesOf(app.id), networks))
    return text(lines, api.lists.tagOf(view, lines))
  }
  const content = renderJsonList({
    head: '{"tasks":[',
    items: instancesOf(view, apps),
    render: (instance) => tasksJson(view, instance).join(','),
    tail: ']}',
  })
  return jsonBytes(content, api.lists.tagOf(view, content))
}

function* instancesOf(view: View, apps: readonly App[]): Generator<Instance, void> {
  for (const app of apps) yield* view.instancesOf(app.id)
}

const killTasksOf = (api: Api, exchange: Exchange, id: PathId): Promise<Answer> => {
  const host = exchange.query('host')
  const selection = { kind: 'app', id, ...(host === undefined || host === '*' ? {} : { host }) } as const
  return kill(api, exchange, selection, (killed) =>
    taskList(killed, (instance) => firstTaskJson(api.view(), instance) ?? ''),
  )
}

/** A kill, or with `scale` a kill and a smaller app, which alone can be planned. `answer`: to a kill alone. */
export async function kill(
  api: Api,
  exchange: Exchange,
  selection: TaskSelection,
  answer: (killed: readonly Instance[]) => Answer,
): Promise<Answer> {
  const isScaling = exchange.flag('scale', false)
  const wipe = exchange.flag('wipe', false)
  if (isScaling && wipe) {
    fail({ kind: 'bad-request', message: 'You cannot use scale and wipe at the same time.' })
  }
  if (isScaling) {
    const force = exchange.flag('force', false)
    return deploy(api, exchange, { kind: 'kill-and-scale', selection, force })
  }
  refuseDryRun(exchange)
  const outcome = accepted(await api.submit({ kind: 'kill-tasks', selection, wipe }))
  return outcome.kind === 'killed' ? answer(outcome.instances) : unexpected(outcome.kind)
}

export const taskList = (instances: readonly Instance[], render: (instance: Instance) => string): Answer =>
  jsonBytes(renderJsonList({ head: '{"tasks":[', items: instances, render, tail: ']}' }))
