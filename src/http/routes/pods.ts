// /v2/pods (rest-api 3): pods, how they are doing, their versions, and ending their instances.

import type { FastifyInstance } from 'fastify'
import { runSpecIdOf } from '../../core/ids.ts'
import type { InstanceId } from '../../core/instances/instance.ts'
import { unreachable } from '../../lib/assert.ts'
import { formatInstant, type Version } from '../../lib/instant.ts'
import type { PathId } from '../../lib/path-id.ts'
import type { Pod } from '../../spec/pod.ts'
import { isPod } from '../../spec/run-spec.ts'
import { type Answer, accepted, empty, json, jsonBytes, planHeader, unexpected } from '../answer.ts'
import { fail } from '../errors.ts'
import { definitionTag, preconditionsOf } from '../etag.ts'
import { renderInstance } from '../render/instance.ts'
import { podJson } from '../render/pod-body.ts'
import { podStatusJson } from '../render/pod-status.ts'
import { type Endpoints, type Exchange, mount, requireInstant, requireTexts } from '../resource.ts'
import { renderJsonList } from '../stream-json.ts'
import type { Api } from './api.ts'
import { type Deployed, deploy, locationOf } from './deploy.ts'
import { explainEndpoint } from './explain.ts'
import { splitPodPath } from './pod-path.ts'

export function mountPods(server: FastifyInstance, api: Api): void {
  mount(server, '/v2/pods', () => collectionEndpoints(api))
  mount(server, '/v2/pods/*', (rest) => endpointsAt(api, rest))
}

function endpointsAt(api: Api, rest: string): Endpoints | undefined {
  const path = splitPodPath(rest)
  if (path === undefined) return undefined
  switch (path.kind) {
    case 'collection':
      return collectionEndpoints(api)
    case 'statuses':
      return { GET: { handle: () => listStatuses(api) } }
    case 'pod':
      return {
        GET: { handle: () => read(api, path.id) },
        PUT: {
          hasPreconditions: true,
          hasDryRun: true,
          handle: (exchange) => update(api, exchange, path.id),
        },
        DELETE: {
          hasPreconditions: true,
          hasDryRun: true,
          handle: (exchange) => remove(api, exchange, path.id),
        },
      }
    case 'status':
      return { GET: { handle: () => readStatus(api, path.id) } }
    case 'explain':
      return {
        GET: explainEndpoint(api, { kind: 'pod', id: path.id }, { kind: 'pod-not-found', id: path.id }),
      }
    case 'versions':
      return { GET: { handle: () => listVersions(api, path.id) } }
    case 'version':
      return { GET: { handle: () => readVersion(api, path) } }
    case 'instances':
      return { DELETE: { handle: (exchange) => killInstances(api, exchange, path.id) } }
    case 'instance':
      return { DELETE: { handle: (exchange) => killInstance(api, exchange, path) } }
    default:
      return unreachable(path)
  }
}

/** HEAD, which tells clients that there are pods here, is GET without its body. */
const collectionEndpoints = (api: Api): Endpoints => ({
  GET: { handle: () => list(api) },
  POST: { hasDryRun: true, handle: (exchange) => create(api, exchange) },
})

const list = (api: Api): Answer =>
  jsonBytes(renderJsonList({ head: '[', items: api.view().pods(), render: podJson, tail: ']' }))

function listStatuses(api: Api): Answer {
  const view = api.view()
  const now = api.now()
  return jsonBytes(
    renderJsonList({
      head: '[',
      items: view.pods(),
      render: (pod) => podStatusJson(pod, view, now),
      tail: ']',
    }),
  )
}

function read(api: Api, id: PathId): Answer {
  const pod = api.view().pod(id)
  if (pod === undefined) return fail({ kind: 'no-such-pod', id })
  const content = Buffer.from(podJson(pod))
  return jsonBytes(content, { tag: definitionTag(pod.version, content) })
}

function readStatus(api: Api, id: PathId): Answer {
  const view = api.view()
  const pod = view.pod(id)
  if (pod === undefined) return fail({ kind: 'pod-not-found', id })
  return jsonBytes(Buffer.from(podStatusJson(pod, view, api.now())))
}

function listVersions(api: Api, id: PathId): Answer {
  const view = api.view()
  return view.pod(id) === undefined ? fail({ kind: 'pod-not-found', id }) : json(view.versions(id))
}

function readVersion(api: Api, target: { readonly id: PathId; readonly version: string }): Answer {
  const version: Version = formatInstant(requireInstant(target.version))
  const view = api.view()
  const pod = view.runSpecVersion(target.id, version)
  if (view.pod(target.id) === undefined || pod === undefined || !isPod(pod))
    return fail({ kind: 'pod-not-found', id: target.id })
  return jsonBytes(Buffer.from(podJson(pod)))
}

const create = (api: Api, exchange: Exchange): Promise<Answer> =>
  deploy(
    api,
    exchange,
    {
      kind: 'create-pod',
      body: exchange.body(),
      force: exchange.flag('force', false),
      origin: exchange.origin(),
    },
    (done) => {
      const pod = podOf(done)
      const headers = { ...planHeader(done), location: locationOf(api, exchange, pod.id) }
      return jsonBytes(Buffer.from(podJson(pod)), { status: 201, headers })
    },
  )

/** Always a whole definition. An unknown pod is created, and that is answered like a change. */
const update = (api: Api, exchange: Exchange, id: PathId): Promise<Answer> =>
  deploy(
    api,
    exchange,
    {
      kind: 'update-pod',
      id,
      body: exchange.body(),
      force: exchange.flag('force', false),
      origin: exchange.origin(),
      ...preconditionsOf(exchange.request),
    },
    (done) => jsonBytes(Buffer.from(podJson(podOf(done))), { headers: planHeader(done) }),
  )

const remove = (api: Api, exchange: Exchange, id: PathId): Promise<Answer> =>
  deploy(
    api,
    exchange,
    {
      kind: 'remove-pod',
      id,
      force: exchange.flag('force', false),
      origin: exchange.origin(),
      ...preconditionsOf(exchange.request),
    },
    (done) => {
      const location = locationOf(api, exchange, `/${done.deploymentId}`)
      return empty(202, { ...planHeader(done), location })
    },
  )

const podOf = ({ pod }: Deployed): Pod => pod ?? unexpected('deployed, without the pod')

async function killInstance(
  api: Api,
  exchange: Exchange,
  target: { readonly id: PathId; readonly instanceId: string },
): Promise<Answer> {
  if (!isInstanceId(target.instanceId)) {
    return fail({ kind: 'invalid-object', issues: [{ path: '/', errors: [notAnInstanceId] }] })
  }
  const [killed] = await kill(api, exchange, target.id, [target.instanceId])
  return killed === undefined ? fail({ kind: 'task-not-found', taskId: target.instanceId }) : json(killed)
}

async function killInstances(api: Api, exchange: Exchange, id: PathId): Promise<Answer> {
  return json(await kill(api, exchange, id, readIds(exchange.body())))
}

/** The instances that were found, as they were before the kill. */
async function kill(
  api: Api,
  exchange: Exchange,
  podId: PathId,
  instanceIds: readonly InstanceId[],
): Promise<readonly unknown[]> {
  const outcome = accepted(
    await api.submit({
      kind: 'kill-tasks',
      selection: { kind: 'instances', runSpecId: podId, instanceIds },
      wipe: exchange.flag('wipe', false),
    }),
  )
  if (outcome.kind !== 'killed') return unexpected(outcome.kind)
  const view = api.view()
  return outcome.instances.map((instance) =>
    renderInstance(
      instance,
      view.runSpecVersion(instance.runSpecId, instance.runSpecVersion)?.unreachableStrategy,
    ),
  )
}

const isInstanceId = (id: string): boolean => runSpecIdOf(id) !== undefined

/** The words of the original, whose pattern is its own. */
const notAnInstanceId = "must fully match regular expression '^(.+)\\.(instance-|marathon-)([^\\.]+)$'"

function readIds(body: unknown): readonly InstanceId[] {
  const ids = [...new Set(requireTexts(body))]
  const issues = ids.flatMap((id, index) =>
    isInstanceId(id) ? [] : [{ path: `(${index})`, errors: [notAnInstanceId] }],
  )
  if (issues.length > 0) fail({ kind: 'invalid-object', issues })
  return ids
}
