// `dcos marathon …` of dcos/dcos-core-cli 2.2 (at 11f2a26f). Half of its commands go through go-marathon or plain
// GETs in Go (app add, list, show, start, stop, restart, kill, version list; debug; deployment list), half through
// a client in Python (the rest). What either reads of the answers is looked at here; go-marathon's decoding has its
// own test.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Conversation, converse } from './conversation.ts'

const fromGo = { 'user-agent': 'dcos-cli', 'accept-encoding': 'gzip' }
const fromPython = {
  'user-agent': 'python-requests/2.24.0',
  'accept-encoding': 'gzip, deflate',
  accept: 'application/json',
  connection: 'keep-alive',
}
const withBody = { ...fromPython, 'content-type': 'application/json' }

const web = { id: '/web', cmd: 'sleep 3600', cpus: 0.1, mem: 32, instances: 2 }

// biome-ignore lint/suspicious/noExplicitAny: answers of any shape
type Json = any

describe('the DC/OS command line', () => {
  let server: Conversation
  beforeEach(async () => {
    server = await converse(fromGo)
  })
  afterEach(() => server.close())

  const get = async (path: string) => (await server.ask('GET', path)).body
  const python = async (method: string, path: string, body?: unknown) => {
    const text = body === undefined ? undefined : JSON.stringify(body)
    const answer = await server.ask(method, path, text, body === undefined ? fromPython : withBody)
    expect([method, path, answer.status < 300 ? '' : answer.text]).toEqual([method, path, ''])
    return answer
  }
  const add = async (definition: object) => {
    const id = (definition as typeof web).id
    // First whether it is there, then the collection with a slash at its end.
    const json = { ...fromGo, accept: 'application/json', 'content-type': 'application/json' }
    expect((await server.ask('GET', `/v2/apps/${id.slice(1)}`, undefined, json)).status).toBe(404)
    const added = await server.ask('POST', '/v2/apps/', JSON.stringify(definition), json)
    expect(added.status).toBe(201)
    await server.elapse(5000)
    return added.body
  }

  it('adds, lists and shows apps, also as they were', async () => {
    const added = await add(web)
    expect(added.deployments[0].id).toEqual(expect.any(String))
    expect((await get('/v2/apps')).apps.map(({ id }: Json) => id)).toEqual(['/web'])
    const { versions } = await get('/v2/apps/web/versions')
    expect(versions).toEqual([added.version])
    expect((await get(`/v2/apps/web/versions/${versions[0]}`)).id).toBe('/web')
    // The status alone says what was wrong.
    expect((await server.ask('GET', '/v2/apps/nope')).status).toBe(404)
    expect((await server.ask('GET', '/v2/apps/web/versions/yesterday')).status).toBe(422)
  })

  it('kills the tasks of an app, of one host as well', async () => {
    await add(web)
    const { tasks } = await get('/v2/tasks')
    const killed = (await server.ask('DELETE', `/v2/apps/web/tasks?host=${tasks[0].host}`)).body
    expect(killed.tasks.map(({ host }: Json) => host)).toEqual([tasks[0].host])
    expect((await server.ask('DELETE', '/v2/apps/nope/tasks')).status).toBe(404)
  })

  it('updates, removes and lists through Python', async () => {
    await add(web)
    const updated = (await python('PUT', '/v2/apps/web?force=true', { env: { A: 'b' } })).body
    expect(updated.deploymentId).toEqual(expect.any(String))
    await server.elapse(5000)
    expect((await python('POST', '/v2/apps/web/restart')).body.deploymentId).not.toBe(updated.deploymentId)
    await server.elapse(5000)
    const { tasks } = (await python('GET', '/v2/tasks')).body
    expect(tasks.filter(({ appId }: Json) => appId === '/web')).toHaveLength(2)
    const stopped = (await python('POST', '/v2/tasks/delete?wipe=true', { ids: [tasks[0].id] })).body
    expect(stopped.tasks.map(({ id }: Json) => id)).toEqual([tasks[0].id])
    await server.elapse(5000)
    await python('DELETE', '/v2/apps/web?force=true')
  })

  it('lists, rolls back and stops deployments, and resets delays', async () => {
    await add({ ...web, id: '/huge', cpus: 1000 })
    const [deployment] = await get('/v2/deployments')
    expect(deployment).toMatchObject({
      id: expect.any(String),
      affectedApps: ['/huge'],
      affectedPods: [],
      currentStep: 2,
      totalSteps: 2,
      version: expect.any(String),
    })
    expect((await python('DELETE', '/v2/queue/huge/delay')).status).toBe(204)
    expect((await python('DELETE', `/v2/deployments/${deployment.id}?force=true`)).text).toBe('')
  })

  it('debugs what waits by the reasons of offers', async () => {
    await add({ ...web, id: '/huge', cpus: 1000 })
    const { queue } = await get('/v2/queue?embed=lastUnusedOffers')
    expect(queue[0]).toMatchObject({ app: { id: '/huge', role: '*' }, count: 2, since: expect.any(String) })
    expect(queue[0].lastUnusedOffers.length).toBeGreaterThan(0)
    for (const { offer, reason } of queue[0].lastUnusedOffers) {
      expect([offer.hostname, reason]).toEqual([expect.any(String), ['InsufficientCpus']])
    }
    expect(queue[0].processedOffersSummary).toMatchObject({
      processedOffersCount: expect.any(Number),
      unusedOffersCount: expect.any(Number),
      rejectSummaryLaunchAttempt: expect.any(Array),
    })
  })

  it('debugs pods as well, and takes their resources and placement for granted', async () => {
    await python('POST', '/v2/pods', {
      id: '/pod',
      containers: [
        { name: 'c', exec: { command: { shell: 'sleep 9' } }, resources: { cpus: 1000, mem: 32 } },
      ],
    })
    await server.elapse(5000)
    const { queue } = await get('/v2/queue?embed=lastUnusedOffers')
    expect(queue[0].pod).toMatchObject({
      id: '/pod',
      executorResources: { cpus: expect.any(Number), mem: expect.any(Number), disk: expect.any(Number) },
      scheduling: { placement: {} },
    })
  })

  it('adds, shows, scales and removes groups through Python', async () => {
    const added = (await python('POST', '/v2/groups', { id: '/g', apps: [{ ...web, id: 'a' }] })).body
    expect(added.deploymentId).toEqual(expect.any(String))
    await server.elapse(5000)
    expect((await get('/v2/groups')).groups.map(({ id }: Json) => id)).toEqual(['/g'])
    const group = (await python('GET', '/v2/groups/g')).body
    expect((await python('GET', `/v2/groups/g/versions/${group.version}`)).body.apps).toHaveLength(1)
    expect((await python('PUT', '/v2/groups/g?force=true', { scaleBy: 0.5 })).body.deploymentId).toBeDefined()
    await server.elapse(5000)
    await python('PUT', '/v2/groups/g?force=true', { apps: [{ ...web, id: 'b' }] })
    await server.elapse(5000)
    await python('DELETE', '/v2/groups/g?force=true')
  })

  it('adds, shows, lists, kills and removes pods through Python', async () => {
    expect((await server.ask('HEAD', '/v2/pods', undefined, fromPython)).status).toBe(200)
    await python('POST', '/v2/pods', {
      id: '/pod',
      containers: [
        { name: 'c', exec: { command: { shell: 'sleep 9000' } }, resources: { cpus: 0.1, mem: 32 } },
      ],
    })
    await server.elapse(5000)
    const status = (await python('GET', '/v2/pods/pod::status')).body
    const [listed] = (await python('GET', '/v2/pods/::status')).body
    for (const { id, status: state, instances, spec } of [status, listed]) {
      expect([id, state, instances.length, spec.containers[0].name]).toEqual(['/pod', 'STABLE', 1, 'c'])
    }
    const killed = (await python('DELETE', '/v2/pods/pod::instances', [status.instances[0].id])).body
    expect(killed).toHaveLength(1)
    await python('DELETE', '/v2/pods/pod?force=true')
  })

  it('asks about the server', async () => {
    expect((await get('/v2/info')).name).toBe('marathon')
    expect((await python('GET', '/v2/leader')).body.leader).toBe('m1.example:8080')
    expect((await python('GET', '/v2/plugins')).body.plugins).toEqual([])
    expect((await server.ask('GET', '/ping')).text).toBe('pong')
    expect((await python('DELETE', '/v2/leader')).body.message).toBe('Leadership abdicated')
  })
})
