// /v2/apps (rest-api 2): lists, reads and changes apps, and hands what lies beneath an app to its neighbours.

import type { FastifyInstance } from 'fastify'
import type { UpdateMode } from '../../core/requests.ts'
import type { View } from '../../core/view.ts'
import { unreachable } from '../../lib/assert.ts'
import type { PathId } from '../../lib/path-id.ts'
import { isWithin, rootId } from '../../lib/path-id.ts'
import type { App } from '../../spec/app.ts'
import { matchesLabels, parseLabelSelectors } from '../../spec/label-selector.ts'
import { type Answer, deploymentResult, jsonBytes, planHeader, unexpected } from '../answer.ts'
import { fail } from '../errors.ts'
import { definitionTag, preconditionsOf } from '../etag.ts'
import { openCreatedAppJson } from '../render/app-body.ts'
import { appInfoPieces, embedKey, freshAppInfo } from '../render/app-info.ts'
import { type Embed, resolveEmbeds } from '../render/embed.ts'
import { countsJson } from '../render/task-counts.ts'
import { type Endpoint, type Endpoints, type Exchange, mount } from '../resource.ts'
import { renderJsonList } from '../stream-json.ts'
import type { Api } from './api.ts'
import { splitAppPath } from './app-path.ts'
import { groupTasksEndpoints, taskEndpoints, tasksEndpoints } from './app-tasks.ts'
import { versionEndpoints, versionsEndpoints } from './app-versions.ts'
import { deploy, locationOf } from './deploy.ts'
import { explainEndpoint } from './explain.ts'

export function mountApps(server: FastifyInstance, api: Api): void {
  mount(server, '/v2/apps', () => collectionEndpoints(api))
  mount(server, '/v2/apps/*', (rest) => endpointsAt(api, rest))
}

function endpointsAt(api: Api, rest: string): Endpoints {
  const path = splitAppPath(rest)
  switch (path.kind) {
    case 'collection':
      return collectionEndpoints(api)
    case 'app':
      return appEndpoints(api, path.id)
    case 'apps-of':
      return { GET: { handle: (exchange) => listGroup(api, exchange, path.groupId) } }
    case 'tasks':
      return tasksEndpoints(api, path.id)
    case 'tasks-of':
      return groupTasksEndpoints(api, path.groupId)
    case 'task':
      return taskEndpoints(api, path)
    case 'restart':
      return {
        ...appEndpoints(api, path.literalId),
        POST: {
          hasPreconditions: true,
          hasDryRun: true,
          handle: (exchange) => restart(api, exchange, path.id),
        },
      }
    case 'explain':
      return { ...appEndpoints(api, path.literalId), GET: explainOrRead(api, path) }
    case 'versions':
      return versionsEndpoints(api, path.id)
    case 'version':
      return versionEndpoints(api, path)
    default:
      return unreachable(path)
  }
}

const collectionEndpoints = (api: Api): Endpoints => ({
  GET: { handle: (exchange) => list(api, exchange) },
  POST: { hasDryRun: true, handle: (exchange) => create(api, exchange) },
  PUT: {
    hasPreconditions: true,
    hasDryRun: true,
    handle: (exchange) => updateAll(api, exchange, modeOf(exchange)),
  },
  PATCH: { hasPreconditions: true, hasDryRun: true, handle: (exchange) => updateAll(api, exchange, 'patch') },
})

const appEndpoints = (api: Api, id: PathId): Endpoints => ({
  GET: { handle: (exchange) => read(api, exchange, id) },
  PUT: {
    hasPreconditions: true,
    hasDryRun: true,
    handle: (exchange) => update(api, exchange, { id, mode: modeOf(exchange) }),
  },
  PATCH: {
    hasPreconditions: true,
    hasDryRun: true,
    handle: (exchange) => update(api, exchange, { id, mode: 'patch' }),
  },
  DELETE: { hasPreconditions: true, hasDryRun: true, handle: (exchange) => remove(api, exchange, id) },
})

/** An app whose own id ends in the word can be read as it always could: beside it there is no app to be explained. */
const explainOrRead = (
  api: Api,
  { id, literalId }: { readonly id: PathId; readonly literalId: PathId },
): Endpoint =>
  api.view().app(literalId) === undefined
    ? explainEndpoint(api, { kind: 'app', id }, { kind: 'app-unknown', id })
    : { handle: (exchange) => read(api, exchange, literalId) }

const modeOf = (exchange: Exchange): UpdateMode =>
  exchange.flag('partialUpdate', true) ? 'partial' : 'complete'

function list(api: Api, exchange: Exchange): Answer {
  const view = api.view()
  const isWanted = appFilter(exchange)
  if (isWanted === undefined) return wholeList(api, exchange, view)
  return appInfoList(api, exchange, { view, apps: view.apps().filter(isWanted), name: 'apps' })
}

/** What is asked for most of all. */
function wholeList(api: Api, exchange: Exchange, view: View): Answer {
  const embed = embedsOf(exchange)
  const apps = view.apps()
  if (embed.taskStats) return appInfoList(api, exchange, { view, apps, name: 'apps' })
  const now = api.now()
  return api.lists.answer(exchange, {
    view,
    name: `apps ${embedKey(embed)}`,
    type: 'application/json',
    head: '{"apps":[',
    items: apps,
    render: (app) => freshAppInfo({ view, app, embed, now }),
    separator: ',',
    tail: ']}',
  })
}

function listGroup(api: Api, exchange: Exchange, groupId: PathId): Answer {
  const view = api.view()
  if (groupId !== rootId && view.group(groupId) === undefined) fail({ kind: 'group-unknown', id: groupId })
  const apps = view.apps().filter((app) => isWithin(app.id, groupId) && app.id !== groupId)
  return appInfoList(api, exchange, { view, apps, name: '*' })
}

function appInfoList(
  api: Api,
  exchange: Exchange,
  list: { readonly view: View; readonly apps: readonly App[]; readonly name: string },
): Answer {
  const { view } = list
  const embed = embedsOf(exchange)
  const now = api.now()
  const content = renderJsonList({
    head: `{${JSON.stringify(list.name)}:[`,
    items: list.apps,
    render: (app) => appInfoPieces({ view, app, embed, now }),
    tail: ']}',
  })
  // Statistics change with the time.
  return jsonBytes(content, embed.taskStats ? {} : api.lists.tagOf(view, content))
}

const embedsOf = (exchange: Exchange): Embed =>
  resolveEmbeds(exchange.queryAll('embed'), { counts: true, deployments: true })

/** All filters given must hold; undefined without any. */
function appFilter(exchange: Exchange): ((app: App) => boolean) | undefined {
  const id = exchange.query('id')?.toLowerCase()
  const cmd = exchange.query('cmd')?.toLowerCase()
  const label = exchange.query('label')
  const selector = label === undefined ? undefined : parseLabelSelectors(label)
  if (selector?.ok === false) fail({ kind: 'invalid-argument', message: selector.error })
  if (id === undefined && cmd === undefined && label === undefined) return undefined
  return (app) =>
    (id === undefined || app.id.toLowerCase().includes(id)) &&
    (cmd === undefined || (app.cmd?.toLowerCase().includes(cmd) ?? false)) &&
    (selector === undefined || !selector.ok || matchesLabels(selector.value, app.labels))
}

function read(api: Api, exchange: Exchange, id: PathId): Answer {
  const view = api.view()
  const app = view.app(id)
  if (app === undefined) return fail({ kind: 'app-unknown', id })
  const embed = resolveEmbeds(exchange.queryAll('embed'), {
    counts: true,
    tasks: true,
    lastTaskFailure: true,
    deployments: true,
  })
  const now = api.now()
  const content = renderJsonList({
    head: '{"app":',
    items: [app],
    render: () => appInfoPieces({ view, app, embed, now }),
    tail: '}',
  })
  if (content instanceof Uint8Array) return jsonBytes(content, { tag: definitionTag(app.version, content) })
  return jsonBytes(content, embed.taskStats ? {} : { tag: `${app.version}.${api.lists.revisionTag(view)}` })
}

const create = (api: Api, exchange: Exchange): Promise<Answer> =>
  deploy(
    api,
    exchange,
    {
      kind: 'create-app',
      body: exchange.body(),
      force: exchange.flag('force', false),
      origin: exchange.origin(),
    },
    (done) => {
      if (done.app === undefined) return unexpected('deployed, without the app')
      const body =
        `${openCreatedAppJson(done.app)},${countsJson({ staged: 0, running: 0, healthy: 0, unhealthy: 0 })},` +
        `"deployments":[${JSON.stringify({ id: done.deploymentId })}]}`
      return jsonBytes(Buffer.from(body), {
        status: 201,
        headers: { ...planHeader(done), location: locationOf(api, exchange, done.app.id) },
      })
    },
  )

const update = (
  api: Api,
  exchange: Exchange,
  target: { readonly id: PathId; readonly mode: UpdateMode },
): Promise<Answer> =>
  deploy(
    api,
    exchange,
    {
      kind: 'update-app',
      ...target,
      body: exchange.body(),
      force: exchange.flag('force', false),
      origin: exchange.origin(),
      ...preconditionsOf(exchange.request),
    },
    (done) => {
      if (!done.wasCreated) return deploymentResult(done)
      const location = locationOf(api, exchange, target.id)
      return deploymentResult(done, { status: 201, headers: { location } })
    },
  )

const updateAll = (api: Api, exchange: Exchange, mode: UpdateMode): Promise<Answer> =>
  deploy(api, exchange, {
    kind: 'update-apps',
    body: exchange.body(),
    mode,
    force: exchange.flag('force', false),
    ...preconditionsOf(exchange.request),
  })

/** `force` is on unless it is switched off, as in the last version (rest-api 2). */
const remove = (api: Api, exchange: Exchange, id: PathId): Promise<Answer> =>
  deploy(api, exchange, {
    kind: 'remove-app',
    id,
    force: exchange.flag('force', true),
    ...preconditionsOf(exchange.request),
  })

const restart = (api: Api, exchange: Exchange, id: PathId): Promise<Answer> =>
  deploy(api, exchange, {
    kind: 'restart-app',
    id,
    force: exchange.flag('force', false),
    ...preconditionsOf(exchange.request),
  })
