// The error table: every refusal of the core by its status and body, and everything that goes wrong before the core.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { describeRefusal } from '../../src/core/requests/describe-refusal.ts'
import type { Refusal } from '../../src/core/requests.ts'
import { httpTable, refusalTable } from '../../src/http/errors.ts'
import { limits } from '../../src/lib/limits.ts'
import { NotTakenError } from '../../src/ports/submit.ts'
import { fakeApi } from '../support/fake-api.ts'
import { fakeApp } from '../support/fake-view.ts'

const refusals: readonly (readonly [Refusal, number, object])[] = [
  [
    { kind: 'invalid-json-shape', issues: [{ path: '/instances', errors: ['error.min'] }] },
    422,
    { message: 'Invalid JSON', details: [{ path: '/instances', errors: ['error.min'] }] },
  ],
  [
    {
      kind: 'invalid-object',
      issues: [{ path: '/upgradeStrategy/maximumOverCapacity', errors: ['got 1.0, expected 0.0'] }],
    },
    422,
    {
      message: 'Object is not valid',
      details: [{ path: '/upgradeStrategy/maximumOverCapacity', errors: ['got 1.0, expected 0.0'] }],
    },
  ],
  [{ kind: 'unprocessable', message: 'no' }, 422, { message: 'no' }],
  [{ kind: 'app-not-found', id: '/shop/wbe' }, 404, { message: "App '/shop/wbe' does not exist" }],
  [
    { kind: 'app-not-found', id: '/a', version: '2031-04-02T09:15:20.480Z' },
    404,
    { message: "App '/a' does not exist in version 2031-04-02T09:15:20.480Z" },
  ],
  [{ kind: 'path-not-found', id: '/a' }, 404, { message: "Path '/a' does not exist" }],
  [{ kind: 'task-not-found', taskId: 't.1' }, 404, { message: "Task 't.1' does not exist", details: [] }],
  [{ kind: 'bad-task-id', taskId: 't', reason: 'why' }, 400, { message: "Invalid task id 't'. [why]" }],
  [{ kind: 'app-exists', id: '/x' }, 409, { message: 'An app with id [/x] already exists.' }],
  [{ kind: 'pod-not-found', id: '/p' }, 404, { message: "Pod '/p' does not exist", details: [] }],
  [{ kind: 'pod-exists', id: '/p' }, 409, { message: 'A pod with id [/p] already exists.' }],
  [
    { kind: 'id-mismatch', id: '/foo', given: '/bla' },
    400,
    { message: "'/foo' does not match definition's id ('/bla')" },
  ],
  [{ kind: 'group-not-found', id: '/g' }, 404, { message: "Group '/g' does not exist" }],
  [
    { kind: 'group-exists', id: '/g', as: 'group' },
    409,
    { message: 'Group /g is already created. Use PUT to change this group.' },
  ],
  [
    { kind: 'group-exists', id: '/g', as: 'app' },
    409,
    { message: 'An app with the path /g already exists.' },
  ],
  [
    { kind: 'locked', deployments: ['5b0f'] },
    409,
    {
      message:
        "App is locked by one or more deployments. Override with the option '?force=true'. View details at '/v2/deployments/<DEPLOYMENT_ID>'.",
      deployments: [{ id: '5b0f' }],
    },
  ],
  [
    { kind: 'too-many-deployments', limit: 100 },
    403,
    {
      message:
        'Max number (100) of running deployments is achieved. Wait for existing deployments to complete or cancel oneusing force=true parameter. You can increase max deployment number by using --max_running_deployments parameter but be advised that this can have negative effects on the performance.',
    },
  ],
  [
    { kind: 'cannot-steer', id: '5b0f', why: 'is-not-paused' },
    409,
    { message: 'Deployment 5b0f is not paused.' },
  ],
  [
    { kind: 'deployment-not-found', id: '5b0f' },
    404,
    { message: 'DeploymentPlan 5b0f does not exist', details: [] },
  ],
  [
    { kind: 'not-in-queue', id: '/a' },
    404,
    { message: 'Application /a not found in tasks queue.', details: [] },
  ],
  [
    { kind: 'ports-exhausted', min: 1, max: 2 },
    422,
    { message: describeRefusal({ kind: 'ports-exhausted', min: 1, max: 2 }) },
  ],
  [
    { kind: 'callbacks-off' },
    400,
    {
      message:
        'http event callback system is not running on this Marathon instance. Please re-start this instance with "--event_subscriber http_callback".',
    },
  ],
  [
    { kind: 'too-many-subscriptions', limit: 9 },
    403,
    { message: '9 URLs are subscribed to events already. Allowed: 9.' },
  ],
  [
    { kind: 'precondition-failed', id: '/a', version: '2031-04-02T09:15:20.480Z' },
    412,
    {
      message: "The condition of the request does not hold: '/a' is in version 2031-04-02T09:15:20.480Z.",
      version: '2031-04-02T09:15:20.480Z',
    },
  ],
  [
    { kind: 'precondition-failed', id: '/a' },
    412,
    { message: "The condition of the request does not hold: '/a' does not exist." },
  ],
  [
    { kind: 'validator-failed', plugin: 'owners', reason: 'no labels' },
    500,
    {
      message: "The plugin 'owners' failed to judge the definition, which is not accepted without: no labels",
    },
  ],
  [{ kind: 'internal', message: 'boom' }, 500, { message: 'boom' }],
]

/** Every route that asks the core for something. */
const writes = [
  ['POST', '/v2/apps', {}],
  ['PUT', '/v2/apps', []],
  ['PATCH', '/v2/apps', []],
  ['PUT', '/v2/apps/a', {}],
  ['PATCH', '/v2/apps/a', {}],
  ['DELETE', '/v2/apps/a', undefined],
  ['POST', '/v2/apps/a/restart', undefined],
  ['DELETE', '/v2/apps/a/tasks', undefined],
  ['DELETE', '/v2/apps/a/tasks?scale=true', undefined],
  ['DELETE', '/v2/apps/a/tasks/t', undefined],
  ['POST', '/v2/tasks/delete', { ids: ['t'] }],
  ['POST', '/v2/groups', {}],
  ['PUT', '/v2/groups/a', {}],
  ['PATCH', '/v2/groups/a', {}],
  ['DELETE', '/v2/groups/a', undefined],
  ['POST', '/v2/pods', {}],
  ['PUT', '/v2/pods/a', {}],
  ['DELETE', '/v2/pods/a', undefined],
  ['DELETE', '/v2/pods/a::instances', []],
  ['DELETE', '/v2/queue/a/delay', undefined],
  ['DELETE', '/v2/deployments/5b0f', undefined],
  ['POST', '/v2/eventSubscriptions?callbackUrl=http://h/', undefined],
  ['DELETE', '/v2/eventSubscriptions?callbackUrl=http://h/', undefined],
] as const

describe('a refusal of the core', () => {
  it('has a row here for every row of the table', () => {
    expect(new Set(refusals.map(([refusal]) => refusal.kind))).toEqual(new Set(Object.keys(refusalTable)))
  })

  for (const [method, url, payload] of writes) {
    it(`is answered by ${method} ${url} with its status and body`, async () => {
      for (const [refusal, status, body] of refusals) {
        // A group to patch is looked up; that has a case of its own.
        if (method === 'PATCH' && refusal.kind === 'group-not-found') continue
        const { server } = fakeApi({ outcome: { kind: 'refused', refusal } })
        const response = await server.inject({ method, url, ...(payload === undefined ? {} : { payload }) })
        expect([refusal.kind, response.statusCode, response.json()]).toEqual([refusal.kind, status, body])
      }
    })
  }

  it.each(['overloaded', 'stopping'] as const)('is 503 when the core is %s', async (reason) => {
    for (const [method, url, payload] of writes) {
      const { server } = fakeApi({
        outcome: () => Promise.reject(new NotTakenError(reason, 'try again later')),
      })
      const response = await server.inject({ method, url, ...(payload === undefined ? {} : { payload }) })
      expect([url, response.statusCode, response.json()]).toEqual([url, 503, { message: 'try again later' }])
    }
  })

  it('is 500 without details when something broke', async () => {
    const { server } = fakeApi({ outcome: () => Promise.reject(new Error('a secret in a message')) })
    const response = await server.inject({ method: 'DELETE', url: '/v2/apps/a' })
    expect(response.statusCode).toBe(500)
    expect(response.body).not.toContain('secret')
  })
})

describe('a dry run', () => {
  const message = 'There is no dry run of this. Leave dryRun out to carry it out.'

  it.each([
    ['PATCH', '/v2/groups/a', {}],
    ['DELETE', '/v2/apps/a/tasks', undefined],
    ['DELETE', '/v2/apps/a/tasks/t', undefined],
    ['POST', '/v2/tasks/delete', { ids: ['t'] }],
    ['DELETE', '/v2/pods/a::instances', []],
    ['DELETE', '/v2/deployments/5b0f', undefined],
    ['DELETE', '/v2/queue/a/delay', undefined],
    ['POST', '/v2/eventSubscriptions', undefined],
    ['POST', '/v1/apps/stop', { id: 'a' }],
    ['DELETE', '/v2/leader', undefined],
    ['POST', '/logging', {}],
  ] as const)('of %s %s is refused: nothing is carried out instead', async (method, url, payload) => {
    const { server, requests } = fakeApi({})
    const body = payload === undefined ? {} : { payload }
    const response = await server.inject({ method, url: `${url}?dryRun=true`, ...body })
    expect([response.statusCode, response.json()]).toEqual([400, { message }])
    expect(requests).toEqual([])
  })
})

describe('a body', () => {
  const post = (payload: string | Buffer | undefined, headers: Record<string, string> = {}) =>
    fakeApi({}).server.inject({
      method: 'POST',
      url: '/v2/apps',
      headers: { 'content-type': 'application/json', ...headers },
      ...(payload === undefined ? {} : { payload }),
    })

  it.each([
    ['{"id": ', 'Unexpected end-of-input: expected a value at [line: 1, column: 8]'],
    [
      '{\n  "id": "a"\n',
      'Unexpected end-of-input: expected close marker for Object (start marker at index 0) at [line: 3, column: 1]',
    ],
    ['{"id" "a"}', `Unexpected character ("\\""): expected ':' after the name at [line: 1, column: 7]`],
    ['{"id": "a",}', 'Unexpected character ("}"): expected a name in double quotes at [line: 1, column: 12]'],
    ['[1 2]', `Unexpected character ("2"): expected ',' or ']' at [line: 1, column: 4]`],
    ['{} {}', 'Unexpected character ("{"): expected nothing after the value at [line: 1, column: 4]'],
    ['{id: 1}', 'Unexpected character ("i"): expected a name in double quotes at [line: 1, column: 2]'],
    ['"a\\q"', 'Unknown escape sequence in a string at [line: 1, column: 3]'],
    ['nul', 'Unexpected character ("n"): expected a value at [line: 1, column: 1]'],
    ['{"cpus": 1e999}', "The number at '/cpus' is out of range."],
    ['{"env": {"__proto__": {}}}', "The key '__proto__' at '/env' is not accepted."],
    [
      `${'['.repeat(65)}${']'.repeat(65)}`,
      `Nested more than ${limits.jsonDepth} levels deep at [line: 1, column: 65]`,
    ],
  ])('%s is no JSON', async (payload, details) => {
    const response = await post(payload)
    expect(response.statusCode).toBe(400)
    expect(response.json()).toEqual({ message: 'Invalid JSON', details })
  })

  it('may be nested as deep as the limit', async () => {
    const response = await post(`${'['.repeat(64)}${']'.repeat(64)}`)
    expect(response.statusCode).not.toBe(400)
  })

  it('must be UTF-8', async () => {
    const response = await post(Buffer.from([0x22, 0xff, 0x22]))
    expect(response.json()).toEqual({ message: 'Invalid JSON', details: 'The body is not valid UTF-8.' })
  })

  it.each([undefined, '', '  \n'])('%j is none', async (payload) => {
    const response = await post(payload)
    expect(response.statusCode).toBe(400)
    expect(response.json()).toEqual({
      message: 'Please specify data in JSON format',
      details: 'No content to map due to end-of-input at [line: 1, column: 1]',
    })
  })

  it('may not be larger than the limit', async () => {
    const response = await post(undefined, { 'content-length': String(limits.requestBodyBytes + 1) })
    expect(response.statusCode).toBe(413)
    expect(response.json()).toEqual({
      message: `The request body is larger than ${limits.requestBodyBytes} bytes.`,
    })
  })

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/json-patch+json', 'nonsense'])(
    'of type %s is not taken',
    async (type) => {
      const response = await post('{}', { 'content-type': type })
      expect(response.statusCode).toBe(415)
      expect(response.json()).toEqual({ message: 'Unsupported Media Type' })
    },
  )

  it('may name a charset', async () => {
    const response = await post('{', { 'content-type': 'Application/JSON; charset=utf-8' })
    expect(response.statusCode).toBe(400)
  })
})

describe('a request that fits no resource', () => {
  const { server } = fakeApi({ state: { apps: [fakeApp({ id: '/a' })] } })

  it.each([
    '/none',
    '/v2',
    '/v2/none',
    '/v2/tasks/x',
    '/v2/queue/a',
    '/v2/deployments/a/b',
    '/v1/apps/x',
    '/v2/agents/a/b',
  ])('has no route: %s', async (url) => {
    const response = await server.inject(`${url}?x=1`)
    expect(response.statusCode).toBe(404)
    expect(response.json()).toEqual({ message: `URI not found: ${url}` })
  })

  it('has a path that is none', async () => {
    const response = await server.inject('/v2/apps/%zz')
    expect(response.statusCode).toBe(400)
    expect(response.json()).toEqual({ message: 'The path is not a valid URL path: /v2/apps/%zz' })
    expect(response.headers['content-type']).toBe('application/json')
  })

  it.each([
    ['DELETE', '/v2/apps', 'GET, HEAD, POST, PUT, PATCH, OPTIONS'],
    ['POST', '/v2/apps/a', 'GET, HEAD, PUT, PATCH, DELETE, OPTIONS'],
    ['PUT', '/v2/apps/a/tasks', 'GET, HEAD, DELETE, OPTIONS'],
    ['GET', '/v2/apps/a/tasks/t', 'DELETE, OPTIONS'],
    ['POST', '/v2/apps/a/versions', 'GET, HEAD, OPTIONS'],
    ['DELETE', '/v2/apps/a/versions/x', 'GET, HEAD, OPTIONS'],
    ['POST', '/v2/apps/*', 'GET, HEAD, OPTIONS'],
    ['POST', '/v2/tasks', 'GET, HEAD, OPTIONS'],
    ['GET', '/v2/tasks/delete', 'POST, OPTIONS'],
    ['PUT', '/v2/queue', 'GET, HEAD, OPTIONS'],
    ['GET', '/v2/queue/a/delay', 'DELETE, OPTIONS'],
    ['POST', '/v2/deployments', 'GET, HEAD, OPTIONS'],
    ['GET', '/v2/deployments/d', 'DELETE, OPTIONS'],
    ['POST', '/v2/info', 'GET, HEAD, OPTIONS'],
    ['DELETE', '/v2/events', 'GET, HEAD, OPTIONS'],
    ['TRACE', '/v2/events', 'GET, HEAD, OPTIONS'],
    ['POST', '/ping', 'GET, HEAD, OPTIONS'],
    ['DELETE', '/metrics', 'GET, HEAD, OPTIONS'],
    ['GET', '/v1/apps/start', 'POST, OPTIONS'],
    ['GET', '/v2/agents/a/unplug', 'POST, OPTIONS'],
  ] as const)('%s %s has no such method', async (method, url, allow) => {
    const response = await server.inject({ method: method as 'GET', url })
    expect(response.statusCode).toBe(405)
    expect(response.json()).toEqual({ message: 'Method Not Allowed' })
    expect(response.headers['allow']).toBe(allow)
  })

  it('learns the methods by OPTIONS', async () => {
    const response = await server.inject({ method: 'OPTIONS', url: '/v2/events' })
    expect(response.statusCode).toBe(200)
    expect(response.headers['allow']).toBe('GET, HEAD, OPTIONS')
  })

  it.each([
    '/v2/apps',
    '/v2/apps/a',
    '/v2/apps/a/versions',
    '/v2/queue',
    '/v2/deployments',
    '/v2/info',
    '/v2/leader',
    '/v2/agents',
    '/metrics',
    '/v1/apps',
  ])('accepts nothing that %s gives', async (url) => {
    const response = await server.inject({ url, headers: { accept: 'text/plain' } })
    expect(response.statusCode).toBe(406)
    expect(response.json()).toEqual({ message: 'Not Acceptable' })
    const fine = await server.inject({ url, headers: { accept: 'text/html, application/*;q=0.1' } })
    expect(fine.statusCode).not.toBe(406)
  })
})

describe('docs/reference/errors.md', () => {
  const documented = new Map(
    readFileSync(new URL('../../docs/reference/errors.md', import.meta.url), 'utf8')
      .split('\n')
      .map((line) => /^\| `([a-z-]+)` \| (\d{3}) \| `(.*?)` \|/.exec(line))
      .filter((match) => match !== null)
      .map(([, kind, status, message]) => [kind, { status: Number(status), message }]),
  )
  const actual = new Map<string, { status: number; message: string }>([
    ...Object.entries(refusalTable).map(
      ([kind, row]) =>
        [kind, { status: row.status, message: describeRefusal(row.example as Refusal) }] as const,
    ),
    ...Object.entries(httpTable).map(
      ([kind, row]) => [kind, { status: row.status, message: row.message }] as const,
    ),
  ])

  it('says of every error what the table says, and names no other', () => {
    expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(actual))
  })
})
