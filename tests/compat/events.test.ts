// Events as subscribers of the original read them: which come of what, in what order, naming what.

import { describe, expect, it } from 'vitest'
import { launchedTasks } from '../../src/core/mesos.ts'
import type { Notice } from '../../src/core/notices/notice.ts'
import { createScheduler } from '../../src/core/scheduler.ts'
import { defaultSettings } from '../../src/core/settings.ts'
import { after, millis } from '../../src/lib/instant.ts'
import { type Stack, startedAt, startStack } from './stack.ts'

/** What was told while `act` was under way and in the second after it. */
async function during(
  stack: Stack,
  act: () => Promise<{ readonly status: number }>,
): Promise<readonly Notice[]> {
  const before = stack.notices.length
  expect((await act()).status).toBeLessThan(300)
  await stack.elapse(1_000)
  return stack.notices.slice(before)
}

const ofType = (notices: readonly Notice[], type: string): readonly Notice['body'][] =>
  notices.filter((notice) => notice.type === type).map(({ body }) => body)

const a = { id: '/shop/a', cmd: 'sleep 600' }

describe('api_post_event (events-metrics-flags 1.1)', () => {
  it('comes of POST, PUT and PATCH of one app, with the app as it then is, and of nothing else', async () => {
    const stack = await startStack()
    const posts = async (...[method, url, body]: Parameters<Stack['send']>) =>
      ofType(await during(stack, () => stack.send(method, url, body)), 'api_post_event')
    expect(await posts('POST', '/v2/apps', a)).toMatchObject([
      { clientIp: '127.0.0.1', uri: '/v2/apps', appDefinition: { id: '/shop/a', instances: 1, role: '*' } },
    ])
    expect(await posts('PUT', '/v2/apps/shop/a', { instances: 2 })).toMatchObject([
      { uri: '/v2/apps/shop/a', appDefinition: { id: '/shop/a', cmd: 'sleep 600', instances: 2 } },
    ])
    expect(await posts('PATCH', '/v2/apps/shop/a', { instances: 3 })).toMatchObject([
      { appDefinition: { instances: 3 } },
    ])
    expect(await posts('PUT', '/v2/apps', [{ id: '/shop/a', instances: 4 }])).toEqual([])
    expect(await posts('PATCH', '/v2/apps', [{ id: '/shop/a', instances: 1 }])).toEqual([])
    expect(await posts('POST', '/v2/apps/shop/a/restart')).toEqual([])
    expect(await posts('DELETE', '/v2/apps/shop/a')).toEqual([])
    await stack.close()
  })
})

describe('api_post_event of the v1 API (rest-api 12.1)', () => {
  it('comes of start, scale and stop', async () => {
    const stack = await startStack()
    for (const [url, body] of [
      ['/v1/apps/start', { id: 'a', cmd: 'sleep 600', instances: '1' }],
      ['/v1/apps/scale', { id: 'a', instances: '2' }],
      ['/v1/apps/stop', { id: 'a' }],
    ] as const) {
      const told = await during(stack, () => stack.send('POST', url, body))
      expect(ofType(told, 'api_post_event')).toMatchObject([{ uri: url, appDefinition: { id: '/a' } }])
    }
    expect(
      ofType(await during(stack, () => stack.send('POST', '/v1/apps/stop', { id: 'a' })), 'api_post_event'),
    ).toEqual([])
    await stack.close()
  })
})

describe('group_change_success (events-metrics-flags 1.1, runtime 11)', () => {
  it('names the group whose content changed, and the version that is stored', async () => {
    const stack = await startStack()
    const changed = async (...[method, url, body]: Parameters<Stack['send']>) =>
      ofType(await during(stack, () => stack.send(method, url, body)), 'group_change_success').map(
        (event) => (event as { groupId?: string }).groupId,
      )
    expect(await changed('POST', '/v2/apps', a)).toEqual(['/shop'])
    expect(await changed('PUT', '/v2/apps/shop/a', { instances: 3 })).toEqual(['/shop'])
    expect(await changed('POST', '/v2/apps/shop/a/restart')).toEqual(['/shop'])
    expect(await changed('PUT', '/v2/apps', [{ id: '/shop/a', instances: 2 }])).toEqual(['/'])
    expect(await changed('DELETE', '/v2/apps/shop/a/tasks?scale=true&host=*')).toEqual(['/'])
    expect(await changed('DELETE', '/v2/apps/shop/a')).toEqual(['/shop'])
    expect(await changed('POST', '/v2/apps', { id: '/top', cmd: 'stuck' })).toEqual(['/'])
    await stack.close()
  })

  it('comes with versions of apps that can be read, until the app is removed', async () => {
    const stack = await startStack()
    const told = async (...[method, url, body]: Parameters<Stack['send']>) =>
      ofType(await during(stack, () => stack.send(method, url, body)), 'group_change_success').map(
        (event) => (event as { version?: string }).version,
      )
    const [created] = await told('POST', '/v2/apps', a)
    const [scaled] = await told('PUT', '/v2/apps/shop/a', { instances: 2 })
    const [changed] = await told('PUT', '/v2/apps/shop/a', { env: { A: '1' } })
    expect((await stack.send('GET', '/v2/apps/shop/a/versions')).body).toEqual({
      versions: [changed, scaled, created],
    })
    const infos = await Promise.all(
      [created, scaled, changed].map(async (version) => {
        const { body } = await stack.send('GET', `/v2/apps/shop/a/versions/${version}`)
        return [body.version, body.versionInfo.lastScalingAt, body.versionInfo.lastConfigChangeAt]
      }),
    )
    expect(infos).toEqual([
      [created, created, created],
      [scaled, scaled, created],
      [changed, changed, changed],
    ])
    await told('DELETE', '/v2/apps/shop/a')
    expect((await stack.send('GET', '/v2/apps/shop/a/versions')).status).toBe(404)
    expect((await stack.send('GET', `/v2/apps/shop/a/versions/${created}`)).status).toBe(404)
    await stack.close()
  })

  it('is group_change_failed with the reason when the change is refused', async () => {
    const stack = await startStack()
    await stack.send('POST', '/v2/apps', { ...a, cmd: 'stuck' })
    const before = stack.notices.length
    const { body } = await stack.send('PUT', '/v2/apps/shop/a', { instances: 2 })
    const told = stack.notices.slice(before)
    expect(ofType(told, 'group_change_failed')).toMatchObject([{ groupId: '/shop', reason: body.message }])
    expect(ofType(told, 'deployment_failed')).toMatchObject([{ reason: body.message }])
    expect(ofType(told, 'group_change_success')).toEqual([])
    await stack.close()
  })
})

describe('deployment events (events-metrics-flags 1.1)', () => {
  it('show the plan in its light form, and come in the order of the steps', async () => {
    const stack = await startStack()
    const told = await during(stack, () => stack.send('POST', '/v2/apps', a))
    const events = told.filter(({ type }) => type.startsWith('deployment_'))
    expect(events.map(({ type }) => type)).toEqual([
      'deployment_info',
      'deployment_step_success',
      'deployment_info',
      'deployment_step_success',
      'deployment_success',
    ])
    for (const { body } of events) {
      expect(Object.keys((body as unknown as { plan: object }).plan)).toEqual(['id', 'steps', 'version'])
    }
    await stack.close()
  })

  it('end with app_terminated_event and success when an app is removed', async () => {
    const stack = await startStack()
    await during(stack, () => stack.send('POST', '/v2/apps', a))
    const told = await during(stack, () => stack.send('DELETE', '/v2/apps/shop/a'))
    expect(ofType(told, 'app_terminated_event')).toMatchObject([{ appId: '/shop/a' }])
    expect(ofType(told, 'deployment_success')).toHaveLength(1)
    await stack.close()
  })
})

describe('the core alone', () => {
  const now = startedAt
  const scheduler = () =>
    createScheduler({ settings: defaultSettings, seed: 'compat', records: [], now, quarantines: false })
  const connected = { kind: 'engine-connected', frameworkId: 'F-1', master: 'm', holdsOffers: true } as const

  it('tells of the first connection, of its loss and of the next one', () => {
    const core = scheduler()
    const told: Notice[] = []
    for (const event of [connected, { kind: 'engine-disconnected' } as const, connected]) {
      core.step([event], now)
      told.push(...core.takeReady().notices)
    }
    expect(told.map(({ body }) => ({ ...body, timestamp: undefined }))).toEqual([
      { frameworkId: 'F-1', master: 'm', eventType: 'scheduler_registered_event' },
      { eventType: 'scheduler_disconnected_event' },
      { master: 'm', eventType: 'scheduler_reregistered_event' },
    ])
  })

  it('tells of a status first, then of the instance, then of its health; of a repeated one nothing', () => {
    const core = scheduler()
    const resources = [
      { name: 'cpus', role: '*', scalar: 4 },
      { name: 'mem', role: '*', scalar: 4096 },
      { name: 'ports', role: '*', ranges: [{ begin: 31_000, end: 31_010 }] },
    ]
    const offer = { id: 'O1', agentId: 'S1', hostname: 'n1.example', role: '*', resources, attributes: [] }
    const body = { id: '/a', cmd: 'serve' }
    const origin = { clientIp: '::1', uri: '/v2/apps' }
    core.step(
      [
        connected,
        { kind: 'offers', offers: [offer] },
        { kind: 'request', requestId: 1, request: { kind: 'create-app', body, force: false, origin } },
      ],
      now,
    )
    const launch = core.takeReady().effects.find((effect) => effect.kind === 'accept')
    const taskId = launch?.kind === 'accept' ? launch.operations.flatMap(launchedTasks)[0]!.taskId : ''
    const types = (healthy: boolean | undefined, uuid: string): string[] => {
      const at = after(now, millis(1_000))
      const status = {
        taskId,
        agentId: 'S1',
        state: 'TASK_RUNNING',
        timestamp: at,
        uuid,
        ...(healthy === undefined ? {} : { healthy }),
      } as const
      core.step([{ kind: 'status', status }], at)
      return core
        .takeReady()
        .notices.map(({ type }) => type)
        .filter((type) => !type.startsWith('deployment'))
    }
    expect(types(true, '1')).toEqual([
      'status_update_event',
      'instance_changed_event',
      'instance_health_changed_event',
    ])
    expect(types(true, '2')).toEqual([])
    expect(types(false, '3')).toContain('instance_health_changed_event')
    expect(types(false, '4')).toEqual([])
  })
})

describe('the event stream (events-metrics-flags 1.2)', () => {
  it('carries the life of an app from end to end', async () => {
    const stack = await startStack()
    await stack.server.listen({ host: '127.0.0.1', port: 0 })
    const { port } = stack.server.server.address() as { port: number }
    const leaving = new AbortController()
    const response = await fetch(`http://127.0.0.1:${port}/v2/events?plan-format=light`, {
      headers: { accept: 'text/event-stream' },
      signal: leaving.signal,
    })
    expect(response.headers.get('content-type')).toBe('text/event-stream;charset=utf-8')
    const types: string[] = []
    const reading = (async () => {
      let text = ''
      for await (const bytes of response.body!) {
        text += Buffer.from(bytes).toString('utf8')
        types.splice(0, types.length, ...[...text.matchAll(/^event: (\w+)\r$/gm)].map((match) => match[1]!))
      }
    })().catch(() => undefined)
    await expect.poll(() => types).toEqual(['event_stream_attached'])
    await during(stack, () => stack.send('POST', '/v2/apps', a))
    await during(stack, () => stack.send('DELETE', '/v2/apps/shop/a'))
    await expect.poll(() => types).toContain('app_terminated_event')
    await expect.poll(() => types.filter((type) => type === 'deployment_success')).toHaveLength(2)
    expect(types).toEqual(['event_stream_attached', ...stack.notices.slice(1).map(({ type }) => type)])
    leaving.abort()
    await reading
    await stack.close()
  })
})
