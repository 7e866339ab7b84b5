// go-marathon 0.7.1 and after (gambol99/go-marathon at 94e7bcb), which Terraform's provider, the DC/OS command line
// and many deploy tools are built on: what its functions send, and what Go's decoder demands of the answers. It
// skips members it does not know and fails on a value of another type, of a fraction where an int is meant as well.
// Errors are read by status. The same functions were run once against this server from the original program.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Conversation, converse, framesOf, mismatches, type Shape } from './conversation.ts'
import {
  app,
  deployment,
  deploymentId,
  events,
  group,
  info,
  pod,
  podStatus,
  queue,
  strings,
  task,
} from './go-marathon-types.ts'

const headers = {
  'user-agent': 'Go-http-client/1.1',
  'content-type': 'application/json',
  accept: 'application/json',
  'accept-encoding': 'gzip',
}

// What it makes of an Application: ports and dependencies are written always, also when there are none.
const bare = { ports: null, dependencies: null }
const plain = JSON.stringify({
  id: '/plain',
  cmd: 'sleep 9',
  cpus: 0.1,
  instances: 2,
  mem: 32,
  ...bare,
})
const docker = JSON.stringify({
  id: '/web/front',
  container: {
    type: 'DOCKER',
    docker: {
      image: 'nginx:1',
      network: 'BRIDGE',
      portMappings: [{ containerPort: 80, hostPort: 0, protocol: 'tcp' }],
      forcePullImage: false,
      privileged: false,
    },
    volumes: [],
  },
  cpus: 0.1,
  healthChecks: [
    {
      portIndex: 0,
      path: '/',
      maxConsecutiveFailures: 3,
      protocol: 'HTTP',
      gracePeriodSeconds: 30,
      intervalSeconds: 5,
      timeoutSeconds: 5,
    },
  ],
  instances: 2,
  mem: 32,
  ...bare,
  labels: { x: 'y' },
  env: { A: 'b' },
})
const huge = JSON.stringify({ id: '/huge', cmd: 'sleep 9', cpus: 1000, instances: 2, mem: 32, ...bare })

/** What its error says, made of the body as it makes it for that status. */
// biome-ignore lint/suspicious/noExplicitAny: bodies of any shape
function sentenceOf({ status, body }: { readonly status: number; readonly body: any }): string {
  if (status === 400 || status === 422) {
    // A list, or the body is taken for something else.
    expect(mismatches([{ path: 'string', errors: ['string'] }], body.details)).toEqual([])
    const details = (body.details ?? []).map(
      ({ path, errors }: { path: string; errors: string[] }) =>
        `path: '${path}' errors: ${errors.join(', ')}`,
    )
    return `${body.message} (${details.join('; ')})`
  }
  if (status === 409 && body.deployments?.length > 0) {
    const ids = body.deployments.map(({ id }: { id: string }) => id)
    return `${body.message} (locking deployment IDs: ${ids.join(', ')})`
  }
  return body.message
}

describe('go-marathon', () => {
  let server: Conversation
  beforeEach(async () => {
    server = await converse(headers)
  })
  afterEach(() => server.close())

  const ask = async (shape: Shape, method: string, path: string, body?: string) => {
    const answer = await server.ask(method, path, body)
    expect([method, path, answer.status < 300 ? '' : answer.text]).toEqual([method, path, ''])
    expect(mismatches(shape, answer.body)).toEqual([])
    // Go reads no int from `2.0`.
    expect(answer.text).not.toMatch(/[:[,]\d+\.0+[,}\]]/)
    return answer.body
  }

  it('creates applications, waits for them and asks whether they are well', async () => {
    expect((await ask(app, 'POST', '/v2/apps', plain)).id).toBe('/plain')
    const front = await ask(app, 'POST', '/v2/apps', docker)
    expect(front.container.portMappings[0]).toMatchObject({ containerPort: 80, hostPort: 0 })
    const early = (await ask({ app }, 'GET', '/v2/apps/plain')).app
    expect(early.tasksRunning).toBe(0)
    await server.elapse(5000)
    const { app: later } = await ask({ app }, 'GET', '/v2/apps/plain')
    expect([later.tasksRunning, later.tasks.length]).toEqual([2, 2])
    // The place of the port it looks for is that of the port in a task.
    const { app: web } = await ask({ app }, 'GET', '/v2/apps/web/front')
    for (const each of web.tasks) expect(each.ports).toHaveLength(web.container.portMappings.length)
  })

  it('lists applications with what is embedded, in the order of its sorted queries', async () => {
    await ask(app, 'POST', '/v2/apps', plain)
    await server.elapse(3000)
    const query = 'embed=apps.tasks&embed=apps.deployments&embed=apps.readiness&embed=apps.taskStats'
    const [listed] = (await ask({ apps: [app] }, 'GET', `/v2/apps?${query}`)).apps
    expect(Object.keys(listed.taskStats)).toContain('totalSummary')
    const one = await ask({ app }, 'GET', '/v2/apps/plain?embed=app.taskStats&embed=app.counts')
    expect(one.app.taskStats.totalSummary.stats.counts.running).toBe(2)
  })

  it('reads versions, scales, goes back to a version and restarts', async () => {
    await ask(app, 'POST', '/v2/apps', plain)
    await server.elapse(3000)
    const { versions } = await ask({ versions: strings }, 'GET', '/v2/apps/plain/versions')
    expect((await ask(app, 'GET', `/v2/apps/plain/versions/${versions[0]}`)).cmd).toBe('sleep 9')
    const scaled = JSON.stringify({ id: '/plain', instances: 3, ...bare })
    await ask(deploymentId, 'PUT', '/v2/apps/plain', scaled)
    await server.elapse(3000)
    // An absent cpus is no cpus of 0, and null lists change nothing.
    const { app: more } = await ask({ app }, 'GET', '/v2/apps/plain')
    expect([more.instances, more.cpus, more.tasksRunning]).toEqual([3, 0.1, 3])
    expect(more.portDefinitions).toHaveLength(1)
    const { deploymentId: id } = await ask(
      deploymentId,
      'PUT',
      '/v2/apps/plain',
      JSON.stringify({ version: versions[0] }),
    )
    expect(
      (await ask([deployment], 'GET', '/v2/deployments')).map((each: { id: string }) => each.id),
    ).toEqual([id])
    await server.elapse(5000)
    expect(await ask([deployment], 'GET', '/v2/deployments')).toEqual([])
    await ask(deploymentId, 'POST', '/v2/apps/plain/restart?force=true', '{}')
    await ask(deploymentId, 'PUT', '/v2/apps/plain?force=true', plain)
    await ask(deploymentId, 'DELETE', '/v2/apps/plain?force=true')
  })

  it('kills tasks', async () => {
    await ask(app, 'POST', '/v2/apps', plain)
    await server.elapse(3000)
    const { tasks } = await ask({ tasks: [task] }, 'GET', '/v2/apps/plain/tasks')
    expect(tasks).toHaveLength(2)
    expect((await ask({ tasks: [task] }, 'GET', '/v2/tasks?status=running')).tasks).toHaveLength(2)
    await ask({}, 'POST', '/v2/tasks/delete?wipe=true', JSON.stringify({ ids: [tasks[0].id] }))
    await server.elapse(5000)
    expect((await ask({ tasks: [task] }, 'DELETE', '/v2/apps/plain/tasks?force=true')).tasks).toHaveLength(2)
    await server.elapse(5000)
    const [first] = (await ask({ tasks: [task] }, 'GET', '/v2/apps/plain/tasks')).tasks
    expect((await ask({ task }, 'DELETE', `/v2/apps/plain/tasks/${first.id}`)).task.id).toBe(first.id)
  })

  // It takes for the id of the app what is before the last dot of the id of a task, as they were before 1.8.
  it('is told which app does not exist when it kills a task by its id alone', async () => {
    await ask(app, 'POST', '/v2/apps', plain)
    await server.elapse(3000)
    const [first] = (await ask({ tasks: [task] }, 'GET', '/v2/apps/plain/tasks')).tasks
    const taken = first.id.slice(0, first.id.lastIndexOf('.')).replaceAll('_', '/')
    const answer = await server.ask('DELETE', `/v2/apps/${taken}/tasks/${first.id}?scale=true`)
    expect([answer.status, answer.body.message]).toEqual([404, `App '/${taken}' does not exist`])
  })

  it('reads the queue and the deployments of what cannot be placed, and reverts them', async () => {
    await ask(app, 'POST', '/v2/apps', huge)
    await server.elapse(3000)
    const [item] = (await ask(queue, 'GET', '/v2/queue')).queue
    expect([item.app.id, item.count, item.delay.overdue]).toEqual(['/huge', 2, true])
    await ask(queue, 'GET', '/v2/queue?embed=lastUnusedOffers')
    const reset = await server.ask('DELETE', '/v2/queue/huge/delay')
    expect([reset.status, reset.text]).toEqual([204, ''])
    const [waiting] = await ask([deployment], 'GET', '/v2/deployments')
    const locked = await server.ask(
      'PUT',
      '/v2/apps/huge',
      JSON.stringify({ id: '/huge', instances: 1, ...bare }),
    )
    expect(locked.status).toBe(409)
    expect(sentenceOf(locked)).toMatch(
      new RegExp(`^App is locked.* \\(locking deployment IDs: ${waiting.id}\\)$`),
    )
    await ask(deploymentId, 'DELETE', `/v2/deployments/${waiting.id}`)
    const [taking] = await ask([deployment], 'GET', '/v2/deployments')
    expect(
      (await server.ask('DELETE', `/v2/deployments/${taking?.id ?? waiting.id}?force=true`)).status,
    ).toBeOneOf([202, 404])
  })

  it.each([
    ['GET', '/v2/apps/nope', undefined, 404, "App '/nope' does not exist"],
    ['POST', '/v2/apps', plain, 409, 'An app with id [/plain] already exists.'],
    [
      'POST',
      '/v2/apps',
      JSON.stringify({ id: '/bad', ...bare }),
      422,
      "Object is not valid (path: '/' errors: AppDefinition must either contain one of 'cmd' or 'args', and/or a 'container'.)",
    ],
    ['POST', '/v2/apps', '{"id": 1}', 422, "Invalid JSON (path: '/id' errors: error.expected.jsstring)"],
    ['PUT', '/v2/info', '{}', 405, 'Method Not Allowed'],
  ])('makes an error of the answer to %s %s', async (method, path, body, status, sentence) => {
    await ask(app, 'POST', '/v2/apps', plain)
    const answer = await server.ask(method, path, body)
    expect([answer.status, sentenceOf(answer)]).toEqual([status, sentence])
  })

  // `""` is what its encoder makes of the body it does not have.
  it('creates, reads, changes and removes groups; some reads carry a body of ""', async () => {
    const grp = {
      id: '/grp',
      apps: [{ id: '/grp/a', cmd: 'sleep 9', cpus: 0.1, instances: 2, mem: 32, ...bare }],
      dependencies: [],
      groups: [],
    }
    await ask({}, 'POST', '/v2/groups', JSON.stringify(grp))
    await server.elapse(5000)
    const all = await ask(group, 'GET', '/v2/groups', '""')
    expect(all.groups.map(({ id }: { id: string }) => id)).toEqual(['/grp'])
    const read = await ask(group, 'GET', '/v2/groups/grp')
    const embedded = 'embed=group.apps&embed=group.apps.tasks'
    expect((await ask(group, 'GET', `/v2/groups/grp?${embedded}`)).apps[0].tasks).toHaveLength(2)
    expect((await server.ask('GET', '/v2/groups/grp', '""')).status).toBe(200)
    expect((await server.ask('GET', '/v2/groups/nope', '""')).status).toBe(404)
    // What it writes back of a group it read: the version of the group is not a member of its type.
    const written = { id: read.id, apps: read.apps, dependencies: read.dependencies, groups: [] }
    await ask(deploymentId, 'PUT', '/v2/groups/grp?force=true', JSON.stringify(written))
    await ask(deploymentId, 'DELETE', '/v2/groups/grp?force=true')
  })

  it('reads ping, info and leader, and makes it step down', async () => {
    expect((await server.ask('GET', '/ping')).status).toBe(200)
    await ask(info, 'GET', '/v2/info')
    expect((await ask({ leader: 'string' }, 'GET', '/v2/leader')).leader).toBe('m1.example:8080')
    expect((await ask({ message: 'string' }, 'DELETE', '/v2/leader')).message).toBe('Leadership abdicated')
  })

  it('finds that there are pods, with HEAD', async () => {
    expect((await server.ask('HEAD', '/v2/pods')).status).toBe(200)
  })

  it('creates a pod, waits until it is stable, changes and removes it', async () => {
    const wanted = (instances: number) =>
      JSON.stringify({
        id: '/pod',
        containers: [
          {
            name: 'c',
            exec: { command: { shell: 'sleep 9' } },
            resources: { cpus: 0.1, mem: 32, disk: 0, gpus: 0 },
          },
        ],
        scaling: { kind: 'fixed', instances },
      })
    expect((await ask(pod, 'POST', '/v2/pods', wanted(1))).id).toBe('/pod')
    await server.elapse(5000)
    const status = await ask(podStatus, 'GET', '/v2/pods/pod::status')
    expect([status.status, status.instances.length]).toEqual(['STABLE', 1])
    expect(await ask([podStatus], 'GET', '/v2/pods/::status')).toHaveLength(1)
    expect(await ask([pod], 'GET', '/v2/pods')).toHaveLength(1)
    const versions = await ask(strings, 'GET', '/v2/pods/pod::versions')
    await ask(pod, 'GET', `/v2/pods/pod::versions/${versions[0]}`)
    await ask(pod, 'PUT', '/v2/pods/pod?force=true', wanted(2))
    await server.elapse(5000)
    // The ids of instances are strings since 1.5, its type is that of 1.4: they go, and it cannot read which.
    const killed = await server.ask('DELETE', `/v2/pods/pod::instances/${status.instances[0].id}`)
    expect([killed.status, killed.body.instanceId]).toEqual([200, status.instances[0].id])
    const gone = await server.ask('DELETE', '/v2/pods/pod?force=true')
    // Without a body it takes the id of the deployment from the header.
    expect([gone.status, gone.text, gone.headers['marathon-deployment-id']]).toEqual([
      202,
      '',
      expect.stringMatching(/^[0-9a-f-]{36}$/),
    ])
  })

  it('listens to events', async () => {
    // Sent beside the type of JSON: the library sets its own Accept and leaves the rest.
    const stream = await server.listen('/v2/events', {
      ...headers,
      accept: 'text/event-stream',
      'cache-control': 'no-cache',
    })
    expect(stream.headers['content-type']).toMatch(/^text\/event-stream/)
    await ask(app, 'POST', '/v2/apps', plain)
    await server.elapse(3000)
    await ask(deploymentId, 'DELETE', '/v2/apps/plain?force=true')
    await server.elapse(3000)
    await stream.until('event: app_terminated_event')
    const frames = framesOf(stream.text())
    for (const { type, data } of frames) {
      const shape = events[type]
      if (shape !== undefined) expect([type, mismatches(shape, JSON.parse(data))]).toEqual([type, []])
      // It finds the kind of an event in the data, not in the line before.
      expect(JSON.parse(data).eventType).toBe(type)
    }
    const heard = new Set(frames.map(({ type }) => type))
    expect(Object.keys(events).filter((type) => !heard.has(type))).toEqual([])
  })
})

describe('go-marathon, called back', () => {
  it('looks whether its URL is subscribed, subscribes with a body of "", and unsubscribes', async () => {
    const server = await converse(headers, { settings: { eventSubscriber: 'http_callback' } })
    const url = 'http://10.0.0.7:10001/event'
    const path = '/v2/eventSubscriptions'
    expect((await server.ask('GET', path)).body).toEqual({ callbackUrls: [] })
    expect((await server.ask('POST', `${path}?callbackUrl=${url}`, '""')).status).toBe(200)
    expect((await server.ask('GET', path)).body).toEqual({ callbackUrls: [url] })
    expect((await server.ask('DELETE', `${path}?callbackUrl=${url}`)).status).toBe(200)
    expect((await server.ask('GET', path)).body).toEqual({ callbackUrls: [] })
    await server.close()
  })
})
