// The v1 API (rest-api 12.1) on top of today's: the same requests, in the words and with the errors of that time.
// Changes act at once there, so they go in with force.

import type { FastifyInstance } from 'fastify'
import type { Instance } from '../../core/instances/instance.ts'
import type { Outcome, TaskSelection } from '../../core/requests.ts'
import { absolutePathId, type PathId } from '../../lib/path-id.ts'
import type { App } from '../../spec/app.ts'
import { parseScaleV1, parseStopV1 } from '../../spec/parse/app.ts'
import type { Issue } from '../../spec/refusal.ts'
import { type Answer, accepted, empty, json, text } from '../answer.ts'
import { answerError, fail } from '../errors.ts'
import {
  renderV1App,
  renderV1AppWithCounts,
  renderV1Endpoints,
  renderV1EndpointText,
  renderV1Tasks,
  v1Id,
} from '../render/v1.ts'
import { type Exchange, mount } from '../resource.ts'
import { warningHeaders } from '../warnings.ts'
import type { Api } from './api.ts'

/** Text comes first: the scripts of that time asked for nothing in particular. */
const endpointTypes = ['text/plain', 'application/json']

export function mountV1(server: FastifyInstance, api: Api): void {
  mount(server, '/v1/apps', () => ({ GET: { handle: () => listApps(api) } }))
  mount(server, '/v1/apps/start', () => ({ POST: { handle: (exchange) => start(api, exchange) } }))
  mount(server, '/v1/apps/stop', () => ({ POST: { handle: (exchange) => stop(api, exchange) } }))
  mount(server, '/v1/apps/scale', () => ({ POST: { handle: (exchange) => scale(api, exchange) } }))
  mount(server, '/v1/apps/search', () => ({ GET: { handle: (exchange) => search(api, exchange) } }))
  mount(server, '/v1/apps/*', (rest) => {
    const id = /^(.+)\/tasks\/?$/.exec(rest)?.[1]
    return id === undefined ? undefined : { GET: { handle: () => tasksOf(api, absolutePathId(id)) } }
  })
  mount(server, '/v1/endpoints', () => ({
    GET: { produces: endpointTypes, handle: (exchange) => endpoints(api, exchange) },
  }))
  mount(server, '/v1/endpoints/*', (rest) => ({
    GET: { produces: endpointTypes, handle: (exchange) => endpointsOf(api, exchange, absolutePathId(rest)) },
  }))
  mount(server, '/v1/tasks', () => ({ GET: { handle: () => listTasks(api) } }))
  mount(server, '/v1/tasks/kill', () => ({ POST: { handle: (exchange) => kill(api, exchange) } }))
  mount(server, '/v1/debug/isLeader', () => ({ GET: { handle: () => json(api.info.leader !== undefined) } }))
  mount(server, '/v1/debug/leaderUrl', () => ({
    GET: {
      produces: ['text/plain', 'application/json'],
      // Raw in either type.
      handle: () =>
        text(api.info.marathonConfig['ha'] === false ? 'not in HA mode.' : (api.info.leader ?? '')),
    },
  }))
}

function listApps(api: Api): Answer {
  const view = api.view()
  return json(view.apps().map((app) => renderV1AppWithCounts(view, app, view.instancesOf(app.id))))
}

async function start(api: Api, exchange: Exchange): Promise<Answer> {
  const outcome = await api.submit({
    kind: 'create-app',
    body: exchange.body(),
    force: true,
    isLenient: true,
    origin: exchange.origin(),
  })
  if (outcome.kind === 'refused' && outcome.refusal.kind === 'app-exists') {
    const id = v1Id(outcome.refusal.id)
    return fail({ kind: 'invalid-argument', message: `requirement failed: Already started app '${id}'` })
  }
  return noContent(outcome)
}

async function stop(api: Api, exchange: Exchange): Promise<Answer> {
  const parsed = parseStopV1(exchange.body())
  if (!parsed.ok) return beanViolations(parsed.error)
  const outcome = await api.submit({
    kind: 'remove-app',
    id: absolutePathId(parsed.value.id),
    force: true,
    origin: exchange.origin(),
  })
  // What does not run is as stopped as can be.
  if (outcome.kind === 'refused' && outcome.refusal.kind === 'app-not-found') return empty(204)
  return noContent(outcome)
}

async function scale(api: Api, exchange: Exchange): Promise<Answer> {
  const parsed = parseScaleV1(exchange.body())
  if (!parsed.ok) return beanViolations(parsed.error)
  const id = absolutePathId(parsed.value.id)
  if (api.view().app(id) === undefined) return unknownApp(id)
  const outcome = await api.submit({
    kind: 'update-app',
    id,
    body: { instances: parsed.value.instances },
    mode: 'patch',
    force: true,
    origin: exchange.origin(),
  })
  return noContent(outcome)
}

function noContent(outcome: Outcome): Answer {
  if (outcome.kind === 'refused') {
    const { refusal } = outcome
    if (refusal.kind === 'invalid-json-shape' || refusal.kind === 'invalid-object') {
      return beanViolations(refusal.issues)
    }
    if (refusal.kind === 'app-not-found') return unknownApp(refusal.id)
  }
  const done = accepted(outcome)
  return done.kind === 'deployed' ? empty(204, warningHeaders(done)) : empty(204)
}

/** Today's words in those of the bean validator (rest-api 12.1); what it had no rule for is told in ours. */
const wordsOfThen: Readonly<Record<string, { readonly attribute?: string; readonly error: string }>> = {
  'error.path.missing': { error: 'may not be empty' },
  'error.minLength': { error: 'may not be empty' },
  'ports must be unique': { attribute: 'ports', error: 'Elements must be unique' },
  'Health check port indices must address an element of the ports array or container port mappings.': {
    error: "Port indices must address an element of this app's ports array.",
  },
}

/** `{"errors": [{attribute, error}]}`, attributes in the notation of the bean validator. */
function beanViolations(issues: readonly Issue[]): Answer {
  const errors = issues.flatMap(({ path, errors: texts }) =>
    texts.map((error) => ({
      attribute: path
        .replace(/^\//, '')
        .replaceAll('/', '.')
        .replace(/\((\d+)\)/g, '[$1]'),
      error,
      ...wordsOfThen[error],
    })),
  )
  return json({ errors }, { status: 422 })
}

/** Ids are shown as they were written then, without the leading slash. */
function unknownApp(id: PathId): Answer {
  const { status, body } = answerError({ kind: 'app-not-found', id: v1Id(id) })
  return json(body, { status })
}

function search(api: Api, exchange: Exchange): Answer {
  const id = (exchange.query('id') ?? '').toLowerCase()
  const cmd = (exchange.query('cmd') ?? '').toLowerCase()
  const matches = (app: App): boolean =>
    v1Id(app.id).toLowerCase().includes(id) && (app.cmd ?? '').toLowerCase().includes(cmd)
  return json(api.view().apps().filter(matches).map(renderV1App))
}

function tasksOf(api: Api, id: PathId): Answer {
  const view = api.view()
  if (view.app(id) === undefined) return unknownApp(id)
  return json({ [v1Id(id)]: renderV1Tasks(view.instancesOf(id)) })
}

function endpoints(api: Api, exchange: Exchange): Answer {
  const view = api.view()
  const apps = view.apps()
  if (exchange.mediaType === 'text/plain') {
    return text(apps.map((app) => renderV1EndpointText(app, view.instancesOf(app.id))).join(''))
  }
  return json(apps.map((app) => renderV1Endpoints(app, view.instancesOf(app.id))))
}

function endpointsOf(api: Api, exchange: Exchange, id: PathId): Answer {
  const view = api.view()
  const app = view.app(id)
  const isText = exchange.mediaType === 'text/plain'
  if (app === undefined) return isText ? unknownAppText(id) : unknownApp(id)
  const instances = view.instancesOf(id)
  return isText ? text(renderV1EndpointText(app, instances)) : json(renderV1Endpoints(app, instances))
}

function unknownAppText(id: PathId): Answer {
  const { status, body } = answerError({ kind: 'app-not-found', id: v1Id(id) })
  return text(String(body['message']), { status })
}

/** By app, in the object form of 0.5 and 0.6. */
function listTasks(api: Api): Answer {
  const view = api.view()
  return json(
    Object.fromEntries(
      view
        .apps()
        .map((app) => [
          v1Id(app.id),
          { appName: v1Id(app.id), tasks: renderV1Tasks(view.instancesOf(app.id)), shutdown: false },
        ]),
    ),
  )
}

/** Of one app: the tasks on a host, all of them (`host=*`), or one by its id. Nothing else selects anything. */
async function kill(api: Api, exchange: Exchange): Promise<Answer> {
  const appId = absolutePathId(exchange.query('appId') ?? '')
  const host = exchange.query('host')
  const taskId = exchange.query('id')
  const found = api
    .view()
    .instancesOf(appId)
    .filter((instance) => isSelected(instance, { host, taskId }))
  if (found.length === 0) fail({ kind: 'no-tasks-matched' })
  const selection: TaskSelection = {
    kind: 'tasks',
    taskIds: found.flatMap((instance) => instance.tasks.map((task) => task.id)),
  }
  accepted(
    await api.submit(
      exchange.flag('scale', false)
        ? { kind: 'kill-and-scale', selection, force: true }
        : { kind: 'kill-tasks', selection, wipe: false },
    ),
  )
  return json(renderV1Tasks(found))
}

function isSelected(
  instance: Instance,
  wanted: { readonly host: string | undefined; readonly taskId: string | undefined },
): boolean {
  if (instance.agent === undefined || instance.tasks.length === 0) return false
  const { address, hostname } = instance.agent
  if (wanted.host === '*' || wanted.host === address || wanted.host === hostname) return true
  return instance.tasks.some((task) => task.id === wanted.taskId)
}
