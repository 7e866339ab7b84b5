// /v2/groups (rest-api 4): the tree of groups, its versions, and its changes. Bodies of any type are read as JSON.

import type { FastifyInstance } from 'fastify'
import type { View } from '../../core/view.ts'
import { unreachable } from '../../lib/assert.ts'
import { formatInstant, type Version } from '../../lib/instant.ts'
import { type PathId, rootId } from '../../lib/path-id.ts'
import { type Answer, accepted, deploymentResult, empty, json, jsonBytes, unexpected } from '../answer.ts'
import { fail } from '../errors.ts'
import { noEmbeds } from '../render/embed.ts'
import { appsWithin, groupInfoPieces, resolveGroupEmbeds } from '../render/group-info.ts'
import { type Endpoints, type Exchange, mount, requireInstant } from '../resource.ts'
import { renderJsonList } from '../stream-json.ts'
import type { Api } from './api.ts'
import { deploy, locationOf } from './deploy.ts'
import { type GroupPath, splitGroupPath } from './group-path.ts'

export function mountGroups(server: FastifyInstance, api: Api): void {
  mount(server, '/v2/groups', () => endpointsAt(api, ''))
  mount(server, '/v2/groups/*', (rest) => endpointsAt(api, rest))
}

function endpointsAt(api: Api, rest: string): Endpoints {
  const { read, id } = splitGroupPath(rest)
  const endpoints: Endpoints = {
    GET: { handle: (exchange) => readAt(api, exchange, read) },
    POST: {
      consumes: 'any',
      hasDryRun: true,
      handle: (exchange) => change(api, exchange, { kind: 'create-group', id }),
    },
    PUT: {
      consumes: 'any',
      hasDryRun: true,
      handle: (exchange) => change(api, exchange, { kind: 'update-group', id }),
    },
    DELETE: { consumes: 'any', hasDryRun: true, handle: (exchange) => remove(api, exchange, id) },
  }
  if (id === rootId) return endpoints
  return { ...endpoints, PATCH: { consumes: 'any', handle: (exchange) => patch(api, exchange, id) } }
}

function readAt(api: Api, exchange: Exchange, path: GroupPath['read']): Answer {
  switch (path.kind) {
    case 'group':
      return readGroup(api, exchange, path.id)
    case 'apps':
      return listApps(api, exchange, path.id)
    case 'versions':
      return listVersions(api, path.id)
    case 'version':
      return readVersion(api, exchange, path)
    default:
      return unreachable(path)
  }
}

function readGroup(api: Api, exchange: Exchange, id: PathId): Answer {
  const view = api.view()
  const embed = resolveGroupEmbeds(exchange.queryAll('embed'))
  return groupInfo(api, view, { id, version: view.rootVersion, embed })
}

/** Nothing is shown of the apps but their definitions: what else there is to show is of today. */
function readVersion(
  api: Api,
  exchange: Exchange,
  target: { readonly id: PathId; readonly version: string },
): Answer {
  const version: Version = formatInstant(requireInstant(target.version))
  const embed = { ...resolveGroupEmbeds(exchange.queryAll('embed')), ofApps: noEmbeds }
  return groupInfo(api, api.view(), { id: target.id, version, embed })
}

function groupInfo(
  api: Api,
  view: View,
  of: {
    readonly id: PathId
    readonly version: Version
    readonly embed: ReturnType<typeof resolveGroupEmbeds>
  },
): Answer {
  const { id, embed } = of
  const tree = view.tree(of.version)
  if (tree?.has(id) !== true) return fail({ kind: 'group-unknown', id })
  const content = renderJsonList({
    head: '',
    items: [id],
    render: () => groupInfoPieces(id, { view, tree, embed, now: api.now() }),
    tail: '',
  })
  return jsonBytes(content, hasTimes(view, embed) ? {} : api.lists.tagOf(view, content))
}

/** Life times and the states of pods change with the time. */
const hasTimes = (view: View, embed: ReturnType<typeof resolveGroupEmbeds>): boolean =>
  embed.ofApps.taskStats || (embed.pods && view.pods().length > 0)

/** Those of the groups within, too; none of a group that is not there. */
function listApps(api: Api, exchange: Exchange, id: PathId): Answer {
  const view = api.view()
  const tree = view.tree()!
  const embed = resolveGroupEmbeds(exchange.queryAll('embed'))
  const shown = { view, tree, embed, now: api.now() }
  const content = renderJsonList({
    head: '[',
    items: tree.has(id) ? appsWithin(id, shown) : [],
    render: (app) => app,
    tail: ']',
  })
  return jsonBytes(content, embed.ofApps.taskStats ? {} : api.lists.tagOf(view, content))
}

function listVersions(api: Api, id: PathId): Answer {
  const view = api.view()
  if (id !== rootId && view.group(id) === undefined) fail({ kind: 'group-unknown', id })
  return json(view.rootVersionsOf(id))
}

const change = (
  api: Api,
  exchange: Exchange,
  target: { readonly kind: 'create-group' | 'update-group'; readonly id: PathId },
): Promise<Answer> =>
  deploy(
    api,
    exchange,
    { ...target, body: exchange.body(), force: exchange.flag('force', false) },
    (done) => {
      if (target.kind === 'update-group') return deploymentResult(done)
      if (done.groupId === undefined) return unexpected('deployed, without the group')
      const location = locationOf(api, exchange, done.groupId)
      return deploymentResult(done, { status: 201, headers: { location } })
    },
  )

async function patch(api: Api, exchange: Exchange, id: PathId): Promise<Answer> {
  const outcome = await api.submit({ kind: 'patch-group', id, body: exchange.body() })
  // Here the resource itself says so, as when it is read (rest-api 1.4).
  if (outcome.kind === 'refused' && outcome.refusal.kind === 'group-not-found')
    fail({ kind: 'group-unknown', id })
  const { kind } = accepted(outcome)
  return kind === 'done' ? empty(200) : unexpected(kind)
}

const remove = (api: Api, exchange: Exchange, id: PathId): Promise<Answer> =>
  deploy(api, exchange, { kind: 'remove-group', id, force: exchange.flag('force', false) })
