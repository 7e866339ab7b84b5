// Health checks as clients see them: in tasks, in counts and statistics, in lists and under their tags, and as events
// (app-definition 2, 5; events-metrics-flags 1.1). The cases are those of the original's tests of them.

import { describe, expect, it } from 'vitest'
import { type Stack, startStack } from './stack.ts'

const port = { portDefinitions: [{ port: 0, name: 'http' }] }
const http = { protocol: 'HTTP', path: '/health', gracePeriodSeconds: 3, intervalSeconds: 1 }

const appOf = (cmd: string, healthChecks: readonly object[] = [http], more: object = {}): object => ({
  id: '/web',
  cmd,
  ...port,
  healthChecks,
  ...more,
})

/** The app a while after its creation. */
async function created(app: object, seconds: number): Promise<Stack> {
  const stack = await startStack()
  expect((await stack.send('POST', '/v2/apps', app)).status).toBe(201)
  await stack.elapse(seconds * 1_000)
  return stack
}

const countsOf = async (stack: Stack) => {
  const { tasksStaged, tasksRunning, tasksHealthy, tasksUnhealthy } = (
    await stack.send('GET', '/v2/apps//web')
  ).body.app
  return [tasksStaged, tasksRunning, tasksHealthy, tasksUnhealthy]
}
const resultsOf = async (stack: Stack) =>
  (await stack.send('GET', '/v2/apps//web/tasks')).body.tasks[0].healthCheckResults
const deploymentsOf = async (stack: Stack) => (await stack.send('GET', '/v2/deployments')).body
const time = expect.stringMatching(/^2031-04-02T09:1\d:\d\d\.\d{3}Z$/)

describe('an app with health checks', () => {
  it.each([
    ['by HTTP', http],
    ['by HTTP at a port named', { ...http, portIndex: undefined, port: 31_000 }],
    ['by HTTPS', { ...http, protocol: 'HTTPS' }],
    ['by TCP', { protocol: 'TCP', gracePeriodSeconds: 3, intervalSeconds: 1 }],
    ['by Mesos HTTP', { ...http, protocol: 'MESOS_HTTP', delaySeconds: 1 }],
    ['by Mesos TCP', { protocol: 'MESOS_TCP', delaySeconds: 1, intervalSeconds: 1 }],
    [
      'by a command',
      { protocol: 'COMMAND', command: { value: 'true' }, delaySeconds: 1, intervalSeconds: 1 },
    ],
  ])('%s is deployed once it is healthy', async (_, check) => {
    // One agent with one free port: the one the check names.
    const stack = await created(
      appOf('sleep 600', [check], { requirePorts: true, portDefinitions: [{ port: 31_000, name: 'http' }] }),
      0.5,
    )
    expect(await countsOf(stack)).toEqual([0, 1, 0, 0])
    expect(await deploymentsOf(stack)).toHaveLength(1)
    await stack.elapse(5_000)
    expect(await countsOf(stack)).toEqual([0, 1, 1, 0])
    expect(await deploymentsOf(stack)).toEqual([])
    await stack.close()
  })

  it('shows in each task what its check found', async () => {
    const stack = await created(appOf('sleep 600'), 3)
    const { tasks } = (await stack.send('GET', '/v2/tasks')).body
    expect(tasks[0].healthCheckResults).toEqual([
      {
        alive: true,
        consecutiveFailures: 0,
        firstSuccess: time,
        instanceId: `instance [${tasks[0].id.replace(/\._app\.1$/, '')}]`,
        lastSuccess: time,
      },
    ])
    expect((await stack.send('GET', '/v2/apps//web/tasks')).body.tasks[0].healthCheckResults).toEqual(
      tasks[0].healthCheckResults,
    )
    expect((await stack.send('GET', '/v2/apps//web')).body.app.tasks[0].healthCheckResults).toEqual(
      tasks[0].healthCheckResults,
    )
    await stack.close()
  })

  it('that fails is unhealthy: counted so, with the cause, and not deployed', async () => {
    const stack = await created(
      appOf('unhealthy', [{ ...http, maxConsecutiveFailures: 0 }], { instances: 2 }),
      10,
    )
    expect(await countsOf(stack)).toEqual([0, 2, 0, 2])
    const [result] = await resultsOf(stack)
    expect(result).toMatchObject({
      alive: false,
      lastFailure: time,
      lastFailureCause: '503 Service Unavailable',
    })
    expect(result.consecutiveFailures).toBeGreaterThan(4)
    expect(result).not.toHaveProperty('firstSuccess')
    expect(await deploymentsOf(stack)).toHaveLength(1)
    const { app } = (await stack.send('GET', '/v2/apps//web?embed=apps.taskStats')).body
    expect(app.tasksStats.totalSummary.stats.counts).toEqual({
      staged: 0,
      running: 2,
      healthy: 0,
      unhealthy: 2,
    })
    await stack.close()
  })

  it('that fails in its grace period has a result with nothing in it', async () => {
    const stack = await created(appOf('unhealthy', [{ ...http, gracePeriodSeconds: 60 }]), 5)
    const { tasks } = (await stack.send('GET', '/v2/apps//web/tasks')).body
    expect(tasks[0].healthCheckResults).toEqual([
      { alive: false, consecutiveFailures: 0, instanceId: expect.stringMatching(/^instance \[web\./) },
    ])
    expect(await countsOf(stack)).toEqual([0, 1, 0, 1])
    await stack.close()
  })

  it('is neither healthy nor unhealthy without any', async () => {
    const stack = await created(appOf('sleep 600', []), 10)
    expect(await countsOf(stack)).toEqual([0, 1, 0, 0])
    expect(await resultsOf(stack)).toEqual([])
    await stack.close()
  })

  it.each([
    ['Marathon', http],
    ['Mesos', { ...http, protocol: 'MESOS_HTTP', delaySeconds: 1 }],
  ])('that turns bad is killed and replaced in place (%s)', async (_, check) => {
    const stack = await created(appOf('unhealthy after 10 s', [{ ...check, maxConsecutiveFailures: 2 }]), 8)
    const [before] = (await stack.send('GET', '/v2/apps//web/tasks')).body.tasks
    expect(await countsOf(stack)).toEqual([0, 1, 1, 0])
    await stack.elapse(8_000)
    const [after] = (await stack.send('GET', '/v2/apps//web/tasks')).body.tasks
    expect(after.id).toBe(before.id.replace(/1$/, '2'))
    await stack.close()
  })

  it('that was killed says why', async () => {
    const stack = await created(appOf('unhealthy after 10 s', [{ ...http, maxConsecutiveFailures: 2 }]), 16)
    const killed = stack.notices.find(({ type }) => type === 'unhealthy_instance_kill_event')
    expect(killed?.body).toMatchObject({ appId: '/web', reason: '503 Service Unavailable' })
    expect((await stack.send('GET', '/v2/apps//web')).body.app.lastTaskFailure).toMatchObject({
      state: 'TASK_KILLED',
      message: 'Task was killed since health check failed. Reason: 503 Service Unavailable',
      taskId: killed?.body['taskId'],
    })
    await stack.close()
  })

  it('can be rolled back from a version that never gets healthy', async () => {
    const stack = await created(appOf('sleep 600'), 5)
    const update = await stack.send('PUT', '/v2/apps//web', { cmd: 'unhealthy' })
    await stack.elapse(30_000)
    expect(await deploymentsOf(stack)).toHaveLength(1)
    expect((await countsOf(stack))[2]).toBe(1)
    await stack.send('DELETE', `/v2/deployments/${update.body.deploymentId}`)
    await stack.elapse(10_000)
    expect(await deploymentsOf(stack)).toEqual([])
    expect(await countsOf(stack)).toEqual([0, 1, 1, 0])
    await stack.close()
  })
})

describe('what is polled', () => {
  it('has another tag when health has turned, and the same while it only lasts', async () => {
    const stack = await created(appOf('unhealthy after 80 s', [{ ...http, maxConsecutiveFailures: 0 }]), 40)
    const tagOf = async (url: string) => (await stack.server.inject({ method: 'GET', url })).headers.etag
    const urls = ['/v2/apps?embed=apps.tasks', '/v2/tasks', '/v2/apps']
    const before = await Promise.all(urls.map(tagOf))
    await stack.elapse(5_000)
    expect(await Promise.all(urls.map(tagOf))).toEqual(before)
    const { apps } = (await stack.send('GET', '/v2/apps?embed=apps.counts')).body
    expect(apps[0]).toMatchObject({ tasksHealthy: 1, tasksUnhealthy: 0 })
    await stack.elapse(40_000)
    const later = await Promise.all(urls.map(tagOf))
    for (const [i, tag] of later.entries()) expect(tag).not.toBe(before[i])
    expect((await stack.send('GET', '/v2/apps?embed=apps.counts')).body.apps[0]).toMatchObject({
      tasksHealthy: 0,
      tasksUnhealthy: 1,
    })
    expect((await stack.send('GET', '/v2/tasks')).body.tasks[0].healthCheckResults[0].alive).toBe(false)
    await stack.close()
  })

  it('shows a success at most half a minute late', async () => {
    const stack = await created(appOf('sleep 600'), 100)
    const [{ lastSuccess }] = await resultsOf(stack)
    const lag = stack.now() - Date.parse(lastSuccess)
    expect(lag).toBeLessThanOrEqual(31_000)
    await stack.close()
  })
})

describe('the events of health checks', () => {
  it('have the fields of the original', async () => {
    const stack = await created(appOf('unhealthy after 10 s', [{ ...http, maxConsecutiveFailures: 1 }]), 14)
    const bodies = (type: string) =>
      stack.notices.filter((notice) => notice.type === type).map(({ body }) => body)
    const [add] = bodies('add_health_check_event')
    expect(Object.keys(add!)).toEqual(['appId', 'eventType', 'healthCheck', 'timestamp', 'version'])
    expect(add!['healthCheck']).toMatchObject({ protocol: 'HTTP', path: '/health', portIndex: 0 })
    const [failed] = bodies('failed_health_check_event')
    expect(Object.keys(failed!)).toEqual(['appId', 'eventType', 'healthCheck', 'taskId', 'timestamp'])
    expect(failed!['taskId']).toMatch(/^web\.instance-[0-9a-f-]{36}$/)
    const turned = bodies('health_status_changed_event')
    expect(turned.slice(0, 2).map((body) => body['alive'])).toEqual([true, false])
    expect(Object.keys(turned[0]!)).toEqual([
      'appId',
      'instanceId',
      'version',
      'alive',
      'eventType',
      'timestamp',
    ])
    const [kill] = bodies('unhealthy_instance_kill_event')
    expect(Object.keys(kill!)).toEqual([
      'appId',
      'taskId',
      'instanceId',
      'version',
      'reason',
      'host',
      'slaveId',
      'eventType',
      'timestamp',
    ])
    await stack.send('DELETE', '/v2/apps//web')
    await stack.elapse(1_000)
    expect(Object.keys(bodies('remove_health_check_event')[0]!)).toEqual(['appId', 'eventType', 'timestamp'])
    await stack.close()
  })
})
