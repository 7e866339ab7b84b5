// marathon-lb 1.15.0 (mesosphere/marathon-lb at 9e669ec): marathon_lb.py reads all apps with their tasks whenever
// one of three events comes, and makes backends of them; zdd.py replaces an app by another beside it. What it takes
// without looking whether it is there is what these tests look at.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Conversation, converse } from './conversation.ts'

const headers = {
  'user-agent': 'marathon-lb',
  'accept-encoding': 'gzip, deflate',
  accept: 'application/json',
  connection: 'keep-alive',
  'content-type': 'application/json',
}

// biome-ignore lint/suspicious/noExplicitAny: answers of any shape
type Json = any

interface Backend {
  readonly servicePort: number
  readonly host: string
  readonly port: number
}

/** Its own reading of apps: the mode of the last network, service ports by mode, ports of tasks by place. */
function backendsOf(apps: readonly Json[]): readonly Backend[] {
  return apps.flatMap((app) => {
    const mode = (app.networks ?? []).at(-1)?.mode ?? 'host'
    const mappings: readonly Json[] = app.container?.portMappings ?? []
    const isMapped = mode !== 'host' && mappings.length > 0
    const servicePorts: readonly number[] = isMapped
      ? mappings.map(({ servicePort }) => servicePort)
      : app.portDefinitions.map(({ port }: Json) => port)
    return app.tasks
      .filter(({ host }: Json) => host !== '')
      .filter(({ state }: Json) => state === 'TASK_RUNNING')
      .flatMap((task: Json) => {
        const ports: readonly number[] =
          mode === 'container' ? mappings.map(({ containerPort }) => containerPort) : task.ports
        const host = mode === 'container' ? task.ipAddresses[0].ipAddress : task.host
        return servicePorts.map((servicePort, at) => ({ servicePort, host, port: ports[at]! }))
      })
  })
}

describe('marathon-lb', () => {
  let server: Conversation
  beforeEach(async () => {
    server = await converse(headers)
  })
  afterEach(() => server.close())

  const send = async (method: string, path: string, body: unknown) => {
    const answer = await server.ask(method, path, JSON.stringify(body))
    expect([method, path, answer.status < 300 ? '' : answer.text]).toEqual([method, path, ''])
    await server.elapse(5000)
    return answer.body
  }
  const listed = async () => {
    const { body } = await server.ask('GET', '/v2/apps?embed=apps.tasks')
    // A `message` anywhere at the top is taken for an error.
    expect(Object.keys(body)).toEqual(['apps'])
    return body.apps as readonly Json[]
  }

  it('makes backends of apps on the network of the host', async () => {
    await send('POST', '/v2/apps', {
      id: '/web',
      cmd: 'sleep 3600',
      instances: 2,
      cpus: 0.1,
      mem: 32,
      labels: { HAPROXY_GROUP: 'external', HAPROXY_0_VHOST: 'web.example' },
      portDefinitions: [{ port: 10_104 }, { port: 0 }],
    })
    const apps = await listed()
    const [web] = apps
    expect(web.labels).toEqual({ HAPROXY_GROUP: 'external', HAPROXY_0_VHOST: 'web.example' })
    const backends = backendsOf(apps)
    expect(backends).toHaveLength(4)
    const [fixed, given] = web.portDefinitions.map(({ port }: Json) => port)
    expect([fixed, given > 0]).toEqual([10_104, true])
    expect(new Set(backends.map(({ servicePort }) => servicePort))).toEqual(new Set([fixed, given]))
    for (const { host, port } of backends) {
      expect([host, port]).toEqual([expect.stringMatching(/^agent-/), expect.any(Number)])
    }
  })

  it('makes backends of containers behind a bridge and on a network of their own', async () => {
    const container = (portMappings: readonly unknown[]) => ({ type: 'MESOS', portMappings })
    await send('POST', '/v2/apps', {
      id: '/bridged',
      cmd: 'sleep 3600',
      cpus: 0.1,
      mem: 32,
      networks: [{ mode: 'container/bridge' }],
      container: container([{ containerPort: 80, hostPort: 0, servicePort: 10_080 }]),
    })
    await send('POST', '/v2/apps', {
      id: '/own',
      cmd: 'sleep 3600',
      cpus: 0.1,
      mem: 32,
      networks: [{ mode: 'container', name: 'calico' }],
      container: container([{ containerPort: 8080, servicePort: 10_081 }]),
    })
    const apps = await listed()
    expect(apps.map(({ networks }) => networks.at(-1).mode)).toEqual(['container/bridge', 'container'])
    expect(backendsOf(apps)).toEqual([
      { servicePort: 10_080, host: expect.stringMatching(/^agent-/), port: apps[0].tasks[0].ports[0] },
      { servicePort: 10_081, host: expect.stringMatching(/^\d+\.\d+\.\d+\.\d+$/), port: 8080 },
    ])
  })

  it('finds all it wants of health checks', async () => {
    await send('POST', '/v2/apps', {
      id: '/checked',
      cmd: 'sleep 3600',
      cpus: 0.1,
      mem: 32,
      portDefinitions: [{ port: 0 }],
      healthChecks: [{ protocol: 'HTTP', path: '/', portIndex: 0 }],
    })
    const [app] = await listed()
    expect(app.healthChecks[0]).toMatchObject({
      protocol: 'HTTP',
      path: '/',
      portIndex: 0,
      timeoutSeconds: 20,
      intervalSeconds: 60,
      gracePeriodSeconds: 300,
      maxConsecutiveFailures: 3,
    })
    // A list, whatever has been checked: each result says whether it is alive.
    expect(app.tasks[0].healthCheckResults).toEqual(expect.any(Array))
    expect((await server.ask('GET', '/v2/tasks')).body.tasks[0]).toMatchObject({ appId: '/checked' })
  })

  it('reads events by lines that begin with "data: ", through curl', async () => {
    const query = 'plan-format=light&event_type=api_post_event&event_type=status_update_event'
    const stream = await server.listen(`/v2/events?${query}`, {
      'user-agent': 'PycURL/7.43.0 libcurl/7.52.1',
      accept: 'text/event-stream',
      'accept-encoding': 'gzip',
      'cache-control': 'no-cache',
    })
    expect(stream.status).toBe(200)
    await send('POST', '/v2/apps', { id: '/web', cmd: 'sleep 3600', cpus: 0.1, mem: 32 })
    await stream.until('TASK_RUNNING')
    const types = stream
      .text()
      .split(/\r\n|\n|\r/)
      .filter((line) => line.startsWith('data: '))
      .map((line) => JSON.parse(line.slice('data: '.length)).eventType)
    expect(new Set(types)).toEqual(new Set(['api_post_event', 'status_update_event']))
  })

  describe('replacing an app without a moment of none', () => {
    const blue = {
      id: '/web-blue',
      cmd: 'sleep 3600',
      instances: 3,
      cpus: 0.1,
      mem: 32,
      labels: {
        HAPROXY_DEPLOYMENT_GROUP: 'web',
        HAPROXY_DEPLOYMENT_ALT_PORT: '10001',
        HAPROXY_DEPLOYMENT_COLOUR: 'blue',
        HAPROXY_APP_ID: 'web',
      },
      portDefinitions: [{ port: 10_000 }],
    }

    it('starts the other beside it, kills some of the old and scales by them, and removes the rest', async () => {
      await send('POST', '/v2/apps', blue)
      const green = {
        ...blue,
        id: '/web-green',
        instances: 1,
        labels: {
          ...blue.labels,
          HAPROXY_DEPLOYMENT_COLOUR: 'green',
          HAPROXY_DEPLOYMENT_STARTED_AT: '2031-04-02T09:15:20.480Z',
          HAPROXY_DEPLOYMENT_TARGET_INSTANCES: '3',
        },
        portDefinitions: [{ port: 10_001 }],
      }
      const created = await send('POST', '/v2/apps', green)
      expect(created.deployments).toHaveLength(1)
      // Which of two of a group is the newer, it sees by the time of the last scaling.
      for (const { versionInfo } of await listed()) expect(versionInfo.lastScalingAt).toMatch(/Z$/)
      const { app } = (await server.ask('GET', '/v2/apps/web-blue')).body
      const ids = app.tasks.map(({ id }: Json) => id).slice(0, 1)
      const killed = await send('POST', '/v2/tasks/delete?scale=true', { ids })
      expect(killed.deploymentId).toEqual(expect.any(String))
      await send('PUT', '/v2/apps/web-green', { instances: 3 })
      expect((await server.ask('DELETE', '/v2/apps/web-blue')).body.deploymentId).toEqual(expect.any(String))
      await server.elapse(5000)
      const apps = await listed()
      expect(apps.map(({ id, instances, tasks }) => [id, instances, tasks.length])).toEqual([
        ['/web-green', 3, 3],
      ])
    })
  })
})
