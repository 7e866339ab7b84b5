// Every call of the API with every answer it is described with: a success, and each error with its exact body. The
// table of operations says what there is to show; what conversations in tests/compat/cases show is not shown again. A
// call or a status without a case fails, and so does a status that is shown and not described.

import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Operation } from '../../src/http/openapi/operation.ts'
import { operations } from '../../src/http/openapi/operations.ts'
import { limits } from '../../src/lib/limits.ts'
import { differences, fillIn, fillInAll } from '../compat/template.ts'
import { operationOf } from '../support/checked-answers.ts'
import { pod, type ServerName, servers } from './every-answer-servers.ts'

type Call = `${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`

interface Sent {
  /** JSON by value. */
  readonly body?: unknown
  /** The body as it is. */
  readonly text?: string
  readonly headers?: Readonly<Record<string, string>>
}

interface Row extends Sent {
  readonly server: ServerName
  readonly call: Call
  readonly status: number
  /** The body by value, with holes. Absent: as it is described; text that is no JSON is compared as it is. */
  readonly answer?: unknown
}

const ofServer =
  (server: ServerName, status: number, answer?: unknown) =>
  (call: Call, sent: Sent | unknown[] | object = {}, other = answer): Row => ({
    server,
    status,
    call,
    ...(isSent(sent) ? sent : { body: sent }),
    ...(other === undefined ? {} : { answer: other }),
  })

const isSent = (sent: object): sent is Sent =>
  !Array.isArray(sent) && Object.keys(sent).every((key) => ['body', 'text', 'headers'].includes(key))

const message = (text: string) => ({ message: text })
const notFound = (text: string) => ({ message: text, details: [] })
const invalid = (path: string, ...errors: string[]) => ({
  message: 'Object is not valid',
  details: [{ path, errors }],
})
const misshapen = (path: string, error: string) => ({
  message: 'Invalid JSON',
  details: [{ path, errors: [error] }],
})
const invalidTime = message("Invalid timestamp provided 'yesterday'. Expecting ISO-8601 datetime string.")
const none = ''

const web = '/v2/apps/shop/web'
const otherApp = { id: '/new', cmd: 'sleep 600' }
const otherPod = { ...pod, id: '/new' }
const podPath = '/v2/pods/shop/pod'
const podInstances = `${podPath}::instances`
const unknownInstance = 'shop_pod.instance-5b0f2c1e-77aa-4d0e-9a41-0c3d8e2f6a10'
const shownPod = {
  id: '/shop/pod',
  version: '<time>',
  containers: [
    {
      name: 'c',
      exec: { command: { shell: 'sleep 600' } },
      resources: { cpus: 0.1, mem: 32, disk: 0, gpus: 0 },
    },
  ],
  scaling: { instances: 1, kind: 'fixed' },
  scheduling: {
    backoff: { backoff: 1, backoffFactor: 1.15, maxLaunchDelay: 300 },
    upgrade: { minimumHealthCapacity: 1, maximumOverCapacity: 1 },
    placement: {},
    killSelection: 'YOUNGEST_FIRST',
    unreachableStrategy: { inactiveAfterSeconds: 0, expungeAfterSeconds: 0 },
  },
  executorResources: { cpus: 0.1, mem: 32, disk: 10 },
  role: '*',
}

const tooMany = ofServer(
  'full',
  403,
  message(
    'Max number (2) of running deployments is achieved. Wait for existing deployments to complete or cancel one' +
      'using force=true parameter. You can increase max deployment number by using --max_running_deployments ' +
      'parameter but be advised that this can have negative effects on the performance.',
  ),
)
const lockedBy = (count: number) => ({
  message:
    "App is locked by one or more deployments. Override with the option '?force=true'. View details at " +
    "'/v2/deployments/<DEPLOYMENT_ID>'.",
  deployments: Array.from({ length: count }, () => ({ id: '<uuid>' })),
})
const locked = ofServer('deploying', 409, lockedBy(1))
const lockedByBoth = ofServer('deploying', 409, lockedBy(2))
const plan = ofServer('running', 200, { steps: '<any>', changes: '<any>' })
const dry = (call: Call): Call => `${call}?dryRun=true`

const form = (name: string, fileName: string, content = 'text', end = '--\r\n'): Sent => ({
  headers: { 'content-type': 'multipart/form-data; boundary=edge' },
  text: `--edge\r\nContent-Disposition: form-data; name="${name}"; filename="${fileName}"\r\n\r\n${content}\r\n--edge${end}`,
})
const bytes = (text: string): Sent => ({ headers: { 'content-type': 'text/plain' }, text })
const uploadCalls: readonly (readonly [call: (path: string) => Call, sent: (name: string) => Sent])[] = [
  [(path) => `PUT /v2/artifacts/${path}`, () => bytes('x')],
  [(path) => `POST /v2/artifacts/${path}`, () => bytes('x')],
  [() => 'POST /v2/artifacts', (name) => form('file', name)],
]
const uploads = (server: ServerName, status: number, path: string, answer: unknown): Row[] =>
  uploadCalls.map(([call, sent]) => ofServer(server, status, answer)(call(path), sent(path)))

const callbacks = '/v2/eventSubscriptions'
const callback = `${callbacks}?callbackUrl=http%3A%2F%2Fh.example%2F`
const callbacksOff = message(
  'http event callback system is not running on this Marathon instance. Please re-start this instance with ' +
    '"--event_subscriber http_callback".',
)
const subscription = (eventType: string) => ({
  clientIp: '127.0.0.1',
  callbackUrl: 'http://h.example/',
  eventType,
  timestamp: '<time>',
})

const agents = [
  'GET /v2/agents',
  'GET /v2/agents/a',
  'POST /v2/agents/a/unplug',
  'POST /v2/agents/a/plug',
] as const
const pluginMethods = ['GET', 'PUT', 'POST', 'DELETE'] as const
const log = 'GET /v2/tasks/web.1/logs/stdout'

const rows: readonly Row[] = [
  // Of apps and tasks.
  plan(dry('POST /v2/apps'), otherApp),
  ofServer('running', 404, message("App '/none' does not exist"))(
    'PUT /v2/apps',
    [{ id: '/none', version: '2001-01-01T00:00:00Z' }].map(() => ({
      id: '/shop/web',
      version: '2001-01-01T00:00:00Z',
    })),
    message("App '/shop/web' does not exist"),
  ),
  ofServer(
    'running',
    422,
    misshapen('(0)/instances', 'error.min'),
  )('PATCH /v2/apps', [{ id: '/shop/web', instances: -1 }]),
  tooMany('POST /v2/apps', otherApp),
  tooMany('PUT /v2/apps', [{ id: '/shop/web', cmd: 'other' }]),
  tooMany('PATCH /v2/apps', [{ id: '/shop/web', cmd: 'other' }]),
  tooMany(`PUT ${web}`, { cmd: 'other' }),
  tooMany(`PATCH ${web}`, { cmd: 'other' }),
  tooMany(`DELETE ${web}`),
  tooMany(`POST ${web}/restart`),
  tooMany(`DELETE ${web}/tasks?scale=true`),
  tooMany(`DELETE ${web}/tasks/<text:task>?scale=true`),
  tooMany('POST /v2/tasks/delete?scale=true', { ids: ['<text:task>'] }),
  locked('PATCH /v2/apps', [{ id: '/shop/web', cmd: 'other' }]),
  locked(`DELETE ${web}/tasks/<text:task>?scale=true`),
  locked('POST /v2/tasks/delete?scale=true', { ids: ['<text:task>'] }),
  ofServer('logs', 200, 'hello')(log),
  ofServer(
    'logs',
    404,
    notFound(
      "Task 'web.2' has no stdout here: it has not started yet, or its sandbox has been removed since it ended.",
    ),
  )('GET /v2/tasks/web.2/logs/stdout'),
  ofServer(
    'logs',
    422,
    message("Query parameter 'offset' is 'x', expected a whole number of bytes."),
  )(`${log}?offset=x`),
  ofServer('bare', 501, message("The engine 'sim' does not offer the output of tasks."))(log),
  ofServer(
    'unreadable',
    502,
    message('The stdout of the task cannot be read: agent S0 at http://10.0.0.1:5051 does not answer.'),
  )(log),
  ofServer(
    'followed',
    503,
    message(`Too many log streams are open. Allowed: ${limits.logStreams}.`),
  )(`${log}?follow=true`),

  ofServer('running', 200, {
    explanation: {
      kind: 'app',
      id: '/shop/web',
      isWell: true,
      text: '1 of 1 instance of /shop/web runs since 2031-04-02T09:15:20.580Z.',
      wanted: 1,
      running: 1,
      healthy: 1,
      outdated: 0,
      isChecked: false,
      since: '<time>',
      causes: [],
    },
  })(`GET ${web}/explain`),
  ofServer(
    'running',
    200,
    '1 of 1 instance of /shop/web runs since 2031-04-02T09:15:20.580Z.\n',
  )(`GET ${web}/explain`, { headers: { accept: 'text/plain' } }),
  ofServer('running', 404, notFound("App '/none' does not exist"))('GET /v2/apps/none/explain'),

  // Of groups.
  plan(dry('POST /v2/groups'), { id: '/new' }),
  plan(dry('POST /v2/groups/new'), { body: {} }),
  ofServer(
    'running',
    422,
    invalid('/', 'must not end with any of the following reserved keywords: restart, tasks, versions, ., ..'),
  )('POST /v2/groups', { id: '/a/tasks' }),
  tooMany('POST /v2/groups', { id: '/new' }),
  tooMany('POST /v2/groups/new', { body: {} }),
  tooMany('PUT /v2/groups', { apps: [otherApp] }),
  tooMany('PUT /v2/groups/new', { body: {} }),
  tooMany('DELETE /v2/groups'),
  tooMany('DELETE /v2/groups/shop'),
  lockedByBoth('PUT /v2/groups', { groups: [] }),
  locked('PUT /v2/groups/shop', { apps: [] }),
  lockedByBoth('DELETE /v2/groups'),
  ofServer(
    'running',
    404,
    notFound("Group '/' does not exist"),
  )('GET /v2/groups/versions/2001-01-01T00:00:00.000Z'),
  ofServer('running', 422, invalidTime)('GET /v2/groups/versions/yesterday'),

  // Of pods.
  ofServer('running', 200, [shownPod])('GET /v2/pods'),
  plan(dry('POST /v2/pods'), otherPod),
  ofServer('running', 201, { ...shownPod, id: '/new' })('POST /v2/pods', otherPod),
  tooMany('POST /v2/pods', otherPod),
  ofServer('running', 409, message('A pod with id [/shop/pod] already exists.'))('POST /v2/pods', pod),
  ofServer(
    'running',
    422,
    misshapen('/containers', 'error.minLength'),
  )('POST /v2/pods', { id: '/new', containers: [] }),
  ofServer('running', 200)('GET /v2/pods/::status'),
  ofServer('running', 200, shownPod)(`GET ${podPath}`),
  ofServer('running', 404, notFound('{"message": "pod with /none does not exist"}'))('GET /v2/pods/none'),
  ofServer('running', 200, { ...shownPod, version: '<time:pod-version>' })(`PUT ${podPath}`, pod),
  tooMany(`PUT ${podPath}`, { ...pod, user: 'nobody' }),
  locked(`PUT ${podPath}`, { ...pod, user: 'nobody' }),
  ofServer(
    'running',
    422,
    invalid('/', 'endpoint names nust be unique across all containers'),
  )(`PUT ${podPath}`, {
    ...pod,
    containers: [{ ...pod.containers[0], endpoints: [{ name: 'a' }, { name: 'a' }] }],
  }),
  ofServer('running', 200, { steps: '<any>', changes: '<any>' })(dry(`DELETE ${podPath}`)),
  ofServer('running', 202, none)(`DELETE ${podPath}`),
  tooMany(`DELETE ${podPath}`),
  locked(`DELETE ${podPath}`),
  ofServer('running', 404, notFound("Pod '/none' does not exist"))('DELETE /v2/pods/none'),
  ofServer('running', 200)(`GET ${podPath}::status`),
  ofServer('running', 404, notFound("Pod '/none' does not exist"))('GET /v2/pods/none::status'),
  ofServer('deploying', 200)(`GET ${podPath}::explain`),
  ofServer('running', 404, notFound("Pod '/none' does not exist"))('GET /v2/pods/none::explain'),
  ofServer('running', 200, ['<time:pod-version>'])(`GET ${podPath}::versions`),
  ofServer('running', 404, notFound("Pod '/none' does not exist"))('GET /v2/pods/none::versions'),
  ofServer('running', 200, shownPod)(`GET ${podPath}::versions/<time:pod-version>`),
  ofServer(
    'running',
    404,
    notFound("Pod '/shop/pod' does not exist"),
  )(`GET ${podPath}::versions/2001-01-01T00:00:00.000Z`),
  ofServer('running', 422, invalidTime)(`GET ${podPath}::versions/yesterday`),
  ofServer('running', 200, ['<any>'])(`DELETE ${podInstances}`, ['<text:instance>', unknownInstance]),
  ofServer(
    'running',
    404,
    message("Path '/none' does not exist"),
  )('DELETE /v2/pods/none::instances', ['<text:instance>']),
  ofServer(
    'running',
    422,
    invalid('(1)', "must fully match regular expression '^(.+)\\.(instance-|marathon-)([^\\.]+)$'"),
  )(`DELETE ${podInstances}`, ['<text:instance>', 'x']),
  ofServer('running', 200)(`DELETE ${podInstances}/<text:instance>`),
  ofServer(
    'running',
    404,
    notFound(`Task '${unknownInstance}' does not exist`),
  )(`DELETE ${podInstances}/${unknownInstance}`),
  ofServer(
    'running',
    422,
    invalid('/', "must fully match regular expression '^(.+)\\.(instance-|marathon-)([^\\.]+)$'"),
  )(`DELETE ${podInstances}/x`),

  // Of artifacts.
  ...uploads('artifacts', 201, 'new.txt', none),
  ...uploads('artifacts', 200, 'a.txt', none),
  ...uploads(
    'artifacts',
    409,
    'folder',
    message("'folder' cannot be an artifact: there is a folder of this name."),
  ),
  ...uploads(
    'artifactsTooLarge',
    413,
    'x',
    message(`The request body is larger than ${limits.artifactBytes} bytes.`),
  ),
  ...uploads('artifactsFull', 507, 'x', message('The disk of the artifact store is full.')),
  ...uploads(
    'artifactsBusy',
    503,
    'x',
    message(`Too many artifact uploads are open. Allowed: ${limits.artifactUploads}.`),
  ),
  ...uploadCalls.map(([call]) =>
    ofServer(
      'artifacts',
      422,
      message("requirement failed: Please use 'file' as form parameter name!"),
    )(call('x'), form('other', 'x')),
  ),
  ...uploadCalls.map(([call]) =>
    ofServer(
      'artifacts',
      400,
      message('The body cannot be read to its end: Unexpected end of multipart data'),
    )(call('x'), form('file', 'x', 'text', '')),
  ),
  ofServer('artifacts', 415, message('Unsupported Media Type'))('POST /v2/artifacts', bytes('x')),
  ofServer('artifacts', 200, 'text')('GET /v2/artifacts/a.txt'),
  ofServer('artifacts', 404, message('No artifact with path none'))('GET /v2/artifacts/none'),
  ofServer(
    'bare',
    422,
    message('No storage provider available to load/persist artifacts. Configuration problem?'),
  )('GET /v2/artifacts/a.txt'),
  ofServer('artifacts', 200, none)('DELETE /v2/artifacts/a.txt'),
  ofServer(
    'bare',
    422,
    message('No storage provider available to load/persist artifacts. Configuration problem?'),
  )('DELETE /v2/artifacts/a.txt'),

  ofServer('deploying', 200)('GET /v2/deployments/<uuid:deployment>/explain'),
  ofServer(
    'running',
    404,
    notFound('DeploymentPlan 5b0f does not exist'),
  )('GET /v2/deployments/5b0f/explain'),

  // Of agents, events and the server.
  ...agents.map((call) =>
    ofServer('bare', 501, message("The engine 'sim' does not offer control over agents."))(call),
  ),
  ofServer('running', 200)('GET /v2/agents'),
  ...(
    ['GET /v2/agents/agent-1', 'POST /v2/agents/agent-1/unplug', 'POST /v2/agents/agent-1/plug'] as const
  ).map((call) => ofServer('running', 200)(call)),
  ...agents.slice(1).map((call) => ofServer('running', 404, notFound("Agent 'a' does not exist"))(call)),
  ofServer('bare', 405, message('Method Not Allowed'))('GET /v2/events'),
  ofServer('running', 200, { callbackUrls: [] })(`GET ${callbacks}`),
  ofServer('running', 200, subscription('subscribe_event'))(`POST ${callback}`),
  ofServer('running', 200, subscription('unsubscribe_event'))(`DELETE ${callback}`),
  ofServer('running', 422, invalid('/', 'no protocol: x'))(`POST ${callbacks}?callbackUrl=x`),
  ofServer('running', 422, invalid('/', 'no protocol: x'))(`DELETE ${callbacks}?callbackUrl=x`),
  ofServer('bare', 400, callbacksOff)(`GET ${callbacks}`),
  ofServer('withoutLeader', 404, notFound('There is no leader'))('GET /v2/leader'),
  ofServer('bare', 200, notFound('Leadership abdicated'))('DELETE /v2/leader'),
  ofServer('withoutLeader', 404, notFound('There is no leader'))('DELETE /v2/leader'),
  ofServer(
    'bare',
    422,
    invalid('/', 'Invalid URI or unsupported scheme: ftp://h/b'),
  )('DELETE /v2/leader?backup=ftp://h/b'),
  ofServer('bare', 200, { plugins: [] })('GET /v2/plugins'),
  ...pluginMethods.map((method) => ofServer('plugin', 200, 'served')(`${method} /v2/plugins/pages/x`)),
  ofServer('running', 200)('GET /metrics'),
  ofServer('running', 200)('GET /metrics/prometheus'),
  ofServer('bare', 404, notFound('Prometheus reporter is disabled'))('GET /metrics/prometheus'),
  ofServer('bare', 200, {})('GET /config'),
  ofServer('bare', 200)('GET /logging'),
  ofServer('bare', 200, { level: 'debug', logger: 'ROOT', durationSeconds: 5 })('POST /logging', {
    logger: 'ROOT',
    level: 'debug',
    durationSeconds: 5,
  }),
  ofServer(
    'bare',
    422,
    invalid('/logger', 'must not be empty'),
  )('POST /logging', { logger: '', level: 'info' }),

  // Files for browsers, and what describes the API.
  ...(
    [
      'GET /',
      'GET /help',
      'GET /ui',
      'GET /api-console',
      'GET /public/api',
      'GET /ui/folder',
      'GET /api-console/folder',
    ] as const
  ).map((call) => ofServer('site', 302, none)(call)),
  ...(['GET /ui/', 'GET /api-console/index.html', 'GET /public/ui/index.html'] as const).map((call) =>
    ofServer('site', 200)(call),
  ),
  ...(['/ui/none.html', '/api-console/none.html', '/public/none'] as const).map((path) =>
    ofServer('site', 404, message(`URI not found: ${path}`))(`GET ${path}`),
  ),
  ofServer('bare', 200)('GET /public/api/v2/openapi.json'),
  ofServer('running', 200)('GET /v2/schemas'),
  ofServer('running', 200)('GET /v2/schemas/app'),
  ofServer('running', 200)('GET /v2/schema/app'),
  ...(['/v2/schemas', '/v2/schemas/app', '/v2/schema/app'] as const).map((path) =>
    ofServer('bare', 404, message(`URI not found: ${path}`))(`GET ${path}`),
  ),

  // Of the first releases.
  tooMany('POST /v1/apps/start', { id: 'new', cmd: 'sleep 600' }),
  tooMany('POST /v1/apps/scale', { id: 'shop/web', instances: 2 }),
  tooMany('POST /v1/apps/stop', { id: 'shop/web' }),
  tooMany('POST /v1/tasks/kill?appId=shop/web&host=*&scale=true'),
  ofServer('running', 422, { errors: [{ attribute: 'id', error: 'may not be empty' }] })(
    'POST /v1/apps/scale',
    { instances: 2 },
  ),
  ofServer('running', 422, { errors: [{ attribute: 'id', error: 'may not be empty' }] })(
    'POST /v1/apps/stop',
    { body: {} },
  ),

  // The same wherever JSON is read.
  ...operations
    .filter(({ body, errors }) => body !== undefined && body.type === undefined && errors?.includes(400))
    .map(({ method, path }) =>
      ofServer('running', 400, {
        message: 'Invalid JSON',
        details: 'Unexpected end-of-input: expected a value at [line: 1, column: 8]',
      })(`${method} ${path.replace('{id}', path.startsWith('/v2/pods') ? 'shop/pod' : 'shop/web')}` as Call, {
        headers: { 'content-type': 'application/json' },
        text: '{"id": ',
      }),
    ),
  ofServer('silent', 400, callbacksOff)(`POST ${callback}`),
  ofServer('silent', 400, callbacksOff)(`DELETE ${callback}`),
]

/** Shown where there are real sockets, or more of what has to be there than a line of the table can say. */
const elsewhere: readonly {
  readonly call: Call
  readonly status: number
  readonly file: string
  readonly says: string
}[] = [
  { call: 'GET /v2/events', status: 200, file: 'tests/api/events.test.ts', says: 'text/event-stream' },
  {
    call: 'GET /v2/events',
    status: 400,
    file: 'tests/api/event-log.test.ts',
    says: 'expected the number of an event',
  },
  {
    call: 'GET /v2/events',
    status: 503,
    file: 'tests/api/too-many-streams.test.ts',
    says: 'Too many event streams are open.',
  },
  {
    call: 'POST /v2/eventSubscriptions',
    status: 403,
    file: 'tests/api/event-subscriptions.test.ts',
    says: '256 URLs are subscribed to events already. Allowed: 256.',
  },
]

/** What any call can answer with, described for all of them together (errors.test.ts, cross-cutting.test.ts). */
const everywhere: ReadonlySet<number> = new Set([400, 401, 405, 406, 408, 412, 413, 414, 415, 431, 500, 503])

const keyOf = ({ method, path }: Operation, status: number): string => `${method} ${path} ${status}`

function keyOfCall(call: Call, status: number): string {
  const [method, url] = call.split(' ') as [string, string]
  const operation = operationOf(method, url)
  return operation === undefined ? `${call}: no such operation` : keyOf(operation, status)
}

interface Exchange {
  readonly request: { readonly method: string; readonly url: string }
  readonly response?: { readonly status: number; readonly body?: unknown; readonly text?: string }
}

/** What the conversations show, with the body. */
function keysOfConversations(): string[] {
  const folder = new URL('../compat/cases/', import.meta.url)
  return readdirSync(folder).flatMap((name) => {
    const { exchanges } = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as {
      readonly exchanges: readonly Exchange[]
    }
    return exchanges.flatMap(({ request: { method, url }, response }) => {
      const operation = operationOf(method, url)
      if (operation === undefined || response === undefined) return []
      return response.body === undefined && response.text === undefined
        ? []
        : [keyOf(operation, response.status)]
    })
  })
}

const statusesOf = ({ answers, errors = [] }: Operation): number[] => [
  ...Object.keys(answers).map(Number),
  ...errors,
]

const described = operations.flatMap((operation) =>
  statusesOf(operation).map((status) => keyOf(operation, status)),
)
const shownKeys: ReadonlySet<string> = new Set([
  ...keysOfConversations(),
  ...rows.map(({ call, status }) => keyOfCall(call, status)),
  ...elsewhere.map(({ call, status }) => keyOfCall(call, status)),
])

describe('every answer of every call', () => {
  it('has a case', () => {
    expect(described.length).toBeGreaterThan(250)
    expect(described.filter((key) => !shownKeys.has(key))).toEqual([])
  })

  it('is described', () => {
    const known = new Set(described)
    const isEverywhere = (key: string) => everywhere.has(Number(key.slice(key.lastIndexOf(' ') + 1)))
    expect([...shownKeys].filter((key) => !known.has(key) && !isEverywhere(key))).toEqual([])
  })

  it.each(elsewhere)('$call $status is in $file', ({ call, file, says }) => {
    const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
    expect(text).toContain(says)
    expect(text).toContain(call.split(' ')[1])
  })
})

describe('is answered', () => {
  it.each(rows)(
    '$status by $call ($server)',
    async (row) => {
      const { server, bindings, close } = await servers[row.server]()
      try {
        const [method, url] = row.call.split(' ') as ['GET', string]
        const payload =
          row.text ?? (row.body === undefined ? undefined : JSON.stringify(fillInAll(row.body, bindings)))
        const answer = await server.inject({
          method,
          url: fillIn(url, bindings),
          headers: {
            ...(row.body === undefined ? {} : { 'content-type': 'application/json' }),
            ...row.headers,
          },
          ...(payload === undefined ? {} : { payload }),
        })
        const { statusCode: status, body } = answer
        expect([status, row.answer === undefined ? '' : wrongOf(row, body, bindings)], body).toEqual([
          row.status,
          '',
        ])
      } finally {
        await close()
      }
    },
    30_000,
  )
})

function wrongOf({ answer }: Row, body: string, bindings: Map<string, string>): string {
  const given: unknown = isJson(body) ? JSON.parse(body) : body
  return differences(answer, given, { bindings, additions: new Set() }).join('; ')
}

function isJson(body: string): boolean {
  try {
    JSON.parse(body)
    return true
  } catch {
    return false
  }
}
