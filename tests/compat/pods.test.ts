// Pods over HTTP, with the whole server in one process: each call of rest-api 3 with what it answers to a success, and
// to each way it can fail.

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Stack, startStack } from './stack.ts'

let stack: Stack

beforeEach(async () => {
  stack = await startStack({ agents: 2 })
})
afterEach(() => stack.close())

const cache = {
  id: '/shop/cache',
  containers: [
    {
      name: 'store',
      exec: { command: { shell: 'cached -p $ENDPOINT_MAIN' } },
      resources: { cpus: 0.2, mem: 48 },
      endpoints: [{ name: 'main', protocol: ['tcp'] }],
      volumeMounts: [{ name: 'tmp', mountPath: 'scratch' }],
    },
    { name: 'helper', exec: { command: { shell: 'sleep 600' } }, resources: { cpus: 0.1, mem: 16 } },
  ],
  volumes: [{ name: 'tmp' }],
  scaling: { kind: 'fixed', instances: 1 },
}

const scheduling = {
  backoff: { backoff: 1, backoffFactor: 1.15, maxLaunchDelay: 300 },
  upgrade: { minimumHealthCapacity: 1, maximumOverCapacity: 1 },
  placement: {},
  killSelection: 'YOUNGEST_FIRST',
  unreachableStrategy: { inactiveAfterSeconds: 0, expungeAfterSeconds: 0 },
}

const shownCache = (version: string, instances = 1) => ({
  id: '/shop/cache',
  version,
  containers: [
    {
      name: 'store',
      exec: { command: { shell: 'cached -p $ENDPOINT_MAIN' } },
      resources: { cpus: 0.2, mem: 48, disk: 0, gpus: 0 },
      endpoints: [{ name: 'main', hostPort: 0, protocol: ['tcp'] }],
      volumeMounts: [{ name: 'tmp', mountPath: 'scratch', readOnly: false }],
    },
    {
      name: 'helper',
      exec: { command: { shell: 'sleep 600' } },
      resources: { cpus: 0.1, mem: 16, disk: 0, gpus: 0 },
    },
  ],
  volumes: [{ name: 'tmp' }],
  scaling: { instances, kind: 'fixed' },
  scheduling,
  executorResources: { cpus: 0.1, mem: 32, disk: 10 },
  role: '*',
})

const inject = (method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE', url: string, body?: unknown) =>
  stack.server.inject({
    method,
    url,
    headers: { host: 'marathon:8080', 'content-type': 'application/json' },
    ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
  })

const created = async (): Promise<string> => {
  const { body } = await stack.send('POST', '/v2/pods', cache)
  await stack.elapse(5_000)
  return body.version
}

const status = async () => (await stack.send('GET', '/v2/pods//shop/cache::status')).body

test('HEAD tells that there are pods here', async () => {
  const answer = await inject('HEAD', '/v2/pods')
  expect([answer.statusCode, answer.body]).toEqual([200, ''])
})

describe('a pod is created', () => {
  test('and shown as it was taken, with every default, its place and its deployment', async () => {
    const answer = await inject('POST', '/v2/pods', cache)
    expect(answer.statusCode).toBe(201)
    expect(answer.headers['location']).toBe('http://marathon:8080/shop/cache')
    expect(answer.headers['marathon-deployment-id']).toMatch(/^[0-9a-f-]{36}$/)
    expect(answer.json()).toEqual(shownCache(answer.json().version))
    expect(stack.notices.map(({ type }) => type)).toContain('pod_created_event')
    expect((await stack.send('GET', '/v2/pods/shop/cache')).body).toEqual(answer.json())
    expect((await stack.send('GET', '/v2/pods')).body).toEqual([answer.json()])
  })

  test('and runs, each of its containers', async () => {
    await created()
    const seen = await status()
    const [instance] = seen.instances
    expect(seen).toMatchObject({ id: '/shop/cache', status: 'STABLE', terminationHistory: [] })
    expect(Object.keys(seen)).toEqual([
      'id',
      'spec',
      'status',
      'statusSince',
      'instances',
      'terminationHistory',
      'lastUpdated',
      'lastChanged',
    ])
    expect(seen.spec.scaling).toEqual({ kind: 'fixed', instances: 1 })
    expect(instance).toMatchObject({
      status: 'STABLE',
      conditions: [],
      resources: { cpus: 0.4, mem: 96, disk: 10, gpus: 0 },
      localVolumes: [],
      role: '*',
    })
    expect(instance.id).toMatch(/^shop_cache\.instance-[0-9a-f-]{36}$/)
    expect(instance.specReference).toMatch(/^\/v2\/pods\/shop\/cache::versions\/2031-04-02T09:15:20\.480Z$/)
    expect(instance.containers).toMatchObject([
      {
        name: 'store',
        status: 'TASK_RUNNING',
        containerId: `${instance.id}.store.1`,
        endpoints: [{ name: 'main', allocatedHostPort: expect.any(Number) }],
        resources: { cpus: 0.2, mem: 48, disk: 0, gpus: 0 },
      },
      { name: 'helper', status: 'TASK_RUNNING', endpoints: [] },
    ])
    expect((await stack.send('GET', '/v2/pods/::status')).body).toEqual([
      { ...seen, lastUpdated: expect.any(String) },
    ])
  })

  test('in networks of containers, whose addresses its containers share', async () => {
    const networks = [
      { mode: 'container', name: 'overlay' },
      { mode: 'container', name: 'storage' },
    ]
    const [store, helper] = cache.containers
    const endpoints = [{ name: 'main', containerPort: 9000, protocol: ['tcp'] }]
    await stack.send('POST', '/v2/pods', {
      ...cache,
      networks,
      containers: [{ ...store, endpoints }, helper],
    })
    await stack.elapse(5_000)
    const [instance] = (await status()).instances
    expect(instance.networks).toEqual([
      { name: 'overlay', addresses: ['9.0.0.1'] },
      { name: 'storage', addresses: ['9.0.0.2'] },
    ])
    const told = stack.notices.findLast(({ type }) => type === 'status_update_event')
    expect(told).toHaveProperty('body.ipAddresses', [
      { ipAddress: '9.0.0.1', protocol: 'IPv4' },
      { ipAddress: '9.0.0.2', protocol: 'IPv4' },
    ])
  })

  test('or refused, with every error and its path', async () => {
    const answer = await stack.send('POST', '/v2/pods', { id: 'relative', containers: [], scaling: {} })
    expect(answer.status).toBe(422)
    expect(answer.body.message).toBe('Invalid JSON')
    expect(answer.body.details).toContainEqual({ path: '/containers', errors: ['error.minLength'] })
    expect(answer.body.details).toContainEqual({ path: '/scaling', errors: ['error.expected.jsstring'] })
    const relative = await stack.send('POST', '/v2/pods', { ...cache, id: 'shop/cache' })
    expect(relative).toMatchObject({
      status: 422,
      body: {
        message: 'Object is not valid',
        details: [{ path: '/id', errors: ['Path needs to be absolute'] }],
      },
    })
  })

  test('once only', async () => {
    await created()
    expect(await stack.send('POST', '/v2/pods', cache)).toEqual({
      status: 409,
      body: { message: 'A pod with id [/shop/cache] already exists.' },
    })
  })

  test('and not where an app is', async () => {
    await stack.send('POST', '/v2/apps', { id: '/shop/cache', cmd: 'sleep 600' })
    expect(await stack.send('POST', '/v2/pods', cache)).toMatchObject({
      status: 422,
      body: {
        details: [{ path: '/', errors: ['Applications and Pods may not share the same id'] }],
      },
    })
  })
})

describe('a pod is replaced', () => {
  test('by a whole definition', async () => {
    await created()
    const answer = await inject('PUT', '/v2/pods/shop/cache?force=true', {
      ...cache,
      scaling: { kind: 'fixed', instances: 3 },
    })
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['marathon-deployment-id']).toBeDefined()
    expect(answer.json()).toEqual(shownCache(answer.json().version, 3))
    expect(stack.notices.map(({ type }) => type)).toContain('pod_updated_event')
    await stack.elapse(10_000)
    expect((await status()).instances).toHaveLength(3)
  })

  test('one that is not there is created, and answered like a change', async () => {
    const answer = await inject('PUT', '/v2/pods/shop/cache', cache)
    expect([answer.statusCode, answer.headers['location']]).toEqual([200, undefined])
  })

  test('only under its own id', async () => {
    expect(await stack.send('PUT', '/v2/pods/shop/other', cache)).toEqual({
      status: 400,
      body: { message: "'/shop/other' does not match definition's id ('/shop/cache')" },
    })
  })

  test('only if it is still what its author saw', async () => {
    const version = await created()
    const first = await stack.server.inject({
      method: 'PUT',
      url: '/v2/pods/shop/cache',
      headers: { 'if-match': `"${version}"` },
      payload: JSON.stringify({ ...cache, scaling: { kind: 'fixed', instances: 2 } }),
    })
    expect(first.statusCode).toBe(200)
    await stack.elapse(10_000)
    const second = await stack.server.inject({
      method: 'PUT',
      url: '/v2/pods/shop/cache',
      headers: { 'if-match': `"${version}"` },
      payload: JSON.stringify(cache),
    })
    expect(second.statusCode).toBe(412)
  })
})

describe('a pod is removed', () => {
  test('and the answer names the deployment alone', async () => {
    await created()
    const answer = await inject('DELETE', '/v2/pods/shop/cache')
    const id = answer.headers['marathon-deployment-id']
    expect([answer.statusCode, answer.body]).toEqual([202, ''])
    expect(answer.headers['location']).toBe(`http://marathon:8080/${id}`)
    await stack.elapse(10_000)
    expect(stack.view().instanceCount).toBe(0)
    expect(stack.notices.map(({ type }) => type)).toContain('pod_deleted_event')
  })

  test('which is not there: 404', async () => {
    expect(await stack.send('DELETE', '/v2/pods/nope')).toEqual({
      status: 404,
      body: { message: "Pod '/nope' does not exist", details: [] },
    })
  })
})

describe('versions of a pod', () => {
  test('are listed and read', async () => {
    const first = await created()
    await stack.send('PUT', '/v2/pods/shop/cache', { ...cache, labels: { team: 'shop' } })
    const { body: versions } = await stack.send('GET', '/v2/pods/shop/cache::versions')
    expect(versions).toHaveLength(2)
    expect(versions).toContain(first)
    const { status, body } = await stack.send('GET', `/v2/pods/shop/cache::versions/${first}`)
    expect([status, body]).toEqual([200, shownCache(first)])
  })

  test.each([
    ['/v2/pods/nope::versions', 404, { message: "Pod '/nope' does not exist", details: [] }],
    ['/v2/pods/nope::status', 404, { message: "Pod '/nope' does not exist", details: [] }],
    [
      '/v2/pods/nope::versions/2031-04-02T09:15:20.480Z',
      404,
      { message: "Pod '/nope' does not exist", details: [] },
    ],
    ['/v2/pods/nope', 404, { message: '{"message": "pod with /nope does not exist"}', details: [] }],
    [
      '/v2/pods/nope::versions/yesterday',
      422,
      {
        message: "Invalid timestamp provided 'yesterday'. Expecting ISO-8601 datetime string.",
      },
    ],
  ])('GET %s: %i', async (url, status, body) => {
    expect(await stack.send('GET', url)).toEqual({ status, body })
  })
})

describe('instances of a pod', () => {
  test('one is ended, and told of as it was', async () => {
    await created()
    const [{ id }] = (await status()).instances
    const answer = await stack.send('DELETE', `/v2/pods/shop/cache::instances/${id}`)
    expect(answer).toEqual({
      status: 200,
      body: {
        instanceId: id,
        state: {
          condition: 'Running',
          since: expect.any(String),
          activeSince: expect.any(String),
          goal: 'Running',
        },
        agentInfo: expect.objectContaining({ host: expect.any(String), attributes: [] }),
        runSpecVersion: expect.any(String),
        unreachableStrategy: { inactiveAfterSeconds: 0, expungeAfterSeconds: 0 },
      },
    })
    await stack.elapse(20_000)
    const [again] = (await status()).instances
    expect(again).toMatchObject({ id, status: 'STABLE' })
    expect(again.containers[0].containerId).toBe(`${id}.store.2`)
  })

  test('several are ended, those that are found', async () => {
    await stack.send('POST', '/v2/pods', { ...cache, scaling: { kind: 'fixed', instances: 3 } })
    await stack.elapse(5_000)
    const ids: string[] = (await status()).instances.map(({ id }: { readonly id: string }) => id)
    const gone = 'shop_cache.instance-41d0b7f0-3b63-11ff-8d2e-02420a000501'
    const answer = await stack.send('DELETE', '/v2/pods/shop/cache::instances', [ids[0], ids[2], gone])
    expect(answer.status).toBe(200)
    expect(answer.body.map(({ instanceId }: { readonly instanceId: string }) => instanceId)).toEqual([
      ids[0],
      ids[2],
    ])
  })

  test('with wipe they are forgotten, and others take their places', async () => {
    await created()
    const [{ id }] = (await status()).instances
    await stack.send('DELETE', `/v2/pods/shop/cache::instances/${id}?wipe=true`)
    await stack.elapse(20_000)
    const { instances } = await status()
    expect(instances).toHaveLength(1)
    expect(instances[0].id).not.toBe(id)
  })

  test('of another pod are not touched', async () => {
    await created()
    const [{ id }] = (await status()).instances
    await stack.send('POST', '/v2/pods', { ...cache, id: '/other' })
    expect(await stack.send('DELETE', '/v2/pods/other::instances', [id])).toEqual({ status: 200, body: [] })
  })

  const pattern = "must fully match regular expression '^(.+)\\.(instance-|marathon-)([^\\.]+)$'"
  const unknown = 'shop_cache.instance-41d0b7f0-3b63-11ff-8d2e-02420a000501'
  test.each([
    [
      `cache::instances/${unknown}`,
      undefined,
      404,
      { message: `Task '${unknown}' does not exist`, details: [] },
    ],
    [
      'cache::instances/nonsense',
      undefined,
      422,
      { message: 'Object is not valid', details: [{ path: '/', errors: [pattern] }] },
    ],
    [
      'cache::instances',
      [unknown, 'nonsense'],
      422,
      { message: 'Object is not valid', details: [{ path: '(1)', errors: [pattern] }] },
    ],
    [
      'cache::instances',
      { ids: [] },
      422,
      { message: 'Invalid JSON', details: [{ path: '', errors: ['error.expected.jsarray'] }] },
    ],
    [
      'cache::instances',
      [1],
      422,
      { message: 'Invalid JSON', details: [{ path: '(0)', errors: ['error.expected.jsstring'] }] },
    ],
    ['nope::instances', [unknown], 404, { message: "Path '/shop/nope' does not exist" }],
    [`nope::instances/${unknown}`, undefined, 404, { message: "Path '/shop/nope' does not exist" }],
  ])('DELETE /v2/pods/shop/%s %j: %i', async (path, body, status, expected) => {
    await created()
    expect(await stack.send('DELETE', `/v2/pods/shop/${path}`, body)).toEqual({ status, body: expected })
  })
})

test('a pod that waits is in the queue, as a pod', async () => {
  await stack.send('POST', '/v2/pods', {
    ...cache,
    containers: [{ ...cache.containers[0], resources: { cpus: 1000, mem: 32 } }],
  })
  await stack.elapse(1_000)
  const { body } = await stack.send('GET', '/v2/queue')
  expect(body.queue).toMatchObject([{ count: 1, role: '*', pod: { id: '/shop/cache' } }])
  expect(body.queue[0]).not.toHaveProperty('app')
  expect((await stack.send('DELETE', '/v2/queue/shop/cache/delay')).status).toBe(204)
  const { body: deployments } = await stack.send('GET', '/v2/deployments')
  expect(deployments).toMatchObject([
    {
      affectedApps: [],
      affectedPods: ['/shop/cache'],
      currentActions: [{ action: 'ScalePod', pod: '/shop/cache' }],
    },
  ])
  expect((await status()).instances).toEqual([])
  expect((await status()).status).toBe('DEGRADED')
})

test('apps and pods keep apart', async () => {
  await created()
  expect((await stack.send('GET', '/v2/apps')).body).toEqual({ apps: [] })
  expect((await stack.send('GET', '/v2/apps/shop/cache')).status).toBe(404)
  expect((await stack.send('GET', '/v2/tasks')).body).toEqual({ tasks: [] })
  await stack.send('POST', '/v2/apps', { id: '/shop/web', cmd: 'sleep 600' })
  expect((await stack.send('GET', '/v2/pods/shop/web')).status).toBe(404)
  expect((await stack.send('GET', '/v2/pods')).body).toHaveLength(1)
})
