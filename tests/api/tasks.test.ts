import { describe, expect, it } from 'vitest'
import type { Outcome } from '../../src/core/requests.ts'
import { fakeApi } from '../support/fake-api.ts'
import { fakeApp, fakeInstance } from '../support/fake-view.ts'

const web = fakeApp({ id: '/shop/web' })
const worker = fakeApp({ id: '/shop/worker', portDefinitions: [] })
const one = fakeInstance({ appId: '/shop/web', uuid: '1', host: 'n3.example', port: 31544 })
const two = fakeInstance({ appId: '/shop/web', uuid: '2', host: 'n1.example', port: 31090 })
const staging = fakeInstance({
  appId: '/shop/worker',
  uuid: '3',
  changes: { condition: 'Staging', tasks: [{ ...one.tasks[0]!, id: 't3', condition: 'Staging' }] },
})
const failed = fakeInstance({
  appId: '/shop/worker',
  uuid: '4',
  changes: {
    condition: 'Failed',
    tasks: [{ ...one.tasks[0]!, id: 't4', condition: 'Failed', state: 'TASK_FAILED' }],
  },
})
const { agent: _agent, ...unplaced } = fakeInstance({
  appId: '/shop/worker',
  uuid: '5',
  changes: { condition: 'Scheduled', tasks: [] },
})
const state = { apps: [web, worker], instances: [one, two, staging, failed, unplaced] }

const idsIn = (body: { tasks: { id: string }[] }): string[] => body.tasks.map((task) => task.id)

describe('GET /v2/tasks', () => {
  it('lists the tasks of all apps with their service ports', async () => {
    const body = (await fakeApi({ state }).server.inject('/v2/tasks')).json()
    expect(idsIn(body)).toEqual([one.tasks[0]!.id, two.tasks[0]!.id, 't3', 't4'])
    expect(body.tasks[0].servicePorts).toEqual([10007])
    expect(body.tasks[2].servicePorts).toEqual([])
  })

  it('shows of a task that has ended neither ports nor times', async () => {
    const { tasks } = (await fakeApi({ state }).server.inject('/v2/tasks')).json()
    expect(tasks[3]).toEqual({
      appId: '/shop/worker',
      healthCheckResults: [],
      host: 'n1.example',
      id: 't4',
      ipAddresses: [{ ipAddress: '127.0.0.1', protocol: 'IPv4' }],
      ports: [],
      servicePorts: [],
      slaveId: 'S0',
      state: 'TASK_FAILED',
      localVolumes: [],
      role: '*',
    })
  })

  it.each([
    ['status=running', 2],
    ['status[]=STAGING', 1],
    ['status=running&status=staging', 3],
    ['status=sleeping', 4],
  ])('filters by %s', async (query, count) => {
    const body = (await fakeApi({ state }).server.inject(`/v2/tasks?${query}`)).json()
    expect(body.tasks).toHaveLength(count)
  })
})

describe('the text list of tasks', () => {
  const accept = { accept: 'text/plain' }

  it('has a line per app and service port, sorted by id', async () => {
    const instances = [
      one,
      two,
      fakeInstance({ appId: '/shop/worker', uuid: '6', host: 'n1.example' }),
      fakeInstance({ appId: '/shop/worker', uuid: '7', host: 'n2.example' }),
      staging,
    ]
    const { server } = fakeApi({ state: { apps: [worker, web], instances } })
    const response = await server.inject({ url: '/v2/tasks', headers: accept })
    expect(response.headers['content-type']).toMatch(/^text\/plain/)
    expect(response.body).toBe(
      'shop_web\t10007\tn3.example:31544\tn1.example:31090\t\nshop_worker\t \tn1.example\tn2.example\t\n',
    )
  })

  it('is given to whoever prefers it, and to nobody else', async () => {
    const { server } = fakeApi({ state })
    const typeFor = async (value: string) =>
      (await server.inject({ url: '/v2/tasks', headers: { accept: value } })).headers['content-type']
    expect(await typeFor('*/*')).toBe('application/json')
    expect(await typeFor('text/plain, application/json')).toBe('application/json')
    expect(await typeFor('text/plain, application/json;q=0.5')).toMatch(/^text\/plain/)
    expect((await server.inject({ url: '/v2/tasks', headers: { accept: 'text/html' } })).statusCode).toBe(406)
  })

  it('gives an app without tasks its line', async () => {
    const { server } = fakeApi({ state: { apps: [web] } })
    const response = await server.inject({ url: '/v2/apps/shop/web/tasks', headers: accept })
    expect(response.body).toBe('shop_web\t10007\t\n')
  })

  it('leaves out what has no such port', async () => {
    const ports = [
      { port: 1, protocol: 'tcp' },
      { port: 2, protocol: 'tcp' },
    ]
    const { server } = fakeApi({ state: { apps: [{ ...web, portDefinitions: ports }], instances: [one] } })
    const response = await server.inject({ url: '/v2/tasks', headers: accept })
    expect(response.body).toBe('shop_web\t1\tn3.example:31544\t\nshop_web\t2\t\n')
  })

  it('gives container addresses for selected networks, and counts host ports past them', async () => {
    const mapping = { protocol: 'tcp', labels: {} }
    const { portDefinitions: _ports, ...rest } = web
    const app = {
      ...rest,
      id: '/shop/db',
      networks: [{ mode: 'container' as const, name: 'backnet' }],
      container: {
        type: 'MESOS' as const,
        volumes: [],
        portMappings: [
          { ...mapping, containerPort: 5432, servicePort: 10013 },
          { ...mapping, containerPort: 80, hostPort: 0, servicePort: 10014 },
        ],
      },
    }
    const instances = [
      fakeInstance({ appId: '/shop/db', uuid: '8', host: 'n1', port: 31500, ipAddress: '10.9.0.4' }),
    ]
    const { server } = fakeApi({ state: { apps: [app], instances } })
    const get = async (query: string) =>
      (await server.inject({ url: `/v2/tasks${query}`, headers: accept })).body.split('\n')[0]
    expect(await get('')).toBe('shop_db\t10013\t')
    expect(await get('?containerNetworks=other')).toBe('shop_db\t10013\t')
    expect(await get('?containerNetworks=other,backnet')).toBe('shop_db\t10013\t10.9.0.4:5432\t')
    expect(await get('?containerNetworks=*')).toBe('shop_db\t10013\t10.9.0.4:5432\t')
    const second = (await server.inject({ url: '/v2/tasks', headers: accept })).body.split('\n')[1]
    expect(second).toBe('shop_db\t10014\tn1:31500\t')
  })
})

describe('GET /v2/apps/{id}/tasks', () => {
  it('lists the tasks of one app, without service ports', async () => {
    const body = (await fakeApi({ state }).server.inject('/v2/apps/shop/web/tasks')).json()
    expect(idsIn(body)).toEqual([one.tasks[0]!.id, two.tasks[0]!.id])
    expect(body.tasks[0].servicePorts).toEqual([])
  })

  it('lists the tasks of all apps of a group', async () => {
    const { server } = fakeApi({ state })
    expect((await server.inject('/v2/apps/shop/*/tasks')).json().tasks).toHaveLength(4)
    const response = await server.inject('/v2/apps/none/*/tasks')
    expect([response.statusCode, response.json()]).toEqual([
      404,
      { message: "Group '/none' does not exist", details: [] },
    ])
  })

  it('does not know an app that is not there', async () => {
    const response = await fakeApi({}).server.inject('/v2/apps/none/tasks')
    expect([response.statusCode, response.json()]).toEqual([
      404,
      { message: "App '/none' does not exist", details: [] },
    ])
  })
})

const killed: Outcome = { kind: 'killed', instances: [one, unplaced, two] }

describe('killing tasks of an app', () => {
  it.each([
    ['', { kind: 'kill-tasks', selection: { kind: 'app', id: '/shop/web' }, wipe: false }],
    ['?host=*', { kind: 'kill-tasks', selection: { kind: 'app', id: '/shop/web' }, wipe: false }],
    [
      '?host=n1.example&wipe=true',
      { kind: 'kill-tasks', selection: { kind: 'app', id: '/shop/web', host: 'n1.example' }, wipe: true },
    ],
  ])('asks for it with %j and lists the first task of each instance', async (query, request) => {
    const { server, requests } = fakeApi({ outcome: killed })
    const response = await server.inject({ method: 'DELETE', url: `/v2/apps/shop/web/tasks${query}` })
    expect(response.statusCode).toBe(200)
    expect(idsIn(response.json())).toEqual([one.tasks[0]!.id, two.tasks[0]!.id])
    expect(requests).toEqual([request])
  })

  it('with scale gives the deployment', async () => {
    const { server, requests } = fakeApi({})
    const response = await server.inject({
      method: 'DELETE',
      url: '/v2/apps/shop/web/tasks?scale=true&force=true',
    })
    expect(response.json()).toHaveProperty('deploymentId')
    expect(response.headers).toHaveProperty('marathon-deployment-id')
    expect(requests).toEqual([
      { kind: 'kill-and-scale', selection: { kind: 'app', id: '/shop/web' }, force: true },
    ])
  })

  it.each([
    ['DELETE', '/v2/apps/a/tasks', undefined],
    ['DELETE', '/v2/apps/a/tasks/t', undefined],
    ['POST', '/v2/tasks/delete', { ids: [] }],
  ] as const)('%s %s cannot scale and wipe at once', async (method, url, payload) => {
    const { server, requests } = fakeApi({})
    const response = await server.inject({
      method,
      url: `${url}?scale=true&wipe=true`,
      ...(payload === undefined ? {} : { payload }),
    })
    expect(response.statusCode).toBe(400)
    expect(response.json()).toEqual({ message: 'You cannot use scale and wipe at the same time.' })
    expect(requests).toEqual([])
  })
})

describe('killing one task', () => {
  it('gives the task', async () => {
    const { server, requests } = fakeApi({ outcome: { kind: 'killed', instances: [one] } })
    const response = await server.inject({ method: 'DELETE', url: '/v2/apps/shop/web/tasks/x.y' })
    expect(response.json().task.id).toBe(one.tasks[0]!.id)
    expect(requests).toEqual([
      { kind: 'kill-tasks', selection: { kind: 'task', appId: '/shop/web', taskId: 'x.y' }, wipe: false },
    ])
  })

  it('does not know a task that is not there', async () => {
    const outcome: Outcome = { kind: 'killed', instances: [] }
    const response = await fakeApi({ outcome }).server.inject({ method: 'DELETE', url: '/v2/apps/a/tasks/x' })
    expect([response.statusCode, response.json()]).toEqual([
      404,
      { message: "Task 'x' does not exist", details: [] },
    ])
  })
})

describe('POST /v2/tasks/delete', () => {
  const post = (payload: unknown, query = '') => {
    const api = fakeApi({ outcome: query.includes('scale') ? deployedScale : killed })
    const response = api.server.inject({
      method: 'POST',
      url: `/v2/tasks/delete${query}`,
      headers: { 'content-type': 'application/json' },
      payload: JSON.stringify(payload),
    })
    return { api, response }
  }
  const deployedScale: Outcome = {
    kind: 'deployed',
    deploymentId: 'd',
    version: '2031-04-02T09:15:20.480Z',
    wasCreated: false,
  }

  it('lists what it killed', async () => {
    const { api, response } = post({ ids: ['a', 'b'] }, '?wipe=true')
    expect(idsIn((await response).json())).toHaveLength(2)
    expect(api.requests).toEqual([
      { kind: 'kill-tasks', selection: { kind: 'tasks', taskIds: ['a', 'b'] }, wipe: true },
    ])
  })

  it('with scale gives the deployment', async () => {
    const { response } = post({ ids: ['a'] }, '?scale=true')
    expect((await response).json()).toEqual({ deploymentId: 'd', version: '2031-04-02T09:15:20.480Z' })
  })

  it.each([
    [{}, { path: '', errors: ['error.path.missing'] }],
    [[], { path: '', errors: ['error.path.missing'] }],
    [{ ids: 'a' }, { path: '', errors: ['error.expected.jsarray'] }],
    [{ ids: ['a', 1] }, { path: '(1)', errors: ['error.expected.jsstring'] }],
  ])('refuses %j', async (payload, issue) => {
    const response = await post(payload).response
    expect(response.statusCode).toBe(422)
    expect(response.json()).toEqual({ message: 'Invalid JSON', details: [issue] })
  })
})
