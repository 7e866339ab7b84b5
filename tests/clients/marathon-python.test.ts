// marathon-python 0.13.0 (thefactory/marathon-python at 1850734), the client of most Python tools: what its
// MarathonClient sends through `requests`, and what its models read. They are made with the members of an answer as
// keyword arguments: a member they have no parameter for is a TypeError. The names below are those parameters.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Conversation, converse, unknownMembers } from './conversation.ts'

const headers = {
  'user-agent': 'python-requests/2.24.0',
  'accept-encoding': 'gzip, deflate',
  accept: 'application/json',
  connection: 'keep-alive',
  'content-type': 'application/json',
}

const known = {
  app: `acceptedResourceRoles args backoffFactor backoffSeconds cmd constraints container cpus dependencies
    deployments disk env executor healthChecks id role instances killSelection labels lastTaskFailure
    maxLaunchDelaySeconds mem ports requirePorts storeUrls taskRateLimit tasks tasksRunning tasksStaged tasksHealthy
    taskKillGracePeriodSeconds tasksUnhealthy upgradeStrategy unreachableStrategy uris user version versionInfo
    ipAddress fetch taskStats readinessChecks readinessCheckResults secrets portDefinitions residency gpus networks`,
  task: `appId healthCheckResults host id ports servicePorts slaveId stagedAt startedAt version ipAddresses state
    localVolumes region zone role`,
  ipAddress: 'ipAddress protocol',
  taskFailure: 'appId host message taskId instanceId slaveId state timestamp version',
  upgradeStrategy: 'maximumOverCapacity minimumHealthCapacity',
  unreachableStrategy:
    'unreachableInactiveAfterSeconds unreachableExpungeAfterSeconds inactiveAfterSeconds expungeAfterSeconds',
  versionInfo: 'lastScalingAt lastConfigChangeAt',
  taskStats: 'startedAfterLastScaling withLatestConfig withOutdatedConfig totalSummary',
  taskStatsOfVersion: 'stats',
  stats: 'counts lifeTime',
  portDefinition: 'port protocol name labels',
  container: 'docker type portMappings volumes',
  portMapping: 'name containerPort hostPort servicePort protocol labels',
  deployment: 'affectedApps currentActions currentStep id steps totalSteps version affectedPods',
  step: 'actions',
  action: 'action app apps type readinessCheckResults pod',
  group: 'apps dependencies groups id pods version enforceRole',
  info: `eventSubscriber frameworkId http_config leader marathon_config name version elected zookeeper_config
    buildref`,
  marathonConfig: `checkpoint executor failover_timeout framework_name ha hostname leader_proxy_connection_timeout_ms
    leader_proxy_read_timeout_ms local_port_min local_port_max maintenance_mode master mesos_leader_ui_url mesos_role
    mesos_user new_group_enforce_role webui_url reconciliation_initial_delay reconciliation_interval
    task_launch_timeout marathon_store_timeout task_reservation_timeout features access_control_allow_origin
    decline_offer_duration default_network_name env_vars_prefix launch_token launch_token_refresh_interval
    max_instances_per_offer mesos_bridge_name mesos_heartbeat_failure_threshold mesos_heartbeat_interval
    min_revive_offers_interval offer_matching_timeout on_elected_prepare_timeout revive_offers_for_new_apps
    revive_offers_repetitions scale_apps_initial_delay scale_apps_interval store_cache task_launch_confirm_timeout
    task_lost_expunge_initial_delay task_lost_expunge_interval`,
  zookeeperConfig: `zk zk_future_timeout zk_hosts zk_max_versions zk_path zk_session_timeout zk_state zk_timeout
    zk_connection_timeout zk_compression zk_compression_threshold zk_max_node_size`,
  httpConfig: 'assets_path http_port https_port',
}

// biome-ignore lint/suspicious/noExplicitAny: answers of any shape
type Json = any

const refusedOf = (kind: keyof typeof known, value: Json): readonly string[] =>
  value === undefined ? [] : unknownMembers(value, known[kind]).map((name) => `${kind}.${name}`)

const refusedOfTask = (task: Json): readonly string[] => [
  ...refusedOf('task', task),
  ...(task.ipAddresses ?? []).flatMap((address: Json) => refusedOf('ipAddress', address)),
]

/** What the model of an app refuses, nested models included. */
const refusedOfApp = (app: Json): readonly string[] => [
  ...refusedOf('app', app),
  ...(app.tasks ?? []).flatMap(refusedOfTask),
  ...(app.portDefinitions ?? []).flatMap((port: Json) => refusedOf('portDefinition', port)),
  ...refusedOf('container', app.container),
  ...(app.container?.portMappings ?? []).flatMap((port: Json) => refusedOf('portMapping', port)),
  ...refusedOf('taskFailure', app.lastTaskFailure),
  ...refusedOf('upgradeStrategy', app.upgradeStrategy),
  ...refusedOf('unreachableStrategy', app.unreachableStrategy),
  ...refusedOf('versionInfo', app.versionInfo),
  ...(app.deployments ?? []).flatMap((deployment: Json) => refusedOf('deployment', deployment)),
]

const refusedOfDeployment = (deployment: Json): readonly string[] => [
  ...refusedOf('deployment', deployment),
  ...deployment.currentActions.flatMap((action: Json) => refusedOf('action', action)),
  ...deployment.steps.flatMap((step: Json) => [
    ...refusedOf('step', step),
    ...step.actions.flatMap((action: Json) => refusedOf('action', action)),
  ]),
]

const refusedOfGroup = (group: Json): readonly string[] => [
  ...refusedOf('group', group),
  ...group.apps.flatMap(refusedOfApp),
  ...group.groups.flatMap(refusedOfGroup),
]

// What `to_json(minimal=True)` leaves of an app: sorted, without None and empty lists.
const app = JSON.stringify({
  cmd: 'sleep 100',
  constraints: [['hostname', 'LIKE', '.*']],
  cpus: 0.1,
  healthChecks: [{ portIndex: 0, protocol: 'TCP' }],
  id: 'my-app',
  instances: 2,
  mem: 16,
})
const huge = '{"cmd": "sleep 1", "cpus": 1000, "id": "huge", "instances": 1, "mem": 16}'
const timestamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

describe('marathon-python', () => {
  let server: Conversation
  beforeEach(async () => {
    server = await converse(headers)
  })
  afterEach(() => server.close())

  const create = async () => {
    const created = await server.ask('POST', '/v2/apps', app)
    await server.elapse(60_000)
    return created
  }

  it('creates an app: 201 and a model of it', async () => {
    const created = await create()
    expect(created.status).toBe(201)
    expect(refusedOfApp(created.body)).toEqual([])
    expect(created.body.id).toBe('/my-app')
    expect(created.body.version).toMatch(timestamp)
    expect(created.body.deployments).toHaveLength(1)
    expect(created.body.constraints).toEqual([['hostname', 'LIKE', '.*']])
  })

  it.each([
    ['ConflictError', 'POST', '/v2/apps', app, 409, 'An app with id [/my-app] already exists.'],
    ['MarathonHttpError', 'POST', '/v2/apps', '{"id": "bad", "mem": 16}', 422, 'Object is not valid'],
    ['NotFoundError', 'GET', '/v2/apps/nope', undefined, 404, "App '/nope' does not exist"],
  ])('raises %s with the message of the body', async (_, method, path, body, status, message) => {
    await create()
    const answer = await server.ask(method, path, body)
    expect([answer.status, answer.body.message]).toEqual([status, message])
    expect(answer.headers['content-type']).toContain('application/json')
    if (status === 422) expect(answer.body.details).toEqual([{ path: '/', errors: [expect.any(String)] }])
  })

  // The client says `app.…` for lists as well.
  it.each(['tasks', 'counts', 'deployments', 'readiness', 'lastTaskFailure', 'failures'])(
    'lists and gets apps with app.%s embedded',
    async (embed) => {
      await create()
      await server.ask('POST', '/v2/apps', huge)
      const list = await server.ask('GET', `/v2/apps?embed=app.${embed}`)
      expect(list.body.apps.map(({ id }: Json) => id)).toEqual(['/huge', '/my-app'])
      expect(list.body.apps.flatMap(refusedOfApp)).toEqual([])
      const one = await server.ask('GET', `/v2/apps/my-app?embed=app.${embed}`)
      expect(refusedOfApp(one.body.app)).toEqual([])
      expect(one.body.app.tasks).toHaveLength(2)
      expect(one.body.app.tasksRunning).toBe(2)
    },
  )

  it('finds statistics of tasks where it looks for them', async () => {
    await create()
    const { apps } = (await server.ask('GET', '/v2/apps?embed=app.taskStats')).body
    // As with Marathon 1.9 to 1.11, whose own name for it the model has no parameter for.
    expect(refusedOfApp(apps[0])).toEqual(['app.tasksStats'])
    const { taskStats } = apps[0]
    expect(refusedOf('taskStats', taskStats)).toEqual([])
    expect(refusedOf('taskStatsOfVersion', taskStats.totalSummary)).toEqual([])
    expect(refusedOf('stats', taskStats.totalSummary.stats)).toEqual([])
    expect(taskStats.totalSummary.stats.counts).toEqual({ staged: 0, running: 2, healthy: 2, unhealthy: 0 })
  })

  it('filters apps by command, id and label', async () => {
    await create()
    await server.ask('POST', '/v2/apps', huge)
    const idsOf = async (query: string) =>
      (await server.ask('GET', `/v2/apps?${query}`)).body.apps.map(({ id }: Json) => id)
    expect(await idsOf('cmd=sleep+100')).toEqual(['/my-app'])
    expect(await idsOf('id=hug')).toEqual(['/huge'])
    expect(await idsOf('label=a%3D%3Db')).toEqual([])
  })

  it('polls deployments and the queue while something waits', async () => {
    await server.ask('POST', '/v2/apps', huge)
    await server.elapse(3000)
    const deployments = (await server.ask('GET', '/v2/deployments')).body
    expect(deployments).toHaveLength(1)
    expect(deployments.flatMap(refusedOfDeployment)).toEqual([])
    expect(deployments[0].affectedApps).toEqual(['/huge'])
    // Its model of a queue item knows no `role`, which Marathon has given since 1.9; what it does know is there.
    const { queue } = (await server.ask('GET', '/v2/queue?embed=lastUnusedOffers')).body
    expect(queue[0]).toMatchObject({
      count: 1,
      delay: { timeLeftSeconds: 0, overdue: true },
      since: expect.stringMatching(timestamp),
      app: { id: '/huge' },
      processedOffersSummary: {},
    })
    expect(queue[0].lastUnusedOffers.length).toBeGreaterThan(0)
    expect(refusedOfApp(queue[0].app)).toEqual([])
    expect((await server.ask('DELETE', '/v2/queue/huge/delay')).status).toBe(204)
    const locked = await server.ask('PUT', '/v2/apps/huge?force=False', '{"cpus": 0.1}')
    expect([locked.status, locked.body.deployments]).toEqual([409, [{ id: deployments[0].id }]])
    const cancelled = await server.ask('DELETE', `/v2/deployments/${deployments[0].id}?force=True`)
    expect([cancelled.status, cancelled.text]).toEqual([202, ''])
  })

  it('reverts a deployment', async () => {
    const { deployments } = (await server.ask('POST', '/v2/apps', huge)).body
    const reverted = await server.ask('DELETE', `/v2/deployments/${deployments[0].id}`)
    expect(Object.keys(reverted.body)).toEqual(['deploymentId', 'version'])
    await server.elapse(3000)
    expect((await server.ask('GET', '/v2/apps/huge')).status).toBe(404)
  })

  it('scales, writes a whole app back, restarts and rolls back; Python spells the flags False and True', async () => {
    const first = (await create()).body.version
    const ask = async (method: string, path: string, body?: unknown) => {
      const answer = await server.ask(method, path, body === undefined ? undefined : JSON.stringify(body))
      expect([answer.status, answer.body]).toEqual([
        200,
        { deploymentId: expect.any(String), version: expect.stringMatching(timestamp) },
      ])
      await server.elapse(60_000)
    }
    await ask('PUT', '/v2/apps/my-app?force=False', { instances: 3 })
    const read = async () => (await server.ask('GET', '/v2/apps/my-app')).body.app
    expect((await read()).instances).toBe(3)
    // A model that was read, without its version; with minimal=False also what is empty or None.
    const { version: _, tasks: __, ...whole } = await read()
    await ask('PUT', '/v2/apps/my-app?force=True', { ...whole, cmd: 'sleep 200' })
    await ask('PUT', '/v2/apps?force=True', [{ ...whole, cmd: 'sleep 300', version: null, tasks: [] }])
    await ask('PUT', '/v2/apps/my-app?force=True', {
      ...whole,
      args: null,
      env: {},
      uris: [],
      ports: [],
      portDefinitions: whole.portDefinitions,
      storeUrls: [],
      taskRateLimit: null,
      taskStats: null,
      tasks: [],
      version: null,
    })
    await ask('POST', '/v2/apps/my-app/restart?force=False')
    const { versions } = (await server.ask('GET', '/v2/apps/my-app/versions')).body
    expect(versions.at(-1)).toBe(first)
    const old = (await server.ask('GET', `/v2/apps/my-app/versions/${first}`)).body
    expect([old.cmd, old.instances, refusedOfApp(old)]).toEqual(['sleep 100', 2, []])
    await ask('PUT', '/v2/apps/my-app?force=False', { version: first })
    expect((await read()).instances).toBe(2)
    await ask('DELETE', '/v2/apps/my-app?force=False')
  })

  it('lists tasks and their endpoints', async () => {
    await create()
    for (const path of ['/v2/tasks', '/v2/apps/my-app/tasks']) {
      const { tasks } = (await server.ask('GET', path)).body
      expect(tasks).toHaveLength(2)
      expect(tasks.flatMap(refusedOfTask)).toEqual([])
      for (const task of tasks) {
        expect(task).toMatchObject({ appId: '/my-app', state: 'TASK_RUNNING' })
        expect([task.stagedAt, task.startedAt]).toEqual([
          expect.stringMatching(timestamp),
          expect.stringMatching(timestamp),
        ])
      }
      // An endpoint is a port and, at the same place, a service port.
      if (path === '/v2/tasks') {
        for (const task of tasks) expect(task.servicePorts).toHaveLength(task.ports.length)
      }
    }
  })

  it('kills one task, all of an app, given ones, and scales by it', async () => {
    await create()
    const [first] = (await server.ask('GET', '/v2/apps/my-app/tasks')).body.tasks
    const one = await server.ask('DELETE', `/v2/apps/my-app/tasks/${first.id}?scale=False&wipe=False`)
    expect([one.status, one.body.task.id, refusedOfTask(one.body.task)]).toEqual([200, first.id, []])
    await server.elapse(10_000)
    const all = await server.ask('DELETE', '/v2/apps/my-app/tasks?scale=False&wipe=False')
    expect([all.status, all.body.tasks.length, all.body.tasks.flatMap(refusedOfTask)]).toEqual([200, 2, []])
    await server.elapse(10_000)
    const ids = (await server.ask('GET', '/v2/tasks')).body.tasks.map(({ id }: Json) => id)
    expect((await server.ask('POST', '/v2/tasks/delete?scale=False', JSON.stringify({ ids }))).status).toBe(
      200,
    )
    await server.elapse(10_000)
    const scaled = await server.ask('DELETE', '/v2/apps/my-app/tasks?scale=True&wipe=False')
    expect(Object.keys(scaled.body)).toEqual(['deploymentId', 'version'])
  })

  it('creates, reads, changes, scales and removes groups', async () => {
    const group = {
      apps: [{ cmd: 'sleep 1', cpus: 0.1, id: 'a', mem: 16 }],
      groups: [{ id: 'n' }],
      id: '/g',
    }
    const result = { deploymentId: expect.any(String), version: expect.stringMatching(timestamp) }
    const created = await server.ask('POST', '/v2/groups', JSON.stringify(group))
    expect([created.status, created.body]).toEqual([201, result])
    await server.elapse(5000)
    const { groups } = (await server.ask('GET', '/v2/groups')).body
    expect(groups.map(({ id }: Json) => id)).toEqual(['/g'])
    expect(groups.flatMap(refusedOfGroup)).toEqual([])
    const read = (await server.ask('GET', '/v2/groups/g')).body
    expect(refusedOfGroup(read)).toEqual([])
    expect((await server.ask('PUT', '/v2/groups/g', '{"scaleBy": 2}')).body).toEqual(result)
    await server.elapse(5000)
    expect((await server.ask('GET', '/v2/groups/g')).body.apps[0].instances).toBe(2)
    const { version: _, groups: __, ...written } = (await server.ask('GET', '/v2/groups/g')).body
    expect((await server.ask('PUT', '/v2/groups/g?force=False', JSON.stringify(written))).body).toEqual(
      result,
    )
    await server.elapse(5000)
    expect((await server.ask('DELETE', '/v2/groups/g?force=False')).body).toEqual(result)
  })

  it('reads info, leader, ping and metrics', async () => {
    const info = (await server.ask('GET', '/v2/info')).body
    expect([
      ...refusedOf('info', info),
      ...refusedOf('marathonConfig', info.marathon_config),
      ...refusedOf('zookeeperConfig', info.zookeeper_config),
      ...refusedOf('httpConfig', info.http_config),
    ]).toEqual([])
    expect((await server.ask('GET', '/v2/leader')).body).toEqual({ leader: 'm1.example:8080' })
    expect((await server.ask('GET', '/ping')).text).toBe('"pong"')
    expect((await server.ask('GET', '/metrics')).body.version).toBe('4.0.0')
    expect((await server.ask('DELETE', '/v2/leader')).body.message).toBe('Leadership abdicated')
  })

  it('reads the event stream line by line', async () => {
    const own = { ...headers, accept: 'text/event-stream' }
    const { 'content-type': _, ...stream } = own
    const events = await server.listen('/v2/events?event_type=status_update_event', stream)
    expect([events.status, events.headers['content-encoding']]).toEqual([200, undefined])
    await create()
    await events.until('TASK_RUNNING')
    const read = events
      .text()
      .split(/\r\n|\r|\n/)
      .map((line) => /^([^:]*):(.*)$/.exec(line) ?? [])
      .filter(([, field]) => field === 'data')
      .map(([, , data]) => JSON.parse(data!.trim()))
    expect(read.length).toBeGreaterThan(0)
    for (const event of read) {
      expect(event).toMatchObject({
        eventType: 'status_update_event',
        timestamp: expect.stringMatching(timestamp),
        appId: '/my-app',
        host: expect.any(String),
        slaveId: expect.any(String),
        taskStatus: expect.stringMatching(/^TASK_/),
      })
      expect(event.ipAddresses.flatMap((address: Json) => refusedOf('ipAddress', address))).toEqual([])
    }
  })
})

describe('marathon-python, of what posts events', () => {
  it('subscribes a URL, lists it and takes it away', async () => {
    const server = await converse(headers, { settings: { eventSubscriber: 'http_callback' } })
    const query = '/v2/eventSubscriptions?callbackUrl=http%3A%2F%2F127.0.0.1%3A9%2Fcb'
    const url = 'http://127.0.0.1:9/cb'
    expect((await server.ask('POST', query)).body).toMatchObject({
      eventType: 'subscribe_event',
      callbackUrl: url,
    })
    expect((await server.ask('GET', '/v2/eventSubscriptions')).body).toEqual({ callbackUrls: [url] })
    expect((await server.ask('DELETE', query)).body).toMatchObject({
      eventType: 'unsubscribe_event',
      callbackUrl: url,
    })
    await server.close()
  })
})
