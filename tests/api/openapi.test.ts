// The OpenAPI document against the server: every call there is, and no other; and against OpenAPI itself. That
// answers are as it says is checked with every answer of every test (support/checked-answers.ts).

import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { operationId } from '../../src/http/openapi/document.ts'
import { type Operation, tags } from '../../src/http/openapi/operation.ts'
import { operations } from '../../src/http/openapi/operations.ts'
import type { AppPath } from '../../src/http/routes/app-path.ts'
import { splitAppPath } from '../../src/http/routes/app-path.ts'
import { type GroupPath, splitGroupPath } from '../../src/http/routes/group-path.ts'
import { type PodPath, splitPodPath } from '../../src/http/routes/pod-path.ts'
import { AppInfo } from '../../src/spec/schema/answers/app.ts'
import { events } from '../../src/spec/schema/answers/events.ts'
import { publishedSchema } from '../../src/spec/schema/published.ts'
import { eventViolations, violations } from '../support/checked-answers.ts'
import { fakeApi } from '../support/fake-api.ts'

type Json = { readonly [key: string]: Json } & readonly Json[] & string

const documentPath = '/public/api/v2/openapi.json'
const document = (await fakeApi({}).server.inject(documentPath)).json() as Json

/** A path of the document as somebody would ask for it. */
const asked = (path: string): string =>
  path
    .replace('{id}', 'shop/web')
    .replace('{version}', '2031-04-02T09:15:20.480Z')
    .replace('{stream}', 'stdout')
    .replace('{name}', 'app')
    .replace('{file}', 'index.html')
    .replace(/\{\w+\}/g, 'x')

/** An id may end in a word that means something here: there, the app or group of that name has its methods, too. */
const literalMethods: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^\/v2\/apps\/.*\/restart$/, ['GET', 'PUT', 'PATCH', 'DELETE']],
  [/^\/v2\/apps\/.*\/explain$/, ['PUT', 'PATCH', 'DELETE']],
  [/^\/v2\/groups\/(.*\/)?(apps|versions|versions\/\{version\})$/, ['POST', 'PUT', 'PATCH', 'DELETE']],
]

const paths = [...new Set(operations.map(({ path }) => path))]

describe('the table of operations', () => {
  it.each(paths)('has the methods that the server has at %s', async (path) => {
    const { server } = fakeApi({})
    const answer = await server.inject({ method: 'OPTIONS', url: asked(path) })
    expect(answer.statusCode).toBe(200)
    const routed = String(answer.headers.allow)
      .split(', ')
      .filter((method) => method !== 'OPTIONS' && method !== 'HEAD')
    const literal = literalMethods.find(([ending]) => ending.test(path))?.[1] ?? []
    const described = operations.filter((operation) => operation.path === path).map(({ method }) => method)
    expect(routed.sort()).toEqual([...described, ...literal].sort())
  })

  it('has every path that the server routes', async () => {
    const { server } = fakeApi({})
    const routed = new Set<string>()
    server.addHook('onRoute', ({ url }) => {
      routed.add(url)
    })
    await server.ready()
    const isDescribed = (url: string): boolean =>
      url.endsWith('/*')
        ? paths.some((path) => path.startsWith(url.slice(0, -1)) && path !== url.slice(0, -1))
        : paths.includes(url)
    expect(routed.size).toBeGreaterThan(40)
    expect([...routed].filter((url) => !isDescribed(url))).toEqual([])
  })

  // One route takes all of these: what the table has of them is what the splitting of paths knows.
  it('has every kind of path beneath /v2/apps', () => {
    const kinds: Record<AppPath['kind'], true> = {
      collection: true,
      app: true,
      'apps-of': true,
      tasks: true,
      'tasks-of': true,
      task: true,
      restart: true,
      explain: true,
      versions: true,
      version: true,
    }
    const described = paths
      .filter((path) => path.startsWith('/v2/apps'))
      .map((path) => splitAppPath(asked(path).slice('/v2/apps'.length)).kind)
    // The tasks of a group have the path of an app whose id ends in a star.
    expect(new Set([...described, 'tasks-of'])).toEqual(new Set(Object.keys(kinds)))
  })

  it('has every kind of path beneath /v2/pods', () => {
    const kinds: Record<PodPath['kind'], true> = {
      collection: true,
      statuses: true,
      pod: true,
      status: true,
      explain: true,
      versions: true,
      version: true,
      instances: true,
      instance: true,
    }
    const described = paths
      .filter((path) => path.startsWith('/v2/pods'))
      .map((path) => splitPodPath(asked(path).slice('/v2/pods'.length))?.kind)
    expect(new Set(described)).toEqual(new Set(Object.keys(kinds)))
  })

  it('has every kind of path beneath /v2/groups', () => {
    const kinds: Record<GroupPath['read']['kind'], true> = {
      group: true,
      apps: true,
      versions: true,
      version: true,
    }
    const described = paths
      .filter((path) => path.startsWith('/v2/groups'))
      .map((path) => splitGroupPath(asked(path).slice('/v2/groups'.length)).read.kind)
    expect(new Set(described)).toEqual(new Set(Object.keys(kinds)))
  })

  it('names each operation once, in words', () => {
    const ids = operations.map(operationId)
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
    expect(ids.every((id) => /^[a-z][a-zA-Z0-9]+$/.test(id))).toBe(true)
  })

  it('has something of every tag that is described', () => {
    const used = new Set(operations.map(({ tag }) => tag))
    expect(Object.keys(tags).filter((tag) => !used.has(tag as Operation['tag']))).toEqual([])
  })
})

describe('the document', () => {
  it('has every operation of the table, and no other', () => {
    const described = Object.entries(document['paths']!).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    )
    expect(described.sort()).toEqual(operations.map(({ method, path }) => `${method} ${path}`).sort())
  })

  it('has the structure of OpenAPI 3.1', () => {
    expect(document['openapi']).toBe('3.1.0')
    expect(Object.keys(document).sort()).toEqual(
      ['openapi', 'info', 'servers', 'security', 'tags', 'paths', 'components'].sort(),
    )
    for (const [path, item] of Object.entries(document['paths']!)) {
      expect(path.startsWith('/')).toBe(true)
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!)
      for (const operation of Object.values(item)) {
        const parameters = (operation['parameters'] ?? []) as readonly Json[]
        const named = parameters.filter((parameter) => parameter['in'] === 'path')
        expect(named.map((parameter) => [parameter['name'], parameter['required']])).toEqual(
          inPath.map((name) => [name, true]),
        )
        const keys = parameters.map((parameter) => `${parameter['in']} ${parameter['name']}`)
        expect(new Set(keys).size).toBe(keys.length)
        for (const parameter of parameters) expect(parameter['schema']).toBeTypeOf('object')
        for (const [status, response] of Object.entries(operation['responses']!)) {
          expect(status).toMatch(/^([1-5]\d\d|default)$/)
          const isWhole = typeof response['$ref'] === 'string' || typeof response['description'] === 'string'
          expect([path, status, isWhole]).toEqual([path, status, true])
        }
        for (const tag of operation['tags']!) expect(Object.keys(tags)).toContain(tag)
      }
    }
  })

  it('refers to what it has, and has nothing that nobody refers to', () => {
    const references = new Set(
      [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/(\w+)\/([\w-]+)"/g)].map(
        ([, kind, name]) => `${kind}/${name}`,
      ),
    )
    const all = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, target]) => target!)
    expect(all.every((target) => target.startsWith('#/components/'))).toBe(true)
    const defined = (['schemas', 'responses', 'headers'] as const).flatMap((kind) =>
      Object.keys(document['components']![kind]!).map((name) => `${kind}/${name}`),
    )
    expect([...references].filter((reference) => !defined.includes(reference))).toEqual([])
    // Event is there for those who read the stream.
    expect(defined.filter((name) => !references.has(name))).toEqual(['schemas/Event'])
  })

  it('has schemas that are JSON Schema of its dialect, without keywords of ours', () => {
    const ajv = new Ajv2020({
      strict: false,
      formats: { int32: true, int64: true, uuid: true, 'date-time': true },
    })
    const schemas = document['components']!['schemas'] as Readonly<Record<string, object>>
    expect(Object.keys(schemas).length).toBeGreaterThan(20)
    for (const [name, schema] of Object.entries(schemas)) {
      expect([name, ajv.validateSchema(schema)]).toEqual([name, true])
    }
    for (const { body } of operations) {
      if (body !== undefined) expect(ajv.validateSchema(publishedSchema(body.schema))).toBe(true)
    }
    expect(JSON.stringify(document)).not.toMatch(/"x-|"~/)
  })

  it('takes what it should, and nothing else', () => {
    const ajv = new Ajv2020({
      strict: false,
      formats: { int32: true, int64: true, uuid: true, 'date-time': true },
    })
    const validate = ajv.compile({
      ...publishedSchema(AppInfo, { of: 'answer', refer: (name) => `#/components/schemas/${name}` }),
      components: document['components'],
    })
    expect(validate({ id: '/web' })).toBe(false)
    expect(validate.errors?.[0]?.keyword).toBe('required')
  })
})

describe('the bodies the console begins with', () => {
  const script = readFileSync(new URL('../../public/api-console/console.js', import.meta.url), 'utf8')
  const literal = /const beginnings = (\{[\s\S]*?\n\})\n/.exec(script)![1]!
  const beginnings = Object.entries(new Function(`return ${literal}`)() as Readonly<Record<string, unknown>>)

  it('are some', () => expect(beginnings.length).toBeGreaterThan(10))

  it.each(beginnings)('%s has one that its schema takes', (id, body) => {
    const operation = operations.find((candidate) => operationId(candidate) === id)
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(
      publishedSchema(operation!.body!.schema),
    )
    expect(validate(body), JSON.stringify(validate.errors)).toBe(true)
  })
})

describe('where the document is', () => {
  it.each([['/public/api', 302, documentPath]])('%s leads there', async (url, status, location) => {
    const answer = await fakeApi({}).server.inject(url)
    expect([answer.statusCode, answer.headers.location]).toEqual([status, location])
  })

  it('names the version of the server', async () => {
    const { server } = fakeApi({ info: { version: '9.8.7' } })
    expect((await server.inject(documentPath)).json()).toMatchObject({ info: { version: '9.8.7' } })
  })
})

describe('/v2/schemas', () => {
  const get = (url: string, schemas = true) => fakeApi({ options: { schemas } }).server.inject(url)

  it('lists what there are schemas of, and each is there', async () => {
    const { schemas } = (await get('/v2/schemas')).json() as { schemas: { name: string; path: string }[] }
    expect(schemas.map(({ name }) => name)).toContain('app')
    for (const { path } of schemas) {
      const schema = (await get(path)).json() as Json
      expect(schema['$schema']).toContain('2020-12')
      expect(new Ajv2020({ strict: false }).validateSchema(schema)).toBe(true)
    }
  })

  it.each(['/v2/schemas/app', '/v2/schema/app', '/v2/schemas/app/'])(
    '%s is the schema of an app',
    async (url) => {
      const schema = (await get(url)).json() as object
      const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema)
      expect(validate({ id: '/web', cmd: 'serve', instances: 2 })).toBe(true)
      expect(validate({ cmd: 'serve' })).toBe(false)
      expect(validate({ id: '/web', instances: -1 })).toBe(false)
      expect(validate({ id: '/web', container: { docker: {} } })).toBe(false)
    },
  )

  it('has of a group that a group is in a group', async () => {
    const schema = (await get('/v2/schemas/group')).json() as object
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema)
    const group = { id: 'a', groups: [{ id: 'b', groups: [{ id: 'c', apps: [{ id: 'web' }] }] }] }
    expect(validate(group)).toBe(true)
    expect(validate({ groups: [{ id: 'b', groups: [{ id: 'c', apps: [{ cmd: 'no id' }] }] }] })).toBe(false)
  })

  it.each(['/v2/schemas/wings', '/v2/schemas/app/x', '/v2/schema', '/v2/schemas/__proto__'])(
    '%s is nothing',
    async (url) => {
      expect((await get(url)).statusCode).toBe(404)
    },
  )

  it.each(['/v2/schemas', '/v2/schemas/app', '/v2/schema/app'])('%s can be switched off', async (url) => {
    expect((await get(url, false)).statusCode).toBe(404)
  })
})

describe('the check of answers', () => {
  const answer = (status: number, body: unknown, type = 'application/json') => ({
    statusCode: status,
    headers: { 'content-type': type },
    rawPayload: Buffer.from(JSON.stringify(body)),
  })
  const call = { method: 'GET', url: '/v2/leader' }

  it.each([
    ['nothing when it is as described', call, answer(200, { leader: 'a:1' }), []],
    [
      'a missing member',
      call,
      answer(200, {}),
      ['/ must have required property \'leader\' {"missingProperty":"leader"}'],
    ],
    [
      'a member too much',
      call,
      answer(200, { leader: 'a:1', wings: 2 }),
      ['/ must NOT have additional properties {"additionalProperty":"wings"}'],
    ],
    ['an unknown status', call, answer(201, {}), ['there is no such status in the table of operations']],
    [
      'an unknown call',
      { ...call, url: '/v2/x' },
      answer(200, {}),
      ['the call is not in the table of operations'],
    ],
    ['another type', call, answer(200, 'a', 'text/plain'), ['it is no JSON']],
    [
      'an error without a message',
      call,
      answer(404, {}),
      [expect.stringContaining("'message'"), expect.anything(), expect.anything()],
    ],
  ])('finds %s', (_, asking, given, expected) => expect(violations(asking, given)).toEqual(expected))
})

describe('the schemas of events', () => {
  it('have a name of their own in each', () => {
    for (const [name, schema] of Object.entries(events)) {
      expect(publishedSchema(schema)).toMatchObject({ properties: { eventType: { const: name } } })
    }
  })

  it('are of all events that the reference has', () => {
    const page = readFileSync(new URL('../../docs/reference/events.md', import.meta.url), 'utf8')
    const documented = [...page.matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, name]) => name!)
    expect(Object.keys(events).sort()).toEqual(documented.sort())
  })

  it('find what is missing, what is too much, and what nobody knows', () => {
    const timestamp = '2031-04-02T09:15:20.480Z'
    const terminated = { appId: '/web', eventType: 'app_terminated_event', timestamp }
    expect(eventViolations('app_terminated_event', terminated)).toEqual([])
    expect(eventViolations('app_terminated_event', { ...terminated, wings: 2 })).toHaveLength(1)
    expect(eventViolations('app_terminated_event', { ...terminated, timestamp: '2031-04-02' })).toHaveLength(
      1,
    )
    expect(eventViolations('wings_event', terminated)).toEqual(['no event wings_event is described'])
  })
})
