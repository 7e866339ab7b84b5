// The client against the description of the API: every call has a method, which makes exactly that call, over a socket.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MarathonClient } from '../../client/client.ts'
import { ApiError } from '../../client/errors.ts'
import { operationId } from '../../src/http/openapi/document.ts'
import { operations } from '../../src/http/openapi/operations.ts'
import { operationOf } from '../support/checked-answers.ts'
import { fakeApi } from '../support/fake-api.ts'

type Make = (client: MarathonClient) => Promise<unknown>

const id = '/shop/web'
const version = '2031-04-02T09:15:20.480Z'
const app = { id, cmd: 'serve' }
const bytes = new TextEncoder().encode('bytes')

const calls: Readonly<Record<string, Make>> = {
  getV2Apps: (client) => client.apps({ label: 'tier==front', embed: ['apps.tasks', 'apps.counts'] }),
  getV2AppsAll: (client) => client.appsBeneath('/'),
  getV2AppsIdAll: (client) => client.appsBeneath('/shop', { embed: ['tasks'] }),
  postV2Apps: (client) => client.addApp(app, { force: true }),
  putV2Apps: (client) => client.replaceApps([app]),
  patchV2Apps: (client) => client.changeApps([app]),
  getV2AppsId: (client) => client.app(id),
  putV2AppsId: (client) => client.replaceApp(id, app),
  patchV2AppsId: (client) => client.changeApp(id, { instances: 2 }, { ifMatch: version }),
  deleteV2AppsId: (client) => client.removeApp(id),
  postV2AppsIdRestart: (client) => client.restartApp(id),
  getV2AppsIdExplain: (client) => client.explainApp(id),
  getV2AppsIdVersions: (client) => client.appVersions(id),
  getV2AppsIdVersionsVersion: (client) => client.appVersion(id, version),
  getV2AppsIdTasks: (client) => client.tasks(id),
  deleteV2AppsIdTasks: (client) => client.killTasksOf(id, { host: 'n1', wipe: true }),
  deleteV2AppsIdTasksTaskId: (client) => client.killTask(id, 'shop_web.1'),
  getV2Tasks: (client) => client.tasks(),
  postV2TasksDelete: (client) => client.killTasks(['shop_web.1'], { scale: true }),
  getV2TasksTaskIdLogsStream: (client) => client.log('shop_web.1', 'stdout', { offset: -10, limit: 10 }),
  getV2Groups: (client) => client.groups.get(),
  postV2Groups: (client) => client.groups.add({ id: '/shop' }),
  putV2Groups: (client) => client.groups.change('/', { groups: [] }),
  deleteV2Groups: (client) => client.groups.remove('/'),
  getV2GroupsApps: (client) => client.groups.apps(),
  getV2GroupsVersions: (client) => client.groups.versions(),
  getV2GroupsVersionsVersion: (client) => client.groups.version('/', version),
  getV2GroupsId: (client) => client.groups.get('/shop', { embed: ['group.apps'] }),
  putV2GroupsId: (client) => client.groups.change('/shop', { scaleBy: 2 }),
  patchV2GroupsId: (client) => client.groups.enforceRole('/shop', true),
  deleteV2GroupsId: (client) => client.groups.remove('/shop', { force: true }),
  getV2GroupsIdApps: (client) => client.groups.apps('/shop'),
  getV2GroupsIdVersions: (client) => client.groups.versions('/shop'),
  getV2GroupsIdVersionsVersion: (client) => client.groups.version('/shop', version),
  getV2Pods: (client) => client.pods.list(),
  postV2Pods: (client) => client.pods.add({ id: '/pair' }),
  getV2PodsStatus: (client) => client.pods.statuses(),
  getV2PodsId: (client) => client.pods.get('/shop/pair'),
  putV2PodsId: (client) => client.pods.replace('/shop/pair', { id: '/shop/pair' }),
  deleteV2PodsId: (client) => client.pods.remove('/shop/pair'),
  getV2PodsIdStatus: (client) => client.pods.status('/shop/pair'),
  getV2PodsIdExplain: (client) => client.pods.explain('/shop/pair'),
  getV2PodsIdVersions: (client) => client.pods.versions('/shop/pair'),
  getV2PodsIdVersionsVersion: (client) => client.pods.version('/shop/pair', version),
  deleteV2PodsIdInstances: (client) => client.pods.kill('/shop/pair', ['a.instance-1'], { wipe: true }),
  deleteV2PodsIdInstancesInstanceId: (client) => client.pods.killOne('/shop/pair', 'a.instance-1'),
  getV2DeploymentsDeploymentIdExplain: (client) => client.explainDeployment('5b0f'),
  getV2Deployments: (client) => client.deployments(),
  postV2DeploymentsDeploymentIdPause: (client) => client.pauseDeployment('5b0f'),
  postV2DeploymentsDeploymentIdResume: (client) => client.resumeDeployment('5b0f'),
  postV2DeploymentsDeploymentIdPromote: (client) => client.promoteDeployment('5b0f', { all: true }),
  deleteV2DeploymentsDeploymentId: (client) => client.cancelDeployment('5b0f'),
  getV2Queue: (client) => client.queue({ embed: ['lastUnusedOffers'] }),
  deleteV2QueueIdDelay: (client) => client.resetDelay(id),
  getV2Agents: (client) => client.agents(),
  getV2AgentsAgentId: (client) => client.agent('a1'),
  postV2AgentsAgentIdUnplug: (client) => client.unplug('a1'),
  postV2AgentsAgentIdPlug: (client) => client.plug('a1'),
  getV2Events: async (client) => (await client.events(['api_post_event'])).return(undefined),
  getV2EventSubscriptions: (client) => client.server.eventSubscriptions(),
  postV2EventSubscriptions: (client) => client.server.subscribe('http://h/'),
  deleteV2EventSubscriptions: (client) => client.server.unsubscribe('http://h/'),
  getV2ArtifactsFile: (client) => client.server.artifact('site/a.tgz'),
  putV2ArtifactsFile: (client) => client.server.putArtifact('site/a.tgz', bytes),
  deleteV2ArtifactsFile: (client) => client.server.removeArtifact('site/a.tgz'),
  getV2Info: (client) => client.server.info(),
  getV2Leader: (client) => client.server.leader(),
  deleteV2Leader: (client) => client.server.abdicate(),
  getV2Plugins: (client) => client.server.plugins(),
  getPing: (client) => client.server.ping(),
  getMetrics: (client) => client.server.metrics(),
  getMetricsPrometheus: (client) => client.server.prometheus(),
  getConfig: (client) => client.server.config(),
  getLogging: (client) => client.server.logging(),
  postLogging: (client) => client.server.setLogging({ logger: 'http', level: 'debug', durationSeconds: 60 }),
  getV2Schemas: (client) => client.server.schemas(),
  getV2SchemasName: (client) => client.server.schema('app'),
  getPublicApiV2OpenapiJson: (client) => client.server.description(),
  getV1Apps: (client) => client.v1.apps(),
  postV1AppsStart: (client) => client.v1.start({ id: 'web' }),
  postV1AppsScale: (client) => client.v1.scale('web', 2),
  postV1AppsStop: (client) => client.v1.stop('web'),
  getV1AppsSearch: (client) => client.v1.search({ id: 'web' }),
  getV1AppsIdTasks: (client) => client.v1.tasksOf('shop/web'),
  getV1Endpoints: (client) => client.v1.endpoints(),
  getV1EndpointsId: (client) => client.v1.endpoint('shop/web'),
  getV1Tasks: (client) => client.v1.tasks(),
  postV1TasksKill: (client) => client.v1.kill({ appId: 'web', host: '*' }),
  getV1DebugIsLeader: (client) => client.v1.isLeader(),
  getV1DebugLeaderUrl: (client) => client.v1.leaderUrl(),
}

/** Other ways to the same: a second spelling, a form for browsers, a group by its path instead of its id. */
const elsewhere = ['getV2SchemaName', 'postV2Artifacts', 'postV2ArtifactsFile', 'postV2GroupsId']

const plans: readonly (readonly [string, Make])[] = [
  ['POST /v2/apps?dryRun=true', (client) => client.plans.addApp(app)],
  ['PATCH /v2/apps/shop/web?dryRun=true', (client) => client.plans.changeApp(id, {})],
  ['PUT /v2/apps/shop/web?dryRun=true&partialUpdate=false', (client) => client.plans.replaceApp(id, app)],
  ['PATCH /v2/apps?dryRun=true', (client) => client.plans.changeApps([app])],
  ['POST /v2/apps/shop/web/restart?dryRun=true', (client) => client.plans.restartApp(id)],
  ['DELETE /v2/apps/shop/web?dryRun=true', (client) => client.plans.removeApp(id)],
  ['POST /v2/groups?dryRun=true', (client) => client.plans.addGroup({ id: 'shop' })],
  ['PUT /v2/groups/shop?dryRun=true', (client) => client.plans.changeGroup('/shop', { scaleBy: 2 })],
  ['DELETE /v2/groups/shop?dryRun=true', (client) => client.plans.removeGroup('/shop')],
  ['POST /v2/pods?dryRun=true', (client) => client.plans.addPod({ id: '/pair' })],
  ['PUT /v2/pods/pair?dryRun=true', (client) => client.plans.replacePod('/pair', { id: '/pair' })],
  ['DELETE /v2/pods/pair?dryRun=true', (client) => client.plans.removePod('/pair')],
]

describe('the client', () => {
  const { server } = fakeApi({})
  const asked: { readonly method: string; readonly url: string; readonly ifMatch: unknown }[] = []
  let client: MarathonClient
  beforeAll(async () => {
    server.addHook('onRequest', async ({ method, url, headers }) => {
      asked.push({ method, url, ifMatch: headers['if-match'] })
    })
    await server.listen({ host: '127.0.0.1', port: 0 })
    const address = server.server.address()
    const port = typeof address === 'object' ? address?.port : undefined
    client = new MarathonClient({ url: `http://127.0.0.1:${port}` })
  })
  afterAll(() => server.close())

  async function made(make: Make) {
    asked.length = 0
    try {
      await make(client)
    } catch (error) {
      // What the server makes of it is shown elsewhere.
      if (!(error instanceof ApiError)) throw error
      expect(['unreachable', 'foreign']).not.toContain(error.failure.kind)
    }
    expect(asked).toHaveLength(1)
    return asked[0]!
  }

  it('has every call but those to pages and plugins', () => {
    const wanted = operations
      .filter(({ tag, path }) => tag !== 'Pages' && !path.startsWith('/v2/plugins/'))
      .map(operationId)
    expect([...Object.keys(calls), ...elsewhere].sort()).toEqual(wanted.sort())
  })

  it.each(Object.entries(calls))('makes %s', async (name, make) => {
    const { method, url } = await made(make)
    expect(operationId(operationOf(method, url)!)).toBe(name)
  })

  it.each(plans)('asks for a plan by %s', async (call, make) => {
    const { method, url } = await made(make)
    expect(`${method} ${url}`).toBe(call)
  })

  it('names the version a change is made on as an entity tag', async () => {
    expect((await made(calls['patchV2AppsId']!)).ifMatch).toBe(`"${version}"`)
    expect((await made(calls['postV2Apps']!)).ifMatch).toBeUndefined()
  })

  it('tells that another version is in force', async () => {
    const refusal = { kind: 'precondition-failed', id, version } as const
    const refusing = fakeApi({ outcome: async () => ({ kind: 'refused', refusal }) }).server
    await refusing.listen({ host: '127.0.0.1', port: 0 })
    const address = refusing.server.address()
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
    const change = new MarathonClient({ url }).changeApp(id, {}, { ifMatch: '2031-01-01T00:00:00.000Z' })
    await expect(change).rejects.toMatchObject({ failure: { kind: 'conflict', deployments: [] } })
    await refusing.close()
  })

  it('sends only what was asked for', async () => {
    expect((await made((made) => made.app('a/b c/d'))).url).toBe('/v2/apps/a/b%20c/d')
    expect((await made((made) => made.apps())).url).toBe('/v2/apps')
    expect((await made((made) => made.removeApp('a'))).url).toBe('/v2/apps/a?force=false')
    expect((await made(calls['getV2Apps']!)).url).toBe(
      '/v2/apps?label=tier%3D%3Dfront&embed=apps.tasks&embed=apps.counts',
    )
  })
})
