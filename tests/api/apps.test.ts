import { describe, expect, it } from 'vitest'
import type { Outcome } from '../../src/core/requests.ts'
import { deployed, fakeApi } from '../support/fake-api.ts'
import { at, fakeApp, fakeInstance } from '../support/fake-view.ts'

const version = '2031-04-02T09:15:20.480Z'
const web = fakeApp({
  id: '/shop/web',
  cmd: './serve --port $PORT0',
  constraints: [['hostname', 'UNIQUE']],
  cpus: 0.25,
  mem: 64,
  instances: 2,
  env: { MODE: 'live' },
  labels: { tier: 'front' },
  healthChecks: [
    {
      protocol: 'HTTP',
      path: '/ok',
      portIndex: 0,
      gracePeriodSeconds: 30,
      intervalSeconds: 60,
      timeoutSeconds: 20,
      maxConsecutiveFailures: 3,
      delaySeconds: 15,
      ipProtocol: 'IPv4',
      ignoreHttp1xx: false,
    },
  ],
})
const worker = fakeApp({ id: '/shop/worker', cmd: 'Work Hard', labels: { tier: 'back' } })
const solo = fakeApp({ id: '/solo', args: ['x'] })

/** Examples 1: the App as the original writes it. */
const webBody = {
  id: '/shop/web',
  backoffFactor: 1.15,
  backoffSeconds: 1,
  cmd: './serve --port $PORT0',
  constraints: [['hostname', 'UNIQUE']],
  cpus: 0.25,
  disk: 0,
  env: { MODE: 'live' },
  executor: '',
  healthChecks: [
    {
      gracePeriodSeconds: 30,
      ignoreHttp1xx: false,
      intervalSeconds: 60,
      maxConsecutiveFailures: 3,
      path: '/ok',
      portIndex: 0,
      protocol: 'HTTP',
      ipProtocol: 'IPv4',
      timeoutSeconds: 20,
      delaySeconds: 15,
    },
  ],
  instances: 2,
  labels: { tier: 'front' },
  maxLaunchDelaySeconds: 300,
  mem: 64,
  gpus: 0,
  networks: [{ mode: 'host' }],
  portDefinitions: [{ port: 10007, name: 'http', protocol: 'tcp' }],
  requirePorts: false,
  upgradeStrategy: { maximumOverCapacity: 1, minimumHealthCapacity: 1 },
  version,
  versionInfo: { lastScalingAt: version, lastConfigChangeAt: version },
  killSelection: 'YOUNGEST_FIRST',
  unreachableStrategy: { inactiveAfterSeconds: 0, expungeAfterSeconds: 0 },
  role: '*',
}
const counts = { tasksStaged: 0, tasksRunning: 0, tasksHealthy: 0, tasksUnhealthy: 0 }

const instances = [
  fakeInstance({
    appId: '/shop/web',
    uuid: '0a1c7e50-3b5d-11ff-8d2e-02420a000501',
    host: 'n3.example',
    agentId: '7f1d3b90-aaaa-4bcd-9001-5e5e5e5e0001-S2',
    port: 31544,
    ipAddress: '10.0.0.13',
    region: 'west',
    zone: 'west-b',
  }),
  fakeInstance({
    appId: '/shop/web',
    uuid: '0a1c7e51-3b5d-11ff-8d2e-02420a000501',
    host: 'n1.example',
    agentId: '7f1d3b90-aaaa-4bcd-9001-5e5e5e5e0001-S0',
    port: 31090,
    ipAddress: '10.0.0.11',
    attempt: 2,
    stagedAt: '2031-04-02T09:19:02.118Z',
    startedAt: '2031-04-02T09:19:03.964Z',
  }),
]
const failure = {
  appId: '/shop/web',
  host: 'n1.example',
  message: 'Command exited with status 3',
  state: 'TASK_FAILED' as const,
  taskId: 'shop_web.instance-0a1c7e51-3b5d-11ff-8d2e-02420a000501._app.1',
  timestamp: at('2031-04-02T09:19:00.730Z'),
  version,
  slaveId: '7f1d3b90-aaaa-4bcd-9001-5e5e5e5e0001-S0',
}
const webTasks = [
  {
    appId: '/shop/web',
    healthCheckResults: [],
    host: 'n3.example',
    id: 'shop_web.instance-0a1c7e50-3b5d-11ff-8d2e-02420a000501._app.1',
    ipAddresses: [{ ipAddress: '10.0.0.13', protocol: 'IPv4' }],
    ports: [31544],
    servicePorts: [],
    slaveId: '7f1d3b90-aaaa-4bcd-9001-5e5e5e5e0001-S2',
    state: 'TASK_RUNNING',
    stagedAt: '2031-04-02T09:15:22.310Z',
    startedAt: '2031-04-02T09:15:24.870Z',
    version,
    localVolumes: [],
    region: 'west',
    zone: 'west-b',
    role: '*',
  },
  {
    appId: '/shop/web',
    healthCheckResults: [],
    host: 'n1.example',
    id: 'shop_web.instance-0a1c7e51-3b5d-11ff-8d2e-02420a000501._app.2',
    ipAddresses: [{ ipAddress: '10.0.0.11', protocol: 'IPv4' }],
    ports: [31090],
    servicePorts: [],
    slaveId: '7f1d3b90-aaaa-4bcd-9001-5e5e5e5e0001-S0',
    state: 'TASK_RUNNING',
    stagedAt: '2031-04-02T09:19:02.118Z',
    startedAt: '2031-04-02T09:19:03.964Z',
    version,
    localVolumes: [],
    role: '*',
  },
]

describe('GET /v2/apps', () => {
  it('lists apps in the order of their ids with counts and deployments', async () => {
    const { server } = fakeApi({ state: { apps: [worker, web], instances } })
    const response = await server.inject('/v2/apps')
    expect(response.statusCode).toBe(200)
    expect(response.headers['content-type']).toBe('application/json')
    const { apps } = response.json()
    expect(apps.map((app: { id: string }) => app.id)).toEqual(['/shop/web', '/shop/worker'])
    expect(apps[0]).toEqual({ ...webBody, ...counts, tasksRunning: 2, deployments: [] })
  })

  it.each([
    ['id=WEB', ['/shop/web']],
    ['id=shop', ['/shop/web', '/shop/worker']],
    ['cmd=work', ['/shop/worker']],
    ['cmd=', ['/shop/web', '/shop/worker', '/solo']],
    ['label=tier', ['/shop/web', '/shop/worker']],
    ['label=tier%3D%3Dback', ['/shop/worker']],
    ['label=tier!%3Dback', ['/shop/web']],
    ['label=', ['/shop/web', '/shop/worker', '/solo']],
    ['id=web&label=tier%3D%3Dback', []],
  ])('filters by %s', async (query, expected) => {
    const { server } = fakeApi({ state: { apps: [web, worker, solo] } })
    const response = await server.inject(`/v2/apps?${query}`)
    expect(response.json().apps.map((app: { id: string }) => app.id)).toEqual(expected)
  })

  it('leaves out apps without a cmd when filtering by cmd', async () => {
    const { cmd: _cmd, ...withoutCmd } = solo
    const { server } = fakeApi({ state: { apps: [withoutCmd] } })
    expect((await server.inject('/v2/apps?cmd=')).json()).toEqual({ apps: [] })
  })

  it('refuses a label selector it cannot read', async () => {
    const { server } = fakeApi({})
    const response = await server.inject('/v2/apps?label=a%3D')
    expect(response.statusCode).toBe(422)
    expect(response.json().message).toMatch(/^Can not parse label selector a=\. Reason: /)
  })

  it.each(['tasks', 'app.tasks', 'apps.tasks', 'group.apps.tasks'])('embeds by the name %s', async (name) => {
    const { server } = fakeApi({ state: { apps: [web], instances } })
    const { apps } = (await server.inject(`/v2/apps?embed=${name}&embed=unknown`)).json()
    expect(apps[0].tasks).toEqual(webTasks)
  })

  it('embeds failures without an entry for an app that never failed', async () => {
    const { server } = fakeApi({ state: { apps: [web, solo], failures: [failure] } })
    const { apps } = (await server.inject('/v2/apps?embed=apps.lastTaskFailure&embed=apps.readiness')).json()
    expect(apps[0].lastTaskFailure).toEqual({ ...failure, timestamp: '2031-04-02T09:19:00.730Z' })
    expect(apps[0].readinessCheckResults).toEqual([])
    expect(apps[1]).not.toHaveProperty('lastTaskFailure')
  })

  it('gives statistics of the tasks under the name the last version had, and under the documented one', async () => {
    const { server } = fakeApi({ state: { apps: [web], instances } })
    const { apps } = (await server.inject('/v2/apps?embed=apps.taskStats')).json()
    const stats = {
      stats: {
        counts: { staged: 0, running: 2, healthy: 0, unhealthy: 0 },
        lifeTime: { averageSeconds: (315.13 + 96.036) / 2, medianSeconds: 315.13 },
      },
    }
    expect(apps[0].tasksStats).toEqual({
      startedAfterLastScaling: stats,
      withLatestConfig: stats,
      totalSummary: stats,
    })
    expect(apps[0].taskStats).toEqual(apps[0].tasksStats)
  })

  it('shows a changed instance although the list was asked for before', async () => {
    const { server, show } = fakeApi({ state: { apps: [web], instances } })
    await server.inject('/v2/apps?embed=apps.tasks')
    show({ apps: [web], instances: instances.slice(1) })
    const { apps } = (await server.inject('/v2/apps?embed=apps.tasks')).json()
    expect(apps[0].tasks).toEqual(webTasks.slice(1))
    expect(apps[0].tasksRunning).toBe(1)
  })

  it('gives a list of thousands in slices that make up one JSON text', async () => {
    const apps = Array.from({ length: 3_000 }, (_, n) => fakeApp({ id: `/many/app-${n}` }))
    const { server } = fakeApi({ state: { apps } })
    const response = await server.inject('/v2/apps')
    expect(response.headers['content-length']).toBeUndefined()
    expect(response.json().apps).toHaveLength(3_000)
  })
})

describe('GET /v2/apps/{group}/*', () => {
  it('lists all apps beneath a group', async () => {
    const { server } = fakeApi({ state: { apps: [web, worker, solo] } })
    const body = (await server.inject('/v2/apps/shop/*')).json()
    expect(body['*'].map((app: { id: string }) => app.id)).toEqual(['/shop/web', '/shop/worker'])
    expect((await server.inject('/v2/apps/*')).json()['*']).toHaveLength(3)
  })

  it('does not know a group without apps', async () => {
    const { server } = fakeApi({ state: { apps: [web] } })
    const response = await server.inject('/v2/apps/none/*')
    expect(response.statusCode).toBe(404)
    expect(response.json()).toEqual({ message: "Group '/none' does not exist", details: [] })
  })
})

describe('GET /v2/apps/{id}', () => {
  it.each(['/v2/apps/shop/web', '/v2/apps//shop/web', '/v2/apps/shop//web/', '/v2/apps/%2Fshop%2Fweb'])(
    'finds the app at %s',
    async (url) => {
      const { server } = fakeApi({ state: { apps: [web], instances, failures: [failure] } })
      const response = await server.inject(url)
      expect(response.json()).toEqual({
        app: {
          ...webBody,
          ...counts,
          tasksRunning: 2,
          deployments: [],
          tasks: webTasks,
          lastTaskFailure: { ...failure, timestamp: '2031-04-02T09:19:00.730Z' },
        },
      })
      const keys = Object.keys(response.json().app)
      expect(keys.slice(keys.indexOf('role') + 1)).toEqual([
        'tasksStaged',
        'tasksRunning',
        'tasksHealthy',
        'tasksUnhealthy',
        'deployments',
        'tasks',
        'lastTaskFailure',
      ])
    },
  )

  it('names the deployment that holds the app', async () => {
    const deployment = {
      id: 'd1',
      version,
      steps: [],
      changes: [{ id: '/shop/web', to: version }],
      currentStep: 0,
      startedAt: at(version),
    }
    const { server } = fakeApi({ state: { apps: [web], deployments: [deployment] } })
    expect((await server.inject('/v2/apps/shop/web')).json().app.deployments).toEqual([{ id: 'd1' }])
  })

  it('does not know an app that is not there', async () => {
    const { server } = fakeApi({})
    const response = await server.inject('/v2/apps/shop/wbe')
    expect(response.statusCode).toBe(404)
    expect(response.json()).toEqual({ message: "App '/shop/wbe' does not exist", details: [] })
  })
})

describe('POST /v2/apps', () => {
  const created: Outcome = { ...deployed, kind: 'deployed', wasCreated: true, app: web } as Outcome

  it('answers 201 with the app, its location and its deployment', async () => {
    const { server, requests } = fakeApi({ outcome: created })
    const response = await server.inject({
      method: 'POST',
      url: '/v2/apps?force=true',
      headers: { host: 'm1.example:8080' },
      payload: { id: '/shop/web' },
    })
    expect(response.statusCode).toBe(201)
    expect(response.headers['location']).toBe('http://m1.example:8080/shop/web')
    expect(response.headers['marathon-deployment-id']).toBe('5b0f2c1e-77aa-4d0e-9a41-0c3d8e2f6a10')
    const { versionInfo: _versionInfo, ...fields } = webBody
    expect(response.json()).toEqual({
      ...fields,
      ...counts,
      deployments: [{ id: '5b0f2c1e-77aa-4d0e-9a41-0c3d8e2f6a10' }],
    })
    expect(requests).toEqual([
      {
        kind: 'create-app',
        body: { id: '/shop/web' },
        force: true,
        origin: { clientIp: '127.0.0.1', uri: '/v2/apps' },
      },
    ])
  })

  it('takes a body without a content type', async () => {
    const { server, requests } = fakeApi({ outcome: created })
    const response = await server.inject({ method: 'POST', url: '/v2/apps', payload: '{"id":"a"}' })
    expect(response.statusCode).toBe(201)
    expect(requests[0]).toMatchObject({ body: { id: 'a' }, force: false })
  })
})

describe('PUT and PATCH', () => {
  it.each([
    ['PUT', '/v2/apps/a/b', 'update-app', 'partial', false],
    ['PUT', '/v2/apps/a/b?partialUpdate=false&force=true', 'update-app', 'complete', true],
    ['PATCH', '/v2/apps/a/b', 'update-app', 'patch', false],
    ['PUT', '/v2/apps', 'update-apps', 'partial', false],
    ['PUT', '/v2/apps/?partialUpdate=FALSE', 'update-apps', 'complete', false],
    ['PATCH', '/v2/apps?force=TRUE&partialUpdate=false', 'update-apps', 'patch', true],
  ] as const)('%s %s asks the core for %s in mode %s', async (method, url, kind, mode, force) => {
    const { server, requests } = fakeApi({ outcome: deployed })
    const response = await server.inject({ method, url, payload: { instances: 3 } })
    expect(response.statusCode).toBe(200)
    expect(response.json()).toEqual({
      deploymentId: '5b0f2c1e-77aa-4d0e-9a41-0c3d8e2f6a10',
      version,
    })
    expect(response.headers['marathon-deployment-id']).toBe('5b0f2c1e-77aa-4d0e-9a41-0c3d8e2f6a10')
    expect(requests[0]).toMatchObject({ kind, mode, force, body: { instances: 3 } })
    if (kind === 'update-app') expect(requests[0]).toMatchObject({ id: '/a/b' })
  })

  it('answers 201 with the location when a PUT created the app', async () => {
    const { server } = fakeApi({ outcome: { ...deployed, wasCreated: true } as Outcome })
    const response = await server.inject({
      method: 'PUT',
      url: '/v2/apps//a/b',
      headers: { host: 'h:1' },
      payload: {},
    })
    expect(response.statusCode).toBe(201)
    expect(response.headers['location']).toBe('http://h:1/a/b')
    expect(response.json()).toHaveProperty('deploymentId')
  })
})

describe('DELETE /v2/apps/{id} and restart', () => {
  it.each([
    ['DELETE', '/v2/apps/a', { kind: 'remove-app', id: '/a', force: true }],
    ['DELETE', '/v2/apps/a?force=false', { kind: 'remove-app', id: '/a', force: false }],
    ['DELETE', '/v2/apps/a/restart', { kind: 'remove-app', id: '/a/restart', force: true }],
    ['POST', '/v2/apps/a/b/restart', { kind: 'restart-app', id: '/a/b', force: false }],
    ['POST', '/v2/apps/a/b/restart?force=true', { kind: 'restart-app', id: '/a/b', force: true }],
  ] as const)('%s %s', async (method, url, expected) => {
    const { server, requests } = fakeApi({ outcome: deployed })
    const response = await server.inject({ method, url })
    expect(response.statusCode).toBe(200)
    expect(response.json()).toHaveProperty('deploymentId')
    expect(requests).toEqual([expected])
  })

  it('takes a restart that comes with a content type and no body', async () => {
    const { server } = fakeApi({ outcome: deployed })
    const response = await server.inject({
      method: 'POST',
      url: '/v2/apps/a/restart',
      headers: { 'content-type': 'application/json' },
    })
    expect(response.statusCode).toBe(200)
  })
})

describe('versions of an app', () => {
  const older = { ...web, version: '2031-03-30T18:00:01.007Z', instances: 1 }

  it('are listed newest first', async () => {
    const { server } = fakeApi({ state: { apps: [web], olderApps: [older] } })
    expect((await server.inject('/v2/apps/shop/web/versions')).json()).toEqual({
      versions: ['2031-04-02T09:15:20.480Z', '2031-03-30T18:00:01.007Z'],
    })
  })

  it.each(['2031-03-30T18:00:01.007Z', '2031-03-30T20:00:01.007%2B02:00'])(
    'can be read one by one, in any zone: %s',
    async (at) => {
      const { server } = fakeApi({ state: { apps: [web], olderApps: [older] } })
      expect((await server.inject(`/v2/apps/shop/web/versions/${at}`)).json()).toEqual({
        ...webBody,
        version: '2031-03-30T18:00:01.007Z',
        instances: 1,
      })
    },
  )

  it.each([
    ['/v2/apps/none/versions', 404, { message: "App '/none' does not exist", details: [] }],
    [
      '/v2/apps/shop/web/versions/2030-01-01T00:00:00.000Z',
      404,
      { message: "App '/shop/web' does not exist in version 2030-01-01T00:00:00.000Z", details: [] },
    ],
    [
      '/v2/apps/shop/web/versions/latest',
      422,
      { message: "Invalid timestamp provided 'latest'. Expecting ISO-8601 datetime string." },
    ],
  ])('%s is refused', async (url, status, body) => {
    const { server } = fakeApi({ state: { apps: [web] } })
    const response = await server.inject(url)
    expect(response.statusCode).toBe(status)
    expect(response.json()).toEqual(body)
  })
})
