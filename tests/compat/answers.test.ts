// Answers that depend on how the server is set up, or on what happened before: limits, embeds, secrets, statistics.

import { describe, expect, it } from 'vitest'
import { buildOffer } from '../support/build-placement.ts'
import { fakeApi } from '../support/fake-api.ts'
import { fakeApp, fakeNow } from '../support/fake-view.ts'
import { startStack } from './stack.ts'

describe('running deployments (rest-api 1.4, events-metrics-flags 3.2)', () => {
  it('are limited: one more is 403, with force too, and is counted as dismissed', async () => {
    const stack = await startStack({ settings: { maxRunningDeployments: 1 } })
    const message =
      'Max number (1) of running deployments is achieved. Wait for existing deployments to complete or cancel one' +
      'using force=true parameter. You can increase max deployment number by using --max_running_deployments ' +
      'parameter but be advised that this can have negative effects on the performance.'
    expect((await stack.send('POST', '/v2/apps', { id: '/a', cmd: 'stuck' })).status).toBe(201)
    expect(await stack.send('POST', '/v2/apps', { id: '/b', cmd: 'sleep 600' })).toEqual({
      status: 403,
      body: { message },
    })
    expect(await stack.send('PUT', '/v2/apps/a?force=true', { cmd: 'sleep 600' })).toEqual({
      status: 403,
      body: { message },
    })
    const { counters } = (await stack.send('GET', '/metrics')).body
    expect(counters['marathon.deployments.counter']).toEqual({ count: 1 })
    expect(counters['marathon.deployments.dismissed.counter']).toEqual({ count: 2 })
    await stack.close()
  })
})

describe('concurrent requests (rest-api 1.1)', () => {
  it('are not limited unless a limit is given', async () => {
    const stack = await startStack()
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        stack.send('POST', '/v2/apps', { id: `/a-${n}`, cmd: 'sleep 600' }),
      ),
    )
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201))
    await stack.close()
  })

  it('of callers who are not known are turned away first, and do not count', async () => {
    const credentials = { user: 'ann', password: 'secret' }
    const stack = await startStack({ options: { credentials, maxConcurrentRequests: 0 } })
    expect((await stack.send('GET', '/ping')).status).toBe(401)
    const authorization = `Basic ${Buffer.from('ann:secret').toString('base64')}`
    const known = await stack.server.inject({ url: '/ping', headers: { authorization } })
    expect(known.statusCode).toBe(503)
    expect(known.headers['cache-control']).toBe('no-cache, no-store, must-revalidate')
    await stack.close()
  })
})

describe('embed (rest-api 2)', () => {
  const always = ['tasksStaged', 'tasksRunning', 'tasksHealthy', 'tasksUnhealthy', 'deployments']
  const adds: readonly (readonly [string, readonly string[]])[] = [
    ['tasks', ['tasks']],
    ['deployments', []],
    ['counts', []],
    ['readiness', ['readinessCheckResults']],
    ['lastTaskFailure', ['lastTaskFailure']],
    ['failures', ['tasks', 'lastTaskFailure']],
    ['taskStats', ['tasksStats', 'taskStats']],
    ['nonsense', []],
    ['Tasks', []],
  ]

  it('adds the members of its name, with any prefix of any release; unknown names add nothing', async () => {
    const stack = await startStack()
    await stack.send('POST', '/v2/apps', { id: '/a', cmd: 'exit 1 after 1 s', backoffSeconds: 0 })
    await stack.elapse(5_000)
    const plain = Object.keys((await stack.send('GET', '/v2/apps')).body.apps[0])
    expect(plain.slice(plain.indexOf('role') + 1)).toEqual(always)
    for (const [name, members] of adds) {
      for (const prefix of ['', 'app.', 'apps.', 'group.apps.']) {
        const { body } = await stack.send('GET', `/v2/apps?embed=${prefix}${name}`)
        expect([prefix + name, Object.keys(body.apps[0])]).toEqual([prefix + name, [...plain, ...members]])
      }
    }
    const one = Object.keys((await stack.send('GET', '/v2/apps/a?embed=app.readiness&embed=x')).body.app)
    expect(one).toEqual([...plain, 'readinessCheckResults', 'tasks', 'lastTaskFailure'])
    await stack.close()
  })
})

describe('statistics of tasks (app-definition 2)', () => {
  it('go by version: since the last scaling, of the configuration in force, of earlier ones, all', async () => {
    const stack = await startStack()
    const stats = async () =>
      (await stack.send('GET', '/v2/apps?embed=apps.taskStats')).body.apps[0].tasksStats
    const group = (running: number, ...ages: number[]) => ({
      stats: {
        counts: { staged: 0, running, healthy: 0, unhealthy: 0 },
        lifeTime: {
          averageSeconds: ages.reduce((sum, age) => sum + age, 0) / ages.length,
          medianSeconds: ages[Math.floor(ages.length / 2)],
        },
      },
    })
    await stack.send('POST', '/v2/apps', { id: '/a', cmd: 'sleep 600', instances: 2 })
    const staged = { stats: { counts: { staged: 2, running: 0, healthy: 0, unhealthy: 0 } } }
    expect(await stats()).toEqual({
      startedAfterLastScaling: staged,
      withLatestConfig: staged,
      totalSummary: staged,
    })
    await stack.elapse(1_100)
    await stack.send('PUT', '/v2/apps/a', { instances: 3 })
    await stack.elapse(1_100)
    // The first two began to run at 0.1 s, the third 0.1 s after it was asked for at 1.1 s.
    expect(await stats()).toEqual({
      startedAfterLastScaling: group(1, 1),
      withLatestConfig: group(3, 1, 2.1, 2.1),
      totalSummary: group(3, 1, 2.1, 2.1),
    })
    await stack.send('PUT', '/v2/apps/a', { cmd: 'stuck' })
    await stack.elapse(1_000)
    const changed = await stats()
    expect(changed.withOutdatedConfig).toEqual(group(3, 2, 3.1, 3.1))
    expect(changed.withLatestConfig.stats).not.toHaveProperty('lifeTime')
    expect(changed.totalSummary.stats.counts.running).toBe(3)
    await stack.close()
  })

  it('are empty for an app without tasks', async () => {
    const stack = await startStack()
    await stack.send('POST', '/v2/apps', { id: '/a', cmd: 'sleep 600', instances: 0 })
    const { body } = await stack.send('GET', '/v2/apps?embed=taskStats')
    expect(body.apps[0].tasksStats).toEqual({})
    await stack.close()
  })
})

describe('secrets (rest-api 2)', () => {
  it('need not be sent again when only the environment changes', async () => {
    const stack = await startStack({ settings: { enabledFeatures: new Set(['secrets']) } })
    const secrets = { password: { source: '/db/password' } }
    const env = { PASSWORD: { secret: 'password' } }
    await stack.send('POST', '/v2/apps', { id: '/a', cmd: 'sleep 600', instances: 0, env, secrets })
    const changed = { ...env, MODE: 'live' }
    expect((await stack.send('PUT', '/v2/apps/a?force=true', { env: changed })).status).toBe(200)
    expect((await stack.send('GET', '/v2/apps/a')).body.app).toMatchObject({ env: changed, secrets })
    const unknown = await stack.send('PUT', '/v2/apps/a?force=true', { env: { X: { secret: 'other' } } })
    expect(unknown).toEqual({
      status: 422,
      body: {
        message: 'Object is not valid',
        details: [{ path: '/env/X/secret', errors: ['references an undefined secret'] }],
      },
    })
    await stack.close()
  })
})

describe('service ports (app-definition 8)', () => {
  it('run out with a message, and what is given back is given out again', async () => {
    const stack = await startStack({ settings: { localPortMin: 10_000, localPortMax: 10_001 } })
    const ports = async (id: string) =>
      (await stack.send('GET', `/v2/apps/${id}`)).body.app.portDefinitions.map(
        ({ port }: { port: number }) => port,
      )
    await stack.send('POST', '/v2/apps', { id: '/a', cmd: 'sleep 600', ports: [0, 0] })
    expect(await ports('a')).toEqual([10_000, 10_001])
    expect(await stack.send('POST', '/v2/apps', { id: '/b', cmd: 'sleep 600' })).toEqual({
      status: 422,
      body: { message: 'All ports in the range [10000-10001) are already in use' },
    })
    await stack.send('PUT', '/v2/apps/a?force=true', { ports: [10_001] })
    expect((await stack.send('POST', '/v2/apps', { id: '/b', cmd: 'sleep 600' })).status).toBe(201)
    expect(await ports('b')).toEqual([10_000])
    await stack.close()
  })
})

describe('offers in the queue (rest-api 7)', () => {
  it('show resources and attributes of every kind, each with the one member of its kind', async () => {
    const values = [
      { text: 'r1' },
      { scalar: 1.5 },
      { ranges: [{ begin: 1, end: 3 }] },
      { set: ['a', 'b'] },
    ] as const
    const kinds = values.map((value) => ({ name: 'x', ...value }))
    const resources = kinds.slice(1).map((kind) => ({ ...kind, role: 'dev' }))
    const offer = buildOffer({
      id: 'O1',
      agentId: 'S1',
      hostname: 'n1.example',
      resources,
      attributes: kinds,
    })
    const { server } = fakeApi({
      state: {
        queue: [
          {
            runSpec: fakeApp({ id: '/a' }),
            role: '*',
            count: 1,
            since: fakeNow,
            waitingOn: [],
            processedOffers: 1,
            unusedOffers: 1,
            rejectSummaryLastOffers: [],
            rejectSummaryLaunchAttempt: [],
            lastUnusedOffers: [{ offer, reasons: ['UnfulfilledRole'], timestamp: fakeNow }],
          },
        ],
      },
    })
    const shown = async (query: string) => (await server.inject(`/v2/queue${query}`)).json().queue[0]
    const [unused] = (await shown('?embed=lastUnusedOffers')).lastUnusedOffers
    expect(unused.offer).toEqual({
      id: 'O1',
      hostname: 'n1.example',
      agentId: 'S1',
      resources,
      attributes: kinds,
    })
    expect(unused.reason).toEqual(['UnfulfilledRole'])
    expect(await shown('')).not.toHaveProperty('lastUnusedOffers')
  })
})
