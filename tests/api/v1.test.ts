import { describe, expect, it } from 'vitest'
import type { Outcome } from '../../src/core/requests.ts'
import { deployed, fakeApi } from '../support/fake-api.ts'
import { fakeApp, fakeInstance } from '../support/fake-view.ts'

const web = fakeApp({
  id: '/shop-web',
  cmd: './serve',
  instances: 2,
  cpus: 0.5,
  mem: 64,
  constraints: [['hostname', 'UNIQUE']],
  portDefinitions: [{ port: 17310, protocol: 'tcp' }],
  fetch: [{ uri: 'http://x/y.tgz', extract: true, executable: false, cache: false }],
  container: {
    type: 'DOCKER',
    volumes: [],
    docker: {
      image: 'team/web:3',
      forcePullImage: false,
      privileged: false,
      parameters: [{ key: 'e', value: 'MODE=live' }],
    },
  },
})
const job = fakeApp({ id: '/jobs/night', cmd: 'sleep 1', portDefinitions: [] })
const one = fakeInstance({ appId: '/shop-web', uuid: '1', host: 'n1.example', port: 31005 })
const two = fakeInstance({ appId: '/shop-web', uuid: '2', host: 'n2.example', port: 31044 })
const three = fakeInstance({ appId: '/jobs/night', uuid: '3', host: 'n2.example' })
const state = { apps: [web, job], instances: [one, two, three] }

const webBody = {
  id: 'shop-web',
  cmd: './serve',
  env: {},
  instances: 2,
  cpus: 0.5,
  mem: 64,
  disk: 0,
  executor: '',
  constraints: [['hostname', 'UNIQUE']],
  uris: ['http://x/y.tgz'],
  ports: [17310],
  taskRateLimit: 1,
  container: { image: 'docker:///team/web:3', options: ['-e', 'MODE=live'] },
  healthChecks: [],
  version: '2031-04-02T09:15:20.480Z',
}
const task = (instance: typeof one, host: string, port: number) => ({
  id: instance.tasks[0]!.id,
  host,
  ports: [port],
  startedAt: '2031-04-02T09:15:24.870Z',
  stagedAt: '2031-04-02T09:15:22.310Z',
  version: '2031-04-02T09:15:20.480Z',
})
const webTasks = [task(one, 'n1.example', 31005), task(two, 'n2.example', 31044)]

describe('the v1 API reads', () => {
  const { server } = fakeApi({ state })
  const get = async (url: string) => (await server.inject(url)).json()

  it('apps, bare and with counts', async () => {
    const apps = await get('/v1/apps')
    expect(apps[1]).toEqual({ ...webBody, tasksStaged: 0, tasksRunning: 2 })
    expect(apps[0]).toMatchObject({ id: 'jobs/night', ports: [], container: null, tasksRunning: 1 })
  })

  it.each([
    ['id=SHOP', ['shop-web']],
    ['cmd=SLEEP', ['jobs/night']],
    ['id=shop&cmd=sleep', []],
    ['', ['jobs/night', 'shop-web']],
    ['id=&cmd=', ['jobs/night', 'shop-web']],
  ])('apps by search for %j', async (query, ids) => {
    const apps = await get(`/v1/apps/search?${query}`)
    expect(apps.map((app: { id: string }) => app.id)).toEqual(ids)
    for (const app of apps) expect(app).not.toHaveProperty('tasksRunning')
  })

  it('the tasks of one app', async () => {
    expect(await get('/v1/apps/shop-web/tasks')).toEqual({ 'shop-web': webTasks })
    const response = await server.inject('/v1/apps/none/tasks')
    expect([response.statusCode, response.json()]).toEqual([404, { message: "App 'none' does not exist" }])
  })

  it('the tasks of all apps', async () => {
    expect(await get('/v1/tasks')).toEqual({
      'shop-web': { appName: 'shop-web', tasks: webTasks, shutdown: false },
      'jobs/night': { appName: 'jobs/night', tasks: [task(three, 'n2.example', 31000)], shutdown: false },
    })
  })

  it('endpoints as text', async () => {
    for (const accept of ['text/plain', '*/*']) {
      const response = await server.inject({ url: '/v1/endpoints', headers: { accept } })
      expect(response.headers['content-type']).toMatch(/^text\/plain/)
      expect(response.body).toBe(
        'jobs_night   n2.example \nshop-web_17310 17310 n1.example:31005 n2.example:31044 \n',
      )
    }
    expect((await server.inject('/v1/endpoints/shop-web')).body).toBe(
      'shop-web_17310 17310 n1.example:31005 n2.example:31044 \n',
    )
  })

  it('endpoints as JSON', async () => {
    const headers = { accept: 'application/json' }
    const list = (await server.inject({ url: '/v1/endpoints', headers })).json()
    expect(list[1]).toEqual({ id: 'shop-web', ports: [17310], instances: webTasks })
    const single = (await server.inject({ url: '/v1/endpoints/shop-web', headers })).json()
    expect(single).toEqual(list[1])
  })

  it('no endpoints of an app that is not there', async () => {
    const text = await server.inject({ url: '/v1/endpoints/x', headers: { accept: 'text/plain' } })
    expect([text.statusCode, text.body]).toEqual([404, "App 'x' does not exist"])
    const json = await server.inject({ url: '/v1/endpoints/x', headers: { accept: 'application/json' } })
    expect([json.statusCode, json.json()]).toEqual([404, { message: "App 'x' does not exist" }])
  })

  it('who leads', async () => {
    expect((await server.inject('/v1/debug/isLeader')).body).toBe('true')
    expect((await server.inject('/v1/debug/leaderUrl')).body).toBe('m1.example:8080')
    const single = fakeApi({ info: { marathonConfig: { ha: false } } }).server
    expect((await single.inject('/v1/debug/leaderUrl')).body).toBe('not in HA mode.')
  })
})

describe('the v1 API writes', () => {
  const post = (url: string, payload: unknown, outcome: Outcome = deployed) => {
    const api = fakeApi({ state, outcome })
    const response = api.server.inject({
      method: 'POST',
      url,
      headers: { 'content-type': 'application/json' },
      payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
    })
    return { requests: api.requests, response }
  }

  it('starts an app typed in with HTTPie, numbers as text', async () => {
    const body = { id: 'sleep', cmd: 'sleep 600', instances: '1', mem: '128', cpus: '1' }
    const { response, requests } = post('/v1/apps/start', body)
    expect([(await response).statusCode, (await response).body]).toEqual([204, ''])
    expect(requests).toEqual([
      {
        kind: 'create-app',
        body,
        force: true,
        isLenient: true,
        origin: { clientIp: '127.0.0.1', uri: '/v1/apps/start' },
      },
    ])
  })

  it('does not start what is there', async () => {
    const { response } = post(
      '/v1/apps/start',
      { id: 'sleep' },
      {
        kind: 'refused',
        refusal: { kind: 'app-exists', id: '/sleep' },
      },
    )
    expect([(await response).statusCode, (await response).json()]).toEqual([
      422,
      { message: "requirement failed: Already started app 'sleep'" },
    ])
  })

  it.each(['invalid-json-shape', 'invalid-object'] as const)('names %s the old way', async (kind) => {
    const { response } = post(
      '/v1/apps/start',
      {},
      {
        kind: 'refused',
        refusal: {
          kind,
          issues: [
            { path: '/id', errors: ['error.path.missing'] },
            { path: '/healthChecks(0)/path', errors: ['wrong'] },
          ],
        },
      },
    )
    expect([(await response).statusCode, (await response).json()]).toEqual([
      422,
      {
        errors: [
          { attribute: 'id', error: 'may not be empty' },
          { attribute: 'healthChecks[0].path', error: 'wrong' },
        ],
      },
    ])
  })

  it.each([
    [{ id: 'shop-web', instances: '3' }, 3],
    [{ id: 'shop-web', instances: 3 }, 3],
    [{ id: 'shop-web' }, 0],
  ])('scales with %j', async (payload, instances) => {
    const { response, requests } = post('/v1/apps/scale', payload)
    expect((await response).statusCode).toBe(204)
    expect(requests).toEqual([
      {
        kind: 'update-app',
        id: '/shop-web',
        body: { instances },
        mode: 'patch',
        force: true,
        origin: { clientIp: '127.0.0.1', uri: '/v1/apps/scale' },
      },
    ])
  })

  it('does not scale what is not there', async () => {
    const { response, requests } = post('/v1/apps/scale', { id: 'x', instances: 1 })
    expect([(await response).statusCode, (await response).json()]).toEqual([
      404,
      { message: "App 'x' does not exist" },
    ])
    expect(requests).toEqual([])
  })

  it('stops an app, also one that is not there', async () => {
    const { response, requests } = post('/v1/apps/stop', { id: 'shop-web' })
    expect((await response).statusCode).toBe(204)
    const origin = { clientIp: '127.0.0.1', uri: '/v1/apps/stop' }
    expect(requests).toEqual([{ kind: 'remove-app', id: '/shop-web', force: true, origin }])
    const absent = post(
      '/v1/apps/stop',
      { id: 'x' },
      {
        kind: 'refused',
        refusal: { kind: 'app-not-found', id: '/x' },
      },
    )
    expect((await absent.response).statusCode).toBe(204)
  })

  it.each(['/v1/apps/stop', '/v1/apps/scale'])('%s wants an id', async (url) => {
    const { response, requests } = post(url, {})
    expect([(await response).statusCode, (await response).json()]).toEqual([
      422,
      { errors: [{ attribute: 'id', error: 'may not be empty' }] },
    ])
    expect(requests).toEqual([])
  })

  it.each(['/v1/apps/start', '/v1/apps/stop', '/v1/apps/scale'])('%s wants JSON', async (url) => {
    expect((await post(url, '{"id"').response).statusCode).toBe(400)
  })

  it.each([
    ['appId=shop-web&host=*', ['1', '2']],
    ['appId=shop-web&host=n2.example', ['2']],
    ['appId=/shop-web&id=shop-web.instance-1._app.1', ['1']],
  ])('kills by %s', async (query, uuids) => {
    const { response, requests } = post(`/v1/tasks/kill?${query}`, '')
    const ids = uuids.map((uuid) => `shop-web.instance-${uuid}._app.1`)
    expect((await response).json().map((killed: { id: string }) => killed.id)).toEqual(ids)
    expect(requests).toEqual([
      { kind: 'kill-tasks', selection: { kind: 'tasks', taskIds: ids }, wipe: false },
    ])
  })

  it('kills and scales', async () => {
    const { response, requests } = post('/v1/tasks/kill?appId=shop-web&host=*&scale=true', '')
    expect((await response).json()).toEqual(webTasks)
    expect(requests[0]).toMatchObject({ kind: 'kill-and-scale', force: true })
  })

  it.each(['appId=shop-web', 'appId=none&host=*', 'host=*', ''])('kills nothing by %j', async (query) => {
    const { response, requests } = post(`/v1/tasks/kill?${query}`, '')
    expect([(await response).statusCode, (await response).json()]).toEqual([
      404,
      { message: 'No tasks matched your filters' },
    ])
    expect(requests).toEqual([])
  })
})
