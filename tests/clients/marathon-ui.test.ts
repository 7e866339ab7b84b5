// The old web UI (mesosphere/marathon-ui 1.3.1 and after, at 698254a): what its actions fetch in a browser and what
// its stores and forms read. It addresses apps by their ids, slash and all (`v2/apps//shop/web`), and sends a body
// with everything but GET and HEAD.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Conversation, converse } from './conversation.ts'

// A page of the server itself: the origin is its own, so that what it changes is heeded.
const headers = {
  'user-agent': 'Mozilla/5.0',
  accept: 'application/json',
  'content-type': 'application/json',
  'accept-encoding': 'gzip, deflate, br',
}

// biome-ignore lint/suspicious/noExplicitAny: answers of any shape
type Json = any

describe('the old web UI', () => {
  let server: Conversation
  beforeEach(async () => {
    server = await converse(headers)
  })
  afterEach(() => server.close())

  const ask = async (method: string, path: string, body?: unknown) => {
    const origin = method === 'GET' ? {} : { origin: server.url }
    const text = body === undefined ? undefined : JSON.stringify(body)
    const answer = await server.ask(method, `/${path}`, text, { ...headers, ...origin })
    expect([method, path, answer.status < 300 ? '' : answer.text]).toEqual([method, path, ''])
    return answer.body
  }
  const create = async (id = '/shop/web', more: object = {}) => {
    // What its form makes of the fields that were filled in.
    await ask('POST', 'v2/apps', {
      id,
      cmd: 'sleep 3600',
      cpus: 0.1,
      mem: 16,
      disk: 0,
      instances: 2,
      ...more,
    })
    await server.elapse(5000)
  }

  it('makes its list of one tree of groups', async () => {
    await create()
    const query =
      'embed=group.groups&embed=group.apps&embed=group.apps.deployments&embed=group.apps.counts&embed=group.apps.readiness'
    const root = await ask('GET', `v2/groups?${query}`)
    expect([root.id, root.apps, root.groups.length]).toEqual(['/', [], 1])
    const [shop] = root.groups
    expect([shop.id, shop.groups]).toEqual(['/shop', []])
    // Health bars are made of these, and `deployments` is read without a look whether it is there.
    expect(shop.apps[0]).toMatchObject({
      id: '/shop/web',
      instances: 2,
      tasksStaged: 0,
      tasksRunning: 2,
      tasksHealthy: 0,
      tasksUnhealthy: 0,
      deployments: [],
      readinessCheckResults: [],
      labels: {},
    })
  })

  it('shows one app with its tasks and their statistics', async () => {
    await create()
    const { app } = await ask('GET', 'v2/apps//shop/web?embed=app.taskStats&embed=app.readiness')
    expect(app.tasks).toHaveLength(2)
    for (const task of app.tasks) {
      expect(task).toMatchObject({ appId: '/shop/web', healthCheckResults: [], localVolumes: [] })
      expect(Date.parse(task.startedAt)).toBeGreaterThanOrEqual(Date.parse(task.stagedAt))
    }
    const { stats } = app.taskStats.totalSummary
    expect(stats.counts).toEqual({ staged: 0, running: 2, healthy: 0, unhealthy: 0 })
    expect(stats.lifeTime).toEqual({ averageSeconds: expect.any(Number), medianSeconds: expect.any(Number) })
    expect(app.versionInfo).toEqual({
      lastScalingAt: expect.any(String),
      lastConfigChangeAt: expect.any(String),
    })
  })

  it('scales, edits, restarts and destroys', async () => {
    await create()
    const result = { deploymentId: expect.any(String), version: expect.any(String) }
    expect(await ask('PUT', 'v2/apps//shop/web', { instances: 3 })).toEqual(result)
    await server.elapse(5000)
    const edited = { id: '/shop/web', cmd: 'sleep 7200', cpus: 0.1, mem: 16, disk: 0, instances: 3 }
    expect(await ask('PUT', 'v2/apps//shop/web?force=true', edited)).toEqual(result)
    expect(await ask('POST', 'v2/apps//shop/web/restart?force=true', { force: true })).toEqual(result)
    await server.elapse(5000)
    expect(await ask('DELETE', 'v2/apps//shop/web')).toEqual(result)
  })

  it('lists versions and shows one', async () => {
    await create()
    await ask('PUT', 'v2/apps//shop/web', { cmd: 'sleep 7200' })
    await server.elapse(10_000)
    const { versions } = await ask('GET', 'v2/apps//shop/web/versions')
    expect(versions).toHaveLength(2)
    const first = await ask('GET', `v2/apps//shop/web/versions/${versions[1]}`)
    expect([first.id, first.cmd, first.version]).toEqual(['/shop/web', 'sleep 3600', versions[1]])
    await ask('PUT', 'v2/apps//shop/web', { version: versions[1] })
  })

  it('kills chosen tasks, and scales by them', async () => {
    await create()
    const tasks = async () => (await ask('GET', 'v2/apps//shop/web')).app.tasks as readonly Json[]
    await ask('POST', 'v2/tasks/delete', { ids: [(await tasks())[0].id] })
    await server.elapse(10_000)
    await ask('POST', 'v2/tasks/delete?wipe=true', { ids: [(await tasks())[0].id] })
    await server.elapse(10_000)
    await ask('POST', 'v2/tasks/delete?scale=true&force=true', { ids: [(await tasks())[0].id] })
    await server.elapse(10_000)
    expect(await tasks()).toHaveLength(1)
  })

  it('watches deployments and the queue, reverts the one and hurries the other', async () => {
    await create('/huge', { cpus: 1000 })
    const [deployment] = await ask('GET', 'v2/deployments')
    expect(deployment).toMatchObject({ affectedApps: ['/huge'], currentStep: 2, totalSteps: 2 })
    for (const action of deployment.currentActions) {
      expect(action).toEqual({ action: 'ScaleApplication', app: '/huge', readinessCheckResults: [] })
    }
    const { queue } = await ask('GET', 'v2/queue')
    // It looks for the app of every entry.
    expect(queue[0]).toMatchObject({ app: { id: '/huge' }, delay: { timeLeftSeconds: 0, overdue: true } })
    await ask('DELETE', 'v2/queue//huge/delay')
    expect(await ask('DELETE', `v2/deployments/${deployment.id}`)).toMatchObject({
      deploymentId: expect.any(String),
    })
  })

  it('creates, scales and removes groups', async () => {
    await ask('POST', 'v2/groups', { id: '/team' })
    await create('/team/a')
    await ask('PUT', 'v2/groups//team', { scaleBy: 1.5 })
    await server.elapse(5000)
    expect((await ask('GET', 'v2/apps//team/a')).app.instances).toBe(3)
    await ask('DELETE', 'v2/groups//team')
  })

  it('shows versions and addresses of the server, and the leader', async () => {
    const info = await ask('GET', 'v2/info')
    expect(info).toMatchObject({
      name: 'marathon',
      version: expect.any(String),
      frameworkId: expect.any(String),
    })
    expect(info).toMatchObject({
      marathon_config: {},
      zookeeper_config: {},
      http_config: { http_port: 8080 },
    })
  })

  it('puts errors at the fields of its form by their paths', async () => {
    await create()
    const refused = async (path: string, body: unknown) =>
      await server.ask('POST', path, JSON.stringify(body), { ...headers, origin: server.url })
    const invalid = await refused('/v2/apps', { id: '/Wrong Id', cmd: 'sleep 1', cpus: -1, mem: 16 })
    expect(invalid.status).toBe(422)
    const paths = invalid.body.details.map(({ path }: Json) => path)
    expect(paths).toEqual(expect.arrayContaining(['/id', '/cpus']))
    for (const { errors } of invalid.body.details) expect(errors).toEqual([expect.any(String)])
    const again = await refused('/v2/apps', { id: '/shop/web', cmd: 'sleep 1' })
    expect([again.status, again.body.message, again.body.deployments]).toEqual([
      409,
      'An app with id [/shop/web] already exists.',
      undefined,
    ])
    await create('/huge', { cpus: 1000 })
    const locked = await server.ask('PUT', '/v2/apps//huge', '{"instances":1}', {
      ...headers,
      origin: server.url,
    })
    expect([locked.status, locked.body.deployments]).toEqual([409, [{ id: expect.any(String) }]])
  })
})
