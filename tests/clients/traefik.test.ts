// The Marathon provider of Traefik 2 (traefik/traefik, pkg/provider/marathon at 1502d20, config.go at 17f9e7d),
// built on go-marathon: one list of all apps at the start and after each of the events it listens for, and a server
// for every task that runs and is ready.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Conversation, converse, framesOf, mismatches } from './conversation.ts'
import { app as appType } from './go-marathon-types.ts'

const headers = {
  'user-agent': 'Go-http-client/1.1',
  'content-type': 'application/json',
  accept: 'application/json',
  'accept-encoding': 'gzip',
}
const heard = [
  'status_update_event',
  'health_status_changed_event',
  'failed_health_check_event',
  'app_terminated_event',
  'add_health_check_event',
  'deployment_success',
  'deployment_failed',
  'deployment_info',
  'deployment_step_success',
  'deployment_step_failure',
]

// biome-ignore lint/suspicious/noExplicitAny: answers of any shape
type Json = any

/** Its servers of an app: running tasks, by host unless the first network is a container's own, at their first port. */
function serversOf(app: Json): readonly string[] {
  return app.tasks
    .filter(({ state }: Json) => state === 'TASK_RUNNING')
    .map((task: Json) => {
      const isOwn = app.networks?.[0].mode === 'container'
      const defined: readonly number[] = (app.portDefinitions ?? []).map(({ port }: Json) => port)
      const ports: readonly number[] = task.ports.length > 0 ? task.ports : defined
      return `http://${isOwn ? task.ipAddresses[0].ipAddress : task.host}:${ports[0]}`
    })
}

describe('the provider of Traefik', () => {
  let server: Conversation
  beforeEach(async () => {
    server = await converse(headers)
  })
  afterEach(() => server.close())

  const apps = async (): Promise<readonly Json[]> => {
    const query = 'embed=apps.tasks&embed=apps.deployments&embed=apps.readiness'
    const { body } = await server.ask('GET', `/v2/apps?${query}`)
    expect(mismatches({ apps: [appType] }, body)).toEqual([])
    return body.apps
  }

  const web = {
    id: '/shop/web',
    cmd: 'sleep 3600',
    instances: 2,
    cpus: 0.1,
    mem: 32,
    labels: { 'traefik.enable': 'true', 'traefik.http.routers.web.rule': 'Host(`shop.example`)' },
    constraints: [['hostname', 'UNIQUE']],
    portDefinitions: [{ port: 0, name: 'http' }],
  }

  it('makes servers of the tasks that run', async () => {
    await server.ask('POST', '/v2/apps', JSON.stringify(web))
    expect((await apps()).map(serversOf)).toEqual([[]])
    await server.elapse(5000)
    const [app] = await apps()
    expect(app.labels).toEqual(web.labels)
    expect(app.constraints).toEqual([['hostname', 'UNIQUE']])
    const servers = serversOf(app)
    expect(servers).toHaveLength(2)
    for (const each of servers) expect(each).toMatch(/^http:\/\/agent-\d+\.example:\d+$/)
    // A port by its name is that of the definition: assigned, not 0.
    expect(app.portDefinitions[0]).toMatchObject({ name: 'http', port: expect.any(Number) })
    expect(app.portDefinitions[0].port).toBeGreaterThan(0)
  })

  it('decides who is ready by the deployments, the checks and the results of an app', async () => {
    const checked = { ...web, readinessChecks: [{ name: 'r', portName: 'http', timeoutSeconds: 7 }] }
    await server.ask('POST', '/v2/apps', JSON.stringify(checked))
    const [during] = await apps()
    expect(during.deployments).toEqual([{ id: expect.any(String) }])
    expect(during.readinessChecks[0].timeoutSeconds).toBe(7)
    expect(during.readinessCheckResults).toEqual([])
    await server.elapse(5000)
    const [after] = await apps()
    for (const { startedAt } of after.tasks) expect(Number.isNaN(Date.parse(startedAt))).toBe(false)
  })

  it('is told by events when to look again', async () => {
    const stream = await server.listen('/v2/events', { ...headers, accept: 'text/event-stream' })
    await server.ask('POST', '/v2/apps', JSON.stringify(web))
    await server.elapse(5000)
    await server.ask('DELETE', '/v2/apps/shop/web')
    await server.elapse(5000)
    await stream.until('event: app_terminated_event')
    await stream.until(`"taskStatus":"TASK_KILLED"`)
    const told = new Set(framesOf(stream.text()).map(({ data }) => JSON.parse(data).eventType))
    for (const type of [
      'status_update_event',
      'deployment_info',
      'deployment_step_success',
      'deployment_success',
    ]) {
      expect(heard).toContain(type)
      expect(told).toContain(type)
    }
    expect(await apps()).toEqual([])
  })
})
